"""Finds packs and reads their metadata; docs/packs.md is the format.

Nothing is registered anywhere: a folder with the right TOML file in it is a pack. Metadata is
read when it is first asked for, so that `gen list` and errors cost what they show.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from generator.cache import open_cache
from generator.errors import PackError
from generator.metadata import (
    CiSystem,
    Grants,
    NameRule,
    Option,
    Permission,
    Provider,
    PythonVersion,
    Rename,
    Rule,
    Slot,
    SourceKind,
    Tool,
    Trigger,
    Value,
)

BUILT_IN = Path(__file__).parent / "packs"
TYPES: dict[str, type[Any]] = {"string": str, "integer": int, "boolean": bool, "strings": list}


class ProviderPack:
    """A provider with its tools and triggers. Raises PackError when a TOML file is at fault."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name

    @cached_property
    def provider(self) -> Provider:
        data = _read(self.folder / "provider.toml")
        return Provider(
            name=self.name,
            title=_text(data, "title"),
            description=_text(data, "description"),
            folder=self.folder,
            pythons=tuple(_python(entry) for entry in data.get("python", [])),
            default_triggers=_text(data, "default-triggers"),
            default_region=_text(data, "default-region"),
            region_pattern=_text(data, "region-pattern"),
            region_example=_text(data, "region-example"),
            reserved_packages=frozenset(data.get("reserved-packages", [])),
            reserved_functions=frozenset(data.get("reserved-functions", [])),
            options=_options(data.get("options", {})),
            function_options=_options(data.get("function-options", {})),
            rules=_rules(data.get("rules", []), "require"),
            names=_names(data, "names"),
            source_names=_names(data, "source-names"),
            slots=_slots(data),
            grants=_grants(data),
            renames=_renames(data),
        )

    @cached_property
    def all_tools(self) -> Mapping[str, Tool]:
        """Every tool by name, the abstract ones included."""
        return {path.name: _tool(path) for path in _folders(self.folder / "tools", "tool.toml")}

    @cached_property
    def tools(self) -> Mapping[str, Tool]:
        """The tools a user may choose, the default one first."""
        usable = [tool for tool in self.all_tools.values() if not tool.abstract]
        return {tool.name: tool for tool in sorted(usable, key=lambda t: (not t.default, t.name))}

    @cached_property
    def triggers(self) -> Mapping[str, Trigger]:
        folders = _folders(self.folder / "triggers", "trigger.toml")
        return {path.name: self._trigger(path) for path in folders}

    def chain(self, tool: Tool) -> tuple[Tool, ...]:
        """The tool's ancestors, the eldest first, and the tool itself."""
        found = [tool]
        while found[0].extends:
            parent = self.all_tools.get(found[0].extends)
            if parent is None or parent in found:
                raise PackError(f"{tool.folder}: extends {found[0].extends!r}, which is no tool")
            found.insert(0, parent)
        return tuple(found)

    def _trigger(self, folder: Path) -> Trigger:
        data = _read(folder / "trigger.toml")
        return Trigger(
            name=folder.name,
            title=_text(data, "title"),
            description=_text(data, "description"),
            folder=folder,
            tools=frozenset(name for name in self.all_tools if (folder / name).is_dir()),
            aliases=tuple(data.get("aliases", [])),
            elsewhere=data.get("elsewhere", {}),
            options=_options(data.get("options", {})),
            rules=_rules(data.get("rules", []), "require"),
            names=_names(data, "names"),
            source=_source(data["source"]) if "source" in data else None,
            grants=_grants(data),
            renames=_renames(data),
        )


class Packs:
    """All packs on the search path. An earlier root wins where two have the same provider."""

    def __init__(self, roots: tuple[Path, ...] = (BUILT_IN,)) -> None:
        self.roots = roots

    @cached_property
    def providers(self) -> Mapping[str, ProviderPack]:
        return {
            path.name: ProviderPack(path)
            for root in reversed(self.roots)
            for path in _folders(root / "providers", "provider.toml")
        }

    @cached_property
    def ci_systems(self) -> Mapping[str, CiSystem]:
        """Every CI system, the default one first."""
        found = [
            _ci(path) for root in reversed(self.roots) for path in _folders(root / "ci", "ci.toml")
        ]
        return {ci.name: ci for ci in sorted(found, key=lambda c: (not c.default, c.name))}

    @cached_property
    def base_slots(self) -> Mapping[str, Slot]:
        return _slots(_read(BUILT_IN / "base" / "base.toml"))

    @cached_property
    def base_renames(self) -> tuple[Rename, ...]:
        return _renames(_read(BUILT_IN / "base" / "base.toml"))


