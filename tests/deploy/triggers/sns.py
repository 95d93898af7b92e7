"""Messages of a topic that two functions share, one with a filter; and of a topic of others."""

from __future__ import annotations

import json
from typing import Any

from deploy.breaking import failing, unreachable
from deploy.deployed import ACCOUNT, REGION, Deployed
from deploy.effect import function_in, in_order
from tools.aws_local import LocalAws

FUNCTIONS = ("sns=alerts", "sns=audits", "sns=reports")
SETTINGS = (
    'alerts.filter_policy={"priority": ["high", {"prefix": "urgent-"}]}',
    "audits.topic=alerts",
    "reports.topic=team-reports",
    "reports.existing=true",
    'reports.filter_policy={"report": {"pages": [{"numeric": [">", 1, "<=", 100]}]}}',
    "reports.filter_policy_scope=MessageBody",
)
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:orders-alerts-dev"
TOPIC_OF_OTHERS = f"arn:aws:sns:{REGION}:{ACCOUNT}:team-reports"


def prepare(deployed: Deployed) -> None:
    deployed.aws.client("sns").create_topic(Name="team-reports")


def effect(aws: LocalAws) -> dict[str, object]:
    return {"topics": {arn.rpartition(":")[2]: topic(aws, arn) for arn in (TOPIC, TOPIC_OF_OTHERS)}}


def topic(aws: LocalAws, arn: str) -> dict[str, Any]:
    sns = aws.client("sns")
    attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    found = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    return {
        "key": attributes.get("KmsMasterKeyId", "").rpartition(":")[2],  # an alias, or its ARN
        "statements": [
            f"{s['Effect']} {s['Action']} if {s['Condition']}"
            for s in json.loads(attributes["Policy"])["Statement"]
            if arn == TOPIC
        ],
        "subscriptions": sorted(
            (subscription(sns, each["SubscriptionArn"]) for each in found),
            key=lambda each: str(each["function"]),
        ),
    }


def subscription(sns: Any, arn: str) -> dict[str, Any]:
    attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    return {
        "function": function_in(attributes["Endpoint"]),
        "filter": in_order(json.loads(attributes.get("FilterPolicy") or "null")),
        "filters_by": attributes.get("FilterPolicyScope"),
        "undelivered_to": json.loads(attributes["RedrivePolicy"])["deadLetterTargetArn"],
    }


def publish(deployed: Deployed, message: str, topic: str = TOPIC, **attributes: str) -> str:
    """The message's id, which the functions log."""
    return str(
        deployed.aws.client("sns").publish(
            TopicArn=topic,
            Message=message,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value}
                for name, value in attributes.items()
            },
        )["MessageId"]
    )


def processed(deployed: Deployed, function: str) -> list[str]:
    return [r["message_id"] for r in deployed.records(function) if "message_id" in r]


def check_a_message_reaches_every_function_whose_filter_it_passes(deployed: Deployed) -> None:
    urgent = publish(deployed, '{"order": 1}', priority="urgent-today")
    other = publish(deployed, "no JSON", priority="low")
    none = publish(deployed, "{}")
    assert processed(deployed, "alerts") == [urgent]
    assert processed(deployed, "audits") == [urgent, other, none]


def check_a_filter_of_the_body_on_a_topic_of_others(deployed: Deployed) -> None:
    publish(deployed, '{"report": {"pages": 1}}', TOPIC_OF_OTHERS)
    publish(deployed, "no JSON", TOPIC_OF_OTHERS)
    long = publish(deployed, '{"report": {"pages": 2}}', TOPIC_OF_OTHERS)
    assert processed(deployed, "reports") == [long]


def check_a_message_that_the_function_fails_on_is_kept(deployed: Deployed) -> None:
    with failing(deployed, "audits"):
        message_id = publish(deployed, "fails three times", priority="low")
    [kept] = deployed.waiting("orders-audits-dev-failed")
    record = json.loads(kept)
    assert record["requestContext"]["approximateInvokeCount"] == 3
    assert record["requestPayload"]["Records"][0]["Sns"]["MessageId"] == message_id


def check_a_message_that_cannot_be_handed_over_is_kept(deployed: Deployed) -> None:
    for function, topic in (("alerts", TOPIC), ("reports", TOPIC_OF_OTHERS)):
        with unreachable(deployed, function):
            message = '{"report": {"pages": 2}}'
            message_id = publish(deployed, message, topic, priority="high")
        [kept] = deployed.waiting(f"orders-{function}-dev-failed")
        assert json.loads(kept)["MessageId"] == message_id


def check_a_message_that_comes_twice(deployed: Deployed) -> None:
    """With Powertools it is processed once; else the logic is told the same id."""
    event = deployed.event("audits", "sample")
    for _ in range(2):
        assert deployed.invoke("audits", "sample")
    message_id = event["Records"][0]["Sns"]["MessageId"]
    times = 1 if deployed.variant == "powertools" else 2
    assert processed(deployed, "audits").count(message_id) == times
