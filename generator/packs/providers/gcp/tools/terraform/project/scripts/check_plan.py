"""Refuses a plan of Terraform that would delete what holds data. `make deploy` runs it.

Usage: terraform show -json PLAN | check_plan.py [DATA]. With `delete`, data goes. With `keep`, and
then DATA, the addresses of what must leave the state to be kept are printed, each on a line.
"""

from __future__ import annotations

import json
import shlex
import sys
from typing import Any

Change = dict[str, Any]


def main() -> int:
    words = sys.argv[1:]
    keep = words[:1] == ["keep"]
    data = "".join(words[1:] if keep else words)
    if data not in ("", "delete"):
        sys.exit(f"DATA={data} is not known: there is DATA=delete")
    changes: list[Change] = json.load(sys.stdin).get("resource_changes", [])
    deleted = [change for change in changes if "delete" in change["change"]["actions"]]
    holders = [] if data else [change for change in deleted if holds_data(change)]
    kept = [change for change in deleted if change in holders or is_shared(change)]
    if keep:
        sys.stdout.writelines(f"{change['address']}\n" for change in kept)
        return 0
    return refuse(kept) if kept else 0


def holds_data(change: Change) -> bool:
    before = change["change"]["before"]
    match change["type"]:
        case "google_storage_bucket":
            # That of the archives may be emptied: they are built again.
            return not before.get("force_destroy")
        case "google_pubsub_subscription":
            # Messages wait in it until somebody takes them.
            return not before.get("push_config")
        case "google_firestore_database" | "google_pubsub_topic":
            return True
    return False


def is_shared(change: Change) -> bool:
    """Whether others in the project may need it: a role of Google's own account there."""
    return bool(change["address"] == "google_project_iam_member.storage_agent")


def refuse(kept: list[Change]) -> int:
    print("\nNothing is deployed, because this plan deletes what is to be kept:", file=sys.stderr)
    for each in kept:
        change = each["change"]
        anew = " and creates it anew" if "create" in change["actions"] else ""
        print(f"  {each['address']}: {said(each)}{anew}", file=sys.stderr)
    addresses = (each["address"] for each in kept)
    command = " ".join(["terraform", "-chdir=infra", "state", "rm", *map(shlex.quote, addresses)])
    print(
        f"\nTo keep it, and have Terraform forget it, run this and deploy again:\n  {command}\n"
        "What is created anew has the same name, so rename or remove the old one before.",
        file=sys.stderr,
    )
    if any(holds_data(each) for each in kept):
        print("\nTo delete data for good: make deploy DATA=delete STAGE=...", file=sys.stderr)
    return 1


def said(change: Change) -> str:
    before = change["change"]["before"]
    if is_shared(change):
        return f"{before['role']} of {before['member']}, which others in the project may need"
    return str(before["name"])


if __name__ == "__main__":
    sys.exit(main())
