"""Whatever a program sends to any route, it is answered in the one shape and never with a fault of ours."""

import json
import shlex
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from tests.programs import Program
from tidings.config.api import openapi
from tidings.incidents.tests.cast import HUB, NOW, make_hub_of_shipments
from tidings.shipments.models import Shipment

EXAMPLES = 12

_schema = schemathesis.openapi.from_dict(json.loads(openapi()))
_operations = {one.ok().label: one.ok() for one in _schema.get_all_operations()}


class World:
    """A hub of shipments, an incident about it, a message that went, and a key that may do all that a key can."""

    def __init__(self) -> None:
        cast = make_hub_of_shipments()
        self.program = Program()
        opened = self._made("/incidents", kind="delay", place=HUB, window_from=NOW.isoformat())
        path = f"/incidents/{opened['number']}"
        message = self._made(f"{path}/phases/first_notice/send")["message"]
        later = (NOW + timedelta(hours=3)).isoformat()
        task = {"department": "operations", "text": "Reroute.", "due_by": later}
        promise = {"customer_id": str(cast["en"].pk), "text": "Call back.", "due_by": later}
        choice = {"options": ["wait", "return"], "default": "wait", "closes_at": later}
        self.real = {
            "number": opened["number"],
            "task_id": self._made(f"{path}/tasks", **task)["id"],
            "promise_id": self._made(f"{path}/promises", **promise)["id"],
            "offer_id": self._made(f"{path}/choices", **choice)["id"],
            "message_id": message,
            "shipment_id": str(Shipment.objects.order_by("pk")[0].pk),
            "customer_id": str(cast["en"].pk),
            "phase": "first_notice",
        }

    def _made(self, path: str, **body: object) -> dict[str, Any]:
        made: dict[str, Any] = self.program.post(path, body).json()  # type: ignore[attr-defined]
        return made

    def ask(self, case: schemathesis.Case, real: bool) -> Any:
        path = case.operation.path.removeprefix("/api")
        for name, value in (case.path_parameters or {}).items():
            known = self.real.get(name, value) if real else value
            path = path.replace(f"{{{name}}}", quote(str(known), safe=""))
        query = urlencode(case.query or {}, doseq=True, errors="replace")
        body = case.body if isinstance(case.body, bytes) else _json(case.body)
        return self.program.ask(case.method, f"{path}?{query}", body)


def _json(body: object) -> bytes | None:
    return None if body.__class__.__name__ == "NotSet" else json.dumps(body).encode()


@pytest.mark.django_db
@pytest.mark.parametrize("label", sorted(_operations))
def test_no_request_makes_us_fail(label: str) -> None:
    world, operation = World(), _operations[label]
    cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, real=st.booleans())
    def asked(case: schemathesis.Case, real: bool) -> None:
        answer = world.ask(case, real)
        assert answer.status_code < 500, f"{case.method} {case.operation.path}: {answer.content[:500]!r}"
        told = json.loads(answer.content or b"null")
        if answer.status_code >= 400:
            assert set(told) == {"code", "message", "facts"}

    asked()


@pytest.mark.django_db
def test_the_example_of_each_address_has_the_shape_that_it_takes() -> None:
    world = World()
    for label, operation in sorted(_operations.items()):
        method, path = label.split(" ")
        raw = operation.definition.raw
        [sample] = raw["x-codeSamples"]
        words = shlex.split(sample["source"])
        assert not any("{" in word for word in words[:-1]), sample
        body = words[words.index("-d") + 1].encode() if "-d" in words else None
        needed = bool(raw.get("requestBody", {}).get("required")) and not path.endswith("/epcis")
        assert (body is not None) == needed, f"{label}: a body that is needed has an example"
        for name, known in world.real.items():
            path = path.replace(f"{{{name}}}", str(known))
        for part in raw.get("parameters", []):
            path = path.replace(f"{{{part['name']}}}", str(part.get("example")))
            path += f"?{part['name']}=774" if part["in"] == "query" and part["required"] else ""
        answer = world.program.ask(method, path.removeprefix("/api"), body)
        assert answer.status_code not in (405, 422, 500), f"{label}: {answer.content!r}"
        assert answer.status_code != 404 or json.loads(answer.content)["code"] != "server.404", label
