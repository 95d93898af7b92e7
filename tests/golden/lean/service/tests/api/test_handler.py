from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from orders.api import handler

LoadEvent = Callable[[str], dict[str, Any]]
ROUTES = [
    ("GET", "/orders"),
    ("POST", "/orders"),
    ("GET", "/orders/{id}"),
    ("POST", "/orders/{id}"),
]
WITH_BODY = [route for route in ROUTES if route[0] in ("POST", "PUT", "PATCH")]


@pytest.fixture(autouse=True)
def echo(monkeypatch: pytest.MonkeyPatch) -> None:
    """The logic answers with what it was given; what it really does is tested in test_logic.py."""

    def answer(parameters: dict[str, str], values: dict[str, Any]) -> dict[str, Any]:
        return {"parameters": dict(parameters), "values": dict(values)}

    for method, path in ROUTES:
        monkeypatch.setitem(handler.ROUTES[path], method, answer)


@pytest.fixture
def request_to(load_event: LoadEvent) -> Callable[..., dict[str, Any]]:
    """Makes the sample a request to another route."""

    def make(method: str, path: str, body: str | None = "{}") -> dict[str, Any]:
        event = load_event("sample")
        names = re.findall(r"\{(\w+)\}", path)
        event["rawPath"] = re.sub(r"\{\w+\}", "42", path)
        event["routeKey"] = f"{method} {path}"
        event["pathParameters"] = dict.fromkeys(names, "42")
        event["requestContext"]["http"] |= {"method": method, "path": event["rawPath"]}
        return event | {"body": body}

    return make


def header(response: dict[str, Any], name: str) -> str:
    found: dict[str, str] = {key.lower(): value for key, value in response["headers"].items()}
    return found[name]


def test_answers_the_sample(load_event: LoadEvent, context: Any) -> None:
    response = handler.handler(load_event("sample"), context)
    assert response["statusCode"] in (200, 201)
    assert header(response, "content-type") == "application/json"
    assert json.loads(response["body"])


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_serves_every_route(
    request_to: Callable[..., dict[str, Any]], context: Any, method: str, path: str
) -> None:
    response = handler.handler(request_to(method, path), context)
    assert response["statusCode"] == (201 if method == "POST" else 200)
    parameters = json.loads(response["body"])["parameters"]
    assert parameters == dict.fromkeys(re.findall(r"\{(\w+)\}", path), "42")


@pytest.mark.parametrize("body", [None, "", "{", "[1]", '"text"', '{"a": NaN}', "[" * 200_000])
@pytest.mark.parametrize(("method", "path"), WITH_BODY)
def test_a_body_that_is_no_json_object_is_the_callers_fault(
    request_to: Callable[..., dict[str, Any]],
    context: Any,
    method: str,
    path: str,
    body: str | None,
) -> None:
    response = handler.handler(request_to(method, path, body), context)
    assert response["statusCode"] == 400
    assert "body" in json.loads(response["body"])["message"]


def test_the_malformed_event_is_answered_with_400(load_event: LoadEvent, context: Any) -> None:
    assert handler.handler(load_event("malformed"), context)["statusCode"] == 400


@pytest.mark.parametrize(
    ("body", "status"),
    [(b'{"name": "J\xc3\xb6rg"}', {200, 201}), (b"\xff", {400}), (b"no json", {400})],
)
def test_reads_a_body_that_came_as_base64(
    load_event: LoadEvent, context: Any, body: bytes, status: set[int]
) -> None:
    event = load_event("sample")
    event |= {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    assert handler.handler(event, context)["statusCode"] in status


def test_an_unknown_path_is_not_found(load_event: LoadEvent, context: Any) -> None:
    assert handler.handler(load_event("unknown_path"), context)["statusCode"] == 404


def test_another_method_is_not_allowed(
    request_to: Callable[..., dict[str, Any]], context: Any
) -> None:
    _, path = ROUTES[0]
    response = handler.handler(request_to("PUT", path), context)
    assert response["statusCode"] == 405
    assert set(header(response, "allow").split(", ")) == {method for method, _ in ROUTES}


def test_a_fault_of_ours_is_raised_for_the_alarm(load_event: LoadEvent, context: Any) -> None:
    event = load_event("sample")
    event["requestContext"].pop("http")
    with pytest.raises(KeyError):
        handler.handler(event, context)
