"""Filters of the customer pages: words for codes, names of languages and countries, whether a ladder leads anywhere."""

from babel import Locale
from babel.core import UnknownLocaleError
from django import template
from django.utils.translation import get_language

from tidings.customers.models import Address, Contact
from tidings.customers.rules import TO_CORRECT, Rung, first_rung
from tidings.kernel.clock import now
from tidings.ui import moments, words

register = template.Library()


@register.filter
def worded_as(code: str, thing: str) -> str:
    """The word for a code of `thing` ("channel", "purpose"); one that nobody worded as a person would write it."""
    known = words.label(f"{thing}.{code}")
    return known if known != f"{thing}.{code}" else code.replace("_", " ")


@register.filter
def language_name(code: str) -> str:
    """A language by its name in the reader's language."""
    try:
        named = Locale.parse(code, sep="-").get_display_name(moments.reader_locale())
    except (UnknownLocaleError, ValueError):
        named = None
    if named and (get_language() or "").startswith("zh"):
        named = named.replace(" (", "（").replace(")", "）")
    return (named or code)[:1].upper() + (named or code)[1:]


@register.filter
def country(code: str) -> str:
    """A country by its name in the reader's language."""
    return str(moments.reader_locale().territories.get(code, code))


@register.filter
def weekday_names(weekdays: list[int]) -> str:
    """Days of the week by their names, in their order."""
    names = moments.reader_locale().days["stand-alone"]["abbreviated"]
    between = "、" if (get_language() or "").startswith("zh") else ", "
    return between.join(names[day - 1] for day in weekdays)


@register.filter
def to_correct(address: Address) -> bool:
    """Whether the customer should be asked for another address instead of this one."""
    return address.dead_since is not None and address.dead_why in TO_CORRECT


@register.filter
def reachable(contact: Contact) -> bool:
    """Whether the ladder has a rung that may be tried now."""
    ladder = (Rung(a.channel, a.value, a.position, a.dead_since, a.ends_at) for a in contact.addresses.all())
    return contact.ended_at is not None or first_rung(ladder, now()) is not None
