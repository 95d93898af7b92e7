"""A wheel of the Terraform CDK -> the schema of its provider."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from tools.terraform_schema.schema import Block, Schema, within_sets
from tools.terraform_schema.typescript import Kind, read_module
from tools.terraform_schema.wheel import modules, provider_of


def extract(wheel: Path) -> Schema:
    """Without ephemeral resources, which have the types of resources and are none."""
    address, version = provider_of(wheel)
    found: dict[Kind, dict[str, Block]] = defaultdict(dict)
    for text in modules(wheel):
        described = read_module(text)
        found[described.kind][described.type] = within_sets(described.block)
    [provider] = found["provider"].values()
    return Schema(address, version, provider, found["resource"], found["data source"])
