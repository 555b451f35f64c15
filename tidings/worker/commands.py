"""The commands of this domain: the processes, the database, the demo."""

import click

from tidings.worker.db_commands import db
from tidings.worker.demo import demo
from tidings.worker.processes import PROCESSES

COMMANDS: list[click.Command] = [*PROCESSES.values(), db, demo]
