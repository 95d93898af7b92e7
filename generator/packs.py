"""Finds packs; docs/packs.md is the format, `reading` knows it.

Nothing is registered anywhere: a folder with the right TOML file in it is a pack. Metadata is
read when it is first asked for, so that `gen list` and errors cost what they show.

There may be several roots, the built-in one and those of an organisation. What a folder of one root
says of itself holds; the same folder in the others adds to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from generator.errors import PackError
from generator.metadata import CiSystem, Provider, Rename, Slot, Tool, Trigger
from generator.reading import (
    read_base,
    read_ci,
    read_provider,
    read_tool,
    read_trigger,
)

if TYPE_CHECKING:  # which only an organisation's packs need
    from generator.policies import PackInfo

BUILT_IN = Path(__file__).parent / "packs"
PACK = "pack.toml"
"""The file at the root of an organisation's pack directory."""


class ProviderPack:
    """A provider with its tools and triggers. Raises PackError when a TOML file is at fault.

    `folder` has its `provider.toml`; `roots` are where more of it may be.
    """

    def __init__(self, folder: Path, roots: tuple[Path, ...]) -> None:
        self.folder = folder
        self.name = folder.name
        self.roots = roots

    @cached_property
    def provider(self) -> Provider:
        return read_provider(self.folder)

    @cached_property
    def folders(self) -> tuple[Path, ...]:
        """The provider's folder in each root that has one."""
        found = (root / "providers" / self.name for root in self.roots)
        return tuple(folder for folder in found if folder.is_dir())

    @cached_property
    def all_tools(self) -> Mapping[str, Tool]:
        """Every tool by name, the abstract ones included."""
        folders = _folders((folder / "tools" for folder in self.folders), "tool.toml")
        return {name: read_tool(folder) for name, folder in folders.items()}

    @cached_property
    def tools(self) -> Mapping[str, Tool]:
        """The tools a user may choose, the default one first."""
        usable = [tool for tool in self.all_tools.values() if not tool.abstract]
        return {tool.name: tool for tool in sorted(usable, key=lambda t: (not t.default, t.name))}

    @cached_property
    def triggers(self) -> Mapping[str, Trigger]:
        folders = _folders((folder / "triggers" for folder in self.folders), "trigger.toml")
        return {name: read_trigger(path, self._tools_of(name)) for name, path in folders.items()}

    def _tools_of(self, trigger: str) -> frozenset[str]:
        places = [folder / "triggers" / trigger for folder in self.folders]
        return frozenset(t for t in self.all_tools if any((p / t).is_dir() for p in places))

    def chain(self, tool: Tool) -> tuple[Tool, ...]:
        """The tool's ancestors, the eldest first, and the tool itself."""
        found = [tool]
        while found[0].extends:
            parent = self.all_tools.get(found[0].extends)
            if parent is None or parent in found:
                raise PackError(f"{tool.folder}: extends {found[0].extends!r}, which is no tool")
            found.insert(0, parent)
        return tuple(found)


class Packs:
    """All packs below the roots. Two that say the same of themselves are a PackError."""

    def __init__(self, roots: tuple[Path, ...] = (BUILT_IN,)) -> None:
        self.roots = roots

    @cached_property
    def infos(self) -> tuple[PackInfo, ...]:
        """What the roots that are somebody's own say of themselves, and their policies."""
        own = [root for root in self.roots if root != BUILT_IN and (root / PACK).is_file()]
        if not own:
            return ()
        from generator.policies import read_pack

        return tuple(read_pack(root) for root in own)

    @cached_property
    def providers(self) -> Mapping[str, ProviderPack]:
        folders = _folders((root / "providers" for root in self.roots), "provider.toml")
        return {name: ProviderPack(folder, self.roots) for name, folder in folders.items()}

    @cached_property
    def ci_systems(self) -> Mapping[str, CiSystem]:
        """Every CI system, the default one first."""
        folders = _folders((root / "ci" for root in self.roots), "ci.toml")
        found = [read_ci(folder) for folder in folders.values()]
        return {ci.name: ci for ci in sorted(found, key=lambda c: (not c.default, c.name))}

    @cached_property
    def base_slots(self) -> Mapping[str, Slot]:
        return read_base(BUILT_IN / "base")[0]

    @cached_property
    def base_renames(self) -> tuple[Rename, ...]:
        return read_base(BUILT_IN / "base")[1]


def _folders(parents: Iterable[Path], marker: str) -> dict[str, Path]:
    """The folders with a file `marker`, by their name, root by root."""
    found: dict[str, Path] = {}
    for parent in parents:
        for path in sorted(parent.iterdir()) if parent.is_dir() else ():
            if not (path / marker).is_file():
                continue
            if path.name in found:
                raise PackError(
                    f"{path / marker}: there is one already, {found[path.name] / marker};"
                    " take another name, or leave this file out to add to that one"
                )
            found[path.name] = path
    return found
