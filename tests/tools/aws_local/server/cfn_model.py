"""How a CloudFormation resource type that moto lacks is added to it.

A type is two or three small functions over a boto3 client of this very server, so that a
template's properties are checked against AWS's own API model: an unknown or misnamed one fails
the stack.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError
from moto.core.common_models import CloudFormationModel

from tools.aws_local.server.context import Context

Properties = dict[str, Any]


@dataclass(frozen=True)
class Resource:
    """What a stack knows of a resource: its physical id (for `Ref`) and its attributes."""

    physical_id: str
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One creation, update or deletion: its properties, a client factory and a default name."""

    properties: Properties
    client: Callable[[str], Any]
    name: str


@dataclass(frozen=True)
class ResourceType:
    """How a type is made; without `update`, it is made again (its API is a "put")."""

    name: str
    create: Callable[[Call], Resource]
    delete: Callable[[Call, str], object]
    update: Callable[[Call, str], Resource] | None = None


def register(context: Context, resource_type: ResourceType) -> type:
    """A class that moto's CloudFormation finds by its type, as it finds its own."""

    def call(properties: Properties, region: str, name: str) -> Call:
        return Call(properties, lambda service: context.client(service, region), name)

    class Model(CloudFormationModel):  # type: ignore[misc]
        def __init__(self, made_by: Call, resource: Resource) -> None:
            self.made_by = made_by
            self.physical_resource_id = resource.physical_id
            self.attributes = resource.attributes

        @staticmethod
        def cloudformation_name_type() -> str:
            return ""

        @staticmethod
        def cloudformation_type() -> str:
            return resource_type.name

        @classmethod
        def has_cfn_attr(cls, attr: str) -> bool:
            return True

        def get_cfn_attribute(self, attr: str) -> str:
            return self.attributes[attr]

        @classmethod
        def create_from_cloudformation_json(
            cls, name: str, declared: Any, account: str, region: str, **_: Any
        ) -> Model:
            made_by = call(declared["Properties"], region, name)
            return cls(made_by, resource_type.create(made_by))

        @classmethod
        def update_from_cloudformation_json(
            cls,
            original_resource: Any,
            new_resource_name: str,
            cloudformation_json: Any,
            account_id: str,
            region_name: str,
        ) -> Model:
            known = original_resource.physical_resource_id
            made_by = call(cloudformation_json["Properties"], region_name, known)
            if resource_type.update is None:
                return cls(made_by, resource_type.create(made_by))
            return cls(made_by, resource_type.update(made_by, known))

        def delete(self, account_id: str, region_name: str) -> None:
            # By the resolved properties it was made with: moto hands a deletion the template's.
            try:
                resource_type.delete(self.made_by, self.physical_resource_id)
            except ClientError as error:
                # moto deletes in no order, so an API may go before its routes.
                if "NotFound" not in error.response["Error"]["Code"]:
                    raise

    Model.__name__ = Model.__qualname__ = resource_type.name.replace("::", "")
    return Model


def boolean(value: Any) -> bool:
    """A boolean as CloudFormation accepts it."""
    return str(value).lower() == "true"


def typed(properties: Properties, **kinds: Callable[[Any], Any]) -> Properties:
    """CloudFormation takes numbers and booleans as text too; the API does not."""
    return {name: kinds.get(name, _same)(value) for name, value in properties.items()}


def _same(value: Any) -> Any:
    return value


def nothing(call: Call, physical_id: str) -> None:
    """The deletion of what goes with its owner."""
