"""Whatever a program sends to any route, it is answered in the one shape and never with a fault of ours."""

import json
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
        message = self._made(f"/incidents/{opened['number']}/phases/first_notice/send")["message"]
        self.real = {
            "number": opened["number"],
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
