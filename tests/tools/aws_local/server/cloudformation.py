"""The life of a stack: templates by URL, SAM, deletion policies, and no silent gaps.

Not emulated: rollback (a failed stack stays as it is), drift, replacement where a property asks
for it (moto updates in place or not at all), and updates of the types that moto cannot update:
those keep what they were created with.
"""

from __future__ import annotations

import inspect
import urllib.parse
from collections.abc import Callable
from typing import Any

import moto.cloudformation.models as cfn_models
from moto.cloudformation import parsing, responses
from moto.cloudformation.exceptions import ValidationError
from moto.s3.models import s3_backends

from tools.aws_local.server import (
    cfn_apigateway,
    cfn_model,
    cfn_restapi,
    cfn_rollout,
    cfn_secrets,
    cfn_types,
)
from tools.aws_local.server.context import Context
from tools.aws_local.server.sam_transform import expand

# Types that nothing is lost without.
_IGNORED = {"AWS::CDK::Metadata"}
_KEPT = {"Retain", "RetainExceptOnCreate"}
# Classes are found by `__subclasses__`, which does not keep them alive.
_models: list[type] = []


def install(context: Context) -> None:
    """Add the missing types and replace what moto does too leniently or not at all."""
    modules = (cfn_types, cfn_apigateway, cfn_restapi, cfn_rollout, cfn_secrets)
    for resource_type in (each for module in modules for each in module.TYPES):
        _models.append(cfn_model.register(context, resource_type))
    _refuse_unknown_types()
    _keep_what_cannot_be_updated()
    _honour_deletion_policy()
    _complete_change_sets()
    _delete_what_is_there()
    _transform_templates()
    _read_templates_from_this_server()
    _validate_errors_only()


def _refuse_unknown_types() -> None:
    """moto skips a type that it does not know, and the stack would look complete."""
    plain = parsing.resource_class_from_type

    def resource_class_from_type(resource_type: str) -> Any:
        known = parsing.get_model_map()
        skipped = resource_type in parsing.NULL_MODELS or resource_type in _IGNORED
        if resource_type in known or skipped or resource_type.startswith("Custom::"):
            return plain(resource_type)
        raise ValidationError(message=f"{resource_type} is not emulated by tools.aws_local")

    parsing.resource_class_from_type = resource_class_from_type


def _keep_what_cannot_be_updated() -> None:
    """moto forgets a resource whose type has no update; it could not be referred to again."""
    plain = parsing.parse_and_update_resource

    def parse_and_update_resource(
        name: str, declared: Any, resources: Any, *rest: Any, **named: Any
    ) -> Any:
        known = resources[name]
        updated = plain(name, declared, resources, *rest, **named)
        return known if updated is None else updated

    parsing.parse_and_update_resource = parse_and_update_resource


def _honour_deletion_policy() -> None:
    """moto honours `Retain` when the stack goes, not when the resource leaves the template."""
    resources = parsing.ResourceMap
    plain = resources._delete_resource

    def delete_resource(self: Any, resource: Any, declared: dict[str, Any]) -> None:
        if declared.get("DeletionPolicy") not in _KEPT:
            plain(self, resource, declared)

    resources._delete_resource = delete_resource


def _complete_change_sets() -> None:
    """moto leaves the stack's outputs, exports, tags and parameters as they were before."""
    backend = cfn_models.CloudFormationBackend
    plain = backend.execute_change_set

    def execute_change_set(self: Any, change_set_name: str, stack_name: str | None = None) -> None:
        change_set = self.describe_change_set(change_set_name)
        plain(self, change_set_name, stack_name)
        stack = self.stacks[change_set.stack.stack_id]
        for export in stack.exports:
            self.exports.pop(export.name, None)
        stack._parse_template()
        stack.description = stack.template_dict.get("Description")
        stack.parameters = change_set.parameters
        stack.tags = change_set.tags or stack.tags
        stack.output_map = stack._create_output_map()
        self.exports.update({export.name: export for export in stack.exports})

    backend.execute_change_set = execute_change_set


def _delete_what_is_there() -> None:
    """DeleteChangeSet succeeds without one of that name, too; CDK begins every deployment so."""
    backend = cfn_models.CloudFormationBackend
    plain = backend.delete_change_set

    def delete_change_set(self: Any, change_set_name: str) -> None:
        names = {change_set.change_set_name for change_set in self.change_sets.values()}
        if change_set_name in names.union(self.change_sets):
            plain(self, change_set_name)

    backend.delete_change_set = delete_change_set


def _transform_templates() -> None:
    """Expand `Transform: AWS::Serverless-2016-10-31` wherever a template enters."""
    backend = cfn_models.CloudFormationBackend
    for name in ("create_stack", "create_change_set", "update_stack"):
        setattr(backend, name, _expanding(getattr(backend, name)))


def _expanding(method: Callable[..., Any]) -> Callable[..., Any]:
    signature = inspect.signature(method)

    def expanding(*arguments: Any, **named: Any) -> Any:
        bound = signature.bind(*arguments, **named)
        region = bound.arguments["self"].region_name
        parameters = _as_mapping(bound.arguments.get("parameters"))
        bound.arguments["template"] = expand(bound.arguments["template"], parameters, region)
        return method(*bound.args, **bound.kwargs)

    return expanding


def _as_mapping(parameters: Any) -> dict[str, Any]:
    if isinstance(parameters, list):
        return {item["ParameterKey"]: item.get("ParameterValue") for item in parameters}
    return dict(parameters or {})


def _read_templates_from_this_server() -> None:
    plain = responses.get_stack_from_s3_url

    def get_stack_from_s3_url(template_url: str, account_id: str, partition: str) -> str:
        url = urllib.parse.urlsplit(template_url)
        if url.hostname != "127.0.0.1":
            return str(plain(template_url, account_id, partition))
        bucket, _, key = url.path.lstrip("/").partition("/")
        backend = s3_backends[account_id][partition]
        return str(backend.get_object(bucket, urllib.parse.unquote(key)).value.decode())

    responses.get_stack_from_s3_url = get_stack_from_s3_url


def _validate_errors_only() -> None:
    """ValidateTemplate: moto runs cfn-lint and refuses a template for its warnings too."""
    backend = cfn_models.CloudFormationBackend
    plain = backend.validate_template

    def validate_template(self: Any, template: str) -> list[Any]:
        return [match for match in plain(self, template) if match.rule.id.startswith("E")]

    backend.validate_template = validate_template
