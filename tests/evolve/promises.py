"""What a command of `gen` promises about a service, checked from outside: trees before and after.

A line is compared without its indentation and the blanks at its end; blank lines do not count.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
import warnings
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any, NamedTuple

import yaml

from generator.names import kebab, pascal, upper_snake
from generator.tree import Entry, Tree

MARK = "by-hand"
MARKED = re.compile(rf"{MARK}-[0-9]+-x")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Merge(NamedTuple):
    """The four sides of a service: files that were generated, and those of the developer.

    `base` and `theirs` are what the generator wrote before and now; `renamed` is a function's old
    and new name. `loose` are files in which the developer moved lines, which can be counted as
    moves of the others.
    """

    base: Tree
    ours: Tree
    theirs: Tree
    result: Tree
    renamed: tuple[str, str] | None = None
    loose: frozenset[str] = frozenset()


def check_merge(merge: Merge) -> None:
    """Every file is what it has to be."""
    check_marks(merge)
    moved = {path: _moved(merge, path) for path in {*merge.base, *merge.ours}}
    for path, target in moved.items():
        _check_file(merge, path, target)
    for path in merge.theirs.keys() - moved.keys() - set(moved.values()):
        assert merge.result.get(path) == merge.theirs[path], f"{path} is new"
    known = {*moved.values(), *merge.theirs}
    assert merge.result.keys() <= known, "files from nowhere"


def check_marks(merge: Merge) -> None:
    """Every line that the developer marked is where it was."""
    for path, entry in merge.ours.items():
        if path.startswith(".gen/"):
            continue
        target = _moved(merge, path)
        after = merge.result.get(target, Entry(b"")).content.decode()
        mine = [line for line in _lines(entry.content.decode()) if MARKED.search(line)]
        if merge.renamed:
            mine, after = [m for line in mine for m in MARKED.findall(line)], _marks(after)
        lost = Counter(mine) - Counter(_lines(after))
        assert not lost, f"{path} lost {dict(lost)}"


def _marks(text: str) -> str:
    return "\n".join(MARKED.findall(text))


def _moved(merge: Merge, path: str) -> str:
    """Where the file at `path` is after a rename."""
    if not merge.renamed or path in merge.theirs or path not in merge.base:
        return path
    old, new = merge.renamed
    parts = [
        part.replace(old, new, 1) if part == old or part.startswith(f"{old}.") else part
        for part in path.split("/")
    ]
    target = "/".join(parts)
    return target if target in merge.theirs else path


def _check_file(merge: Merge, path: str, target: str) -> None:
    base, ours = merge.base.get(path), merge.ours.get(path)
    theirs, result = merge.theirs.get(target), merge.result.get(target)
    if ours and base is None and _followed(merge, ours):
        return
    if base == theirs or base is None or ours is None:
        same = result == ours or (ours is None and base is None)
        assert same, f"{path}: a command that has no business with it changed it"
    elif theirs is None:
        assert result is None, f"{path} is no longer generated"
    else:
        assert result is not None, f"{path} is gone"
        if ours.executable != base.executable:
            assert result.executable == ours.executable, f"{path}: mode"
        else:
            assert result.executable == theirs.executable, f"{path}: mode"
        if ours.content == base.content:
            assert result.content == theirs.content, f"{path} was not edited"
            return
        sides = [entry.content for entry in (base, ours, theirs, result)]
        _check_style(path, ours.content, result.content)
        if path != "gen.toml":  # a table goes as it was written, which need not be as generated
            _check_lines(merge, path, *(side.decode() for side in sides))
        if parses(path, ours.content) and parses(path, theirs.content):
            assert parses(path, result.content), f"{path} does not parse\n{result.content.decode()}"
            _check_meaning(merge, path, *sides)


def _followed(merge: Merge, ours: Entry) -> bool:
    """Whether the developer moved a generated file to where this one is."""
    return any(
        entry.content == ours.content and path not in merge.ours
        for path, entry in merge.base.items()
    )


def _check_style(path: str, ours: bytes, result: bytes) -> None:
    if ours.count(b"\r\n") == ours.count(b"\n") > 0:
        assert result.count(b"\r\n") == result.count(b"\n"), f"{path}: line ends"
    elif b"\r\n" not in ours:
        assert b"\r\n" not in result, f"{path}: line ends"
    if ours and result:
        assert ours.endswith(b"\n") == result.endswith(b"\n"), f"{path}: final newline"


def _check_lines(merge: Merge, path: str, base: str, ours: str, theirs: str, result: str) -> None:
    was, mine, new, got = map(_lines, (base, ours, theirs, result))
    mine_out, mine_in = _difference(was, mine)
    new_out, new_in = _difference(was, new)
    mine_count, new_count, count = map(Counter, (mine, new, got))
    forms = _forms(merge.renamed[0]) if merge.renamed else ()
    for line in {*mine, *new, *got}:
        where = f"{path}: {line!r} is there {count[line]} times, was {mine_count[line]}"
        if line not in mine_out and line not in mine_in and path not in merge.loose:
            assert count[line] == new_count[line], f"{where}, generated {new_count[line]}"
            continue
        assert count[line] <= mine_count[line] + new_in[line], where
        if not any(form in line for form in forms):
            assert count[line] >= mine_count[line] - new_out[line], where


def _check_meaning(
    merge: Merge, path: str, base: bytes, ours: bytes, theirs: bytes, result: bytes
) -> None:
    said = [meaning(path, side) for side in (base, ours, theirs, result)]
    if said[0] is not None and said[0] == said[1]:
        assert said[2] == said[3], f"{path}: only its form was edited\n{result.decode()}"
    if path.endswith((".yml", ".yaml")) and not merge.renamed:
        before, after = dict(_places(said[1], ())), dict(_places(said[3], ()))
        assert before == after, f"{path}: what was added is elsewhere\n{result.decode()}"


def _places(said: Any, place: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Where each mark of the developer's is in a YAML file: the keys on the way."""
    if isinstance(said, str):
        yield from ((mark, place) for mark in MARKED.findall(said))
        return
    for part in said if isinstance(said, list) else (said or {}).items():
        if isinstance(part, tuple):
            key, value = part
            yield from ((mark + " key", place) for mark in MARKED.findall(key))
            yield from _places(value, (*place, key))
        else:
            yield from _places(part, (*place, "-"))


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _difference(before: list[str], after: list[str]) -> tuple[Counter[str], Counter[str]]:
    """What went and what came."""
    out: Counter[str] = Counter()
    come: Counter[str] = Counter()
    for kind, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            out.update(before[i:j])
            come.update(after[k:m])
    return out, come


