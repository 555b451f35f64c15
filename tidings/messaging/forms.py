"""The shape of what people put in: relays, the firm's voice, its own texts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from tidings.messaging import texts
from tidings.messaging.actions import RelaySettings, VoiceSettings
from tidings.messaging.actions.calls import LONGEST_NOTE
from tidings.messaging.actions.services import Service
from tidings.messaging.models import RegisteredForm, Relay, Voice
from tidings.messaging.queries import KnownService
from tidings.messaging.rules.answers import PHASES, Answer, Said
from tidings.messaging.rules.calling import CallOutcome
from tidings.messaging.rules.delivery import Security
from tidings.messaging.rules.registered import Form, FormState, fields_of, said_fields
from tidings.messaging.rules.services import Setting
from tidings.ui.moments import length
from tidings.ui.words import label, labels

_NAME = RegexValidator(r"^[a-z0-9][a-z0-9_-]{0,30}$", _("Use small letters, digits, dashes; at most 31."))
_HOST = RegexValidator(
    r"^[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?$", _("This is no host name or address.")
)
_AGAIN_MINUTES = (15, 30, 60, 120, 240, 480, 1440)


class SendBackForm(forms.Form):
    """Why words are sent back: whoever wrote them reads it."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Who wrote it reads this, and changes it."),
    )


class RelayForm(forms.Form):
    """One relay. An empty password keeps the one that is there."""

    code = forms.CharField(
        label=_("Name"), max_length=31, validators=[_NAME], help_text=_("As you call it, such as “office”.")
    )
    host = forms.CharField(label=_("Host"), max_length=253, validators=[_HOST])
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, initial=587)
    security = forms.ChoiceField(label=_("Encryption"), initial=Security.STARTTLS)
    user = forms.CharField(label=_("User"), max_length=200, required=False)
    password = forms.CharField(
        label=_("Password"),
        max_length=500,
        required=False,
        widget=forms.PasswordInput,
        help_text=_("Kept encrypted and never shown again. Leave it empty to keep the present one."),
    )
    connections = forms.IntegerField(
        label=_("Connections for broadcasts"), min_value=1, max_value=100, initial=10
    )
    reserved = forms.IntegerField(label=_("Kept free for single mails"), min_value=1, max_value=20, initial=2)
    rate = forms.FloatField(
        label=_("Most messages per second"),
        min_value=0,
        max_value=100_000,
        initial=0,
        help_text=_("0 sets no limit."),
    )
    receipts = forms.BooleanField(
        label=_("The relay reports deliveries (DSN)"),
        required=False,
        help_text=_(
            "They are asked for where the relay offers them. A relay’s own yes proves nothing: what it took counts as under way."
        ),
    )
    calls_unproved = forms.BooleanField(
        label=_("Call everybody of whom it gives no evidence"),
        required=False,
        help_text=_(
            "Otherwise those are called who must confirm: who has to act, or whose goods are damaged, lost or stolen."
        ),
    )

    def __init__(self, *args: object, relay: Relay | None = None, **more: object) -> None:
        if relay is not None:
            names = (
                "code",
                "host",
                "port",
                "security",
                "user",
                "connections",
                "reserved",
                "rate",
                "receipts",
                "calls_unproved",
            )
            more["initial"] = {name: getattr(relay, name) for name in names}
        super().__init__(*args, **more)  # type: ignore[arg-type]
        choices = [(one.value, label(f"message.security.{one.value}")) for one in Security]
        self.fields["security"].choices = choices  # type: ignore[attr-defined]

    def settings(self) -> RelaySettings:
        given = self.cleaned_data
        return RelaySettings(**{**given, "password": given["password"] or None})


