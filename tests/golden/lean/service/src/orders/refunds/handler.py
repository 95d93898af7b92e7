"""Messages of an SQS queue: the batch is taken apart, and what failed is reported back."""

from __future__ import annotations

import json
import logging

from . import logic

TYPE_CHECKING = False  # `typing` costs 3 ms of every cold start; type checkers know this name
if TYPE_CHECKING:
    from typing import Any

logger = logging.getLogger(__name__)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Process every message; SQS keeps those that failed and deletes the others.

    A failed one comes again until it was received often enough for the dead-letter queue. Without
    this report, one poison message would bring the whole batch back.
    """
    failed = [record["messageId"] for record in event["Records"] if not _process(record)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _process(record: dict[str, Any]) -> bool:
    """Whether the message was processed. A failure is logged with what is needed to find it."""
    details = {
        "message_id": record["messageId"],
        "receive_count": record.get("attributes", {}).get("ApproximateReceiveCount"),
    }
    try:
        message = json.loads(record["body"])
        if not isinstance(message, dict):
            raise TypeError("the message is not a JSON object")
        logic.process(message, message_id=record["messageId"])
    except Exception:
        logger.exception("message failed", extra=details)
        return False
    logger.info("message processed", extra=details)
    return True
