"""A function's policy tells by which way it may be invoked, which moto forgets.

Source: "Control access to Lambda function URLs" in the AWS Lambda Developer Guide.
"""

from __future__ import annotations

from typing import Any

from moto.awslambda.policy import Policy

_CONDITIONS = (
    ("FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"),
    ("InvokedViaFunctionUrl", "Bool", "lambda:InvokedViaFunctionUrl"),
)


def install() -> None:
    merge = Policy.condition_merge

    def condition_merge(self: Any, statement: dict[str, Any]) -> None:
        merge(self, statement)
        for parameter, test, key in _CONDITIONS:
            if parameter in statement:
                value = str(statement.pop(parameter))
                wanted = value.lower() if test == "Bool" else value
                statement.setdefault("Condition", {})[test] = {key: wanted}

    Policy.condition_merge = condition_merge
