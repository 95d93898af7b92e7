"""Properties that moto's stacks ignore: of functions, of their event sources and of buckets."""

from __future__ import annotations

import base64
from typing import Any

import moto.awslambda.models as lambda_models
import moto.s3.models as s3_models
from moto.cloudformation.exceptions import ValidationError

from tools.aws_local.server.context import Context


def install(context: Context) -> None:
    """Have all of a function's and what matters here of a bucket's properties applied."""
    _install_functions()
    _install_event_source_mappings()
    _install_buckets(context)


def _install_functions() -> None:
    function = lambda_models.LambdaFunction

    def create(
        cls: Any, /, name: str, declared: dict[str, Any], account: str, region: str, **_: Any
    ) -> Any:
        # moto passes seven properties on; without the others no layer, log format, architecture,
        # tracing or tag of a template would ever be seen.
        spec = {**declared["Properties"], "FunctionName": name}
        numbers = {key: int(spec[key]) for key in ("Timeout", "MemorySize") if key in spec}
        spec |= numbers
        if "Tags" in spec:
            spec["Tags"] = {tag["Key"]: tag["Value"] for tag in spec["Tags"]}
        if "EphemeralStorage" in spec:
            spec["EphemeralStorage"] = {"Size": int(spec["EphemeralStorage"]["Size"])}
        inline = spec["Code"].get("ZipFile")
        if inline is not None:
            archive = cls._create_zipfile_from_plaintext_code(inline)
            spec["Code"] = {"ZipFile": base64.b64encode(archive)}
        backend = lambda_models.lambda_backends[account][region]
        return backend.create_function(spec)

    function.create_from_cloudformation_json = classmethod(create)


def _install_event_source_mappings() -> None:
    mapping = lambda_models.EventSourceMapping
    plain = mapping.create_from_cloudformation_json.__func__

    def create(cls: Any, name: str, declared: dict[str, Any], *rest: Any, **named: Any) -> Any:
        properties = declared["Properties"]
        if "BatchSize" in properties:
            properties["BatchSize"] = int(properties["BatchSize"])
        if "Enabled" in properties:
            properties["Enabled"] = str(properties["Enabled"]).lower() == "true"
        return plain(cls, name, declared, *rest, **named)

    mapping.create_from_cloudformation_json = classmethod(create)


def _install_buckets(context: Context) -> None:
    bucket = s3_models.FakeBucket
    plain_create = bucket.create_from_cloudformation_json.__func__
    plain_update = bucket.update_from_cloudformation_json.__func__
    plain_delete = bucket.delete_from_cloudformation_json.__func__

    def configure(name: str, properties: dict[str, Any], region: str) -> None:
        client = context.client("s3", region)
        if "VersioningConfiguration" in properties:
            client.put_bucket_versioning(
                Bucket=name, VersioningConfiguration=properties["VersioningConfiguration"]
            )
        settings = notification_settings(properties.get("NotificationConfiguration") or {})
        client.put_bucket_notification_configuration(
            Bucket=name, NotificationConfiguration=settings
        )

    def create(
        cls: Any, /, name: str, declared: dict[str, Any], account: str, region: str, **named: Any
    ) -> Any:
        made = plain_create(cls, name, declared, account, region, **named)
        configure(made.name, declared.get("Properties", {}), region)
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
        configure(changed.name, properties, region_name)
        return changed

    def delete(cls: Any, name: str, declared: Any, account_id: str, region_name: str) -> None:
        # As in AWS; moto leaves the bucket where it is and says nothing.
        if context.client("s3", region_name).list_objects_v2(Bucket=name)["KeyCount"]:
            raise ValidationError(message=f"The bucket {name} is not empty")
        plain_delete(cls, name, declared, account_id, region_name)

    bucket.delete_from_cloudformation_json = classmethod(delete)
    bucket.create_from_cloudformation_json = classmethod(create)
    bucket.update_from_cloudformation_json = classmethod(update)


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
