"""Buckets that CloudFormation makes: moto forgets most of what the template says of them."""

from __future__ import annotations

from typing import Any

from moto.cloudformation.exceptions import ValidationError
from moto.s3.models import FakeBucket

from tools.aws_local.server.context import Context


def install(context: Context) -> None:
    """Have a bucket be as the template says, and stay while there is something in it."""
    bucket = FakeBucket
    plain_create = bucket.create_from_cloudformation_json.__func__
    plain_update = bucket.update_from_cloudformation_json.__func__
    plain_delete = bucket.delete_from_cloudformation_json.__func__

    def create(
        cls: Any, /, name: str, declared: dict[str, Any], account: str, region: str, **named: Any
    ) -> Any:
        made = plain_create(cls, name, declared, account, region, **named)
        configure(context.client("s3", region), made.name, declared.get("Properties", {}))
        return made

    def update(
        cls: Any,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> Any:
        properties = cloudformation_json["Properties"]
        # moto reads the name that a template need not give.
        properties.setdefault("BucketName", original_resource.name)
        changed = plain_update(
            cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name
        )
        configure(context.client("s3", region_name), changed.name, properties)
        return changed

    def delete(cls: Any, name: str, declared: Any, account_id: str, region_name: str) -> None:
        # As in AWS; moto leaves the bucket where it is and says nothing.
        if context.client("s3", region_name).list_objects_v2(Bucket=name)["KeyCount"]:
            raise ValidationError(message=f"The bucket {name} is not empty")
        plain_delete(cls, name, declared, account_id, region_name)

    bucket.delete_from_cloudformation_json = classmethod(delete)
    bucket.create_from_cloudformation_json = classmethod(create)
    bucket.update_from_cloudformation_json = classmethod(update)


def configure(s3: Any, name: str, properties: dict[str, Any]) -> None:
    """What moto forgets of the template."""
    if public := properties.get("PublicAccessBlockConfiguration"):
        answer = {key: str(value).lower() == "true" for key, value in public.items()}
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=answer)
    if versioning := properties.get("VersioningConfiguration"):
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=versioning)
    if lifecycle := properties.get("LifecycleConfiguration"):
        rules = [api_rule(rule) for rule in lifecycle["Rules"]]
        s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
    settings = notification_settings(properties.get("NotificationConfiguration") or {})
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=settings)


def api_rule(rule: dict[str, Any]) -> dict[str, Any]:
    """CloudFormation's words for a lifecycle rule are not quite the API's."""
    known: dict[str, Any] = {"ID": rule["Id"], "Status": rule["Status"], "Filter": {"Prefix": ""}}
    numbers = {
        "AbortIncompleteMultipartUpload": "DaysAfterInitiation",
        "NoncurrentVersionExpiration": "NoncurrentDays",
    }
    if str(rule.get("ExpiredObjectDeleteMarker")).lower() == "true":
        known["Expiration"] = {"ExpiredObjectDeleteMarker": True}
    return known | {
        name: {field: int(rule[name][field])} for name, field in numbers.items() if name in rule
    }


_TARGETS = {
    "LambdaConfigurations": ("LambdaFunctionConfigurations", "Function", "LambdaFunctionArn"),
    "QueueConfigurations": ("QueueConfigurations", "Queue", "QueueArn"),
    "TopicConfigurations": ("TopicConfigurations", "Topic", "TopicArn"),
}


def notification_settings(declared: dict[str, Any]) -> dict[str, Any]:
    """A template's NotificationConfiguration in the words of S3's API."""
    settings: dict[str, Any] = {}
    for key, (api_key, target, api_target) in _TARGETS.items():
        for entry in declared.get(key, []):
            item = {"Events": [entry["Event"]], api_target: entry[target]}
            if entry.get("Filter"):
                rules = entry["Filter"]["S3Key"]["Rules"]
                item["Filter"] = {"Key": {"FilterRules": rules}}
            settings.setdefault(api_key, []).append(item)
    bridge = declared.get("EventBridgeConfiguration")
    if bridge is not None and str(bridge.get("EventBridgeEnabled", True)).lower() == "true":
        settings["EventBridgeConfiguration"] = {}
    return settings
