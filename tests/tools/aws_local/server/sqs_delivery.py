"""SQS to Lambda: batches, partial batch responses and redrive, within the sender's call.

Source: "Using Lambda with Amazon SQS" in the AWS Lambda Developer Guide. What differs: messages
are delivered when they are sent (all of one `SendMessageBatch` together, as far as BatchSize
lets), with no polling and no batching window; a failed message is visible again at once and not
after the visibility timeout, so a poison message has gone to its dead-letter queue when the
sender's call returns. Without a redrive policy a failed message is tried once and stays in the
queue until the next one is sent. Filter criteria and maximum concurrency are ignored.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
import traceback
from collections.abc import Iterator
from typing import Any

import moto.sqs.models as sqs_models

from tools.aws_local.partial_batch import failed_ids
from tools.aws_local.server.context import note
from tools.aws_local.server.execution import Executor, function_by_arn


class Delivery:
    """Delivers what is in a queue to its functions; one delivery a queue at a time."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._lock = threading.Lock()
        self._busy: set[str] = set()
        self._again: set[str] = set()
        self._thread = threading.local()

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Messages that this thread sends meanwhile wait for an explicit `run`."""
        self._thread.held = True
        try:
            yield
        finally:
            self._thread.held = False

    def run(self, queue: Any) -> None:
        """Deliver until nothing is left to deliver.

        A function that sends to its own queue, or a second sender, finds the queue busy: its
        message is delivered by the run under way.
        """
        if getattr(self._thread, "held", False):
            return
        with self._lock:
            self._again.add(queue.queue_arn)
            if queue.queue_arn in self._busy:
                return
            self._busy.add(queue.queue_arn)
        try:
            while self._wanted(queue.queue_arn):
                self._drain(queue)
        except Exception:  # the sender of a message never sees its consumer's troubles
            note(f"NOT DELIVERED: {queue.queue_arn}\n{traceback.format_exc()}")
            with self._lock:
                self._busy.discard(queue.queue_arn)

    def _wanted(self, queue_arn: str) -> bool:
        with self._lock:
            if queue_arn in self._again:
                self._again.remove(queue_arn)
                return True
            self._busy.discard(queue_arn)
            return False

    def _drain(self, queue: Any) -> None:
        backend = sqs_models.sqs_backends[queue.account_id][queue.region]
        stuck: list[Any] = []
        for mapping in list(queue.lambda_event_source_mappings.values()):
            while mapping.enabled and self._deliver_batch(backend, queue, mapping, stuck):
                pass
        for message in stuck:
            backend.change_message_visibility(queue.name, message.receipt_handle, 0)

    def _deliver_batch(self, backend: Any, queue: Any, mapping: Any, stuck: list[Any]) -> bool:
        visibility = int(queue.visibility_timeout)
        size = mapping.batch_size
        messages = backend.receive_message(queue.name, size, 0, visibility, ["All"])
        if not messages:
            return False
        for message in self._failed(queue, mapping, messages):
            messages.remove(message)
            if queue.dead_letter_queue is None:
                stuck.append(message)
            else:
                backend.change_message_visibility(queue.name, message.receipt_handle, 0)
        for message in messages:
            backend.delete_message(queue.name, message.receipt_handle)
        return True

    def _failed(self, queue: Any, mapping: Any, messages: list[Any]) -> list[Any]:
        event = {"Records": [_record(queue, message) for message in messages]}
        function = function_by_arn(mapping.function_arn)
        result = self._executor.run(function, json.dumps(event).encode())
        if result.failed:
            return list(messages)
        if "ReportBatchItemFailures" not in (mapping.function_response_types or []):
            return []
        failed = failed_ids(result.payload, [message.id for message in messages])
        return [message for message in messages if message.id in failed]


def _record(queue: Any, message: Any) -> dict[str, Any]:
    attributes = {
        "ApproximateReceiveCount": str(message.approximate_receive_count),
        "SentTimestamp": str(message.sent_timestamp),
        "SenderId": message.sender_id,
        "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
    }
    if queue.fifo_queue:
        attributes["MessageGroupId"] = message.group_id
        attributes["MessageDeduplicationId"] = message.deduplication_id
        attributes["SequenceNumber"] = message.sequence_number
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": attributes,
        "messageAttributes": {
            name: {
                "stringValue": value.get("StringValue"),
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": value["DataType"],
            }
            for name, value in message.message_attributes.items()
        },
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue.queue_arn,
        "awsRegion": queue.region,
    }


def install(delivery: Delivery) -> None:
    """Replace moto's delivery, which is one message at a time and knows no partial failure."""
    queue_class, backend_class = sqs_models.Queue, sqs_models.SQSBackend
    send_batch, described = backend_class.send_message_batch, queue_class.attributes.fget

    def add_message(self: Any, message: Any) -> None:
        if _is_duplicate(self, message):
            return
        with self._messages_lock:
            self._messages.append(message)
            self._messages_lock.notify_all()
        if message.delayed:
            seconds = message.delayed_until / 1000 - time.time()
            later = threading.Timer(max(0.0, seconds) + 0.01, delivery.run, (self,))
            later.daemon = True
            later.start()
        else:
            delivery.run(self)

    def send_message_batch(self: Any, queue_name: str, entries: Any) -> Any:
        with delivery.held():
            result = send_batch(self, queue_name, entries)
        delivery.run(self.get_queue(queue_name))
        return result

    def attributes(self: Any) -> dict[str, Any]:
        # SQS returns the policy compact; Terraform compares it as text.
        result: dict[str, Any] = described(self)
        if result.get("RedrivePolicy"):
            policy = json.loads(result["RedrivePolicy"])
            result["RedrivePolicy"] = json.dumps(policy, separators=(",", ":"))
        return result

    queue_class.add_message = add_message
    queue_class.attributes = property(attributes)
    backend_class.send_message_batch = send_message_batch


def _is_duplicate(queue: Any, message: Any) -> bool:
    """Whether a FIFO queue has had the message within five minutes."""
    if not queue.fifo_queue or not message.deduplication_id:
        return False
    oldest = message.sent_timestamp - sqs_models.DEDUPLICATION_TIME_IN_SECONDS * 1000
    return any(
        known.deduplication_id == message.deduplication_id and known.sent_timestamp > oldest
        for known in queue._messages
    )
