"""Shape of what people send on the customer pages."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import forms
from django.conf import settings
from django.core.validators import validate_email
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tidings.customers.actions import NewContact, Rung
from tidings.customers.models import Address, Contact, UsedService
from tidings.customers.queries import Narrowed, uses_version
from tidings.customers.rules import (
    CHANNELS,
    SERVICE_BASES,
    TELEPHONES,
    HowMuch,
    Service,
    Use,
    address_key,
    fault_of_address,
    uses_in,
)
from tidings.customers.words import ERRORS, LABELS

KINDS = ("contract", "consumer", "agent", "seller", "partner")
_DIGITS = range(5, 16)
"""How many digits a telephone number may have (ITU-T E.164: at most 15)."""


class FilterForm(forms.Form):
    """Narrows the list of customers."""

    q = forms.CharField(label=_("Name or number"), required=False, max_length=200)
    kind = forms.ChoiceField(
        label=_("Kind"),
        required=False,
        choices=[("", _("Any kind")), *((kind, LABELS[f"customer.{kind}"]) for kind in KINDS)],
    )

    def narrowed(self) -> Narrowed:
        if not self.is_bound or not self.is_valid():
            return Narrowed()
        return Narrowed(self.cleaned_data["q"].strip(), self.cleaned_data["kind"])


class ContactForm(forms.Form):
    """Language, zone and wish of a contact. `version` is what the person saw when the page was made."""

    version = forms.CharField(widget=forms.HiddenInput)
    language = forms.ChoiceField(
        label=_("Language"), help_text=_("In this language we write to this contact.")
    )
    time_zone = forms.CharField(
        label=_("Time zone"),
        max_length=64,
        help_text=_("Such as Europe/Amsterdam or Asia/Shanghai. Times in messages are in this zone."),
    )
    how_much = forms.ChoiceField(
        label=_("Wants to hear"),
        choices=[(wish.value, LABELS[f"how_much.{wish}"]) for wish in HowMuch],
        help_text=_(
            "What the customer must act on, and damage, loss and theft, is told whatever stands here."
        ),
    )

    quiet_from = forms.TimeField(
        label=_("Quiet from"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_until = forms.TimeField(
        label=_("Quiet until"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_(
            "In this time zone; it may pass midnight. Messages wait until then, unless the incident is so grave that its policy lets them go."
        ),
    )

    def __init__(self, *arguments: Any, language: str, **named: Any) -> None:
        super().__init__(*arguments, **named)
        known = dict(settings.LANGUAGES)
        more = [] if language in known else [(language, language)]
        self.fields["language"].choices = [*known.items(), *more]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        begins, ends = told.get("quiet_from"), told.get("quiet_until")
        if (begins is None) != (ends is None) or (begins is not None and begins == ends):
            self.add_error("quiet_until", _("Fill in both, two different times, or neither."))
        return told

    def clean_time_zone(self) -> str:
        name: str = self.cleaned_data["time_zone"].strip()
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise forms.ValidationError(
                _("No time zone is called “%(name)s”."), params={"name": name}
            ) from None
        return name


class NewContactForm(forms.Form):
    """A contact that somebody writes down: one address is enough."""

    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=200)
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        help_text=_("In this language we write to this contact."),
    )
    time_zone = forms.CharField(
        label=_("Time zone"),
        max_length=64,
        help_text=_("Such as Europe/Amsterdam or Asia/Shanghai. Times in messages are in this zone."),
    )
    email = forms.EmailField(label=_("E-mail"), required=False, max_length=320)
    telephone = forms.CharField(
        label=_("Telephone"),
        required=False,
        max_length=40,
        help_text=_("With its country code. A person calls it where e-mail does not reach them."),
    )
    basis = forms.ChoiceField(
        label=_("We may write because of"), choices=[(one, LABELS[f"basis.{one}"]) for one in SERVICE_BASES]
    )
    source = forms.CharField(
        label=_("How we know"), max_length=200, help_text=_("Such as the contract, or who told us and when.")
    )

    clean_time_zone = ContactForm.clean_time_zone

    def clean_telephone(self) -> str:
        number: str = self.cleaned_data["telephone"].strip()
        if number and len(address_key("call", number)) not in _DIGITS:
            raise forms.ValidationError(_("This is no telephone number. Write it with its country code."))
        return number

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not self.errors and not told.get("email") and not told.get("telephone"):
            self.add_error("email", _("Fill in an e-mail address or a telephone number."))
        return told

    def new(self) -> NewContact:
        """The contact as it was typed: written to first, called next."""
        told = self.cleaned_data
        rungs = [Rung(channel, told[name]) for channel, name in (("email", "email"), ("call", "telephone"))]
        return NewContact(
            told["name"],
            told["language"],
            told["time_zone"],
            [rung for rung in rungs if rung.value],
            told["basis"],
            told["source"],
        )


class ServicesForm(forms.Form):
    """What a customer uses. `version` is what the person saw when the page was made."""

    version = forms.CharField(widget=forms.HiddenInput)
    portal = forms.BooleanField(label=LABELS["service.portal"], required=False)
    link = forms.BooleanField(label=LABELS["service.link"], required=False)
    pickups = forms.CharField(
        label=_("Standing pick-ups"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "One a line: the place's code, then the days from 1 (Monday) to 7, such as “NLRTM 1 3 5”. Without days it is every day."
        ),
    )
    others = forms.CharField(
        label=_("Services of our own"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One a line, by the one word that customers know it by."),
    )
    source = forms.CharField(
        label=_("How we know"),
        required=False,
        max_length=200,
        help_text=_("For what is new here, such as a contract's number or who told us."),
    )

    def __init__(self, *arguments: Any, used: Sequence[UsedService], **named: Any) -> None:
        uses = [one.use() for one in used]
        pickups = [use for use in uses if use.service == Service.PICKUP]
        named["initial"] = {
            "version": uses_version(used),
            **{known: any(use.service == known for use in uses) for known in ("portal", "link")},
            "pickups": "\n".join(" ".join([use.place, *map(str, use.weekdays)]) for use in pickups),
            "others": "\n".join(use.service for use in uses if use.service not in set(Service)),
        }
        super().__init__(*arguments, **named)

    def clean_pickups(self) -> tuple[Use, ...]:
        lines = [line for line in self.cleaned_data["pickups"].splitlines() if line.strip()]
        return _uses("\n".join(f"{Service.PICKUP} {line}" for line in lines))

    def clean_others(self) -> tuple[Use, ...]:
        return _uses(self.cleaned_data["others"])

    def uses(self) -> tuple[Use, ...]:
        told = self.cleaned_data
        known = [Use(service) for service in ("portal", "link") if told[service]]
        return (*known, *told["others"], *told["pickups"])


def _uses(text: str) -> tuple[Use, ...]:
    try:
        return uses_in(text)
    except ValueError as wrong:
        raise forms.ValidationError(
            _("“%(text)s” cannot be read. Write it as the hint says."), params={"text": str(wrong)}
        ) from None


class RungForm(forms.Form):
    """One rung of the ladder."""

    channel = forms.ChoiceField(
        label=_("Channel"), choices=[(code, LABELS[f"channel.{code}"]) for code in CHANNELS]
    )
    value = forms.CharField(label=_("Address or number"), max_length=320, required=False)
    alive = forms.BooleanField(label=_("Works again"), required=False)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        channel = self.initial.get("channel", "")
        if channel and channel not in CHANNELS:
            field = self.fields["channel"]
            field.choices = [*field.choices, (channel, channel)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        value = values.get("value", "").strip()
        if not value or self.cleaned_data.get("DELETE"):
            return values
        if values.get("channel") == "email":
            try:
                validate_email(value)
            except forms.ValidationError:
                self.add_error("value", _("This is no e-mail address."))
        elif (
            values.get("channel") in TELEPHONES and len(address_key(values["channel"], value)) not in _DIGITS
        ):
            self.add_error("value", _("This is no telephone number. Write it with its country code."))
        elif value != self.initial.get("value") and (
            fault := fault_of_address(values.get("channel", ""), value)
        ):
            self.add_error("value", ERRORS[fault])
        return values


class LadderForms(BaseFormSet):  # type: ignore[type-arg]  # not subscriptable when it runs
    """The rungs in the order they are tried; one address stands on one rung only."""

    def clean(self) -> None:
        if any(self.errors):
            return
        keys = [(rung.channel, address_key(rung.channel, rung.value)) for rung in self.rungs()]
        if len(set(keys)) < len(keys):
            raise forms.ValidationError(_("The same address stands on two rungs. Keep one of them."))

    def rungs(self) -> list[Rung]:
        """The ladder as asked: without emptied and removed rungs, in the order given."""
        kept = [
            form.cleaned_data
            for form in self.forms
            if form.cleaned_data.get("value", "").strip() and not form.cleaned_data.get("DELETE")
        ]
        kept.sort(key=lambda rung: rung.get("ORDER") or len(kept) + 1)
        return [Rung(rung["channel"], rung["value"].strip(), bool(rung.get("alive"))) for rung in kept]


_Ladder: type[LadderForms] = formset_factory(  # type: ignore[assignment]  # the stubs forget the given base
    RungForm, formset=LadderForms, extra=1, can_order=True, can_delete=True, max_num=12, validate_max=True
)


def ladder_of(contact: Contact, data: Any = None) -> LadderForms:
    """The forms for a contact's ladder, filled with its addresses or with what was sent."""
    rungs: list[Address] = list(contact.addresses.all())
    initial = [{"channel": rung.channel, "value": rung.value} for rung in rungs]
    ladder: LadderForms = _Ladder(data, initial=initial, prefix="ladder")
    for form, rung in zip(ladder.forms, rungs, strict=False):
        form.address = rung
    return ladder
