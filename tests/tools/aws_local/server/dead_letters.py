"""The queue for events that SNS or EventBridge could not hand over, and its policy.

Source: "Amazon SNS dead-letter queues" in the Amazon SNS Developer Guide, "Using dead-letter queues
to process undelivered events" in the Amazon EventBridge User Guide. Both send as themselves, so
that the queue's policy must let them: a statement that is missing loses the event.
"""

from __future__ import annotations

import json
from typing import Any

from moto.sqs.models import sqs_backends

from tools.aws_local.server.context import note


def keep(queue_arn: str | None, service: str, source_arn: str, event: object) -> None:
    """Put the event into the queue, if there is one and it lets `service` send."""
    if not queue_arn:
        note(f"LOST: {source_arn} has no dead-letter queue")
        return
    _, _, _, region, account, name = queue_arn.split(":")
    backend = sqs_backends[account][region]
    policy = json.loads(backend.get_queue(name).policy or "{}")
    if not any(_allows(item, service, source_arn) for item in policy.get("Statement", [])):
        note(f"LOST: {name} does not let {service} send ({source_arn})")
        return
    backend.send_message(name, json.dumps(event))


def _allows(statement: dict[str, Any], service: str, source_arn: str) -> bool:
    condition = statement.get("Condition") or {}
    wanted = [
        value
        for operator in ("ArnEquals", "ArnLike", "StringEquals")
        for key, value in (condition.get(operator) or {}).items()
        if key.lower() == "aws:sourcearn"
    ]
    principal = statement.get("Principal")
    actions = str(statement["Action"]).lower()  # one or a list
    return (
        statement["Effect"] == "Allow"
        and isinstance(principal, dict)
        and principal.get("Service") == service
        and "sqs:sendmessage" in actions
        and wanted in ([source_arn], [[source_arn]])
    )
