"""Messages of an SQS queue: the batch is taken apart, and what failed is reported back."""

from __future__ import annotations

import os
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.typing import LambdaContext

from . import logic

logger = Logger(service="billing")
idempotency = IdempotencyConfig(expires_after_seconds=24 * 60 * 60)
store = DynamoDBPersistenceLayer(table_name=os.environ["IDEMPOTENCY_TABLE"])
# A batch of which all failed is a report like any other, and no error of the function.
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Process every message; SQS keeps those that failed and deletes the others.

    A failed one comes again until it was received often enough for the dead-letter queue. Without
    this report, one poison message would bring the whole batch back.
    """
    idempotency.register_lambda_context(context)
    return process_partial_response(
        event=event, record_handler=_process, processor=processor, context=context
    )


def _process(record: SQSRecord) -> None:
    details = {
        "message_id": record.message_id,
        "receive_count": int(record.attributes.approximate_receive_count),
    }
    try:
        message = record.json_body
        if not isinstance(message, dict):
            raise TypeError("the message is not a JSON object")
        process(message, message_id=record.message_id)
    except Exception:
        logger.exception("message failed", extra=details)
        raise
    logger.info("message processed", extra=details)


@idempotent_function(  # type: ignore[untyped-decorator]
    data_keyword_argument="message_id", config=idempotency, persistence_store=store
)
def process(message: dict[str, Any], *, message_id: str) -> None:
    """Process one message, unless it was processed in the last 24 hours."""
    logic.process(message, message_id=message_id)
