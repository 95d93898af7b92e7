"""Properties that moto's stacks ignore: of tables, of streams and of what reads streams.

And the tags that CreateStream has, with which Terraform makes them.
"""

from __future__ import annotations

from typing import Any

import moto.awslambda.models as lambda_models
import moto.dynamodb.models.table as table_models
import moto.kinesis.models as kinesis_models
import moto.kinesis.responses as kinesis_responses

from tools.aws_local.server.cfn_model import boolean, typed
from tools.aws_local.server.context import Context

_NUMBERS = (
    "MaximumBatchingWindowInSeconds",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "ParallelizationFactor",
)


def install(context: Context) -> None:
    """Have encryption, backups and expiry of tables, mode and encryption of streams applied."""
    _install_tables(context)
    _install_streams(context)
    _install_tags_of_streams()
    _install_mappings()


def _install_tables(context: Context) -> None:
    table = table_models.Table
    plain = table.create_from_cloudformation_json.__func__

    def create(
        cls: Any, /, name: str, declared: dict[str, Any], account: str, region: str, **named: Any
    ) -> Any:
        properties = dict(declared["Properties"])
        if "SSESpecification" in properties:  # not called there as in the API
            encryption = dict(properties["SSESpecification"])
            encryption["Enabled"] = boolean(encryption.pop("SSEEnabled"))
            properties["SSESpecification"] = {"SSEType": "KMS", **encryption}
        made = plain(cls, name, {**declared, "Properties": properties}, account, region, **named)
        client = context.client("dynamodb", region)
        made.backups_are_enabled = True  # CloudFormation waits for them
        if "PointInTimeRecoverySpecification" in properties:
            backups = typed(
                properties["PointInTimeRecoverySpecification"],
                PointInTimeRecoveryEnabled=boolean,
                RecoveryPeriodInDays=int,
            )
            client.update_continuous_backups(
                TableName=name, PointInTimeRecoverySpecification=backups
            )
        if "TimeToLiveSpecification" in properties:
            expiry = typed(properties["TimeToLiveSpecification"], Enabled=boolean)
            client.update_time_to_live(TableName=name, TimeToLiveSpecification=expiry)
        return made

    table.create_from_cloudformation_json = classmethod(create)


def _install_streams(context: Context) -> None:
    stream = kinesis_models.Stream

    def create(
        cls: Any, /, name: str, declared: dict[str, Any], account: str, region: str, **_: Any
    ) -> Any:
        properties = dict(declared.get("Properties", {}))
        client = context.client("kinesis", region)
        mode = properties.get("StreamModeDetails", {"StreamMode": "PROVISIONED"})
        shards = {} if mode["StreamMode"] == "ON_DEMAND" else {"ShardCount": 1}
        if "ShardCount" in properties:
            shards = {"ShardCount": int(properties["ShardCount"])}
        tags = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}
        client.create_stream(StreamName=name, StreamModeDetails=mode, Tags=tags, **shards)
        hours = int(properties.get("RetentionPeriodHours", 24))
        if hours > 24:
            client.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=hours)
        if "StreamEncryption" in properties:
            client.start_stream_encryption(StreamName=name, **properties["StreamEncryption"])
        return kinesis_models.kinesis_backends[account][region].streams[name]

    stream.create_from_cloudformation_json = classmethod(create)


def _install_tags_of_streams() -> None:
    responses = kinesis_responses.KinesisResponse
    plain = responses.create_stream

    def create_stream(self: Any) -> Any:
        result = plain(self)
        tags = self._get_param("Tags") or {}
        self.kinesis_backend.streams[self._get_param("StreamName")].tags.update(tags)
        return result

    responses.create_stream = create_stream


def _install_mappings() -> None:
    mapping = lambda_models.EventSourceMapping
    create = mapping.create_from_cloudformation_json.__func__
    update = mapping.update_from_cloudformation_json.__func__

    def numbers(properties: dict[str, Any]) -> None:
        kinds: dict[str, Any] = dict.fromkeys(_NUMBERS, int)
        properties.update(typed(properties, **kinds, BisectBatchOnFunctionError=boolean))

    def created(cls: Any, name: str, declared: dict[str, Any], *rest: Any, **named: Any) -> Any:
        numbers(declared["Properties"])
        return create(cls, name, declared, *rest, **named)

    def updated(
        cls: Any,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        *rest: Any,
        **named: Any,
    ) -> Any:
        numbers(cloudformation_json["Properties"])
        return update(
            cls, original_resource, new_resource_name, cloudformation_json, *rest, **named
        )

    mapping.create_from_cloudformation_json = classmethod(created)
    mapping.update_from_cloudformation_json = classmethod(updated)
