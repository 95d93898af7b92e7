"""Moves an entry to another indentation without changing what it says."""

from __future__ import annotations

from generator.merge.spans import Node, Odd, shifted


def placed(node: Node, column: int) -> str:
    """The text of `node`, without its gap, at `column`. Raises Odd if a parser then reads
    something else from it."""
    if node.indent == column:
        return node.text
    from generator.merge.yaml_nodes import same_events  # TOML is never moved

    text = shifted(node.text, column - node.indent)
    if not same_events(node.text, text):
        raise Odd("text that cannot be moved")
    return text
