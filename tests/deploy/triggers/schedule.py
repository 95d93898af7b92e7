"""A schedule, fired by the test: moto has no time."""

from __future__ import annotations

from typing import Any

from deploy.deployed import Deployed
from deploy.effect import function_in, grants
from tools.aws_local import LocalAws

FUNCTIONS = ("schedule=nightly",)
SETTINGS = ()


def effect(aws: LocalAws) -> dict[str, object]:
    return {"schedules": schedules(aws)}


def schedules(aws: LocalAws) -> dict[str, Any]:
    client = aws.client("scheduler")
    found = {}
    for summary in client.list_schedules()["Schedules"]:
        schedule = client.get_schedule(Name=summary["Name"], GroupName=summary["GroupName"])
        target = schedule["Target"]
        found[summary["Name"]] = {
            "expression": schedule["ScheduleExpression"],
            "timezone": schedule.get("ScheduleExpressionTimezone"),
            "state": schedule["State"],
            "function": function_in(target["Arn"]),
            "retries": target.get("RetryPolicy"),
            "dead_letters_to": target.get("DeadLetterConfig", {}).get("Arn"),
            "input": target.get("Input"),
            "may": grants(aws, target["RoleArn"]),
        }
    return found


def check_the_schedule_runs_its_function(deployed: Deployed) -> None:
    schedule = deployed.aws.client("scheduler").get_schedule(Name="orders-nightly-dev")
    assert schedule["ScheduleExpression"] == "rate(1 day)"
    assert function_in(schedule["Target"]["Arn"]) == "orders-nightly-dev"
    deployed.aws.fire_schedule("orders-nightly-dev")
    deployed.aws.fire_schedule("orders-nightly-dev")  # the same run once more does no harm
    [*_, record] = [r for r in deployed.records("nightly") if r.get("scheduled")]
    assert record["scheduled"] == "2025-11-27T03:00:00Z"
    assert deployed.waiting("orders-nightly-dev-failed") == []
