"""Where a service still says a function's old name: lines that are the developer's, not gen's."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from generator.evolve.disk import Disk, service_files
from generator.names import kebab, pascal, snake, upper_snake
from generator.transaction.journal import Change
from generator.tree import Entry, Tree

SHOWN = 10
LARGEST = 500_000
"""Bytes of a file that is looked at: what people write is smaller."""


def mentions(
    disk: Disk, files: Mapping[str, Change], theirs: Tree, name: str, gone: Collection[str] = ()
) -> Iterator[str]:
    """`path:line: text` of every line with the name in it, or a word of `gone`, that is not
    generated.

    `files` are about to be changed: they are looked at as they will be.
    """
    pattern = _pattern(name, gone)
    for path in sorted({*_written_by_people(disk), *files}):
        content = _content(disk, files, path)
        if content is None or not pattern.search(content):
            continue
        generated = set(theirs[path].content.splitlines()) if path in theirs else set()
        for number, line in enumerate(content.splitlines(), start=1):
            if pattern.search(line) and line not in generated:
                yield f"{path}:{number}: {line.decode('utf-8', 'replace').strip()}"


def gone_words(before: Tree, theirs: Tree, names: Iterable[str]) -> set[str]:
    """What nothing generated says any more, and has one of these names in it: the identifiers of
    what goes away, `function_uploads`, `UploadsBucket`."""
    forms = {form(name) for name in names for form in (pascal, upper_snake, snake)}
    named = re.compile(rf"\w*(?:{'|'.join(map(re.escape, sorted(forms)))})\w*".encode())
    was, now = (
        {word for entry in tree.values() for word in named.findall(entry.content)}
        for tree in (before, theirs)
    )
    return {word.decode("utf-8", "replace") for word in was - now} - forms


def left_as_they_are(name: str, lines: tuple[str, ...]) -> Iterator[str]:
    """What to say of these lines, if there are any."""
    if lines:
        shown = "; ".join(lines[:SHOWN])
        more = f"; and {len(lines) - SHOWN} more" if len(lines) > SHOWN else ""
        yield f"lines of yours say {name}, and are left as they are: {shown}{more}"


def left_behind(disk: Disk, files: Mapping[str, Change], theirs: Tree) -> Iterator[str]:
    """What to say of the developer's files in folders that generated files leave."""
    left = {os.path.dirname(path) for path, change in files.items() if change.after is None}
    stay = {os.path.dirname(path) for path in theirs}
    folders = tuple(f"{folder}/" for folder in left - stay if folder)
    own = [
        path
        for path in (_written_by_people(disk) if folders else ())
        if path.startswith(folders) and path not in files
    ]
    if own:
        shown = ", ".join(own[:SHOWN])
        more = f" and {len(own) - SHOWN} more" if len(own) > SHOWN else ""
        yield f"files of yours stay where they are: {shown}{more}"


def _written_by_people(disk: Disk) -> Iterator[str]:
    """The service's files without the folders that its .gitignore names: `/build/`."""
    entry = disk.look(".gitignore")
    text = entry.content.decode("utf-8", "replace") if isinstance(entry, Entry) else ""
    ignored = set(re.findall(r"^/([^/*]+)/$", text, re.MULTILINE))
    for path in service_files(disk.root):
        if path.partition("/")[0] not in ignored:
            yield path


def _pattern(name: str, gone: Collection[str]) -> re.Pattern[bytes]:
    """The name as a word: in snake_case, kebab-case, UPPER_SNAKE, and as part of PascalCase; and
    what is gone, as whole words."""
    words = "|".join(re.escape(form) for form in sorted({name, kebab(name), upper_snake(name)}))
    joined = rf"(?<![\w-])(?:{words})(?![\w-])|(?<![A-Za-z]){pascal(name)}(?=[A-Z])"
    if gone:
        joined += rf"|\b(?:{'|'.join(map(re.escape, sorted(gone)))})\b"
    return re.compile(joined.encode())


def _content(disk: Disk, files: Mapping[str, Change], path: str) -> bytes | None:
    if path not in files and os.path.getsize(f"{disk.root}/{path}") > LARGEST:
        return None
    entry = files[path].after if path in files else disk.look(path)
    if not isinstance(entry, Entry) or len(entry.content) > LARGEST or b"\0" in entry.content:
        return None
    return entry.content
