"""What a gradual deployment is made of: versions, aliases, and CodeDeploy's groups.

CodeDeploy moves no alias here: CloudFormation does, at once.
"""

from __future__ import annotations

from typing import Any

import moto.awslambda.models as lambda_models

from tools.aws_local.server.cfn_model import Call, Resource, ResourceType


def install() -> None:
    """Have a version of a stack be known by its ARN and its number, which moto forgets."""
    version = lambda_models.LambdaVersion

    def create(
        cls: Any, /, name: str, declared: dict[str, Any], account: str, region: str, **_: Any
    ) -> Any:
        backend = lambda_models.lambda_backends[account][region]
        function = backend.publish_version(declared["Properties"]["FunctionName"])
        made = cls({"Version": function.version})
        made.physical_resource_id = function.function_arn
        return made

    version.create_from_cloudformation_json = classmethod(create)
    version.has_cfn_attr = classmethod(lambda cls, attribute: attribute == "Version")
    version.get_cfn_attribute = lambda self, attribute: str(self.version)


def _put_alias(call: Call) -> Resource:
    # Provisioned concurrency has an API of its own.
    fields = ("FunctionName", "FunctionVersion", "Name", "Description")
    settings = {name: str(call.properties[name]) for name in fields if name in call.properties}
    functions = call.client("lambda")
    try:
        answer = functions.create_alias(**settings)
    except functions.exceptions.ResourceConflictException:
        answer = functions.update_alias(**settings)
    return Resource(answer["AliasArn"], {"AliasArn": answer["AliasArn"]})


def _delete_alias(call: Call, physical_id: str) -> None:
    names = {key: call.properties[key] for key in ("FunctionName", "Name")}
    call.client("lambda").delete_alias(**names)


def _create_application(call: Call) -> Resource:
    name = call.properties.get("ApplicationName", call.name)
    call.client("codedeploy").create_application(
        applicationName=name, computePlatform=call.properties["ComputePlatform"]
    )
    return Resource(name)


def _create_group(call: Call) -> Resource:
    name = call.properties.get("DeploymentGroupName", call.name)
    properties = {key: value for key, value in call.properties.items() if key != "Tags"}
    settings = {_lower(key): _lower_all(value) for key, value in properties.items()}
    settings["deploymentGroupName"] = name
    call.client("codedeploy").create_deployment_group(**settings)
    return Resource(name)


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]


def _lower_all(value: Any) -> Any:
    """CodeDeploy's API begins its names with a small letter, CloudFormation with a capital."""
    if isinstance(value, dict):
        return {_lower(key): _lower_all(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_lower_all(item) for item in value]
    return {"true": True, "false": False}.get(str(value), value)


def _keep_group(call: Call, physical_id: str) -> Resource:
    return Resource(physical_id)


def _nothing(call: Call, physical_id: str) -> None:
    """moto's CodeDeploy deletes neither; nothing here looks at them afterwards."""


TYPES = (
    ResourceType("AWS::Lambda::Alias", _put_alias, _delete_alias),
    ResourceType("AWS::CodeDeploy::Application", _create_application, _nothing, _keep_group),
    ResourceType("AWS::CodeDeploy::DeploymentGroup", _create_group, _nothing, _keep_group),
)
