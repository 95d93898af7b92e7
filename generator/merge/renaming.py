"""Renames keys in the text of a file, for functions that got another name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set

from generator.merge.lines import split
from generator.merge.spans import Name, Node, Path


def renamed_keys(
    read: Callable[[str], Node], text: str, theirs: str, renamed: Mapping[str, str]
) -> str:
    """`text` with those keys renamed that theirs has under their new name, and not under the old.

    Nothing but the key changes, where it stands as a key. Raises Odd where `read` does.
    """
    known = {path for path, _ in _keys(read(theirs), (), {}, set())}
    lines = split(text)
    for _, name in reversed(list(_keys(read(text), (), renamed, known))):
        if name is not None:
            line = lines[name.line]
            lines[name.line] = line[: name.start] + renamed[name.text] + line[name.end :]
    return "".join(lines)


def _keys(
    node: Node, path: Path, renamed: Mapping[str, str], known: Set[Path]
) -> Iterator[tuple[Path, Name | None]]:
    """The path of every key, in the order of the text, and where it stands if it is to be renamed.
    What is below a key that is renamed has its new name in its path."""
    names = list(node.names)
    for part in node.path:
        name = names.pop(0) if names and names[0].text == part else None
        new = renamed.get(part, part)
        if name is None or (*path, new) not in known or (*path, part) in known:
            name, new = None, part
        path = (*path, new)
        yield path, name
    inside = node.inside()
    for child in inside.children if inside else ():
        yield from _keys(child, path, renamed, known)
