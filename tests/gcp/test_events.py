"""Every shape of an event that Google sends reaches the function in a real Functions Framework.

What sends the events in the cloud, Eventarc and Pub/Sub, is not here: that it tries again after an
answer that is no success is its documentation's word.
"""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from gcp.serving import Served, serving
from tools.workbench import Workbench, build_workbench

from generator.request import Request, to_answers

JSON = {"Content-Type": "application/json"}
STRUCTURED = {"Content-Type": "application/cloudevents+json"}
MAX_AGE = 600
FUNCTIONS = ("audit", "changes", "jobs", "uploads")
# The untouched logic does nothing that one could see.
LOGIC = """
import json, os

def process(*words, **given):
    text = json.dumps([*words, given], default=str)
    if "poison" in text:
        raise ValueError("no luck with it")
    with open(os.environ["SEEN"], "a") as seen:
        print(text, file=seen)
"""
STORAGE = "google.cloud.storage.object.v1.finalized"
PUBSUB = "google.cloud.pubsub.topic.v1.messagePublished"
FIRESTORE = "google.cloud.firestore.document.v1.written"
AUDIT = "google.cloud.audit.log.v1.written"
TOPIC = "//pubsub.googleapis.com/projects/my-project/topics/jobs"


class Function:
    """A function that is served, and what its logic was called with since `seen` was last asked."""

    def __init__(self, served: Served, seen: Path) -> None:
        self.served = served
        self._seen = seen

    def seen(self) -> list[Any]:
        calls = self._seen.read_text("utf-8").splitlines() if self._seen.exists() else []
        self._seen.unlink(missing_ok=True)
        return [json.loads(call) for call in calls]

    def outcomes(self, event_id: str) -> list[tuple[str, str]]:
        """Severity and outcome of each entry in the log that says what became of the event."""
        entries = [entry for entry in self.served.entries() if "event" in entry]
        of_it = [entry for entry in entries if entry["event"]["id"] == event_id]
        return [(entry["severity"], entry["outcome"]) for entry in of_it]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    asked = Request(
        name="orders",
        provider="gcp",
        tool="terraform",
        trigger=("eventarc=audit", "firestore=changes", "pubsub=jobs", "storage=uploads"),
        set=(
            "uploads.prefix=incoming/",
            *(f"{name}.max_event_age={MAX_AGE}" for name in ("audit", "changes", "uploads")),
        ),
    )
    made = build_workbench(tmp_path_factory.mktemp("events") / "orders", to_answers(asked))
    for name in FUNCTIONS:
        (made.folder / "src" / "orders" / name / "logic.py").write_text(LOGIC, "utf-8")
    return made


@pytest.fixture(scope="module")
def functions(service: Workbench) -> Iterator[dict[str, Function]]:
    python = service.folder / ".venv" / "bin" / "python"
    with contextlib.ExitStack() as processes:
        running = {}
        for name in FUNCTIONS:
            seen = service.folder / f".{name}.seen"
            process = serving(service.folder / "src", name, python, {"SEEN": str(seen)})
            running[name] = Function(processes.enter_context(process), seen)
        yield running


def ago(seconds: float) -> str:
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()


def attributes(kind: str, **others: str) -> dict[str, str]:
    return {"specversion": "1.0", "id": "1", "source": "//test", "type": kind} | others


def binary(about: Mapping[str, str], content_type: str = "application/json") -> dict[str, str]:
    return {f"ce-{name}": value for name, value in about.items()} | {"Content-Type": content_type}


def structured(about: Mapping[str, str], **data: Any) -> bytes:
    return json.dumps({**about, **data}).encode()


def stored(name: str, **others: str) -> dict[str, str]:
    """The data of an event of Cloud Storage: numbers are text in it."""
    return {"bucket": "b", "name": name, "generation": "1764253252000000", "size": "7"} | others


def pushed(message: Mapping[str, Any]) -> bytes:
    """What Pub/Sub pushes: names twice, and its own words beside the message."""
    both = {"messageId": "7", "message_id": "7", "publishTime": ago(1), "publish_time": ago(1)}
    subscription = "projects/my-project/subscriptions/orders-jobs-dev"
    return json.dumps(
        {"message": {**message, **both}, "subscription": subscription, "deliveryAttempt": 2}
    ).encode()


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


# A few words of protobuf, by hand, so that it is not google-events that reads what it wrote itself.


def field(number: int, content: bytes) -> bytes:
    assert len(content) < 128
    return bytes([*varint(number << 3 | 2), len(content)]) + content


