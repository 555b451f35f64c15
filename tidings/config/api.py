"""The API: joins the domains' routers, `api.py: router`, under /api/, with one way in, one shape of error and one promise
that nothing is done twice. The verbs themselves stand in the domains.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.security import HttpBearer

from tidings import __version__
from tidings.kernel import idempotency
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Refused
from tidings.kernel.registry import domain_modules
from tidings.ui import errors
from tidings.ui.shapes import Problem

SAFE = ("GET", "HEAD", "OPTIONS")
_PARAMETERS = (
    "given",
    "paging",
)  # what routes call the body and the page asked for; a caller knows no such names
ABOUT = """Everything that staff do on the pages of an incident, a program can do with a key: the same actions, the same checks.
Approving stays with people who signed in as themselves. See docs/guides/api.md."""


REFUSAL = {
    "description": "Refused: a code, a sentence, the facts",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
ONCE_HEADER = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "the same request under the same key is answered again and not done again",
    "schema": {"type": "string", "minLength": 1, "maxLength": idempotency.LONGEST_KEY, "pattern": "^[ -~]+$"},
}

EXAMPLES = {
    "number": "INC-2026-11-0001",
    "phase": "first_notice",
    "kind": "fire",
    "language": "en",
    "code": "gdpr_authority",
    "severity": "high",
    "customer_id": "0199a000-0000-7000-8000-000000000001",
    "shipment_id": "0199a000-0000-7000-8000-000000000002",
    "message_id": "0199a000-0000-7000-8000-000000000005",
}
"""What stands in an address of an example; any other id is ANY_ID."""
ANY_ID = "0199a000-0000-7000-8000-000000000009"


class Key(HttpBearer):
    """The key was looked at by the middleware, before any route; this names the scheme in the OpenAPI file."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:  # noqa: ARG002
        return getattr(request, "actor", None)


def once(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Wraps a route: with an Idempotency-Key, the same request again gets the first one's answer."""

    @wraps(run)
    def guarded(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        _must_fit(request)
        key = request.headers.get("Idempotency-Key")
        if key is None or request.method in SAFE:
            return run(request, *arguments, **named)

        def do() -> idempotency.Answer:
            done = run(request, *arguments, **named)
            return idempotency.Answer(done.status_code, done.content)

        route = f"{request.method} {request.get_full_path()}"
        caller = request.actor.ref  # type: ignore[attr-defined]
        answer = idempotency.once(caller, route, key, request.body, do)
        response = HttpResponse(answer.body, status=answer.status, content_type="application/json")
        if answer.again:
            response.headers["Idempotency-Replayed"] = "true"
        return response

    return guarded


def _must_fit(request: HttpRequest) -> None:
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > most:
        raise Refused("api.too_large", megabytes=most >> 20)


def _unreadable(request: HttpRequest, wrong: Any) -> HttpResponse:
    every = {_where(one["loc"]): str(one["msg"]) for one in wrong.errors[:20]}
    where, why = next(iter(every.items()))
    return _shaped(request, Refused("api.invalid", where=where, why=why, all=every))


def _where(parts: Sequence[object]) -> str:
    """The JSON path in a body such as `$.events[3].happened_at`; of anything else its kind and name, `query.page`."""
    kind, *rest = (part for part in parts if part not in _PARAMETERS)
    if kind != "body":
        return ".".join(map(str, (kind, *rest)))
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in rest)


def _http(request: HttpRequest, wrong: Any) -> HttpResponse:
    return _shaped(request, Refused("api.unreadable", why=wrong.message))


def _nowhere(request: HttpRequest, _wrong: Any) -> HttpResponse:
    return errors.not_found(request)


def _shaped(request: HttpRequest, problem: Refused) -> HttpResponse:
    return errors.page_for(request, problem) or errors.bad_request(request)


class Api(NinjaAPI):
    """Adds to the OpenAPI document what holds for every route: the shape of refusals, the Idempotency-Key, and an example."""

    def get_openapi_schema(self, *arguments: Any, **named: Any) -> OpenAPISchema:
        whole = super().get_openapi_schema(*arguments, **named)
        whole["components"].setdefault("schemas", {})["Problem"] = Problem.json_schema()
        for path, methods in whole["paths"].items():
            for method, operation in methods.items():
                answers = {str(status): answer for status, answer in operation["responses"].items()}
                operation["responses"] = {**answers, "default": REFUSAL}
                if method.upper() not in SAFE:
                    operation.setdefault("parameters", []).append(ONCE_HEADER)
                _exemplify(path, method.upper(), operation, whole["components"]["schemas"])
        return whole


def _exemplify(path: str, method: str, operation: dict[str, Any], schemas: Mapping[str, Any]) -> None:
    """Gives an operation its example: a value for each part of its address, and the whole request as a line for a shell."""
    for part in operation.get("parameters", []):
        if part["in"] == "path":
            part["example"] = EXAMPLES.get(part["name"], ANY_ID)
            path = path.replace(f"{{{part['name']}}}", part["example"])
        elif part["in"] == "query" and part["required"]:
            part["example"] = "774"
            path += f"?{part['name']}=774"
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    body = schemas.get(content.get("schema", {}).get("$ref", "").rpartition("/")[2], {}).get("example")
    asked = "" if method == "GET" else f" -X {method}"
    if method not in SAFE:
        asked += ' -H "Idempotency-Key: $(uuidgen)"'
    sent = "" if body is None else f" -H \"Content-Type: application/json\" -d '{json.dumps(body)}'"
    line = f'curl{asked} -H "Authorization: Bearer $KEY" "$TIDINGS{path}"{sent}'
    operation["x-codeSamples"] = [{"lang": "Shell", "source": line}]


def _made() -> NinjaAPI:
    made = Api(
        title="Tidings",
        version=__version__,
        description=ABOUT,
        auth=Key(),
        docs_url=None,
        openapi_url="/openapi.json",
        urls_namespace="api",
    )
    made.add_decorator(once, mode="view")
    made.add_exception_handler(ValidationError, _unreadable)
    made.add_exception_handler(HttpError, _http)
    made.add_exception_handler(Http404, _nowhere)
    for module in domain_modules("api"):
        if hasattr(module, "router"):
            made.add_router("", module.router)
    return made


api = _made()


def openapi() -> str:
    """The OpenAPI document as it is kept in docs/reference/openapi.json."""
    return (
        json.dumps(api.get_openapi_schema(path_prefix="/api/"), indent=1, ensure_ascii=False, sort_keys=True)
        + "\n"
    )
