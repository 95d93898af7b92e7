"""Policies that refuse plain HTTP do not refuse this server's own: every call is taken for TLS.

moto evaluates a bucket's policy without such conditions and would refuse everything.
"""

from __future__ import annotations

from typing import Any

from moto.iam.access_control import IAMPolicyStatement, PermissionResult


def install() -> None:
    evaluate = IAMPolicyStatement.is_action_permitted

    def is_action_permitted(self: Any, *arguments: Any, **named: Any) -> Any:
        tests = self._statement.get("Condition", {}).get("Bool", {})
        if str(tests.get("aws:SecureTransport")).lower() == "false":
            return PermissionResult.NEUTRAL
        return evaluate(self, *arguments, **named)

    IAMPolicyStatement.is_action_permitted = is_action_permitted
