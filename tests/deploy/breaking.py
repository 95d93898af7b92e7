"""A deployed function that fails, or that nobody may invoke, while a check looks on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from deploy.deployed import Deployed


@contextmanager
def failing(deployed: Deployed, function: str) -> Iterator[None]:
    """Every invocation fails: the handler is not there."""
    client, name = deployed.aws.client("lambda"), f"orders-{function}-dev"
    handler = client.get_function_configuration(FunctionName=name)["Handler"]
    client.update_function_configuration(FunctionName=name, Handler=f"{handler}_that_is_missing")
    try:
        yield
    finally:
        client.update_function_configuration(FunctionName=name, Handler=handler)


@contextmanager
def unreachable(deployed: Deployed, function: str) -> Iterator[None]:
    """No service may invoke it: the statements of its policy are taken away for the time."""
    client, name = deployed.aws.client("lambda"), f"orders-{function}-dev"
    statements = json.loads(client.get_policy(FunctionName=name)["Policy"])["Statement"]
    for statement in statements:
        client.remove_permission(FunctionName=name, StatementId=statement["Sid"])
    try:
        yield
    finally:
        for statement in statements:
            client.add_permission(
                FunctionName=name,
                StatementId=statement["Sid"],
                Action=statement["Action"],
                Principal=statement["Principal"]["Service"],
                SourceArn=statement["Condition"]["ArnLike"]["AWS:SourceArn"],
            )
