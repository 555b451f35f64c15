"""The ledger on PostgreSQL: async psycopg on connections of its own, never the ORM. `engine/ledger.py` says what it promises."""

from tidings.messaging.ledger.postgres import PostgresLedger

__all__ = ["PostgresLedger"]
