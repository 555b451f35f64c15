"""A database for one measurement: an embedded server in a folder of its own, migrated, and gone afterwards."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def fresh_database() -> Iterator[None]:
    """Sets Django up on a new server with its default settings (data is flushed to disk, as an installation does)."""
    home = Path(tempfile.mkdtemp(prefix="tidings-bench-")).resolve()
    home.chmod(0o755)
    os.environ["TIDINGS_HOME"] = str(home)
    os.environ["TIDINGS_KEY_FILE"] = f"{home}.key"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tidings.config.settings")
    import django  # here: the settings read the environment made above

    from tidings.kernel import postgres

    server = postgres.start(postgres.cluster_of(home))
    try:
        django.setup()
        from django.conf import settings
        from django.core.management import call_command
        from django.db import connections

        settings.DATABASES["default"]["USER"] = postgres.OWNER_ROLE
        connections["default"].settings_dict["USER"] = postgres.OWNER_ROLE
        call_command("migrate", verbosity=0)
        yield
    finally:
        postgres.stop(server)
        shutil.rmtree(home, ignore_errors=True)
        Path(f"{home}.key").unlink(missing_ok=True)
