"""Event source mappings of an alias: they stay with the alias, whatever version it points to.

Source: `FunctionName` of "CreateEventSourceMapping" in the AWS Lambda API Reference, which takes
the ARN of an alias, or `name:alias`. moto resolves it to that of a version, once, when the
mapping is made.
"""

from __future__ import annotations

from typing import Any

from moto.awslambda.models import LambdaBackend

UNQUALIFIED = 7  # arn:aws:lambda:REGION:ACCOUNT:function:NAME


def install() -> None:
    plain_create = LambdaBackend.create_event_source_mapping
    plain_update = LambdaBackend.update_event_source_mapping

    def create(self: Any, spec: dict[str, Any]) -> Any:
        return _invoking(plain_create(self, spec), spec)

    def update(self: Any, uuid: str, spec: dict[str, Any]) -> Any:
        return _invoking(plain_update(self, uuid, spec), spec)

    LambdaBackend.create_event_source_mapping = create
    LambdaBackend.update_event_source_mapping = update


def _invoking(mapping: Any, spec: dict[str, Any]) -> Any:
    """With the qualifier that was asked for, if any: `name:alias`, or a whole ARN."""
    parts = spec.get("FunctionName", "").split(":")
    if mapping and len(parts) in (2, UNQUALIFIED + 1):
        function = mapping.function_arn.split(":")[:UNQUALIFIED]
        mapping.function_arn = ":".join([*function, parts[-1]])
    return mapping