def varint(number: int) -> bytes:
    return bytes([number]) if number < 128 else bytes([number & 127 | 128, number >> 7])


def document(path: str, state: str) -> bytes:
    """google.events.cloud.firestore.v1.Document: name, and a map with one field of text.

    The database is called documents, as the part of the name is that begins every path.
    """
    name = f"projects/p/databases/documents/documents/{path}".encode()
    value = field(17, state.encode())
    return field(1, name) + field(2, field(1, b"state") + field(2, value))


def change(before: str | None, after: str | None, path: str = "orders/1") -> bytes:
    """google.events.cloud.firestore.v1.DocumentEventData: value, old_value."""
    value = field(1, document(path, after)) if after is not None else b""
    return value + (field(2, document(path, before)) if before is not None else b"")


def test_an_object_comes_in_binary_mode(functions: dict[str, Function]) -> None:
    uploads = functions["uploads"]
    about = attributes(STORAGE, subject="objects/incoming/a%20b.txt", bucket="b", time=ago(1))
    answer = uploads.served.send(json.dumps(stored("incoming/a b.txt")).encode(), binary(about))
    assert (answer.status, answer.body) == (200, "OK")
    given = {"bucket": "b", "name": "incoming/a b.txt", "generation": 1764253252000000, "size": 7}
    assert uploads.seen() == [[given]]


def test_an_object_comes_in_structured_mode(functions: dict[str, Function]) -> None:
    uploads = functions["uploads"]
    about = attributes(STORAGE, time=ago(1))
    body = structured(about, data=stored("incoming/é"))
    assert uploads.served.send(body, STRUCTURED).status == 200
    [[given]] = uploads.seen()
    assert given["name"] == "incoming/é"


def test_an_object_comes_in_the_shape_of_the_first_generation(
    functions: dict[str, Function],
) -> None:
    uploads = functions["uploads"]
    resource = {"service": "storage.googleapis.com", "name": "projects/_/buckets/b/objects/o"}
    context = {"eventId": "1", "timestamp": ago(1), "resource": resource}
    legacy = {
        "context": {**context, "eventType": "google.storage.object.finalize"},
        "data": stored("incoming/o"),
    }
    assert uploads.served.send(json.dumps(legacy).encode(), JSON).status == 200
    [[given]] = uploads.seen()
    assert given["name"] == "incoming/o"


def test_an_object_with_another_prefix_is_acknowledged_and_passed_over(
    functions: dict[str, Function],
) -> None:
    uploads = functions["uploads"]
    body = json.dumps(stored("outgoing/a.txt")).encode()
    assert uploads.served.send(body, binary(attributes(STORAGE))).status == 200
    assert uploads.seen() == []


@pytest.mark.parametrize("mode", ["binary", "structured"])
def test_a_message_comes_as_a_cloudevent(functions: dict[str, Function], mode: str) -> None:
    jobs = functions["jobs"]
    message = {"data": encoded('{"order": 1}'), "attributes": {"a": "b"}, "messageId": "5"}
    data = {"message": message, "subscription": "projects/p/subscriptions/s"}
    about = attributes(PUBSUB, source=TOPIC, time=ago(1))
    if mode == "binary":
        answer = jobs.served.send(json.dumps(data).encode(), binary(about))
    else:
        answer = jobs.served.send(structured(about, data=data), STRUCTURED)
    assert answer.status == 200
    assert jobs.seen() == [[{"order": 1}, {"attributes": {"a": "b"}, "message_id": "5"}]]


def test_a_message_comes_as_pubsub_pushes_it(functions: dict[str, Function]) -> None:
    jobs = functions["jobs"]
    message = {"data": encoded('{"order": "é"}'), "attributes": {"a": "b"}, "orderingKey": "k"}
    path = "/projects/my-project/topics/jobs"
    assert jobs.served.send(pushed(message), JSON, path).status == 200
    assert jobs.seen() == [[{"order": "é"}, {"attributes": {"a": "b"}, "message_id": "7"}]]


def test_the_topic_of_a_pushed_message_is_that_of_the_path(functions: dict[str, Function]) -> None:
    jobs = functions["jobs"]
    message = {"data": encoded('{"order": "poison"}')}
    path = "/projects/my-project/topics/jobs"
    assert jobs.served.send(pushed(message), JSON, path).status == 500
    *_, entry = [entry for entry in jobs.served.entries() if entry.get("outcome") == "failed"]
    assert entry["event"]["source"] == TOPIC


def test_a_pushed_message_of_attributes_alone_is_taken(functions: dict[str, Function]) -> None:
    jobs = functions["jobs"]
    assert jobs.served.send(pushed({"attributes": {"a": "b"}}), JSON).status == 200
    assert jobs.seen() == [[{}, {"attributes": {"a": "b"}, "message_id": "7"}]]


