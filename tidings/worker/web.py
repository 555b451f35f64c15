"""The web process: granian serves the pages and, without Python, the static files.

It reads the settings but does not set up Django, which only its workers need: a second of every start.
"""

import os

from django.conf import settings
from granian import Granian
from granian.constants import Interfaces

from tidings.kernel import logs

_KILL_SECONDS = 3  # an open event stream must not hold a stop for longer


def serve() -> None:
    """Serves until SIGTERM or SIGINT."""
    logs.configure()
    environment = settings.ENVIRONMENT
    Granian(
        "tidings.config.asgi:application",
        address=environment.TIDINGS_BIND,
        port=environment.TIDINGS_PORT,
        interface=Interfaces.ASGI,
        workers=environment.TIDINGS_WEB_PROCESSES,
        workers_kill_timeout=_KILL_SECONDS,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        websockets=False,
        static_path_route=["/static"],
        static_path_mount=[settings.STATIC_ROOT],
        log_access=False,
        log_dictconfig=logs.GRANIAN,
    ).serve()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tidings.config.settings")
    serve()
