"""Reads the TOML files of packs into metadata; docs/packs.md is the format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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

TYPES: dict[str, type[Any]] = {"string": str, "integer": int, "boolean": bool, "strings": list}


def read_toml(path: Path) -> dict[str, Any]:
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
    from generator.toml_text import parse

    return {key: _plain(value) for key, value in parse(text).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float) else str(value)


def text_of(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key, "")
    if not isinstance(value, str):
        raise PackError(f"{key} must be a string, not {value!r}")
    return value


@contextmanager
def in_file(path: Path) -> Iterator[dict[str, Any]]:
    """What the file says. What is wrong with it is a PackError that names the file."""
    data = read_toml(path)
    try:
        yield data
    except KeyError as error:
        raise PackError(f"{path}: {error.args[0]!r} is missing") from error
    except (AttributeError, TypeError, ValueError) as error:
        raise PackError(f"{path}: {error}; docs/packs.md is the format") from error
    except PackError as error:
        raise PackError(f"{path}: {error}") from error


def read_provider(folder: Path) -> Provider:
    """A provider's own metadata, without its tools and triggers."""
    with in_file(folder / "provider.toml") as data:
        return Provider(
            name=folder.name,
            title=text_of(data, "title"),
            description=text_of(data, "description"),
            folder=folder,
            pythons=tuple(_python(entry) for entry in data.get("python", [])),
            default_triggers=text_of(data, "default-triggers"),
            default_region=text_of(data, "default-region"),
            region_pattern=text_of(data, "region-pattern"),
            region_example=text_of(data, "region-example"),
            reserved_packages=frozenset(data.get("reserved-packages", [])),
            reserved_functions=frozenset(data.get("reserved-functions", [])),
            options=_options(data.get("options", {})),
            function_options=_options(data.get("function-options", {})),
            rules=_rules(data.get("rules", []), "require"),
            service_rules=_rules(data.get("service-rules", []), "require"),
            names=_names(data, "names"),
            source_names=_names(data, "source-names"),
            slots=_slots(data),
            grants=_grants(data),
            handler=text_of(data, "handler"),
            renames=_renames(data),
        )


def read_tool(folder: Path) -> Tool:
    with in_file(folder / "tool.toml") as data:
        return Tool(
            name=folder.name,
            title=text_of(data, "title"),
            description=text_of(data, "description"),
            folder=folder,
            extends=text_of(data, "extends"),
            abstract=bool(data.get("abstract", False)),
            default=bool(data.get("default", False)),
            options=_options(data.get("options", {})),
            slots=_slots(data),
            requires=data.get("requires", {}),
            renames=_renames(data),
            migration=text_of(data, "migration"),
        )


def read_trigger(folder: Path, tools: frozenset[str]) -> Trigger:
    """`tools` are those that it has fragments for, in whichever pack."""
    with in_file(folder / "trigger.toml") as data:
        return Trigger(
            name=folder.name,
            title=text_of(data, "title"),
            description=text_of(data, "description"),
            folder=folder,
            tools=tools,
            aliases=tuple(data.get("aliases", [])),
            elsewhere=data.get("elsewhere", {}),
            options=_options(data.get("options", {})),
            rules=_rules(data.get("rules", []), "require"),
            names=_names(data, "names"),
            source=_source(data["source"]) if "source" in data else None,
            grants=_grants(data),
            renames=_renames(data),
        )


def read_ci(folder: Path) -> CiSystem:
    with in_file(folder / "ci.toml") as data:
        return CiSystem(
            name=folder.name,
            title=text_of(data, "title"),
            description=text_of(data, "description"),
            folder=folder,
            default=bool(data.get("default", False)),
            options=_options(data.get("options", {})),
            slots=_slots(data),
            renames=_renames(data),
            root=text_of(data, "root"),
            alone=bool(data.get("alone", False)),
        )


def read_base(folder: Path) -> tuple[dict[str, Slot], tuple[Rename, ...]]:
    """What `base.toml` says: the slots of the base layer's files, and what was renamed there."""
    with in_file(folder / "base.toml") as data:
        return _slots(data), _renames(data)


def _python(data: Mapping[str, Any]) -> PythonVersion:
    return PythonVersion(
        version=text_of(data, "version"),
        end_of_life=text_of(data, "end-of-life"),
        source=text_of(data, "source"),
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
        help=text_of(data, "help"),
        choices=tuple(data.get("choices", [])),
        pattern=text_of(data, "pattern"),
        example=text_of(data, "example"),
        minimum=data.get("min"),
        maximum=data.get("max"),
        format=text_of(data, "format"),
    )


def _rules(entries: list[Mapping[str, Any]], key: str) -> tuple[Rule, ...]:
    return tuple(
        Rule(expression=entry[key], message=entry["message"], option=entry.get("option", ""))
        for entry in entries
    )


def _renames(data: Mapping[str, Any]) -> tuple[Rename, ...]:
    return tuple(Rename(old=entry["from"], new=entry["to"]) for entry in data.get("renames", []))


def _names(data: Mapping[str, Any], key: str) -> tuple[NameRule, ...]:
    return tuple(
        NameRule(
            what=entry["what"],
            template=entry["template"],
            maximum=entry["max"],
            never=entry.get("never", ""),
            why=entry.get("why", ""),
        )
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
        created_unless=text_of(data, "created-unless"),
        holds_data=bool(data.get("holds-data", False)),
        forbid=_rules(data.get("forbid", []), "when"),
    )
