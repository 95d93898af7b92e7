"""Changes of a table: each kind, a poison one alone and among others, and what was given up."""

from __future__ import annotations

import json
from typing import Any

from deploy.deployed import Deployed
from tools.aws_local import LocalAws

FUNCTIONS = ("dynamodb=changes", "dynamodb=removals")
SETTINGS = (
    "changes.table=items",
    "changes.sort_key=sort",
    "removals.table=items",
    "removals.sort_key=sort",
    "removals.events=REMOVE",
    "removals.batch_window=5",
    "removals.parallelization_factor=2",
    "removals.starting_position=LATEST",
)
TABLE = "orders-items-dev"
# What a developer's code does with an item that it cannot take.
POISON = """\
    if new["id"] == "poison":
        raise RuntimeError("an item that is poison")
"""


def prepare(deployed: Deployed) -> None:
    """The untouched logic takes everything, so a developer has been at it."""
    [logic] = deployed.folder.glob("src/*/changes/logic.py")
    text = logic.read_text("utf-8")
    start = text.index("def inserted(")
    end = text.index('"""\n', start) + 4
    logic.write_text(text[:end] + POISON + text[end:], "utf-8")


def effect(aws: LocalAws) -> dict[str, object]:
    client = aws.client("dynamodb")
    table = client.describe_table(TableName=TABLE)["Table"]
    backups = client.describe_continuous_backups(TableName=TABLE)["ContinuousBackupsDescription"]
    return {
        "tables": {
            TABLE: {
                "key": table["KeySchema"],
                "attributes": sorted(
                    (a["AttributeName"], a["AttributeType"]) for a in table["AttributeDefinitions"]
                ),
                "billing": table["BillingModeSummary"]["BillingMode"],
                "stream": table["StreamSpecification"],
                "encryption": table["SSEDescription"]["SSEType"],
                "backups": backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
                "protected": table["DeletionProtectionEnabled"],
            }
        }
    }


def key(name: str) -> dict[str, Any]:
    return {"id": {"S": name}, "sort": {"S": "1"}}


def seen(deployed: Deployed, function: str, name: str) -> list[tuple[str, str]]:
    """What the function has logged of changes: the message and the kind."""
    return [
        (record["message"], record["event_name"])
        for record in deployed.records(function)
        if record.get("event_name") and record["message"].startswith(name)
    ]


def check_changes_reach_the_functions_that_want_them(deployed: Deployed) -> None:
    client = deployed.aws.client("dynamodb")
    client.put_item(TableName=TABLE, Item={**key("a"), "price": {"N": "1.5"}})
    client.update_item(
        TableName=TABLE,
        Key=key("a"),
        UpdateExpression="SET price = :p",
        ExpressionAttributeValues={":p": {"N": "2"}},
    )
    client.delete_item(TableName=TABLE, Key=key("a"))
    kinds = [kind for _, kind in seen(deployed, "changes", "change processed")]
    assert kinds == ["INSERT", "MODIFY", "REMOVE"]
    assert seen(deployed, "removals", "change") == [("change processed", "REMOVE")]


def check_a_poison_change_is_tried_again_and_given_up(deployed: Deployed) -> None:
    before = len(seen(deployed, "changes", "change failed"))
    deployed.aws.client("dynamodb").put_item(TableName=TABLE, Item=key("poison"))
    assert len(seen(deployed, "changes", "change failed")) - before == 1 + 3
    [told] = [json.loads(body) for body in deployed.waiting("orders-changes-dev-failed")]
    assert told["DDBStreamBatchInfo"]["batchSize"] == 1
    assert told["requestContext"]["condition"] == "RetryAttemptsExhausted"
    deployed.aws.client("sqs").purge_queue(QueueUrl=deployed.queue("orders-changes-dev-failed"))


def check_only_the_poison_of_a_batch_is_given_up(deployed: Deployed) -> None:
    before = len(seen(deployed, "changes", "change processed"))
    items = [{**key(name), "sort": {"S": "2"}} for name in ("b", "poison", "c", "d")]
    requests = [{"PutRequest": {"Item": item}} for item in items]
    deployed.aws.client("dynamodb").batch_write_item(RequestItems={TABLE: requests})
    assert len(seen(deployed, "changes", "change processed")) - before == 3
    [told] = [json.loads(body) for body in deployed.waiting("orders-changes-dev-failed")]
    assert told["DDBStreamBatchInfo"]["batchSize"] == 1


def check_what_was_given_up_can_be_fetched(deployed: Deployed) -> None:
    """As docs/architecture.md says: the stream's answer is an event of the function."""
    [told] = [json.loads(body) for body in deployed.waiting("orders-changes-dev-failed")]
    place = told["DDBStreamBatchInfo"]
    streams = deployed.aws.client("dynamodbstreams")
    iterator = streams.get_shard_iterator(
        StreamArn=place["streamArn"],
        ShardId=place["shardId"],
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        SequenceNumber=place["startSequenceNumber"],
    )["ShardIterator"]
    found = streams.get_records(ShardIterator=iterator, Limit=place["batchSize"])["Records"]
    assert [record["dynamodb"]["NewImage"]["id"] for record in found] == [{"S": "poison"}]
    event = {"Records": json.loads(json.dumps(found, default=str))}
    assert deployed.aws.invoke("orders-changes-dev", event) == {
        "batchItemFailures": [{"itemIdentifier": place["startSequenceNumber"]}]
    }


def check_the_events_that_are_there_are_understood(deployed: Deployed) -> None:
    for function in ("changes", "removals"):
        assert deployed.invoke(function, "sample") == {"batchItemFailures": []}
        poison = deployed.event(function, "poison")
        number = poison["Records"][1]["dynamodb"]["SequenceNumber"]
        report = {"batchItemFailures": [{"itemIdentifier": number}]}
        assert deployed.aws.invoke(f"orders-{function}-dev", poison) == report
