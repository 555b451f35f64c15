"""The domain as Django sees it."""

from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    """What comes in."""

    name = "tidings.conversations"
    label = "conversations"
