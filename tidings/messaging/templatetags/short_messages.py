"""Template words for short messages: how a network would carry one."""

from django import template

from tidings.messaging.rules.segments import ShortMessage, short_message

register = template.Library()


@register.simple_tag
def as_sms(text: str) -> ShortMessage:
    """The segments of a text, its encoding, and what is left."""
    return short_message(text)
