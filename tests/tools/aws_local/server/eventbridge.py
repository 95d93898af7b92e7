"""EventBridge rules with functions as targets, which moto has not.

Source: "Events" and "Input transformation" in the Amazon EventBridge User Guide. Schedules never
fire by themselves (`LocalAws.fire_schedule` fires one). What could not be handed over goes to the
target's dead-letter queue at once, whatever its retry policy.
"""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any

import moto.events.models as events_models
from moto.events.utils import EventTemplateParser

from tools.aws_local.server import dead_letters
from tools.aws_local.server.execution import function_by_arn, invoke_asynchronously
from tools.aws_local.server.permissions import may_invoke


def install() -> None:
    """Add functions to the targets that moto knows; leave the others to it."""
    rule = events_models.Rule
    send = rule.send_to_targets

    def send_to_targets(self: Any, event: Any, transform_input: bool = True) -> None:
        pattern = self.event_pattern.get_pattern()
        # moto lets a disabled rule match, and one that has a schedule and no pattern match all.
        if self.state != "ENABLED" or not pattern or not self.event_pattern.matches_event(event):
            return
        for target in self.targets:
            if ":lambda:" in target["Arn"]:
                _deliver(self.arn, target, event)
        others = copy.copy(self)
        others.targets = [target for target in self.targets if ":lambda:" not in target["Arn"]]
        send(others, event, transform_input)

    rule.send_to_targets = send_to_targets


def _deliver(rule_arn: str, target: dict[str, Any], event: dict[str, Any]) -> None:
    if may_invoke(function_by_arn(target["Arn"]), "events.amazonaws.com", rule_arn):
        invoke_asynchronously(target["Arn"], target_input(target, event))
    else:
        queue = (target.get("DeadLetterConfig") or {}).get("Arn")
        shown = target_input({"Arn": target["Arn"]}, event)
        dead_letters.keep(queue, "events.amazonaws.com", rule_arn, shown)


def target_input(target: dict[str, Any], event: dict[str, Any]) -> Any:
    """What the target gets: its constant, its part or its transformation of the event."""
    if target.get("Input"):
        return json.loads(target["Input"])
    if target.get("InputTransformer"):
        transformer = target["InputTransformer"]
        return EventTemplateParser.parse(
            transformer["InputTemplate"], transformer.get("InputPathsMap", {}), event
        )
    shown = {key: value for key, value in event.items() if key != "ingestion-time"}
    if not isinstance(shown["time"], str):
        moment = datetime.fromtimestamp(float(shown["time"]), UTC)
        shown["time"] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    if target.get("InputPath"):
        part: Any = shown
        for name in target["InputPath"].removeprefix("$").strip(".").split("."):
            part = part[name] if name else part
        return part
    return shown
