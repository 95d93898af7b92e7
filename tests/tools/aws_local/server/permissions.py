"""A function's resource-based policy: who may invoke it.

IAM is not emulated otherwise. This one part is, because a forgotten `AWS::Lambda::Permission` is
a mistake that a template makes easily and that nothing else here would notice: the event is then
not delivered, and the server's log says why.
"""

from __future__ import annotations

import fnmatch
from typing import Any

from tools.aws_local.server.context import note


def may_invoke(function: Any, service: str, source_arn: str) -> bool:
    """Whether the policy lets `service` ("s3.amazonaws.com") invoke on behalf of the source."""
    if any(_allows(statement, service, source_arn) for statement in function.policy.statements):
        return True
    note(f"NOT DELIVERED: {function.function_name} does not let {service} invoke ({source_arn})")
    return False


def _allows(statement: dict[str, Any], service: str, source_arn: str) -> bool:
    principal = statement.get("Principal")
    if isinstance(principal, dict):
        principal = principal.get("Service")
    if statement.get("Effect") != "Allow" or principal not in (service, "*"):
        return False
    condition = statement.get("Condition") or {}
    wanted = (condition.get("ArnLike") or {}).get("AWS:SourceArn")
    return wanted is None or fnmatch.fnmatchcase(source_arn, wanted)
