"""The changes that faults are tried with, and how `gen`, copier and cruft make each of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.peers import gen
from benchmarks.peers_evolve import (
    NAME,
    Evolution,
    Tool,
    commit_all,
    copier,
    cruft,
    new_service,
    read,
)

THREE = ("http=api", "sqs=work", "schedule=nightly")
FOUR = (*THREE, "s3=zips")
"""The last in the alphabet, so it comes after all other functions in `template.yaml`."""


class Change(NamedTuple):
    """A change of a service. `own` are `gen`'s words for it, after `edit` in gen.toml."""

    name: str
    before: Sequence[str]
    after: Sequence[str]
    own: Sequence[str]
    settings: Sequence[str] = ()
    edit: tuple[str, str] = ("", "")


ADD = Change("add", THREE, FOUR, ("add-trigger", "s3", "--name", "zips"))
REMOVE = Change("remove", FOUR, THREE, ("remove-trigger", "zips"))
ENLARGE = Change(
    "enlarge",
    THREE,
    THREE,
    ("apply",),
    ("api.memory_size=512",),
    ('trigger = "http"\n', 'trigger = "http"\nmemory_size = 512\n'),
)


class Subject(NamedTuple):
    """A program whose updates are tried.

    `create` makes a project before the change; `version` is what the project says it was last
    updated to.
    """

    name: str
    create: Callable[[Path, Change], Path]
    update: Callable[[Change], Sequence[str]]
    version: Callable[[Path], str]


def subjects() -> tuple[Subject, ...]:
    """`gen` and its peers."""
    return (
        Subject("gen", _own_project, lambda change: [gen(), *change.own], _own_version),
        _peer(cruft(), lambda path: str(json.loads((path / ".cruft.json").read_text())["commit"])),
        _peer(copier(), _copier_version),
    )


def _peer(tool: Tool, version: Callable[[Path], str]) -> Subject:
    def create(folder: Path, change: Change) -> Path:
        before = read(new_service(folder / "before", change.before))
        after = read(new_service(folder / "after", change.after, change.settings))
        return tool.create(folder, Evolution(before, after))

    return Subject(tool.name, create, lambda change: tool.update, version)


def _own_project(folder: Path, change: Change) -> Path:
    path = new_service(folder, change.before)
    commit_all(path, "generated")
    old, new = change.edit
    declaration = path / "gen.toml"
    declaration.write_text(declaration.read_text("utf-8").replace(old, new, 1), "utf-8")
    commit_all(path, "gen.toml")
    return folder / NAME


def _own_version(path: Path) -> str:
    """The names of the base files: they are hashes of what was generated."""
    base = path / ".gen/base"
    return "\n".join(sorted(str(file.relative_to(base)) for file in base.rglob("*.z")))


def _copier_version(path: Path) -> str:
    found = re.search(r"^_commit: (.*)$", (path / ".copier-answers.yml").read_text(), re.MULTILINE)
    return found[1] if found else ""
