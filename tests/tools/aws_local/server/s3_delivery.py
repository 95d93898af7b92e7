"""Bucket notifications: to functions and to EventBridge.

Source: "Event message structure" and "EventBridge event message structure" in the Amazon S3 User
Guide. moto swallows every error on this path and sends EventBridge a shape of its own.
"""

from __future__ import annotations

import urllib.parse
import uuid
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import moto.events.models as events_models
from moto.s3 import notifications
from moto.s3 import responses as s3_responses

from tools.aws_local.server.context import note
from tools.aws_local.server.execution import function_by_arn, invoke_asynchronously
from tools.aws_local.server.permissions import may_invoke

_SEQUENCER = "0055AED6DCD90281E5"
_REASONS = {
    "s3:ObjectCreated:Put": "PutObject",
    "s3:ObjectCreated:Post": "POST Object",
    "s3:ObjectCreated:Copy": "CopyObject",
    "s3:ObjectCreated:CompleteMultipartUpload": "CompleteMultipartUpload",
    "s3:ObjectRemoved:Delete": "DeleteObject",
}


def install() -> None:
    """Replace moto's event, its call of a function and its event for EventBridge."""
    plain_event = notifications._get_s3_event

    def get_s3_event(event_name: str, bucket: Any, key: Any, notification_id: str) -> Any:
        event = plain_event(event_name, bucket, key, notification_id)
        [record] = event["Records"]
        record["userIdentity"] = {"principalId": "EXAMPLE"}
        record["requestParameters"] = {"sourceIPAddress": "127.0.0.1"}
        record["responseElements"] = {"x-amz-request-id": "EXAMPLE", "x-amz-id-2": "EXAMPLE"}
        record["s3"]["bucket"]["ownerIdentity"] = {"principalId": "EXAMPLE"}
        # moto quotes the slashes of a key too, S3 does not.
        record["s3"]["object"]["key"] = urllib.parse.quote_plus(key.name, safe="/*")
        record["s3"]["object"]["sequencer"] = _SEQUENCER
        return event

    def invoke_function(account_id: str, event: Any, arn: str, region_name: str) -> None:
        source = event["Records"][0]["s3"]["bucket"]["arn"]
        try:
            function = function_by_arn(arn)
        except Exception as error:  # moto's "unknown function" has no common class
            note(f"NOT DELIVERED: {arn}: {error}")
            return
        if may_invoke(function, "s3.amazonaws.com", source):
            invoke_asynchronously(arn, event)

    def send_to_event_bridge(account_id: str, bucket: Any, event_name: str, key: Any) -> None:
        event = event_bridge_event(account_id, bucket, event_name, key)
        bus = events_models.events_backends[account_id][bucket.region_name].event_buses["default"]
        for rule in list(bus.rules.values()):
            rule.send_to_targets(event)

    _answer_with_event_bridge()
    notifications._get_s3_event = get_s3_event
    notifications._invoke_awslambda = invoke_function
    notifications._send_event_bridge_message = send_to_event_bridge


def _answer_with_event_bridge() -> None:
    """Have GetBucketNotificationConfiguration tell of EventBridge, which Terraform compares."""
    plain = s3_responses.S3Response.get_bucket_notification

    def get_bucket_notification(self: Any) -> Any:
        status, headers, body = plain(self)
        settings = self.backend.get_bucket_notification_configuration(self.bucket_name)
        if settings is None or settings.event_bridge is None:
            return status, headers, body
        root = ElementTree.fromstring(body)
        namespace = "".join(root.tag.rpartition("}")[:2])
        ElementTree.SubElement(root, f"{namespace}EventBridgeConfiguration")
        return status, headers, ElementTree.tostring(root)

    s3_responses.S3Response.get_bucket_notification = get_bucket_notification


def event_bridge_event(account: str, bucket: Any, event_name: str, key: Any) -> dict[str, Any]:
    """What S3 sends to EventBridge for one object."""
    item = {"key": key.name, "size": key.size, "etag": key.etag.strip('"')}
    if bucket.is_versioned:
        item["version-id"] = key.version_id
    now = datetime.now(UTC).timestamp()
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": notifications._detail_type(event_name),
        "source": "aws.s3",
        "account": account,
        "time": now,
        "ingestion-time": now,  # moto's input transformer asks for it; functions do not get it
        "region": bucket.region_name,
        "resources": [bucket.arn],
        "detail": {
            "version": "0",
            "bucket": {"name": bucket.name},
            "object": {**item, "sequencer": _SEQUENCER},
            "request-id": "EXAMPLE",
            "requester": account,
            "source-ip-address": "127.0.0.1",
            "reason": _REASONS.get(event_name, event_name.split(":")[1]),
        },
    }
