"""The script of a service that refuses a plan of Terraform which would delete data."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from generator.packs import BUILT_IN

SCRIPT = Path(BUILT_IN) / "providers/aws/tools/terraform/project/scripts/check_plan.py"


def change(address: str, actions: list[str], **before: Any) -> dict[str, Any]:
    """As `terraform show -json` tells it."""
    kind = address.split(".")[-2]
    return {"address": address, "type": kind, "change": {"actions": actions, "before": before}}


QUEUE = change("module.failures_a.aws_sqs_queue.this", ["delete"], id="https://sqs/a-failed")
TABLE = change("aws_dynamodb_table.t", ["delete", "create"], id="orders-t-dev")
BUCKET = change("aws_s3_bucket.b", ["delete"], id="orders-b-dev-1")
POLICY = change("aws_s3_bucket_policy.b", ["delete"], id="x", bucket="orders-b-dev-1")
OTHER = change("aws_s3_bucket_policy.c", ["delete"], id="y", bucket="orders-c-dev-1")
NOTIFIES = change("aws_s3_bucket_notification.b", ["delete"], id="x", bucket="orders-b-dev-1")
LOGS = change("aws_cloudwatch_log_group.a", ["delete"], id="/aws/lambda/a", skip_destroy=True)
ROLE = change("aws_iam_role.a", ["delete"], id="a")
GROWS = change("aws_sqs_queue.q", ["update"], id="https://sqs/q")


def check_plan(changes: list[dict[str, Any]], data: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT, data],
        input=json.dumps({"resource_changes": changes}),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("lost", [QUEUE, TABLE, BUCKET])
def test_what_would_delete_data_is_refused_and_named(lost: dict[str, Any]) -> None:
    done = check_plan([lost, ROLE])
    assert done.returncode == 1
    assert lost["address"] in done.stderr
    assert lost["change"]["before"]["id"] in done.stderr
    assert "DATA=delete" in done.stderr
    assert "aws_iam_role" not in done.stderr
    assert ("creates it anew" in done.stderr) == (lost is TABLE)


def test_the_rest_of_a_plan_is_fine() -> None:
    assert check_plan([LOGS, ROLE, GROWS, NOTIFIES, OTHER]).returncode == 0


def test_data_goes_if_one_says_so() -> None:
    assert check_plan([QUEUE, BUCKET], "delete").returncode == 0


def test_a_bucket_is_kept_with_its_settings() -> None:
    done = check_plan([POLICY, OTHER, BUCKET, NOTIFIES, LOGS, ROLE], "keep")
    assert done.returncode == 0
    assert done.stdout.split() == [POLICY["address"], BUCKET["address"]]


def test_another_word_is_refused() -> None:
    done = check_plan([], "delte")
    assert done.returncode == 1
    assert "DATA=delte" in done.stderr