def _forms(name: str) -> tuple[str, ...]:
    return (name, pascal(name), kebab(name), upper_snake(name))


# What files say


class DuplicateError(ValueError):
    """Raised for a key that is there twice."""


def parses(path: str, content: bytes) -> bool:
    """Whether a file is what its ending says: YAML, TOML, JSON or Python; others always are."""
    try:
        meaning(path, content)
    except (ValueError, SyntaxError, yaml.YAMLError):
        return False
    return True


def meaning(path: str, content: bytes) -> Any:
    """What a file says, without comments and the order of keys; None for unknown endings."""
    text = content.decode("utf-8-sig").replace("\r\n", "\n")
    if path.endswith((".yml", ".yaml")):
        return _said(yaml.compose(text, Loader=LOADER))
    if path == "gen.toml":  # no functions, and an empty table of them, are the same
        return {"functions": {}} | tomllib.loads(text)
    if path.endswith(".toml"):
        return tomllib.loads(text)
    if path.endswith(".json"):
        return json.loads(text, object_pairs_hook=_once)
    if path.endswith(".py"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.dump(ast.parse(text))
    return None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise DuplicateError
    return found


def _said(node: Any) -> Any:
    """A YAML node as plain data; tags that are written are keys."""
    if node is None or isinstance(node, yaml.ScalarNode):
        said: Any = "" if node is None else node.value.strip()
    elif isinstance(node, yaml.SequenceNode):
        said = [_said(item) for item in node.value]
    else:
        said = _once([(str(_said(key)), _said(value)) for key, value in node.value])
    tag = node.tag if node is not None else ""
    return {tag: said} if tag.startswith("!") else said
