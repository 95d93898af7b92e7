"""A deployed function that fails, or that nobody may invoke, while a check looks on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from deploy.deployed import ACCOUNT, REGION, Deployed
from deploy.effect import invoked


@contextmanager
def failing(deployed: Deployed, function: str) -> Iterator[None]:
    """Every invocation fails: the handler is not there. (AWS would change no published version.)"""
    client, target = deployed.aws.client("lambda"), target_of(deployed, function)
    handler = client.get_function_configuration(FunctionName=target)["Handler"]
    client.update_function_configuration(FunctionName=target, Handler=f"{handler}_that_is_missing")
    try:
        yield
    finally:
        client.update_function_configuration(FunctionName=target, Handler=handler)


@contextmanager
def unreachable(deployed: Deployed, function: str) -> Iterator[None]:
    """No service may invoke it: the statements of its policy are taken away for the time."""
    client, target = deployed.aws.client("lambda"), target_of(deployed, function)
    statements = json.loads(client.get_policy(FunctionName=target)["Policy"])["Statement"]
    for statement in statements:
        client.remove_permission(FunctionName=target, StatementId=statement["Sid"])
    try:
        yield
    finally:
        for statement in statements:
            client.add_permission(
                **invoked(deployed.aws, f"orders-{function}-dev"),
                StatementId=statement["Sid"],
                Action=statement["Action"],
                Principal=statement["Principal"]["Service"],
                SourceArn=statement["Condition"]["ArnLike"]["AWS:SourceArn"],
            )


def target_of(deployed: Deployed, function: str) -> str:
    """The ARN that triggers invoke: the function's, or its alias's."""
    name, *qualifier = invoked(deployed.aws, f"orders-{function}-dev").values()
    return ":".join(["arn:aws:lambda", REGION, ACCOUNT, "function", name, *qualifier])
