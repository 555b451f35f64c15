"""Column types whose meaning others must find. Not for what one domain alone knows."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models

if TYPE_CHECKING:
    Text = models.TextField[str, str]
else:  # only the type checker knows what a column holds
    Text = models.TextField


class FileDigest(Text):
    """The digest of a kept file, or empty. Backup and restore ask every such column whether its files are there."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"db_collation": "C", "default": "", "db_default": "", **options})

    def deconstruct(self) -> Any:
        """A plain text column to migrations: its meaning changes no table."""
        name, _path, arguments, options = super().deconstruct()
        return name, "django.db.models.TextField", arguments, options


def file_columns() -> Iterator[tuple[str, str]]:
    """(table, column) of everything that names a kept file."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, FileDigest):
                yield model._meta.db_table, field.get_attname_column()[1] or field.name


def code_field(**options: Any) -> "models.TextField[str, str]":
    """A text column compared byte by byte: codes, numbers and keys."""
    return models.TextField(db_collation="C", **options)