def _folders(parent: Path, marker: str) -> list[Path]:
    if not parent.is_dir():
        return []
    return sorted(path for path in parent.iterdir() if (path / marker).is_file())


def _read(path: Path) -> dict[str, Any]:
    kept = open_cache("metadata")
    try:
        text = path.read_text(encoding="utf-8")
        data: Any = kept.get(str(path), text)
        if data is None:
            data = _parse(text)
            kept.put(str(path), text, data)
    except (OSError, ValueError) as error:
        raise PackError(f"{path}: {error}") from error
    return dict(data)


def _parse(text: str) -> dict[str, Any]:
    """What a TOML text says, with dates as text."""
    import tomllib

    return {key: _plain(value) for key, value in tomllib.loads(text).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float) else str(value)


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key, "")
    if not isinstance(value, str):
        raise PackError(f"{key} must be a string, not {value!r}")
    return value


def _tool(folder: Path) -> Tool:
    data = _read(folder / "tool.toml")
    return Tool(
        name=folder.name,
        title=_text(data, "title"),
        description=_text(data, "description"),
        folder=folder,
        extends=_text(data, "extends"),
        abstract=bool(data.get("abstract", False)),
        default=bool(data.get("default", False)),
        options=_options(data.get("options", {})),
        slots=_slots(data),
        requires=data.get("requires", {}),
        renames=_renames(data),
        migration=_text(data, "migration"),
    )


def _ci(folder: Path) -> CiSystem:
    data = _read(folder / "ci.toml")
    return CiSystem(
        name=folder.name,
        title=_text(data, "title"),
        description=_text(data, "description"),
        folder=folder,
        default=bool(data.get("default", False)),
        options=_options(data.get("options", {})),
        slots=_slots(data),
        renames=_renames(data),
        root=_text(data, "root"),
    )


def _python(data: Mapping[str, Any]) -> PythonVersion:
    return PythonVersion(
        version=_text(data, "version"),
        end_of_life=_text(data, "end-of-life"),
        source=_text(data, "source"),
        default=bool(data.get("default", False)),
    )


def _options(table: Mapping[str, Mapping[str, Any]]) -> dict[str, Option]:
    return {name: _option(name, data) for name, data in table.items()}


def _option(name: str, data: Mapping[str, Any]) -> Option:
    kind = data.get("type", "string")
    if kind not in TYPES:
        raise PackError(f"option {name}: unknown type {kind!r}")
    if data.get("format", "json-filter") != "json-filter":
        raise PackError(f"option {name}: unknown format {data['format']!r}")
    default: Any = data.get("default") if "default" in data else TYPES[kind]()
    if type(default) is not TYPES[kind]:
        raise PackError(f"option {name}: type {kind!r} with default {default!r}")
    value: Value = tuple(default) if kind == "strings" else default
    return Option(
        name=name,
        type=kind,
        default=value,
        help=_text(data, "help"),
        choices=tuple(data.get("choices", [])),
        pattern=_text(data, "pattern"),
        example=_text(data, "example"),
        minimum=data.get("min"),
        maximum=data.get("max"),
        format=_text(data, "format"),
    )


def _rules(entries: list[Mapping[str, Any]], key: str) -> tuple[Rule, ...]:
    return tuple(Rule(expression=entry[key], message=entry["message"]) for entry in entries)


def _renames(data: Mapping[str, Any]) -> tuple[Rename, ...]:
    return tuple(Rename(old=entry["from"], new=entry["to"]) for entry in data.get("renames", []))


def _names(data: Mapping[str, Any], key: str) -> tuple[NameRule, ...]:
    return tuple(
        NameRule(what=entry["what"], template=entry["template"], maximum=entry["max"])
        for entry in data.get(key, [])
    )


def _slots(data: Mapping[str, Any]) -> dict[str, Slot]:
    return {name: Slot(name=name, **entry) for name, entry in data.get("slots", {}).items()}


def _grants(data: Mapping[str, Any]) -> Grants:
    return Grants(
        resources=tuple(data.get("resources", [])),
        permissions=tuple(
            Permission(tuple(entry["actions"]), entry["on"], entry.get("when", ""))
            for entry in data.get("permissions", [])
        ),
    )


def _source(data: Mapping[str, Any]) -> SourceKind:
    constant = "constant-key" in data
    return SourceKind(
        kind=data["kind"],
        key=data["constant-key"] if constant else data["key"],
        constant=constant,
        shared=tuple(data.get("shared", [])),
        common=tuple(data.get("common", [])),
        resources=tuple(data.get("resources", [])),
        created_unless=_text(data, "created-unless"),
        holds_data=bool(data.get("holds-data", False)),
        forbid=_rules(data.get("forbid", []), "when"),
    )