def test_a_message_comes_as_the_emulator_pushes_it(functions: dict[str, Function]) -> None:
    jobs = functions["jobs"]
    body = {
        "subscription": "projects/test/subscriptions/test",
        "message": {"data": encoded('{"order": 1}'), "messageId": "4", "attributes": {}},
    }
    path = "/projects/test/topics/test?pubsub_trigger=true"
    assert jobs.served.send(json.dumps(body).encode(), JSON, path).status == 200
    assert jobs.seen() == [[{"order": 1}, {"attributes": {}, "message_id": "4"}]]


def test_a_message_comes_in_the_shape_of_the_first_generation(
    functions: dict[str, Function],
) -> None:
    jobs = functions["jobs"]
    kind = "type.googleapis.com/google.pubsub.v1.PubsubMessage"
    resource = {"service": "pubsub.googleapis.com", "name": "projects/p/topics/t", "type": kind}
    legacy = {
        "context": {
            "eventId": "6",
            "timestamp": ago(1),
            "eventType": "google.pubsub.topic.publish",
            "resource": resource,
        },
        "data": {"@type": kind, "data": encoded('{"order": 1}'), "attributes": {"a": "b"}},
    }
    assert jobs.served.send(json.dumps(legacy).encode(), JSON).status == 200
    assert jobs.seen() == [[{"order": 1}, {"attributes": {"a": "b"}, "message_id": "6"}]]


@pytest.mark.parametrize("content", ["no JSON", "[1]", "null", '{"order": "poison"}'])
def test_a_poison_message_fails_however_old_so_that_pubsub_puts_it_away(
    functions: dict[str, Function], content: str
) -> None:
    jobs = functions["jobs"]
    about = attributes(PUBSUB, source=TOPIC, time=ago(100 * MAX_AGE), id=f"poison {content}")
    data = {"message": {"data": encoded(content), "messageId": "8"}}
    answer = jobs.served.send(structured(about, data=data), STRUCTURED)
    assert answer.status == 500
    assert jobs.seen() == []
    assert jobs.outcomes(about["id"]) == [("WARNING", "failed")]


@pytest.mark.parametrize(
    ("before", "after"), [("new", "paid"), (None, "new"), ("paid", None)], ids=str
)
def test_a_changed_a_new_and_a_deleted_document_come_as_protobuf(
    functions: dict[str, Function], before: str | None, after: str | None
) -> None:
    changes = functions["changes"]
    about = attributes(FIRESTORE, document="orders/1", time="2026-01-02T03:04:05.123456789Z")
    headers = binary(about, "application/protobuf")
    assert changes.served.send(change(before, after), headers).status == 200
    [[path, given]] = changes.seen()
    assert path == "orders/1"
    assert given == {
        "before": before and {"state": before},
        "after": after and {"state": after},
        "happened": "2026-01-02 03:04:05.123456+00:00",
        "event_id": "1",
    }


def test_a_document_comes_in_structured_mode_with_its_protobuf_in_base64(
    functions: dict[str, Function],
) -> None:
    changes = functions["changes"]
    about = attributes(FIRESTORE, datacontenttype="application/protobuf")
    data = base64.b64encode(change(None, "new")).decode()
    assert changes.served.send(structured(about, data_base64=data), STRUCTURED).status == 200
    [[_, given]] = changes.seen()
    assert given["after"] == {"state": "new"}


def test_a_document_comes_as_json_from_a_trigger_that_asks_for_it(
    functions: dict[str, Function],
) -> None:
    changes = functions["changes"]
    name = "projects/p/databases/d/documents/orders/1"
    data = {"value": {"name": name, "fields": {"order": {"integerValue": "1"}}}}
    body = structured(attributes(FIRESTORE), data=data)
    assert changes.served.send(body, STRUCTURED).status == 200
    [[_, given]] = changes.seen()
    assert given["after"] == {"order": 1}


def test_an_entry_of_an_audit_log_comes(functions: dict[str, Function]) -> None:
    audit = functions["audit"]
    entry = {
        "serviceName": "storage.googleapis.com",
        "methodName": "storage.buckets.create",
        "resourceName": "projects/_/buckets/b",
        "authenticationInfo": {"principalEmail": "someone@example.com"},
    }
    about = attributes(AUDIT, methodname="storage.buckets.create", time=ago(1))
    answer = audit.served.send(json.dumps({"protoPayload": entry}).encode(), binary(about))
    assert answer.status == 200
    [[seen, given]] = audit.seen()
    assert seen == entry
    assert given == {
        "method": "storage.buckets.create",
        "resource": "projects/_/buckets/b",
        "caller": "someone@example.com",
        "event_id": "1",
    }


