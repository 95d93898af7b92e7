"""A function's policy tells by which way it may be invoked, which moto forgets; an alias has a URL.

Source: "Control access to Lambda function URLs" in the AWS Lambda Developer Guide. The URL of an
alias is the function's here: moto has one for each function, and refuses a name with an alias.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.awslambda.models import LambdaBackend
from moto.awslambda.policy import Policy

_CONDITIONS = (
    ("FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"),
    ("InvokedViaFunctionUrl", "Bool", "lambda:InvokedViaFunctionUrl"),
)
_VERBS = ("create", "get", "update", "delete")


def install() -> None:
    for verb in _VERBS:
        name = f"{verb}_function_url_config"
        setattr(LambdaBackend, name, _of_the_function(getattr(LambdaBackend, name)))
    merge = Policy.condition_merge

    def condition_merge(self: Any, statement: dict[str, Any]) -> None:
        merge(self, statement)
        for parameter, test, key in _CONDITIONS:
            if parameter in statement:
                value = str(statement.pop(parameter))
                wanted = value.lower() if test == "Bool" else value
                statement.setdefault("Condition", {})[test] = {key: wanted}

    Policy.condition_merge = condition_merge


def _of_the_function(method: Callable[..., Any]) -> Callable[..., Any]:
    def of_the_function(self: Any, name_or_arn: str, *rest: Any, **named: Any) -> Any:
        if name_or_arn.startswith("arn:"):
            name_or_arn = ":".join(name_or_arn.split(":")[:7])
        return method(self, name_or_arn, *rest, **named)

    return of_the_function
