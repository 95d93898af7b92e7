from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from orders.nightly import handler, logic

LoadEvent = Callable[[str], dict[str, Any]]


@pytest.fixture(autouse=True)
def echo(monkeypatch: pytest.MonkeyPatch) -> None:
    """The logic answers with what it was given; what it really does is tested in test_logic.py."""
    monkeypatch.setattr(logic, "run", lambda **given: given)


def test_runs_the_sample(load_event: LoadEvent, context: Any) -> None:
    result = handler.handler(load_event("sample"), context)
    assert result["scheduled"] == "2025-11-27T03:00:00Z"


def test_a_run_that_comes_twice_has_the_same_result(load_event: LoadEvent, context: Any) -> None:
    first = handler.handler(load_event("sample"), context)
    assert handler.handler(load_event("sample"), context) == first


def test_an_event_without_a_time_is_raised(load_event: LoadEvent, context: Any) -> None:
    with pytest.raises(KeyError):
        handler.handler(load_event("malformed"), context)


def test_a_failure_of_the_logic_is_raised_for_lambda_to_retry(
    load_event: LoadEvent, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**given: Any) -> None:
        raise RuntimeError("no luck")

    monkeypatch.setattr(logic, "run", fail)
    with pytest.raises(RuntimeError):
        handler.handler(load_event("sample"), context)
