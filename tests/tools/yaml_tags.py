"""Reads YAML whose tags (`!Sub`, `!Ref`) are somebody else's: what they stand on is what counts."""

from __future__ import annotations

from typing import Any

import yaml


def read_any(loader: Any, suffix: str, node: Any) -> Any:
    """A multi-constructor for `add_multi_constructor("!", read_any)`."""
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)


class AnyTag(yaml.SafeLoader):
    """PyYAML's safe loader, with any tags."""


AnyTag.add_multi_constructor("!", read_any)