def poison(function: str, about: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    """An event that the function's logic fails on, in binary mode."""
    if function == "changes":
        return change(None, "poison"), binary(about, "application/protobuf")
    entry = {"methodName": "poison", "resourceName": "r"}
    data = {"uploads": stored("incoming/poison"), "audit": {"protoPayload": entry}}[function]
    return json.dumps(data).encode(), binary(about)


@pytest.mark.parametrize("function", ["audit", "changes", "uploads"])
def test_a_failing_event_is_answered_with_500_and_comes_again(
    functions: dict[str, Function], function: str
) -> None:
    one = functions[function]
    body, headers = poison(function, attributes("t", id="young", time=ago(MAX_AGE - 60)))
    answer = one.served.send(body, headers)
    assert answer.status == 500
    assert "Traceback" not in answer.body
    assert "no luck" not in answer.body
    assert one.outcomes("young") == [("WARNING", "failed")]


@pytest.mark.parametrize("function", ["audit", "changes", "uploads"])
def test_a_failing_event_that_is_too_old_is_acknowledged_and_dropped_with_an_error(
    functions: dict[str, Function], function: str
) -> None:
    one = functions[function]
    body, headers = poison(function, attributes("t", id="old", time=ago(MAX_AGE + 60)))
    assert one.served.send(body, headers).status == 200
    assert one.outcomes("old") == [("ERROR", "dropped")]
    [entry] = [entry for entry in one.served.entries() if entry.get("event", {}).get("id") == "old"]
    assert "ValueError: no luck with it" in entry["stack_trace"]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    "data", [b"", b"{", b"[1]", b"{}", b'"text"', b"null", b"\x0a\xff\xff", b'{"message": 1}']
)
def test_an_event_whose_data_cannot_be_taken_is_acknowledged_and_dropped_with_an_error(
    functions: dict[str, Function], function: str, data: bytes
) -> None:
    one = functions[function]
    about = attributes("t", id=f"malformed {data!r}", time=ago(1))
    for content_type in ("application/json", "application/protobuf"):
        assert one.served.send(data, binary(about, content_type)).status == 200
    assert one.outcomes(about["id"]) == [("ERROR", "dropped")] * 2
    assert one.seen() == []


REFUSED: dict[str, tuple[bytes, dict[str, str], int]] = {
    "no body": (b"", {}, 415),
    "text": (b"hello", {"Content-Type": "text/plain"}, 415),
    "no JSON": (b"{", JSON, 400),
    "a list": (b"[1]", JSON, 400),
    "text in JSON": (b'"text"', JSON, 400),
    "null": (b"null", JSON, 400),
    "nothing": (b"{}", JSON, 400),
    "a message that is none": (b'{"subscription": "s", "message": 1}', JSON, 400),
    "a message without an id": (b'{"subscription": "s", "message": {"data": ""}}', JSON, 400),
    "a context that is none": (b'{"context": "x", "data": {}}', JSON, 400),
    "a context of no event": (b'{"context": {"a": 1}, "data": {}}', JSON, 400),
    "structured, no JSON": (b"{", STRUCTURED, 400),
    "structured, a list": (b"[1]", STRUCTURED, 400),
    "structured, text": (b'"text"', STRUCTURED, 400),
    "structured, no id": (b'{"specversion": "1.0", "type": "t", "source": "s"}', STRUCTURED, 400),
    "structured, no base64": (structured(attributes("t"), data_base64="A"), STRUCTURED, 400),
    "binary, no type": (b"{}", {"ce-specversion": "1.0", "ce-id": "1"} | JSON, 400),
    "binary, of another version": (b"{}", binary(attributes("t", specversion="9")), 400),
}


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("request_", REFUSED)
def test_a_request_that_is_no_event_is_refused_with_4xx_and_tells_nothing(
    functions: dict[str, Function], function: str, request_: str
) -> None:
    one = functions[function]
    body, headers, status = REFUSED[request_]
    answer = one.served.send(body, headers | {"Authorization": "Bearer secret"})
    assert answer.status == status
    assert "Traceback" not in answer.body
    assert "secret" not in answer.body + one.served.log
    assert one.seen() == []


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_another_method_than_post_is_refused_with_405(
    functions: dict[str, Function], function: str, method: str
) -> None:
    assert functions[function].served.send(method=method).status == 405
