"""What packs say about themselves: plain data, read from the TOML files by `packs`.

Named tuples, as in all modules that `gen new` needs: the classes are made at every start of `gen`,
and a frozen dataclass takes six to ten times as long (1 ms or more of CPU time, CPython 3.11).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

Value = str | int | bool | tuple[str, ...]


class Option(NamedTuple):
    """A typed setting. `minimum` and `maximum` bound an integer's value or a string's length.

    `format` is "json-filter" for a text that `values` checks as such.
    """

    name: str
    type: str
    default: Value
    help: str
    choices: tuple[str, ...] = ()
    pattern: str = ""
    example: str = ""
    minimum: int | None = None
    maximum: int | None = None
    format: str = ""


class Rule(NamedTuple):
    """A Jinja expression that must (`require`) or must not (`when`) hold, and what to say.

    `option` is the one that is at fault: its place is what an error names.
    """

    expression: str
    message: str
    option: str = ""


class NameRule(NamedTuple):
    """A name derived from service and function: how long it may be. It must be unique, too.

    `never` is a regular expression for what must not be in it, `why` says so to a person.
    """

    what: str
    template: str
    maximum: int
    never: str = ""
    why: str = ""


class Permission(NamedTuple):
    """Actions that a function is granted, `on` a resource described in words, for the plan.

    `when` is a Jinja expression over the function's and the service's options; empty means always.
    """

    actions: tuple[str, ...]
    on: str
    when: str = ""


class Slot(NamedTuple):
    """A named place in a skeleton. `join`: blocks, lines or union. `scope`: service, ..."""

    name: str
    scope: str = "service"
    join: str = "blocks"


class SourceKind(NamedTuple):
    """What emits a trigger's events; `key` is the option (or the constant) that names it.

    Its users must agree on the `shared` options. A `common` one is said by one of them for all.
    """

    kind: str
    key: str
    constant: bool
    shared: tuple[str, ...] = ()
    common: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    created_unless: str = ""
    holds_data: bool = False
    forbid: tuple[Rule, ...] = ()


class Rename(NamedTuple):
    """A file of older templates and what it is called now; both are templates of a path."""

    old: str
    new: str


class PythonVersion(NamedTuple):
    """A version that the provider runs, with the end of its life there and where that is said."""

    version: str
    end_of_life: str
    source: str
    default: bool = False


class Grants(NamedTuple):
    """What a function brings with it, for the plan."""

    resources: tuple[str, ...] = ()
    permissions: tuple[Permission, ...] = ()


class Trigger(NamedTuple):
    name: str
    title: str
    description: str
    folder: Path
    tools: frozenset[str]
    aliases: tuple[str, ...] = ()
    elsewhere: Mapping[str, str] = {}
    options: Mapping[str, Option] = {}
    rules: tuple[Rule, ...] = ()
    names: tuple[NameRule, ...] = ()
    source: SourceKind | None = None
    grants: Grants = Grants()
    renames: tuple[Rename, ...] = ()


class Tool(NamedTuple):
    """`migration` says how a deployed service leaves this tool for another."""

    name: str
    title: str
    description: str
    folder: Path
    extends: str = ""
    abstract: bool = False
    default: bool = False
    options: Mapping[str, Option] = {}
    slots: Mapping[str, Slot] = {}
    requires: Mapping[str, str | Mapping[str, str]] = {}
    renames: tuple[Rename, ...] = ()
    migration: str = ""


class CiSystem(NamedTuple):
    """`alone`: it goes with no other. `root`: why it needs files in the root of a repository."""

    name: str
    title: str
    description: str
    folder: Path
    default: bool = False
    options: Mapping[str, Option] = {}
    slots: Mapping[str, Slot] = {}
    renames: tuple[Rename, ...] = ()
    root: str = ""
    alone: bool = False


class Provider(NamedTuple):
    """`handler` is the path, a template, of the file that the cloud calls for a function."""

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
    reserved_functions: frozenset[str] = frozenset()
    options: Mapping[str, Option] = {}
    function_options: Mapping[str, Option] = {}
    rules: tuple[Rule, ...] = ()
    service_rules: tuple[Rule, ...] = ()
    names: tuple[NameRule, ...] = ()
    source_names: tuple[NameRule, ...] = ()
    slots: Mapping[str, Slot] = {}
    grants: Grants = Grants()
    handler: str = ""
    renames: tuple[Rename, ...] = ()
