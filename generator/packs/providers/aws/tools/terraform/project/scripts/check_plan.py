"""Refuses a plan of Terraform that would delete what holds data. `make deploy` runs it.

Usage: terraform show -json PLAN | check_plan.py [DATA]. With `delete`, everything goes; with `keep`,
the addresses of what must leave the state to be kept are printed, each on a line.
"""

from __future__ import annotations

import json
import shlex
import sys
from typing import Any

HOLD_DATA = (
    "aws_cloudwatch_log_group",
    "aws_dynamodb_table",
    "aws_kinesis_stream",
    "aws_s3_bucket",
    "aws_secretsmanager_secret",
    "aws_sqs_queue",
)
Change = dict[str, Any]


def main() -> int:
    data = sys.argv[1] if len(sys.argv) > 1 else ""
    if data not in ("", "keep", "delete"):
        sys.exit(f"DATA={data} is not known: there is DATA=delete")
    changes: list[Change] = json.load(sys.stdin).get("resource_changes", [])
    if data == "delete":
        return 0
    holders = [change for change in changes if loses_data(change)]
    kept = [
        change["address"]
        for change in changes
        if change in holders or any(is_setting(change, holder) for holder in holders)
    ]
    if data == "keep":
        sys.stdout.writelines(f"{address}\n" for address in kept)
        return 0
    return refuse(holders, kept) if holders else 0


def loses_data(change: Change) -> bool:
    """Whether something that holds data is deleted, be it for a new one in its place."""
    deleted = change["type"] in HOLD_DATA and "delete" in change["change"]["actions"]
    return deleted and not change["change"]["before"].get("skip_destroy")


def is_setting(change: Change, holder: Change) -> bool:
    """Whether it is the policy, the encryption or the like of the holder: kept with it.

    A notification is not: it calls functions that are no more.
    """
    return (
        change["type"].startswith(f"{holder['type']}_")
        and not change["type"].endswith("_notification")
        and change["change"]["actions"] == ["delete"]
        and holder["change"]["before"]["id"] in change["change"]["before"].values()
    )


def refuse(holders: list[Change], kept: list[str]) -> int:
    print("\nNothing is deployed, because this plan deletes what holds data:", file=sys.stderr)
    for holder in holders:
        change = holder["change"]
        anew = " and creates it anew" if "create" in change["actions"] else ""
        print(f"  {holder['address']}: {change['before']['id']}{anew}", file=sys.stderr)
    command = " ".join(["terraform", "-chdir=infra", "state", "rm", *map(shlex.quote, kept)])
    print(
        f"\nTo keep it, and have Terraform forget it, run this and deploy again:\n  {command}\n"
        "What is created anew has the same name, so rename or remove the old one before.\n\n"
        "To delete it for good: make deploy DATA=delete STAGE=...",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