class ServiceForm(forms.Form):
    """One service: its name and load, and whatever its channel asks for. An empty sealed field keeps what is there."""

    code = forms.CharField(
        label=_("Name"), max_length=31, validators=[_NAME], help_text=_("As you call it, such as “office”.")
    )
    connections = forms.IntegerField(
        label=_("Messages under way at once"), min_value=1, max_value=100, initial=5
    )
    reserved = forms.IntegerField(
        label=_("Kept free for single messages"), min_value=1, max_value=20, initial=1
    )
    rate = forms.FloatField(
        label=_("Most messages per second"),
        min_value=0,
        max_value=10_000,
        initial=0,
        help_text=_("0 sets no limit."),
    )

    def __init__(
        self,
        *args: object,
        service: str,
        rung: str,
        asked: Sequence[Setting],
        known: KnownService | None = None,
        **more: object,
    ) -> None:
        if known is not None:
            load = {name: getattr(known.relay, name) for name in ("code", "connections", "reserved", "rate")}
            open_ones = {
                one.name: known.settings.get(one.name, one.default) for one in asked if not one.secret
            }
            more["initial"] = {**load, **{f"set_{name}": value for name, value in open_ones.items()}}
        super().__init__(*args, **more)  # type: ignore[arg-type]
        self._service, self._rung, self._asked = service, rung, asked
        for one in asked:
            self.fields[f"set_{one.name}"] = _field_for(one, service, kept=known is not None)

    def asked(self) -> list[forms.BoundField]:
        """What the channel itself asks for."""
        return [self[f"set_{one.name}"] for one in self._asked]

    def service(self) -> Service:
        given = self.cleaned_data
        return Service(
            code=given["code"],
            service=self._service,
            rung=self._rung,
            settings={one.name: self._given(one) for one in self._asked},
            sealed=[one.name for one in self._asked if one.secret],
            connections=given["connections"],
            reserved=given["reserved"],
            rate=given["rate"],
        )

    def _given(self, one: Setting) -> object:
        """What was entered; a number that was left empty is the usual one."""
        given = self.cleaned_data[f"set_{one.name}"]
        return one.default if given is None else given


def _field_for(one: Setting, service: str, *, kept: bool) -> forms.Field:
    """The field for one setting; its words are those of the channel, or else those that channels share."""
    own = labels()
    said = own.get(f"service.{service}.{one.name}") or own.get(f"service.setting.{one.name}") or one.name
    hint = own.get(f"service.{service}.{one.name}.hint") or own.get(f"service.setting.{one.name}.hint") or ""
    shared: dict[str, Any] = {"label": said, "help_text": hint, "initial": one.default}
    if one.kind is bool:
        return forms.BooleanField(required=False, **shared)
    if one.choices:
        shared["choices"] = [(choice, label(f"service.choice.{choice}")) for choice in one.choices]
        return forms.ChoiceField(**shared)
    if one.kind is int:
        return forms.IntegerField(required=one.needed, **shared)
    if one.kind is float:
        return forms.FloatField(required=one.needed, **shared)
    if one.secret:
        shared["help_text"] = hint or _(
            "Kept encrypted and never shown again. Leave it empty to keep the present one."
        )
        return forms.CharField(required=not kept, max_length=8000, widget=forms.PasswordInput, **shared)
    if one.long:
        return forms.CharField(required=one.needed, widget=forms.Textarea(attrs={"rows": 4}), **shared)
    return forms.CharField(required=one.needed, max_length=500, **shared)


class TestAddressForm(forms.Form):
    """Where a test message goes."""

    address = forms.CharField(label=_("Send a test message to"), max_length=200)


