"""Buckets that CloudFormation makes: moto forgets most of what the template says of them."""

from __future__ import annotations

from typing import Any

from moto.s3.models import FakeBucket

from tools.aws_local.server.context import Context


def install(context: Context) -> None:
    """Have public access, versioning and lifecycle be as the template says."""
    plain_create = FakeBucket.create_from_cloudformation_json

    def create(
        cls: type[FakeBucket],
        resource_name: str,
        cloudformation_json: Any,
        account_id: str,
        region_name: str,
        /,
        **more: Any,
    ) -> FakeBucket:
        bucket = plain_create(resource_name, cloudformation_json, account_id, region_name, **more)
        s3 = context.client("s3", region_name)
        configure(s3, resource_name, cloudformation_json.get("Properties", {}))
        return bucket

    FakeBucket.create_from_cloudformation_json = classmethod(create)


def configure(s3: Any, name: str, properties: dict[str, Any]) -> None:
    if public := properties.get("PublicAccessBlockConfiguration"):
        answer = {key: str(value).lower() == "true" for key, value in public.items()}
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=answer)
    if versioning := properties.get("VersioningConfiguration"):
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=versioning)
    if lifecycle := properties.get("LifecycleConfiguration"):
        rules = [api_rule(rule) for rule in lifecycle["Rules"]]
        s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})


def api_rule(rule: dict[str, Any]) -> dict[str, Any]:
    """CloudFormation's words for a lifecycle rule are not quite the API's."""
    known = {"ID": rule["Id"], "Status": rule["Status"], "Filter": {"Prefix": ""}}
    numbers = {
        "AbortIncompleteMultipartUpload": "DaysAfterInitiation",
        "NoncurrentVersionExpiration": "NoncurrentDays",
    }
    return known | {
        name: {field: int(rule[name][field])} for name, field in numbers.items() if name in rule
    }
