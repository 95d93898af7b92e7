"""SNS to Lambda. Source: "Using Lambda with Amazon SNS" in the AWS Lambda Developer Guide.

What cannot be handed over goes to the subscription's dead-letter queue at once.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import moto.sns.models as sns_models

from tools.aws_local.server import dead_letters
from tools.aws_local.server.execution import function_by_arn, invoke_asynchronously
from tools.aws_local.server.permissions import may_invoke


def install() -> None:
    """Replace what moto does for protocol `lambda`: an event with constants for its fields."""
    subscription = sns_models.Subscription
    publish = subscription.publish

    def publish_to(self: Any, message: str, message_id: str, *rest: Any, **named: Any) -> None:
        if self.protocol != "lambda":
            publish(self, message, message_id, *rest, **named)
            return
        _publish_to_function(self, message, message_id, *rest, **named)

    subscription.publish = publish_to


def _publish_to_function(
    subscription: Any,
    message: str,
    message_id: str,
    subject: str | None = None,
    message_attributes: dict[str, Any] | None = None,
    group_id: str | None = None,
    deduplication_id: str | None = None,
    message_structure: str | None = None,
) -> None:
    matcher = subscription._filter_policy_matcher
    if matcher is not None and not matcher.matches(message_attributes, message):
        return
    if message_structure == "json":
        message = subscription._parse_message_structure(message, "lambda")
    topic = subscription.topic_arn
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    sns = {
        "Type": "Notification",
        "MessageId": message_id,
        "TopicArn": topic,
        "Subject": subject,
        "Message": message,
        "Timestamp": now,
        "SignatureVersion": "1",
        "Signature": "EXAMPLE",
        "SigningCertUrl": "EXAMPLE",
        "UnsubscribeUrl": "EXAMPLE",
        "MessageAttributes": {
            name: {"Type": value["Type"], "Value": value["Value"]}
            for name, value in (message_attributes or {}).items()
        },
    }
    if not may_invoke(function_by_arn(subscription.endpoint), "sns.amazonaws.com", topic):
        redrive = json.loads(subscription.attributes.get("RedrivePolicy") or "{}")
        dead_letters.keep(redrive.get("deadLetterTargetArn"), "sns.amazonaws.com", topic, sns)
        return
    record = {
        "EventVersion": "1.0",
        "EventSource": "aws:sns",
        "EventSubscriptionArn": subscription.arn,
        "Sns": sns,
    }
    invoke_asynchronously(subscription.endpoint, {"Records": [record]})
