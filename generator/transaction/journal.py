"""The record of a transaction: what every file held before and after, in one file.

The same bytes are the journal while the transaction is under way and the undo record once it is
done. They carry a checksum: a record is whole or it is damaged, nothing in between is read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from generator.base import FOLDER as BASE
from generator.errors import UserError, printable
from generator.transaction.places import UNDO, check_path
from generator.tree import Entry

MAGIC = b"gen transaction 1 "
DIGEST_LENGTH = 64
LINK = 2
"""What is said of a symbolic link, where it is 1 of an executable file and 0 of another."""


class DamagedError(UserError):
    """Raised when a record cannot be read: cut off, edited, or from another version."""

    kind = "damaged"


class Change(NamedTuple):
    """What must be at a path right before the commit, and what is there afterwards.

    None is nothing: not there yet, or deleted. `before` is the file as it was read from the disk,
    its executable bit as the disk shows it.
    """

    before: Entry | None
    after: Entry | None

    @property
    def links(self) -> bool:
        """Whether a symbolic link is expected there, or comes there."""
        return any(side is not None and side.link for side in self)


Changes = Mapping[str, Change]


class Undo(NamedTuple):
    """A transaction as it was written; `when` is its time, ISO 8601 in UTC."""

    label: str
    when: str
    changes: Changes


def ordered(changes: Changes) -> list[tuple[str, Change]]:
    """In the order of writing: a file comes before the base files that stand for it.

    What is in the way goes first: a file where a folder is to come, which a shorter path does by
    itself, and all that is in a folder where a file is to come.
    """
    emptied = {
        folder
        for path, change in changes.items()
        if change.before is not None and change.after is None
        for folder in folders_above(path)
    }

    def turn(item: tuple[str, Change]) -> tuple[bool, bool, str]:
        path, change = item
        return change.before is None and path in emptied, is_base(path), path

    return sorted(changes.items(), key=turn)


def folders_above(path: str) -> Iterator[str]:
    """The folders that a path lies in: `a/b` and `a` of `a/b/c`."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def is_base(path: str) -> bool:
    return path == BASE or path.startswith(f"{BASE}/")


def owner(path: str) -> str:
    """The file that a base file stands for; of any other file, itself."""
    return path[len(BASE) + 1 :].rpartition("/")[0] if is_base(path) else path


def last(root: Path) -> Undo | None:
    """The last transaction, or None. Raises DamagedError when its record cannot be used."""
    try:
        content = (root / UNDO).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _damaged_undo(error.strerror or str(error)) from error
    try:
        return decode(content)
    except ValueError as error:
        raise _damaged_undo(str(error)) from error


def encode(undo: Undo) -> bytes:
    """The bytes of a record: a checksum, a line that describes the contents, the contents."""
    import json

    contents: list[bytes] = []

    def described(entry: Entry | None) -> list[int] | None:
        if entry is None:
            return None
        contents.append(entry.content)
        return [len(entry.content), LINK if entry.link else int(entry.executable)]

    changes = [
        [path, described(change.before), described(change.after)]
        for path, change in ordered(undo.changes)
    ]
    head = json.dumps({"label": undo.label, "when": undo.when, "changes": changes})
    body = head.encode() + b"\n" + b"".join(contents)
    return MAGIC + _digest(body) + b"\n" + body


def decode(stored: bytes) -> Undo:
    """The record that `encode` gave. Raises ValueError when damaged, PathError for a bad path."""
    import json

    if not stored.startswith(MAGIC):
        raise ValueError("it is from another version, or no record at all")
    start = len(MAGIC) + DIGEST_LENGTH
    body = stored[start + 1 :]
    if stored[len(MAGIC) : start] != _digest(body):
        raise ValueError("its checksum is wrong")
    head, _, contents = body.partition(b"\n")
    try:
        described = json.loads(head)
        return Undo(
            str(described["label"]),
            str(described["when"]),
            _changes(described["changes"], contents),
        )
    except (TypeError, LookupError, AttributeError) as error:
        raise ValueError("it has an unknown form") from error


def _changes(
    described: list[tuple[str, list[int] | None, list[int] | None]], contents: bytes
) -> dict[str, Change]:
    start = 0

    def entry(values: list[int] | None) -> Entry | None:
        nonlocal start
        if values is None:
            return None
        size, kind = values
        start += size
        content = contents[start - size : start]
        return Entry(content, link=True) if kind == LINK else Entry(content, bool(kind))

    changes: dict[str, Change] = {}
    for path, before, after in described:
        check_path(path)
        changes[path] = Change(entry(before), entry(after))
    return changes


def _digest(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()


def _damaged_undo(reason: str) -> DamagedError:
    return DamagedError(
        f"the last change cannot be taken back, its record is damaged: {printable(reason)[1:-1]}",
        where=UNDO,
        hint=f"take the change back with git, and delete {UNDO}",
    )
