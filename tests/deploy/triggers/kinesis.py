"""Records of a stream: good ones, poison, both in one batch, and what was given up."""

from __future__ import annotations

import json
from typing import Any

from deploy.deployed import Deployed
from tools.aws_local import LocalAws

FUNCTIONS = ("kinesis=clicks", "kinesis=visits")
SETTINGS = (
    "visits.stream=clicks",
    "visits.batch_size=2",
    "visits.batch_window=1",
    "visits.maximum_retry_attempts=0",
    "visits.parallelization_factor=10",
    "visits.starting_position=LATEST",
)
STREAM = "orders-clicks-dev"


def effect(aws: LocalAws) -> dict[str, object]:
    client = aws.client("kinesis")
    stream = client.describe_stream_summary(StreamName=STREAM)["StreamDescriptionSummary"]
    return {
        "streams": {
            STREAM: {
                "mode": stream["StreamModeDetails"]["StreamMode"],
                "retention_hours": stream["RetentionPeriodHours"],
                "encryption": f"{stream['EncryptionType']} {stream['KeyId']}",
            }
        }
    }


def put(deployed: Deployed, *bodies: str) -> None:
    """All under one key, so that they come in order."""
    client, records = deployed.aws.client("kinesis"), [body.encode() for body in bodies]
    if len(records) == 1:
        client.put_record(StreamName=STREAM, Data=records[0], PartitionKey="one")
        return
    entries = [{"Data": data, "PartitionKey": "one"} for data in records]
    client.put_records(StreamName=STREAM, Records=entries)


def seen(deployed: Deployed, function: str, message: str) -> int:
    return [record.get("message") for record in deployed.records(function)].count(message)


def given_up(deployed: Deployed, function: str) -> list[dict[str, Any]]:
    bodies = deployed.waiting(f"orders-{function}-dev-failed")
    return [json.loads(body)["KinesisBatchInfo"] for body in bodies]


def check_records_reach_both_functions(deployed: Deployed) -> None:
    put(deployed, '{"order": 1}')
    for function in ("clicks", "visits"):
        assert seen(deployed, function, "record processed") == 1
        assert given_up(deployed, function) == []


def check_only_the_poison_of_a_batch_is_given_up(deployed: Deployed) -> None:
    put(deployed, '{"order": 2}', "no JSON", '{"order": 3}', '{"order": 4}')
    for function, tries in (("clicks", 1 + 3), ("visits", 1)):
        assert seen(deployed, function, "record processed") == 4
        [place] = given_up(deployed, function)
        assert place["batchSize"] == 1
        assert place["startSequenceNumber"] == place["endSequenceNumber"]
        # The batches that it came in before it came alone are no retries.
        assert seen(deployed, function, "record failed") >= tries


def check_what_was_given_up_can_be_fetched(deployed: Deployed) -> None:
    """As docs/architecture.md says."""
    [place] = given_up(deployed, "clicks")
    kinesis = deployed.aws.client("kinesis")
    iterator = kinesis.get_shard_iterator(
        StreamName=STREAM,
        ShardId=place["shardId"],
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        StartingSequenceNumber=place["startSequenceNumber"],
    )["ShardIterator"]
    found = kinesis.get_records(ShardIterator=iterator, Limit=place["batchSize"])["Records"]
    assert [record["Data"] for record in found] == [b"no JSON"]


def check_the_events_that_are_there_are_understood(deployed: Deployed) -> None:
    assert deployed.invoke("clicks", "sample") == {"batchItemFailures": []}
    poison = deployed.event("clicks", "poison")
    number = poison["Records"][1]["kinesis"]["sequenceNumber"]
    report = {"batchItemFailures": [{"itemIdentifier": number}]}
    assert deployed.aws.invoke("orders-clicks-dev", poison) == report
