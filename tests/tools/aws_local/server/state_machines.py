"""State machines run: moto has an interpreter of the Amazon States Language, switched off.

Mended beside: a stack's state machine is one of the interpreter's and has all of its properties, a
definition can be validated and versions listed, which Terraform does, what is logged is told in
full, and a retry does not wait for its interval, as nothing here waits for time.
"""

from __future__ import annotations

import json
import re
from typing import Any

import moto.stepfunctions.models as models
from moto.core.config import default_user_config
from moto.core.responses import ActionResult
from moto.s3.models import s3_backends
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.models import (
    StepFunctionsParserBackend,
    stepfunctions_parser_backends,
)
from moto.stepfunctions.responses import StepFunctionResponse

from tools.aws_local.server.cfn_model import boolean
from tools.aws_local.server.context import Context


class _NoTime:
    @staticmethod
    def sleep(seconds: float) -> None:
        """Not at all."""


def install(context: Context) -> None:
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    models.stepfunctions_backends = stepfunctions_parser_backends
    retrier_decl.time = _NoTime
    StepFunctionResponse.validate_state_machine_definition = _validate
    StepFunctionResponse.list_state_machine_versions = _list_versions
    # Terraform leaves `includeExecutionData` out where it is to be false, its default.
    models.StateMachineInstance.loggingConfiguration = property(
        lambda self: {"includeExecutionData": False, **vars(self)["loggingConfiguration"]},
        lambda self, given: vars(self).update(loggingConfiguration=given),
    )
    _install_stacks(context)


def _validate(self: Any) -> Any:
    """The interpreter refuses, with an error, what it cannot read."""
    StepFunctionsParserBackend._validate_definition(self._get_param("definition"))
    return ActionResult({"result": "OK", "diagnostics": [], "truncated": False})


def _list_versions(self: Any) -> Any:
    machine = self.stepfunction_backend.describe_state_machine(self._get_param("stateMachineArn"))
    versions = [
        {"stateMachineVersionArn": version.arn, "creationDate": version.creation_date}
        for version in machine.versions.values()
    ]
    return ActionResult({"stateMachineVersions": versions})


def _install_stacks(context: Context) -> None:
    machine = models.StateMachine

    def create(
        cls: Any, /, name: str, declared: dict[str, Any], account: str, region: str, **_: Any
    ) -> Any:
        properties = declared["Properties"]
        settings = {
            "name": properties.get("StateMachineName", name),
            "definition": definition(properties, account),
            "roleArn": properties["RoleArn"],
            "type": properties.get("StateMachineType", "STANDARD"),
            "tags": [{"key": t["Key"], "value": t["Value"]} for t in properties.get("Tags", [])],
            **_observed(properties),
        }
        # By the API: what botocore or the interpreter refuses fails the stack.
        answer = context.client("stepfunctions", region).create_state_machine(**settings)
        backend = stepfunctions_parser_backends[account][region]
        return backend.describe_state_machine(answer["stateMachineArn"])

    def update(
        cls: Any,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> Any:
        properties = cloudformation_json["Properties"]
        context.client("stepfunctions", region_name).update_state_machine(
            stateMachineArn=original_resource.arn,
            definition=definition(properties, account_id),
            roleArn=properties["RoleArn"],
            **_observed(properties),
        )
        return original_resource

    def delete(cls: Any, name: str, declared: Any, account: str, region: str) -> None:
        arn = name if name.startswith("arn:") else None
        backend = stepfunctions_parser_backends[account][region]
        known = declared["Properties"].get("StateMachineName", name)
        for each in list(backend.state_machines):
            if each.arn == arn or each.name == known:
                backend.delete_state_machine(each.arn)

    machine.create_from_cloudformation_json = classmethod(create)
    machine.update_from_cloudformation_json = classmethod(update)
    machine.delete_from_cloudformation_json = classmethod(delete)


def definition(properties: dict[str, Any], account: str) -> str:
    """The definition as Step Functions gets it, from a file in a bucket or from the template."""
    if "DefinitionS3Location" in properties:
        place = properties["DefinitionS3Location"]
        found = s3_backends[account]["aws"].get_object(place["Bucket"], place["Key"])
        text = found.value.decode()
    elif "Definition" in properties:
        text = json.dumps(_numbers(properties["Definition"]))
    else:
        text = properties["DefinitionString"]
    values = properties.get("DefinitionSubstitutions", {})
    return re.sub(r"\$\{(\w+)\}", lambda match: str(values[match[1]]), text)


def _numbers(value: Any) -> Any:
    """moto makes text of a template's numbers and booleans now and then."""
    if isinstance(value, dict):
        return {key: _numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    if isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value) if "." in value else int(value)
    return value


def _observed(properties: dict[str, Any]) -> dict[str, Any]:
    """Logging and tracing in the words of the API."""
    found: dict[str, Any] = {}
    if "LoggingConfiguration" in properties:
        logging = properties["LoggingConfiguration"]
        groups = [place["CloudWatchLogsLogGroup"] for place in logging["Destinations"]]
        found["loggingConfiguration"] = {
            "level": logging["Level"],
            "includeExecutionData": boolean(logging["IncludeExecutionData"]),
            "destinations": [
                {"cloudWatchLogsLogGroup": {"logGroupArn": group["LogGroupArn"]}}
                for group in groups
            ],
        }
    if "TracingConfiguration" in properties:
        enabled = boolean(properties["TracingConfiguration"]["Enabled"])
        found["tracingConfiguration"] = {"enabled": enabled}
    return found
