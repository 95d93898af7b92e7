"""What the options of Google Cloud's event triggers may be, and what is said where one cannot."""

from __future__ import annotations

import pytest
from matrix.services import PACKS

from generator.errors import UserError
from generator.request import Request, to_answers
from generator.spec import Spec, build_spec

EVENTS = ("eventarc", "firestore", "pubsub", "storage")


def spec(*options: str, triggers: tuple[str, ...], name: str = "orders") -> Spec:
    asked = Request(name=name, provider="gcp", tool="terraform", trigger=triggers, set=options)
    return build_spec(to_answers(asked), PACKS)


def refusal(*options: str, triggers: tuple[str, ...], name: str = "orders") -> str:
    with pytest.raises(UserError) as caught:
        spec(*options, triggers=triggers, name=name)
    return caught.value.message


@pytest.mark.parametrize("trigger", EVENTS)
def test_an_event_driven_function_has_at_most_540_seconds(trigger: str) -> None:
    triggers = (f"{trigger}=one",)
    assert spec("one.timeout=540", triggers=triggers)
    assert "540" in refusal("one.timeout=541", triggers=triggers)


@pytest.mark.parametrize("trigger", ["firestore", "storage"])
def test_a_location_is_that_of_something_existing(trigger: str) -> None:
    triggers = (f"{trigger}=one",)
    kind = {"firestore": "database", "storage": "bucket"}[trigger]
    assert spec(f"one.{kind}=shop", "one.existing=true", "one.location=nam5", triggers=triggers)
    assert "existing" in refusal("one.location=nam5", triggers=triggers)


def test_archived_objects_are_of_a_bucket_that_keeps_old_versions() -> None:
    triggers = ("storage=one",)
    assert "versioning" in refusal("one.event=archived", triggers=triggers)
    assert spec("one.event=archived", "one.versioning=true", triggers=triggers)
    assert spec("one.event=archived", "one.existing=true", triggers=triggers)
    assert "versioning" in refusal("one.versioning=true", "one.existing=true", triggers=triggers)


def test_functions_of_one_bucket_agree_on_whether_it_keeps_old_versions() -> None:
    triggers = ("storage=one", "storage=two")
    both = ("one.bucket=shop", "two.bucket=shop")
    assert "versioning" in refusal(*both, "one.versioning=true", triggers=triggers)
    assert spec(*both, "one.versioning=true", "two.versioning=true", triggers=triggers)


@pytest.mark.parametrize("bucket", ["with.dots", "with_underscores"])
def test_a_bucket_with_dots_or_underscores_is_an_existing_one(bucket: str) -> None:
    triggers = ("storage=one",)
    assert bucket in refusal(f"one.bucket={bucket}", triggers=triggers)
    assert spec(f"one.bucket={bucket}", "one.existing=true", triggers=triggers)


@pytest.mark.parametrize(
    ("trigger", "option", "length"),
    [("storage", "bucket", 33), ("firestore", "database", 46), ("pubsub", "topic", 238)],
)
def test_a_name_that_is_too_long_with_service_and_stage_is_refused(
    trigger: str, option: str, length: int
) -> None:
    triggers = (f"{trigger}=one",)
    assert spec(f"one.{option}={'x' * (length - 1)}", triggers=triggers)
    assert option in refusal(f"one.{option}={'x' * length}", triggers=triggers)


@pytest.mark.parametrize(
    ("trigger", "option", "name"),
    [("storage", "bucket", "ab"), ("firestore", "database", "abc"), ("pubsub", "topic", "ab")],
)
def test_an_existing_name_has_the_length_that_google_asks_for(
    trigger: str, option: str, name: str
) -> None:
    triggers = (f"{trigger}=one",)
    assert name in refusal(f"one.{option}={name}", "one.existing=true", triggers=triggers)
    assert spec(f"one.{option}={name}", triggers=triggers)


@pytest.mark.parametrize("document", ["orders", "orders/{id}/lines", "{a}/{b}/{c}"])
def test_a_path_that_ends_in_a_collection_is_refused(document: str) -> None:
    message = refusal(f"one.document={document}", triggers=("firestore=one",))
    assert "document" in message


@pytest.mark.parametrize(
    "document", ["orders/1", "orders/{id}", "orders/{id}/lines/{line}", "orders/**", "a/{b=**}"]
)
def test_a_path_of_documents_is_taken(document: str) -> None:
    assert spec(f"one.document={document}", triggers=("firestore=one",))


def test_the_default_database_is_an_existing_one() -> None:
    triggers = ("firestore=one",)
    assert "(default)" in refusal("one.database=(default)", triggers=triggers)
    assert spec("one.database=(default)", "one.existing=true", triggers=triggers)


@pytest.mark.parametrize("tries", [4, 101])
def test_pubsub_tries_5_to_100_times(tries: int) -> None:
    message = refusal(f"one.max_delivery_attempts={tries}", triggers=("pubsub=one",))
    assert "max_delivery_attempts" in message


def test_what_happened_anywhere_is_global() -> None:
    triggers = ("eventarc=one",)
    assert spec("one.location=global", triggers=triggers)
    assert spec("one.location=europe-west4", triggers=triggers)
    assert "location" in refusal("one.location=eu", triggers=triggers)
