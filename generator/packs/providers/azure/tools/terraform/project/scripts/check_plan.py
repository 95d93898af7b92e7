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
    "azurerm_cosmosdb_account",
    "azurerm_cosmosdb_sql_container",
    "azurerm_cosmosdb_sql_database",
    "azurerm_eventhub",
    "azurerm_eventhub_namespace",
    "azurerm_key_vault",
    "azurerm_log_analytics_workspace",
    "azurerm_resource_group",  # all of these are in it
    "azurerm_servicebus_namespace",
    "azurerm_servicebus_queue",
    "azurerm_servicebus_subscription",
    "azurerm_servicebus_topic",
    "azurerm_storage_account",
    "azurerm_storage_container",
    "azurerm_storage_queue",
)
Change = dict[str, Any]


def main() -> int:
    data = sys.argv[1] if len(sys.argv) > 1 else ""
    if data not in ("", "keep", "delete"):
        sys.exit(f"DATA={data} is not known: there is DATA=delete")
    changes: list[Change] = json.load(sys.stdin).get("resource_changes", [])
    holders = [change for change in changes if loses_data(change)]
    if data == "keep":
        sys.stdout.writelines(f"{change['address']}\n" for change in holders)
        return 0
    return refuse(holders) if holders and data != "delete" else 0


def loses_data(change: Change) -> bool:
    """Whether something that holds data is deleted, be it for a new one in its place."""
    return change["type"] in HOLD_DATA and "delete" in change["change"]["actions"]


def refuse(holders: list[Change]) -> int:
    print("\nNothing is deployed, because this plan deletes what holds data:", file=sys.stderr)
    for holder in holders:
        change = holder["change"]
        anew = " and creates it anew" if "create" in change["actions"] else ""
        print(f"  {holder['address']}: {change['before']['name']}{anew}", file=sys.stderr)
    addresses = (holder["address"] for holder in holders)
    command = " ".join(["terraform", "-chdir=infra", "state", "rm", *map(shlex.quote, addresses)])
    print(
        f"\nTo keep it, and have Terraform forget it, run this and deploy again:\n  {command}\n"
        "What is created anew has the same name, so rename or remove the old one before.\n\n"
        "To delete it for good: make deploy DATA=delete STAGE=...",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
