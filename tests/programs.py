"""A program with a key, for tests of the API: asks in-process, speaks JSON."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from tests.cast import make_unit
from tidings.people.actions import make_key
from tidings.people.models import Unit
from tidings.people.queries import command_actor
from tidings.people.rules import FOR_KEYS


class Program:
    """Asks the API with a key; `scopes` none given are all that a key may have."""

    def __init__(self, *scopes: str, unit: Unit | None = None, name: str = "Program") -> None:
        made = make_key(
            command_actor("test"),
            name=name,
            scopes=scopes or FOR_KEYS,
            unit_id=(unit or make_unit()).pk,
            per_minute=60_000,
        )
        self.secret, self.key = made.secret, made.key
        self._client = Client(raise_request_exception=False)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        given = {"Authorization": f"Bearer {self.secret}"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        answer: HttpResponse = self._client.generic(
            method, f"/api{path}", content, content_type="application/json", headers=given
        )
        return answer

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.ask("POST", path, {} if body is None else body, **headers)