class VoiceForm(forms.Form):
    """From whom mail comes, and where to turn."""

    firm = forms.CharField(label=_("Name that customers see"), max_length=100)
    from_address = forms.EmailField(label=_("Sender’s address"))
    reply_to = forms.EmailField(label=_("Address for answers"), required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    where_to_look = forms.URLField(
        label=_("Where customers can look"),
        required=False,
        assume_scheme="https",
        help_text=_("Such as your status page. It is named in every message."),
    )

    def __init__(self, *args: object, voice: Voice | None = None, **more: object) -> None:
        if voice is not None:
            names = ("firm", "from_address", "reply_to", "phone", "where_to_look")
            more["initial"] = {name: getattr(voice, name) for name in names}
        super().__init__(*args, **more)  # type: ignore[arg-type]

    def settings(self) -> VoiceSettings:
        return VoiceSettings(**self.cleaned_data)


class CallForm(forms.Form):
    """What came of a call."""

    outcome = forms.ChoiceField(label=_("What came of it"), widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Note"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Whom you spoke to, and what they asked. It stands with the recipient’s evidence."),
    )
    again = forms.TypedChoiceField(
        label=_("Call again"),
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_(
            "Only where nobody was reached. As usual: without an answer in half an hour, with a word left in two hours."
        ),
    )

    def __init__(self, *args: object, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        outcomes = [(one.value, label(f"message.call.{one.value}")) for one in CallOutcome]
        self.fields["outcome"].choices = outcomes  # type: ignore[attr-defined]
        later = [(str(minutes), length(timedelta(minutes=minutes))) for minutes in _AGAIN_MINUTES]
        self.fields["again"].choices = [("", _("As usual")), *later]  # type: ignore[attr-defined]

    def again_at(self, now: datetime) -> datetime | None:
        minutes = self.cleaned_data["again"]
        return now + timedelta(minutes=minutes) if minutes else None


class TextForm(forms.Form):
    """A text in its own form; `seen_digest` is the version that was on the screen."""

    source = forms.CharField(
        label=_("Text"),
        widget=forms.Textarea(attrs={"rows": 30, "spellcheck": "true", "class": "mono"}),
        help_text=_("Subject and short form, then blocks in [brackets]. {Slots} are filled by themselves."),
        strip=False,
    )
    seen_digest = forms.CharField(widget=forms.HiddenInput)


class AnswerForm(forms.Form):
    """One question with its answer in every language; a language that is left empty has none. `seen_digest` is what the person saw."""

    seen_digest = forms.CharField(required=False, widget=forms.HiddenInput)
    public = forms.BooleanField(
        label=_("Customers may read it"),
        required=False,
        help_text=_("On their own page. Without it, only your own people see it."),
    )
    phases = forms.MultipleChoiceField(
        label=_("Only in these phases"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None means in every phase."),
    )

    def __init__(self, typed: Any, *, answer: Answer, seen_digest: str) -> None:
        first = {"seen_digest": seen_digest, "public": answer.public, "phases": list(answer.phases)}
        for language, said in answer.said.items():
            first |= {f"question_{language}": said.question, f"answer_{language}": said.answer}
        super().__init__(typed, initial=first)
        self._code = answer.code
        self.fields["phases"].choices = [  # type: ignore[attr-defined]
            (phase.value, label(f"message.phase.{phase.value}")) for phase in PHASES
        ]
        for language in texts.languages():
            self.fields[f"question_{language}"] = _in_language(_("Question"), language, 1)
            self.fields[f"answer_{language}"] = _in_language(_("Answer"), language, 6)

    def wanted(self) -> Answer:
        """What was typed, as a question."""
        told = self.cleaned_data
        said = {
            language: Said(
                " ".join(told[f"question_{language}"].split()), _paragraphs(told[f"answer_{language}"])
            )
            for language in texts.languages()
        }
        given = {language: one for language, one in said.items() if one.question or one.answer}
        return Answer(self._code, tuple(told["phases"]), told["public"], given)


def _in_language(text: Any, language: str, rows: int) -> forms.CharField:
    named = f"{text} ({get_language_info(language)['name_local']})"
    widget = forms.Textarea(attrs={"rows": rows, "lang": language})
    return forms.CharField(label=named, required=False, max_length=4000, widget=widget)


def _paragraphs(text: str) -> str:
    lines = [line.strip() for line in text.replace("\r\n", "\n").strip().split("\n")]
    return "\n".join(lines)


class RegisteredFormForm(forms.Form):
    """What a provider approved of one text; `seen` is the version that was on the screen."""

    template = forms.CharField(
        label=_("Id there"),
        max_length=200,
        required=False,
        help_text=_("The template’s name or code, as the provider has it."),
    )
    signature = forms.CharField(label=_("Signature"), max_length=40, required=False)
    language = forms.CharField(
        label=_("Language there"),
        max_length=12,
        required=False,
        help_text=_("The provider’s own code, such as zh_CN. Empty: the text’s."),
    )
    fields_written = forms.CharField(
        label=_("Fields"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "class": "mono"}),
        help_text=_(
            "One per line in the provider’s order: its name, an equals sign, what fills it. 1 = {waybill}"
        ),
    )
    state = forms.ChoiceField(label=_("State"))
    note = forms.CharField(
        label=_("Note"), max_length=500, required=False, help_text=_("Such as why it was refused.")
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: object, row: RegisteredForm | None, **more: object) -> None:
        initial = {"fields_written": "1 = {shipment_short}", "state": FormState.SUBMITTED, "seen": ""}
        if row is not None:
            initial = {
                "template": row.template,
                "signature": row.signature,
                "language": row.own_language,
                "fields_written": said_fields(row.fields),
                "state": row.state,
                "note": row.note,
                "seen": str(row.pk),
            }
        super().__init__(*args, **{**more, "initial": initial})  # type: ignore[arg-type]
        choices = [(one.value, label(f"registered.state.{one.value}")) for one in FormState]
        self.fields["state"].choices = choices  # type: ignore[attr-defined]

    def clean_fields_written(self) -> tuple[tuple[str, str], ...]:
        try:
            return fields_of(self.cleaned_data["fields_written"])
        except ValueError as wrong:
            raise forms.ValidationError(
                _("“%(text)s” cannot be read. Write it as the hint says."), params={"text": str(wrong)}
            ) from None

    def form(self) -> Form:
        given = self.cleaned_data
        return Form(
            given["template"],
            given["signature"].strip("【】"),
            given["language"],
            given["fields_written"],
            FormState(given["state"]),
        )
