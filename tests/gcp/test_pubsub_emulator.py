"""The real Pub/Sub emulator pushes messages to a function: each is processed, or a dead letter.

A function of a generated service runs in the real Functions Framework, and its topic, subscription
and dead letters are made as the infrastructure has them, but for pauses, which are of a second or
two. The emulator asks nobody for a token, and knows no roles: those are not tested here.
"""

from __future__ import annotations

import base64
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from gcp.serving import LOCAL, PATIENCE, Served, free_port, running, serving
from gcp.test_events import LOGIC, Function, encoded
from tools.gcloud import need_gcloud
from tools.workbench import Workbench, build_workbench, clean_environment

from generator.request import Request, to_answers

PROJECT = "projects/my-project"
TOPIC = f"{PROJECT}/topics/orders-jobs-dev"
SUBSCRIPTION = f"{PROJECT}/subscriptions/orders-jobs-dev"
DEAD_LETTERS = "orders-jobs-dev-dead-letters"
ATTEMPTS = 5
RECEIVED = "receivedMessages"


class PubSub:
    """The emulator, by the API that Pub/Sub itself has."""

    def __init__(self, address: str) -> None:
        self._address = address

    def ask(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        request = urllib.request.Request(
            f"{self._address}/v1/{path}",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method=method,
        )
        try:
            with LOCAL.open(request, timeout=30) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from error

    def publish(self, **message: Any) -> str:
        """Its id."""
        answer = self.ask("POST", f"{TOPIC}:publish", {"messages": [message]})
        [published] = answer["messageIds"]
        return str(published)

    def dead_letter(self) -> dict[str, Any]:
        """The next one, which is taken: it does not come again."""
        subscription = f"{PROJECT}/subscriptions/{DEAD_LETTERS}"
        wanted = {"maxMessages": 1, "returnImmediately": True}
        found: list[dict[str, Any]] = []

        def pull() -> bool:
            found.extend(self.ask("POST", f"{subscription}:pull", wanted).get(RECEIVED, []))
            return bool(found)

        wait_until(pull)
        [letter] = found
        self.ask("POST", f"{subscription}:acknowledge", {"ackIds": [letter["ackId"]]})
        message: dict[str, Any] = letter["message"]
        return message


def wait_until(true: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.5)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    asked = Request(name="orders", provider="gcp", tool="terraform", trigger=("pubsub=jobs",))
    made = build_workbench(tmp_path_factory.mktemp("pubsub") / "orders", to_answers(asked))
    (made.folder / "src" / "orders" / "jobs" / "logic.py").write_text(LOGIC, "utf-8")
    return made


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PubSub]:
    sdk = need_gcloud("pubsub-emulator")
    # What `gcloud beta emulators pubsub start` starts: by itself, it is of one group of processes.
    program = sdk.root / "platform" / "pubsub-emulator" / "bin" / "cloud-pubsub-emulator"
    port, folder = free_port(), tmp_path_factory.mktemp("emulator")
    command: list[object] = [program, "--host=127.0.0.1", f"--port={port}"]
    with running(command, folder, clean_environment(), folder / "log", port):
        yield PubSub(f"http://127.0.0.1:{port}")


@pytest.fixture(scope="module")
def jobs(service: Workbench, emulator: PubSub) -> Iterator[Function]:
    """The function, to which the emulator pushes."""
    python, seen = service.folder / ".venv" / "bin" / "python", service.folder / ".seen"
    with serving(service.folder / "src", "jobs", python, {"SEEN": str(seen)}) as served:
        subscribe(emulator, served)
        yield Function(served, seen)


def subscribe(emulator: PubSub, served: Served) -> None:
    dead_letters = f"{PROJECT}/topics/{DEAD_LETTERS}"
    emulator.ask("PUT", TOPIC, {})
    emulator.ask("PUT", dead_letters, {})
    keeping = {"topic": dead_letters, "ackDeadlineSeconds": 60, "expirationPolicy": {}}
    emulator.ask("PUT", f"{PROJECT}/subscriptions/{DEAD_LETTERS}", keeping)
    invoker = "orders-dev-invoker@my-project.iam.gserviceaccount.com"
    made = emulator.ask(
        "PUT",
        SUBSCRIPTION,
        {
            "topic": TOPIC,
            "ackDeadlineSeconds": 90,
            "messageRetentionDuration": "604800s",
            "expirationPolicy": {},
            "pushConfig": {
                "pushEndpoint": f"{served.address}/{TOPIC}",
                "oidcToken": {"serviceAccountEmail": invoker, "audience": served.address},
            },
            "deadLetterPolicy": {"deadLetterTopic": dead_letters, "maxDeliveryAttempts": ATTEMPTS},
            "retryPolicy": {"minimumBackoff": "1s", "maximumBackoff": "2s"},
        },
    )
    assert made["deadLetterPolicy"]["maxDeliveryAttempts"] == ATTEMPTS


def processed(jobs: Function) -> Any:
    """What the logic was called with, once it is."""
    found: list[Any] = []

    def called() -> bool:
        found.extend(jobs.seen())
        return bool(found)

    wait_until(called)
    return found


def event_message(service: Workbench, name: str) -> dict[str, Any]:
    """The message of a file of events."""
    text = (service.folder / "events" / "jobs" / f"{name}.json").read_text("utf-8")
    message = json.loads(text)["data"]["message"]
    return {key: message[key] for key in ("data", "attributes") if key in message}


def test_a_published_message_is_pushed_and_processed(
    service: Workbench, emulator: PubSub, jobs: Function
) -> None:
    """The service's own sample, once."""
    sample = event_message(service, "sample")
    published = emulator.publish(**sample)
    given = json.loads(base64.b64decode(sample["data"]))
    about = {"attributes": sample.get("attributes", {}), "message_id": published}
    assert processed(jobs) == [[given, about]]


def test_a_published_message_of_attributes_alone_is_processed(
    emulator: PubSub, jobs: Function
) -> None:
    """It has no data at all."""
    published = emulator.publish(attributes={"kind": "created"})
    about = {"attributes": {"kind": "created"}, "message_id": published}
    assert processed(jobs) == [[{}, about]]


def test_a_message_on_which_the_logic_fails_comes_again_and_ends_as_a_dead_letter(
    service: Workbench, emulator: PubSub, jobs: Function
) -> None:
    """After as many deliveries as the subscription says; others still come in between.

    One such message after the other: the emulator (0.8.20) loses both of two whose deliveries fail
    in the same instant, and then neither comes again or is a dead letter.
    """
    by_logic: dict[str, Any] = {"data": encoded('{"order": "poison"}'), "attributes": {"a": "b"}}
    for message in (by_logic, event_message(service, "poison")):
        failing = emulator.publish(**message)
        wait_until(lambda failing=failing: jobs.outcomes(failing))
        published = emulator.publish(data=encoded('{"order": 2}'))
        assert processed(jobs) == [[{"order": 2}, {"attributes": {}, "message_id": published}]]
        letter = emulator.dead_letter()
        assert letter["data"] == message["data"]
        attributes = letter["attributes"]
        assert attributes["CloudPubSubDeadLetterSourceDeliveryCount"] == str(ATTEMPTS)
        assert attributes["CloudPubSubDeadLetterSourceSubscription"] == "orders-jobs-dev"
        assert attributes.items() >= message.get("attributes", {}).items()
        assert jobs.outcomes(failing) == [("WARNING", "failed")] * ATTEMPTS
        assert jobs.seen() == []
