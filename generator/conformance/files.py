"""The TOML files of a pack: where they lie, what they say, and a finding with a place in one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from generator.conformance.format import FORMAT, Keys
from generator.conformance.toml_places import Path as KeyPath
from generator.conformance.toml_places import line_of, lines_of
from generator.doctor.findings import FAILURE, OK, WARNING, Finding
from generator.toml_text import parse

METADATA, LAYOUT, PATHS = "metadata", "layout", "paths"
PLACES = (
    "pack.toml",
    "base/base.toml",
    "base/doctor.toml",
    "ci/*/ci.toml",
    "ci/*/doctor.toml",
    "providers/*/provider.toml",
    "providers/*/doctor.toml",
    "providers/*/tools/*/tool.toml",
    "providers/*/tools/*/doctor.toml",
    "providers/*/triggers/*/trigger.toml",
)


class Location(NamedTuple):
    """Of a file or a folder in a pack: whose it is, as far as its path says."""

    provider: str = ""
    tool: str = ""
    trigger: str = ""
    ci: str = ""


class Metadata:
    """One TOML file, below the pack's `root`. `problem` is what keeps it from being read."""

    def __init__(self, root: Path, path: Path) -> None:
        self.path = path
        self.name = path.relative_to(root).as_posix()
        self.keys: Keys = FORMAT[path.name]
        self.location = location_of(self.name)
        self.data: Mapping[str, Any] = {}
        self.problem = ""
        try:
            self._text = path.read_text(encoding="utf-8")
            self.data = parse(self._text)
        except (OSError, ValueError) as error:
            self.problem = str(error)

    @cached_property
    def _lines(self) -> Mapping[KeyPath, int]:
        return lines_of(self._text)

    def where(self, *path: str | int) -> str:
        """`providers/sky/provider.toml:12 options.fancy.help`: the line, and the key in full."""
        parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in path]
        key = "".join(parts).lstrip(".")
        return f"{self.name}:{line_of(path, self._lines)} {key}".rstrip()

    def failure(self, message: str, *path: str | int, hint: str = "") -> Finding:
        """What is wrong at a key."""
        return Finding(METADATA, FAILURE, message, self.where(*path), hint)

    def warning(self, message: str, *path: str | int, hint: str = "") -> Finding:
        return Finding(METADATA, WARNING, message, self.where(*path), hint)


def metadata_of(root: Path) -> Iterator[Metadata]:
    """Every TOML file of the pack that the format knows."""
    for pattern in PLACES:
        for path in sorted(root.glob(pattern)):
            if path.is_file():
                yield Metadata(root, path)


def location_of(name: str) -> Location:
    """Whose a path below a pack's root is: `providers/sky/tools/rope/project` is sky's rope's."""
    parts = name.split("/")
    if parts[0] == "ci" and len(parts) > 1:
        return Location(ci=parts[1])
    if parts[0] != "providers" or len(parts) < 2:
        return Location()
    own = Location(provider=parts[1])
    if len(parts) > 3 and parts[2] in ("tools", "triggers"):
        own = own._replace(**{parts[2].removesuffix("s"): parts[3]})
    return own


def fine(check: str, message: str) -> Finding:
    return Finding(check, OK, message)


def failure(check: str, message: str, where: str = "", hint: str = "") -> Finding:
    return Finding(check, FAILURE, message, where, hint)


def warning(check: str, message: str, where: str = "", hint: str = "") -> Finding:
    return Finding(check, WARNING, message, where, hint)
