"""What becomes of a batch of stream records of which some fail."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from tools.aws_local import LocalAws, local_aws

HANDLER = """
import base64

def handler(event, context):
    texts = [base64.b64decode(r["kinesis"]["data"]).decode() if "kinesis" in r else r["eventName"]
             for r in event["Records"]]
    print("BATCH", *texts)
    if "raise" in texts:
        raise RuntimeError("no luck")
    failed = [record["kinesis"]["sequenceNumber"]
              for text, record in zip(texts, event["Records"]) if text == "poison"]
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failed[:1]]}
"""


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    """With a function, a queue for what was given up, and a role that nobody looks at."""
    with local_aws() as server:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as package:
            package.writestr("app.py", HANDLER)
        role = server.client("iam").create_role(RoleName="any", AssumeRolePolicyDocument="{}")
        server.client("lambda").create_function(
            FunctionName="reader",
            Runtime="python3.13",
            Handler="app.handler",
            Role=role["Role"]["Arn"],
            Code={"ZipFile": archive.getvalue()},
        )
        server.client("sqs").create_queue(QueueName="given-up")
        yield server


def read(aws: LocalAws, source: str, **settings: Any) -> None:
    """Maps the source to the function, for one test alone."""
    client = aws.client("lambda")
    for mapping in client.list_event_source_mappings()["EventSourceMappings"]:
        client.delete_event_source_mapping(UUID=mapping["UUID"])
    client.create_event_source_mapping(
        FunctionName="reader",
        EventSourceArn=source,
        StartingPosition="LATEST",
        FunctionResponseTypes=["ReportBatchItemFailures"],
        DestinationConfig={
            "OnFailure": {"Destination": "arn:aws:sqs:eu-west-1:123456789012:given-up"}
        },
        **settings,
    )


def batches(aws: LocalAws) -> list[str]:
    lines = [line for line in aws.logs("reader") if line.startswith("BATCH")]
    return [line.removeprefix("BATCH ") for line in lines]


def given_up(aws: LocalAws) -> list[int]:
    """How many records each message tells of; the messages are taken."""
    sqs = aws.client("sqs")
    queue = sqs.get_queue_url(QueueName="given-up")["QueueUrl"]
    found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    for message in found:
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(m["Body"])["KinesisBatchInfo"]["batchSize"] for m in found]


def put(aws: LocalAws, *texts: str) -> None:
    aws.client("kinesis").put_records(
        StreamName="clicks",
        Records=[{"Data": text.encode(), "PartitionKey": "one"} for text in texts],
    )


@pytest.fixture(scope="module")
def stream(aws: LocalAws) -> str:
    aws.client("kinesis").create_stream(StreamName="clicks", ShardCount=1)
    arn: str = aws.client("kinesis").describe_stream_summary(StreamName="clicks")[
        "StreamDescriptionSummary"
    ]["StreamARN"]
    return arn


@pytest.mark.parametrize(
    ("texts", "bisect", "delivered", "lost"),
    [
        (
            ["a", "poison", "b", "c"],
            True,
            ["a poison b c", "poison b c", "poison", "poison", "b c"],
            [1],
        ),
        (["a", "poison", "b", "c"], False, ["a poison b c", "poison b c", "poison b c"], [3]),
        (["a", "raise"], True, ["a raise", "a", "raise", "raise"], [1]),
        (["a", "raise"], False, ["a raise", "a raise"], [2]),
        (["a", "b", "c", "d", "e"], True, ["a b c d", "e"], []),
    ],
)
def test_batches_of_a_stream(
    aws: LocalAws,
    stream: str,
    texts: list[str],
    bisect: bool,
    delivered: list[str],
    lost: list[int],
) -> None:
    read(aws, stream, BatchSize=4, MaximumRetryAttempts=1, BisectBatchOnFunctionError=bisect)
    before = len(batches(aws))
    put(aws, *texts)
    assert batches(aws)[before:] == delivered
    assert given_up(aws) == lost


def test_changes_of_a_table_are_filtered(aws: LocalAws) -> None:
    client = aws.client("dynamodb")
    table = client.create_table(
        TableName="items",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )["TableDescription"]
    filters = [{"Pattern": '{"eventName":["MODIFY","REMOVE"]}'}]
    read(aws, table["LatestStreamArn"], FilterCriteria={"Filters": filters})
    before = len(batches(aws))
    for item in ({"id": {"S": "1"}}, {"id": {"S": "1"}, "new": {"BOOL": True}}):
        client.put_item(TableName="items", Item=item)
    client.delete_item(TableName="items", Key={"id": {"S": "1"}})
    assert batches(aws)[before:] == ["MODIFY", "REMOVE"]
