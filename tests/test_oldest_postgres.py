"""The oldest PostgreSQL that we promise: migrations, and every statement of our own, run on Debian's 15 too."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tidings.kernel.postgres.copying import server_programs

CHECKOUT = Path(__file__).resolve().parent.parent
OLDEST = 15
WITH_SQL = (
    "tidings/kernel/tests/test_audit.py",
    "tidings/kernel/tests/test_feed.py",
    "tidings/kernel/tests/test_numbers.py",
    "tidings/kernel/tests/test_partitions.py",
    "tidings/messaging/tests/test_delivery_tables.py",
    "tidings/messaging/tests/test_ledgers.py",
    "tidings/shipments/tests/test_audience.py",
    "tidings/shipments/tests/test_models.py",
)


@pytest.mark.timeout(400)
def test_everything_with_sql_of_its_own_also_passes_on_the_oldest_version() -> None:
    if "DATABASE_URL" in os.environ or "TIDINGS_TEST_POSTGRES" in os.environ:
        pytest.skip("the run was told which database to use")
    if server_programs(OLDEST) is None:
        pytest.skip("needs Debian's postgresql-15")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("TIDINGS_", "PYTEST_"))},
        "TIDINGS_TEST_POSTGRES": str(OLDEST),
    }
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-k", "not sqlite", *WITH_SQL]
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=380)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
