"""Objects in a bucket that two functions share."""

from __future__ import annotations

import json
from typing import Any

from deploy.deployed import ACCOUNT, Deployed
from deploy.effect import function_in
from tools.aws_local import LocalAws

FUNCTIONS = ("s3=uploads", "s3=thumbnails")
SETTINGS = ("uploads.prefix=in/", "thumbnails.bucket=uploads", "thumbnails.prefix=out/")
BUCKET = f"orders-uploads-dev-{ACCOUNT}"


def effect(aws: LocalAws) -> dict[str, object]:
    return {"buckets": {BUCKET: bucket(aws, BUCKET)}}


def bucket(aws: LocalAws, name: str) -> dict[str, Any]:
    s3 = aws.client("s3")
    notifications = s3.get_bucket_notification_configuration(Bucket=name)
    encryption = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]
    return {
        "encryption": [
            rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"]
            for rule in encryption["Rules"]
        ],
        "public": s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"],
        "versioning": s3.get_bucket_versioning(Bucket=name)["Status"],
        "expires": [
            {
                "after_days": rule["NoncurrentVersionExpiration"]["NoncurrentDays"],
                "markers": rule.get("Expiration", {}).get("ExpiredObjectDeleteMarker", False),
            }
            for rule in s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
        ],
        "notifies": sorted(
            (
                {
                    "function": function_in(entry["LambdaFunctionArn"]),
                    "events": entry["Events"],
                    "filter": [
                        {"Name": rule["Name"].lower(), "Value": rule["Value"]}
                        for rule in entry.get("Filter", {}).get("Key", {}).get("FilterRules", [])
                    ],
                }
                for entry in notifications.get("LambdaFunctionConfigurations", [])
            ),
            key=lambda entry: str(entry["function"]),
        ),
    }


def check_an_uploaded_object_reaches_the_function_of_its_prefix(deployed: Deployed) -> None:
    key = "in/a b+c é.txt"
    s3 = deployed.aws.client("s3")
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    assert key in [record.get("key") for record in deployed.records("uploads")]
    assert deployed.records("thumbnails") == []


def check_an_event_that_fails_is_kept(deployed: Deployed) -> None:
    """Asynchronous events are tried again and then put into the function's failure queue."""
    deployed.aws.client("lambda").invoke(
        FunctionName="orders-uploads-dev",
        InvocationType="Event",
        Payload=json.dumps({"Records": [{"eventSource": "garbage"}]}).encode(),
    )
    [kept] = deployed.waiting("orders-uploads-dev-failed")
    assert "garbage" in kept
