"""Changes as a unified diff, in the form that `git apply` and `patch` take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import unified_diff

from generator.transaction.journal import Change
from generator.tree import Entry

ESCAPES = {number: f"\\{number:03o}" for number in (*range(32), 127)}
ESCAPES |= {ord(character): f"\\{character}" for character in '"\\'}


def unified(changes: Mapping[str, Change]) -> Iterator[str]:
    """The lines of the diff of every change, without line ends."""
    for path, change in changes.items():
        yield from _file(path, change)


def _file(path: str, change: Change) -> Iterator[str]:
    before, after = change.before, change.after
    one_name, other_name = _name(f"a/{path}"), _name(f"b/{path}")
    yield f"diff --git {one_name} {other_name}"
    if before is None and after is not None:
        yield f"new file mode {_mode(after)}"
    elif after is None and before is not None:
        yield f"deleted file mode {_mode(before)}"
    elif before and after and before.executable != after.executable:
        yield f"old mode {_mode(before)}"
        yield f"new mode {_mode(after)}"
    contents = [entry.content if entry else b"" for entry in (before, after)]
    if contents[0] == contents[1]:
        return
    if any(b"\0" in content for content in contents):
        yield f"Binary files {one_name} and {other_name} differ"
        return
    old = "/dev/null" if before is None else one_name
    new = "/dev/null" if after is None else other_name
    one, other = (_lines(content) for content in contents)
    for line in unified_diff(one, other, fromfile=old, tofile=new):
        text = line.removesuffix("\n")
        yield text
        if text == line:
            yield "\\ No newline at end of file"


def _name(path: str) -> str:
    """The path in quotes where it needs them, with what would end it or the line escaped."""
    escaped = path.translate(ESCAPES)
    return path if escaped == path else f'"{escaped}"'


def _lines(content: bytes) -> list[str]:
    """With their ends; only a line feed ends a line, as for git."""
    lines = content.decode("utf-8", "surrogateescape").split("\n")
    last = lines.pop()
    return [f"{line}\n" for line in lines] + ([last] if last else [])


def _mode(entry: Entry) -> str:
    return "100755" if entry.executable else "100644"
