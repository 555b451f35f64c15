"""The ASGI application that granian serves. Only here are database connections pooled: only here many work at once."""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import get_resolver

from tidings.kernel import logs
from tidings.kernel.postgres import die_with_parent
from tidings.ui.proxies import behind
from tidings.ui.uploads import has_session, limited
from tidings.worker.home import READY

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

# Without the check a request would meet a connection that died with the server. After three seconds without one the
# reader gets a page that says so. The pool gives up a broken attempt quickly and tries anew for the next request:
# its own doubling pauses would outlast a database that is back after 40 seconds.
_POOL = {"min_size": 1, "timeout": 3, "reconnect_timeout": 3, "max_lifetime": 3600}

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tidings.config.settings")

logs.configure()


def _pooled() -> None:
    options = settings.DATABASES["default"]["OPTIONS"]
    options["pool"] = {**_POOL, "max_size": settings.ENVIRONMENT.TIDINGS_WEB_CONNECTIONS}
    options["connect_timeout"] = 3


_pooled()
if multiprocessing.parent_process() is not None:
    die_with_parent(signal.SIGTERM)  # a killed server leaves no process behind that holds the port
_django = behind(settings.TIDINGS_TRUSTED_PROXIES, limited(get_asgi_application(), has_session))


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Django, which refuses the server's start and stop messages; those are answered here."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    else:
        await _django(scope, receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        kind = (await receive())["type"]
        if kind == "lifespan.startup":
            await _until_set_up()
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return


async def _until_set_up() -> None:
    """Loads what the first page needs; then waits while the supervisor that started us still sets up."""
    get_resolver().url_patterns  # noqa: B018 - reading it imports every page
    ready = os.environ.get(READY)
    while ready and not os.path.exists(ready):  # noqa: PTH110 - a look of microseconds, in a process that has nothing else to do
        await asyncio.sleep(0.01)
