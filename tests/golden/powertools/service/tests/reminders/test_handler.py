from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from billing.reminders import handler, logic

LoadEvent = Callable[[str], dict[str, Any]]


def failed(event: dict[str, Any], context: Any) -> list[str]:
    """The messages that the handler reports back."""
    report: Any = handler.handler(event, context)
    return [item["itemIdentifier"] for item in report["batchItemFailures"]]


def ids(event: dict[str, Any]) -> list[str]:
    return [record["messageId"] for record in event["Records"]]


def test_processes_the_sample(
    load_event: LoadEvent, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(logic, "process", lambda message, **given: seen.append(message))
    assert failed(load_event("sample"), context) == []
    assert seen == [{"order": 1}, {"order": 2}]


def test_only_the_poison_message_is_reported(
    load_event: LoadEvent, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(logic, "process", lambda message, **given: seen.append(message))
    event = load_event("poison")
    assert failed(event, context) == [ids(event)[1]]
    assert seen == [{"order": 1}, {"order": 3}]


def test_a_batch_of_which_all_failed_is_reported_too(
    load_event: LoadEvent, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(message: Any, **given: Any) -> None:
        raise RuntimeError("no luck")

    monkeypatch.setattr(logic, "process", fail)
    event = load_event("sample")
    assert failed(event, context) == ids(event)


@pytest.mark.parametrize("body", ["", "{", "[1]", "null", '"text"'])
def test_a_body_that_is_no_json_object_fails(
    load_event: LoadEvent, context: Any, body: str
) -> None:
    event = load_event("sample")
    event["Records"][1]["body"] = body
    assert failed(event, context) == [ids(event)[1]]


def test_a_message_that_comes_twice_keeps_its_id(
    load_event: LoadEvent, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(logic, "process", lambda _, message_id: seen.append(message_id))
    event = load_event("sample")
    assert failed(event, context) == failed(event, context) == []
    assert seen == ids(event) * 2


def test_an_event_of_something_else_is_raised(load_event: LoadEvent, context: Any) -> None:
    with pytest.raises(KeyError):
        handler.handler(load_event("malformed"), context)
