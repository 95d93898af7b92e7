"""What packs tell the doctor: their `doctor.toml` files, one a folder, read when he asks.

A pack that has none is as good: the doctor then knows less of it. docs/packs.md is the format.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from generator.doctor.programs import Requirement, read_requirements
from generator.errors import PackError
from generator.packs import BUILT_IN, Packs
from generator.toml_text import parse

FILE = "doctor.toml"


class PinKind(NamedTuple):
    """How a pinned thing is written: in which files, and in which of their lines.

    `line` has the groups `name` and `version`, maybe `label`: the version as a person reads it.
    `exact` is what a version looks like that is pinned; `within` opens the part of a file in which
    such lines are looked for, which ends with a line that starts with a closing bracket.
    """

    what: str
    files: tuple[str, ...]
    line: re.Pattern[str]
    exact: re.Pattern[str]
    within: re.Pattern[str] | None


class SecretKind(NamedTuple):
    """What a secret looks like; a match that `harmless` matches is a well-known example."""

    what: str
    pattern: re.Pattern[str]
    harmless: re.Pattern[str] | None


class Knowledge(NamedTuple):
    """All that the packs know."""

    pins: tuple[PinKind, ...]
    secrets: tuple[SecretKind, ...]
    requires: tuple[Requirement, ...]


def knowledge(packs: Packs) -> Knowledge:
    """What all packs know. A secret of one provider may lie in a service of another.

    Raises PackError.
    """
    pins: list[PinKind] = []
    secrets: list[SecretKind] = []
    requires: list[Requirement] = []
    for path in _files(packs):
        try:
            data = parse(path.read_text("utf-8"))
            pins += [_pin(entry) for entry in data.pop("pins", [])]
            secrets += [_secret(entry) for entry in data.pop("secrets", [])]
            requires += read_requirements(data.pop("requires", {}), path)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, re.error) as error:
            raise PackError(f"{path}: {error!r}") from error
        if data:
            raise PackError(f"{path}: unknown: {', '.join(sorted(data))}")
    return Knowledge(tuple(pins), tuple(secrets), tuple(requires))


def _files(packs: Packs) -> Iterator[Path]:
    yield from _there(root / "base" for root in dict.fromkeys((BUILT_IN, *packs.roots)))
    yield from _there(ci.folder for ci in packs.ci_systems.values())
    for pack in packs.providers.values():
        yield from _there([*pack.folders, *(tool.folder for tool in pack.all_tools.values())])


def _there(folders: Iterable[Path]) -> Iterator[Path]:
    yield from (folder / FILE for folder in folders if (folder / FILE).is_file())


def _pin(entry: Mapping[str, Any]) -> PinKind:
    line = re.compile(entry["line"])
    if not {"name", "version"} <= line.groupindex.keys():
        raise ValueError(f"the line of {entry['what']} needs the groups name and version")
    return PinKind(
        what=entry["what"],
        files=tuple(entry["files"]),
        line=line,
        exact=re.compile(entry["exact"]),
        within=re.compile(entry["within"]) if "within" in entry else None,
    )


def _secret(entry: Mapping[str, Any]) -> SecretKind:
    harmless = entry.get("harmless")
    pattern = re.compile(entry["pattern"])
    return SecretKind(entry["what"], pattern, re.compile(harmless) if harmless else None)
