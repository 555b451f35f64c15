"""Changing the master key: whatever is sealed, in columns and elsewhere, is sealed again under the newest key."""

from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction

from tidings.kernel import secrets
from tidings.kernel.duties import duties
from tidings.kernel.errors import Refused

BATCH = 500
KEY_ID = "substring({column} from 2 for 4)"
STALE = "SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL AND {id} <> %s LIMIT %s FOR UPDATE SKIP LOCKED"
RESEAL = "UPDATE {table} SET {column} = %s WHERE {key} = %s"
COUNT = "SELECT count(*) FROM {table} WHERE {column} IS NOT NULL AND {id} <> %s"


class SealedField(models.BinaryField):  # type: ignore[type-arg]  # not generic when it runs
    """A column of bytes from `secrets.seal` for one purpose. Being declared so, it takes part in every rotation."""

    def __init__(self, *args: object, purpose: str = "", **options: object) -> None:
        self.purpose = purpose
        super().__init__(*args, **options)  # type: ignore[arg-type]

    def deconstruct(self) -> tuple[str, str, list[object], dict[str, object]]:
        name, _, args, options = super().deconstruct()
        return name, "django.db.models.BinaryField", list(args), dict(options)


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """One such column, with the names its statements need."""

    table: str
    column: str
    key: str
    purpose: str

    def statement(self, text: str) -> str:
        quote = connection.ops.quote_name
        column = quote(self.column)
        names = {"table": quote(self.table), "column": column, "key": quote(self.key)}
        return text.format(**names, id=KEY_ID.format(column=column))


def sealed_columns() -> list[SealedColumn]:
    """Every sealed column of every domain."""
    return [
        SealedColumn(model._meta.db_table, str(field.column), str(model._meta.pk.column), field.purpose)
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, SealedField)
    ]


def rotate() -> secrets.Key:
    """Adds a key and seals everything again with it; both keys stay in the file until `drop_old`. Can be begun again."""
    key = secrets.add_key(settings.TIDINGS_KEY_FILE)
    seal_again(key)
    return key


def seal_again(key: secrets.Key) -> int:
    """Seals with `key` what another one seals, in batches; gives how many values."""
    in_columns = sum(_seal_column(column, key) for column in sealed_columns())
    return in_columns + sum(duty.seal_again(key.id) for duty in duties().values())


def drop_old() -> list[secrets.Key]:
    """Leaves only the newest key in the file, and gives those dropped. Raises Refused("secrets.old_keys_needed") while a value
    is sealed with one of them. Backups made before can then no longer be read: keep the old file with them.
    """
    if needed := still_under_old_keys():
        raise Refused("secrets.old_keys_needed", values=needed)
    return secrets.drop_keys(settings.TIDINGS_KEY_FILE, settings.TIDINGS_HOME)


def still_under_old_keys() -> int:
    """How many values the newest key does not open."""
    newest = secrets.own_keys()[-1]
    total = sum(duty.under_old_keys(newest.id) for duty in duties().values())
    with connection.cursor() as cursor:
        for column in sealed_columns():
            cursor.execute(column.statement(COUNT), [newest.id])
            total += int(cursor.fetchone()[0])
    return total


def _seal_column(column: SealedColumn, key: secrets.Key) -> int:
    done = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(column.statement(STALE), [key.id, BATCH])
            rows = cursor.fetchall()
            for row, sealed in rows:
                plain = secrets.unseal(column.purpose, bytes(sealed))
                cursor.execute(column.statement(RESEAL), [secrets.seal(column.purpose, plain), row])
        done += len(rows)
        if not rows:
            return done
