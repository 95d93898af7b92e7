from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from orders.uploads import handler, logic

LoadEvent = Callable[[str], dict[str, Any]]


class Bucket:
    """Stands in for an S3 client, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        self.asked.append((Bucket, Key))
        return {"Body": io.BytesIO(b"content")}


@pytest.fixture(autouse=True)
def echo(monkeypatch: pytest.MonkeyPatch) -> None:
    """The logic answers with what it was given; what it really does is tested in test_logic.py."""

    def answer(**given: Any) -> dict[str, Any]:
        return {name: value for name, value in given.items() if name != "read"}

    monkeypatch.setattr(logic, "process", answer)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Bucket:
    stand_in = Bucket()
    monkeypatch.setattr(handler, "_client", lambda: stand_in)
    return stand_in


def test_processes_the_sample(load_event: LoadEvent, context: Any, bucket: Bucket) -> None:
    result = handler.handler(load_event("sample"), context)
    assert [item["size"] for item in result] == [1024]


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ("plain.txt", "plain.txt"),
        ("in+box/caf%C3%A9.txt", "in box/café.txt"),
        ("1%2B1.txt", "1+1.txt"),
        ("100%2525.txt", "100%25.txt"),
    ],
)
def test_decodes_a_key(
    load_event: LoadEvent, context: Any, bucket: Bucket, sent: str, key: str
) -> None:
    event = load_event("sample")
    event["Records"][0]["s3"]["object"]["key"] = sent
    assert handler.handler(event, context)[0]["key"] == key


def test_the_content_is_read_only_when_asked_for(
    load_event: LoadEvent, context: Any, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler.handler(load_event("sample"), context)
    assert bucket.asked == []

    monkeypatch.setattr(logic, "process", lambda **given: {"content": given["read"]()})
    result = handler.handler(load_event("sample"), context)
    assert result == [{"content": b"content"}]
    assert len(bucket.asked) == 1


def test_an_event_that_comes_twice_has_the_same_result(
    load_event: LoadEvent, context: Any, bucket: Bucket
) -> None:
    first = handler.handler(load_event("sample"), context)
    assert handler.handler(load_event("sample"), context) == first
    one, other = handler.handler(load_event("duplicate"), context)
    assert one == other


def test_a_removed_object_has_no_size(load_event: LoadEvent, context: Any, bucket: Bucket) -> None:
    event = load_event("sample")
    event["Records"][0]["s3"]["object"].pop("size", None)
    event["Records"][0]["eventName"] = "ObjectRemoved:Delete"
    result = handler.handler(event, context)
    assert (result[0]["event"], result[0]["size"]) == ("ObjectRemoved:Delete", None)


def test_a_malformed_event_is_raised_for_lambda_to_retry(
    load_event: LoadEvent, context: Any
) -> None:
    with pytest.raises(KeyError):
        handler.handler(load_event("malformed"), context)


def test_a_failure_of_the_logic_is_raised_for_lambda_to_retry(
    load_event: LoadEvent, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**given: Any) -> None:
        raise RuntimeError("no luck")

    monkeypatch.setattr(logic, "process", fail)
    with pytest.raises(RuntimeError):
        handler.handler(load_event("sample"), context)
