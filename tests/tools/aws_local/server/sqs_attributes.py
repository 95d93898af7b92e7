"""SQS: a queue tells its redrive allow policy, and keeps its policy when another attribute is set.

Source: "SetQueueAttributes" in the Amazon SQS API Reference. moto takes the former without ever
telling it, and drops the latter.
"""

from __future__ import annotations

import json
from typing import Any

import moto.sqs.models as sqs_models


def install() -> None:
    queue = sqs_models.Queue
    told, set_attributes = queue.attributes.fget, queue._set_attributes

    def attributes(self: Any) -> dict[str, Any]:
        found: dict[str, Any] = told(self)
        allowed = getattr(self, "redrive_allow_policy", None)
        if allowed:
            text = allowed if isinstance(allowed, str) else json.dumps(allowed)
            found["RedriveAllowPolicy"] = text
        return found

    def set_some(self: Any, given: dict[str, Any], now: float | None = None) -> None:
        there = hasattr(self, "_policy_json") and "Policy" not in given
        set_attributes(self, {**given, "Policy": self.policy} if there else given, now)

    queue.attributes = property(attributes)
    queue._set_attributes = set_some
