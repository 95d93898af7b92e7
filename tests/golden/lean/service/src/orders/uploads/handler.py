"""Events of an S3 bucket: one object a record."""

from __future__ import annotations

import functools
import logging

from . import logic

TYPE_CHECKING = False  # `typing` costs 3 ms of every cold start; type checkers know this name
if TYPE_CHECKING:
    from typing import Any

    from mypy_boto3_s3 import S3Client

logger = logging.getLogger(__name__)


def handler(event: dict[str, Any], context: object) -> list[dict[str, Any]]:
    """Process the objects that the event is about.

    A failure is raised, not caught: Lambda then tries the event twice more, counts the errors for
    the alarm, and puts the event into the queue of failed ones.
    """
    return [_process(record) for record in event["Records"]]


def _process(record: dict[str, Any]) -> dict[str, Any]:
    bucket = record["s3"]["bucket"]["name"]
    key = _decode(record["s3"]["object"]["key"])
    result = logic.process(
        bucket=bucket,
        key=key,
        size=record["s3"]["object"].get("size"),
        event=record["eventName"],
        read=functools.partial(read, bucket, key),
    )
    logger.info("object processed", extra={"bucket": bucket, "key": key})
    return result


def _decode(key: str) -> str:
    """S3 encodes keys as HTML forms do: `in+box/caf%C3%A9.txt` is `in box/café.txt`."""
    if "+" not in key and "%" not in key:
        return key
    from urllib.parse import unquote_plus  # takes milliseconds to import, and few keys need it

    return unquote_plus(key)


def read(bucket: str, key: str) -> bytes:
    """The object's content."""
    return _client().get_object(Bucket=bucket, Key=key)["Body"].read()


@functools.cache
def _client() -> S3Client:
    """One client for all invocations; boto3 takes 0.4 s to import, so only what reads pays."""
    import boto3

    return boto3.client("s3")
