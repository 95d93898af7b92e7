"""Reads YAML into nodes with their places. Nothing is constructed and no tag is looked up."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import accumulate
from typing import Any

import yaml

from generator.merge.spans import Odd

DEEPEST = 200
"""The C loader recurses: some thousand levels end the process, which nobody could catch."""


@lru_cache(maxsize=1)
def parses(text: str) -> bool:
    """Whether a YAML parser reads `text`, and no mapping has a key twice.

    A merge asks it of its result, and whoever called it does, too.
    """
    try:
        documents(text)
    except Odd:
        return False
    return True


def same_events(one: str, other: str) -> bool:
    """Whether a parser reads the same from two texts, wherever it stands in them."""
    try:
        return _events(one) == _events(other)
    except (yaml.YAMLError, ValueError):
        return False


def _events(text: str) -> list[tuple[object, ...]]:
    loader = _loader()(text)
    found: list[tuple[object, ...]] = []
    while loader.check_event():
        event = loader.get_event()
        parts = (getattr(event, part, None) for part in ("value", "tag", "anchor"))
        found.append((type(event), *parts))
    return found


@cache
def _loader() -> Any:
    """A loader that composes nodes, and takes no time to resolve tags that nobody asks for."""
    base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    nothing = {"descend_resolver": lambda *_: None, "ascend_resolver": lambda *_: None}
    return type("Loader", (base,), {"resolve": lambda *_: "", **nothing})


def documents(text: str) -> list[Any]:
    """The root node of each document. Raises Odd for what is not YAML, and for a key twice."""
    found = []
    try:
        if _may_be_deep(text) and _depth(text) > DEEPEST:
            raise Odd("nested too deep")
        loader = _loader()(text)
        while loader.check_node():
            found.append(loader.get_node())
            if not isinstance(found[-1], yaml.ScalarNode):
                _check_keys(found[-1], set())
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Odd(str(error)) from None
    return found


def _may_be_deep(text: str) -> bool:
    """Whether it is worth counting: the parser's own count takes as long as a merge."""
    opened = accumulate(1 if mark in "[{" else -1 for mark in re.findall(r"[\[\]{}]", text))
    if max(opened, default=0) > DEEPEST:
        return True
    return any(len(line) - len(line.lstrip(" -?")) > DEEPEST for line in text.split("\n"))


def _depth(text: str) -> int:
    """How deep collections are nested, found without recursion."""
    loader, depth, deepest = _loader()(text), 0, 0
    while loader.check_event():
        event = loader.get_event()
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        deepest = max(deepest, depth)
    return deepest


def _check_keys(root: Any, seen: set[int]) -> None:
    """Raises Odd where a mapping below `root` has a key twice."""
    scalar, mapping = yaml.ScalarNode, yaml.MappingNode
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        held = node.value
        if node.__class__ is mapping:
            keys = [key.value for key, _ in held if key.__class__ is scalar]
            if len(set(keys)) != len(keys):
                raise Odd("a key twice")
            held = [one for pair in held for one in pair]
        waiting += [one for one in held if one.__class__ is not scalar]


def is_block(node: Any) -> bool:
    return isinstance(node, yaml.CollectionNode) and not node.flow_style and bool(node.value)
