"""Asynchronous invocation: retries, then the on-failure destination and the dead-letter queue.

Source: "How Lambda handles errors and retries with asynchronous invocation" and "Capturing
records of Lambda asynchronous invocations" in the AWS Lambda Developer Guide. Retries follow at
once (Lambda waits one minute, then two), and the sender's call returns when all is done, so that
a test sees the outcome without waiting.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from tools.aws_local.sandbox import Invocation
from tools.aws_local.server.context import Context, note
from tools.aws_local.server.execution import Executor, invoke_asynchronously

DEFAULT_RETRIES = 2


class AsynchronousInvoker:
    """Callable as `(function, payload)`."""

    def __init__(self, context: Context, executor: Executor) -> None:
        self._context = context
        self._executor = executor

    def __call__(self, function: Any, payload: bytes) -> None:
        settings = function.event_invoke_config[-1].config if function.event_invoke_config else {}
        attempts = 1 + int(settings.get("MaximumRetryAttempts", DEFAULT_RETRIES))
        for attempt in range(1, attempts + 1):
            result, count = self._executor.run(function, payload), attempt
            if not result.failed:
                break
        outcome = "OnFailure" if result.failed else "OnSuccess"
        destinations = settings.get("DestinationConfig") or {}
        target = (destinations.get(outcome) or {}).get("Destination")
        if target:
            record = invocation_record(function.function_arn, payload, result, count)
            self._send(function.region, target, record)
        queue = (function.kept.get("DeadLetterConfig") or {}).get("TargetArn")
        if queue and result.failed:
            self._dead_letter(function.region, queue, payload, result)

    def _send(self, region: str, target: str, record: dict[str, Any]) -> None:
        service = target.split(":")[2]
        if service == "sqs":
            sqs = self._context.client("sqs", region)
            url = sqs.get_queue_url(QueueName=target.rpartition(":")[2])["QueueUrl"]
            sqs.send_message(QueueUrl=url, MessageBody=json.dumps(record))
        elif service == "sns":
            sns = self._context.client("sns", region)
            sns.publish(TopicArn=target, Message=json.dumps(record))
        elif service == "lambda":
            invoke_asynchronously(target, record)
        else:
            note(f"NOT SENT: destinations of {service} are not emulated: {target}")

    def _dead_letter(self, region: str, target: str, payload: bytes, result: Invocation) -> None:
        message = _error_message(result)
        attributes = {
            "RequestID": {"DataType": "String", "StringValue": result.request_id},
            "ErrorCode": {"DataType": "Number", "StringValue": "200"},
            "ErrorMessage": {"DataType": "String", "StringValue": message[:1024]},
        }
        body = payload.decode()
        if target.split(":")[2] == "sns":
            sns = self._context.client("sns", region)
            sns.publish(TopicArn=target, Message=body, MessageAttributes=attributes)
            return
        sqs = self._context.client("sqs", region)
        url = sqs.get_queue_url(QueueName=target.rpartition(":")[2])["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=attributes)


def invocation_record(arn: str, payload: bytes, result: Invocation, count: int) -> dict[str, Any]:
    """The record that Lambda sends to a destination."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    response = {"statusCode": 200, "executedVersion": "$LATEST"}
    if result.failed:
        response["functionError"] = "Unhandled"
    return {
        "version": "1.0",
        "timestamp": now,
        "requestContext": {
            "requestId": result.request_id,
            "functionArn": f"{arn}:$LATEST",
            "condition": "RetriesExhausted" if result.failed else "Success",
            "approximateInvokeCount": count,
        },
        "requestPayload": json.loads(payload),
        "responseContext": response,
        "responsePayload": json.loads(result.payload or b"null"),
    }


def _error_message(result: Invocation) -> str:
    payload = json.loads(result.payload or b"null")
    text = payload.get("errorMessage") if isinstance(payload, dict) else None
    return str(text or "error")
