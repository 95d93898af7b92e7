"""Event source mappings of an alias: they stay with the alias, whatever version it points to.

Source: `FunctionName` of "CreateEventSourceMapping" in the AWS Lambda API Reference, which takes
the ARN of an alias. moto resolves it to that of a version, once, when the mapping is made.
"""

from __future__ import annotations

from typing import Any

from moto.awslambda.models import LambdaBackend

QUALIFIED = 8  # arn:aws:lambda:REGION:ACCOUNT:function:NAME:ALIAS


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
    """With what was asked for, where that is a whole qualified ARN."""
    target = spec.get("FunctionName", "")
    if mapping and len(target.split(":")) == QUALIFIED:
        mapping.function_arn = target
    return mapping
