"""Messages of an SQS queue: the batch is taken apart, and what failed is reported back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from .. import _idempotency
from . import logic

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger(service="billing")


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Process every message; SQS keeps those that failed and deletes the others.

    A failed one comes again until it was received often enough for the dead-letter queue. Without
    this report, one poison message would bring the whole batch back.
    """
    process = _idempotency.once(logic.process, key="message_id", context=context)
    failed = [record["messageId"] for record in event["Records"] if not _process(record, process)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _process(record: dict[str, Any], process: Callable[..., object]) -> bool:
    """Whether the message was processed. A failure is logged with what is needed to find it."""
    details = {
        "message_id": record["messageId"],
        "receive_count": record.get("attributes", {}).get("ApproximateReceiveCount"),
    }
    try:
        message = json.loads(record["body"])
        if not isinstance(message, dict):
            raise TypeError("the message is not a JSON object")
        process(message, message_id=record["messageId"])
    except Exception:
        logger.exception("message failed", extra=details)
        return False
    logger.info("message processed", extra=details)
    return True
