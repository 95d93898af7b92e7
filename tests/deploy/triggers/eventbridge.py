"""Events of the account's own bus and of another one that is there already."""

from __future__ import annotations

import json
from typing import Any

from deploy.breaking import failing, unreachable
from deploy.deployed import Deployed
from deploy.effect import function_in, in_order
from tools.aws_local import LocalAws

FUNCTIONS = ("eventbridge=billing", "eventbridge=shipping")
SETTINGS = (
    "shipping.bus=warehouse",
    'shipping.pattern={"source": ["warehouse"], "detail": {"state": [{"prefix": "pack"}, "sent"]}}',
)


def prepare(deployed: Deployed) -> None:
    deployed.aws.client("events").create_event_bus(Name="warehouse")


def effect(aws: LocalAws) -> dict[str, object]:
    return {"rules": {bus: rules(aws, bus) for bus in ("default", "warehouse")}}


def rules(aws: LocalAws, bus: str) -> dict[str, Any]:
    events = aws.client("events")
    return {
        rule["Name"]: {
            "pattern": in_order(json.loads(rule["EventPattern"])),
            "state": rule["State"],
            "targets": [
                {
                    "function": function_in(target["Arn"]),
                    "retries": in_order(target["RetryPolicy"]),
                    "undelivered_to": target["DeadLetterConfig"]["Arn"],
                    "input": target.get("Input"),
                }
                for target in events.list_targets_by_rule(Rule=rule["Name"], EventBusName=bus)[
                    "Targets"
                ]
            ],
        }
        for rule in events.list_rules(EventBusName=bus)["Rules"]
    }


def put(deployed: Deployed, source: str, bus: str = "default", **detail: object) -> str:
    """The event's id, which the function logs."""
    entry = {
        "Source": source,
        "DetailType": "Something happened",
        "Detail": json.dumps(detail),
        "EventBusName": bus,
    }
    return str(deployed.aws.client("events").put_events(Entries=[entry])["Entries"][0]["EventId"])


def processed(deployed: Deployed, function: str) -> list[str]:
    return [r["event_id"] for r in deployed.records(function) if "event_id" in r]


def check_only_events_that_match_the_pattern_reach_the_function(deployed: Deployed) -> None:
    put(deployed, "others", order=1)
    matching = put(deployed, "orders", order=2)
    assert processed(deployed, "billing") == [matching]


def check_events_of_another_bus(deployed: Deployed) -> None:
    put(deployed, "warehouse", state="packed")
    put(deployed, "warehouse", "warehouse", state="lost")
    put(deployed, "orders", "warehouse", state="sent")
    packed = put(deployed, "warehouse", "warehouse", state="packed")
    sent = put(deployed, "warehouse", "warehouse", state="sent")
    assert processed(deployed, "shipping") == [packed, sent]


def check_an_event_that_the_function_fails_on_is_kept(deployed: Deployed) -> None:
    with failing(deployed, "billing"):
        event_id = put(deployed, "orders", order=3)
    [kept] = deployed.waiting("orders-billing-dev-failed")
    record = json.loads(kept)
    assert record["requestContext"]["approximateInvokeCount"] == 3
    assert record["requestPayload"]["id"] == event_id


def check_an_event_that_cannot_be_handed_over_is_kept(deployed: Deployed) -> None:
    with unreachable(deployed, "shipping"):
        event_id = put(deployed, "warehouse", "warehouse", state="sent")
    [kept] = deployed.waiting("orders-shipping-dev-failed")
    assert json.loads(kept)["id"] == event_id


def check_an_event_that_comes_twice(deployed: Deployed) -> None:
    """With Powertools it is processed once; else the logic is told the same id."""
    for _ in range(2):
        assert deployed.invoke("billing", "sample")
    times = 1 if deployed.variant == "powertools" else 2
    assert processed(deployed, "billing").count(deployed.event("billing", "sample")["id"]) == times
