"""What packs say about themselves: plain data, read from the TOML files by `packs`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

Value = str | int | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """A typed setting. `minimum` and `maximum` bound an integer's value or a string's length."""

    name: str
    type: str
    default: Value
    help: str
    choices: tuple[str, ...] = ()
    pattern: str = ""
    example: str = ""
    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A Jinja expression that must (`require`) or must not (`when`) hold, and what to say."""

    expression: str
    message: str


@dataclass(frozen=True, slots=True)
class NameRule:
    """A name derived from service and function: how long it may be. It must be unique, too."""

    what: str
    template: str
    maximum: int


@dataclass(frozen=True, slots=True)
class Permission:
    """Actions that a function is granted, `on` a resource described in words, for the plan."""

    actions: tuple[str, ...]
    on: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A named place in a skeleton. `join`: blocks, lines or union. `scope`: service, ..."""

    name: str
    scope: str = "service"
    join: str = "blocks"


@dataclass(frozen=True, slots=True)
class SourceKind:
    """What emits a trigger's events; `key` is the option (or the constant) that names it."""

    kind: str
    key: str
    constant: bool
    shared: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    created_unless: str = ""
    holds_data: bool = False
    forbid: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class PythonVersion:
    """A version that the provider runs, with the end of its life there and where that is said."""

    version: str
    end_of_life: str
    source: str
    default: bool = False


@dataclass(frozen=True, slots=True)
class Grants:
    """What a function brings with it, for the plan."""

    resources: tuple[str, ...] = ()
    permissions: tuple[Permission, ...] = ()


@dataclass(frozen=True, slots=True)
class Trigger:
    name: str
    title: str
    description: str
    folder: Path
    tools: frozenset[str]
    aliases: tuple[str, ...] = ()
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Option] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    names: tuple[NameRule, ...] = ()
    source: SourceKind | None = None
    grants: Grants = Grants()


@dataclass(frozen=True, slots=True)
class Tool:
    name: str
    title: str
    description: str
    folder: Path
    extends: str = ""
    abstract: bool = False
    default: bool = False
    options: Mapping[str, Option] = field(default_factory=dict)
    slots: Mapping[str, Slot] = field(default_factory=dict)
    requires: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CiSystem:
    name: str
    title: str
    description: str
    folder: Path
    default: bool = False
    slots: Mapping[str, Slot] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Provider:
    name: str
    title: str
    description: str
    folder: Path
    pythons: tuple[PythonVersion, ...]
    default_triggers: str
    default_region: str
    region_pattern: str
    region_example: str
    reserved_packages: frozenset[str] = frozenset()
    options: Mapping[str, Option] = field(default_factory=dict)
    function_options: Mapping[str, Option] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    names: tuple[NameRule, ...] = ()
    slots: Mapping[str, Slot] = field(default_factory=dict)
    grants: Grants = Grants()
