"""What a provider's resources, data sources and its own configuration look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Type = Any
"""As Terraform writes it in JSON: `"string"`, `["list", "string"]`, `["object", {...}]`."""
Mode = Literal["LIST", "SET", "SINGLE", "MAP"]


@dataclass(frozen=True)
class Attribute:
    type: Type
    required: bool = False
    optional: bool = False
    computed: bool = False


@dataclass(frozen=True)
class Nested:
    """A block in a block. `maximum` 0 is no bound."""

    mode: Mode
    block: Block
    minimum: int = 0
    maximum: int = 0


@dataclass(frozen=True)
class Block:
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    blocks: Mapping[str, Nested] = field(default_factory=dict)


@dataclass(frozen=True)
class Schema:
    address: str  # registry.terraform.io/hashicorp/azurerm
    version: str
    provider: Block
    resources: Mapping[str, Block]
    data_sources: Mapping[str, Block]


def within_sets(block: Block, in_set: bool = False) -> Block:
    """The block as Terraform accepts it: within a set it refuses a type that is not known yet."""
    attributes = {
        name: Attribute(
            type=_known(a.type) if in_set else _known_elements(a.type),
            required=a.required,
            optional=a.optional,
            computed=a.computed,
        )
        for name, a in block.attributes.items()
    }
    blocks = {
        name: Nested(
            nested.mode,
            within_sets(nested.block, in_set or nested.mode == "SET"),
            nested.minimum,
            nested.maximum,
        )
        for name, nested in block.blocks.items()
    }
    return Block(attributes, blocks)


def _known_elements(kind: Type) -> Type:
    return ["set", _known(kind[1])] if isinstance(kind, list) and kind[0] == "set" else kind


def _known(kind: Type) -> Type:
    if kind == "dynamic":
        return "string"
    if not isinstance(kind, list):
        return kind
    if kind[0] == "object":
        return ["object", {name: _known(part) for name, part in kind[1].items()}]
    return [kind[0], _known(kind[1])]
