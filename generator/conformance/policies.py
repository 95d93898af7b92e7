"""What a pack.toml sets and forbids: whether all that it names is there, and each value is good."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from generator.conformance.files import Metadata
from generator.conformance.known import Known, variables
from generator.conformance.meaning import missing
from generator.conformance.options import SAMPLES, placeholders
from generator.doctor.findings import Finding
from generator.errors import InvalidValueError, nearest, printable
from generator.metadata import Option, Tool, Trigger
from generator.packs import ProviderPack
from generator.policies import FACETS
from generator.values import fill, parse_typed

ALWAYS = ("service", "function", "python")
"""What a condition may name beside options."""

Offers = dict[str, list[Option]]


def check_policies(file: Metadata, known: Known) -> Iterator[Finding]:
    """What is wrong with a pack.toml that follows the format."""
    name = file.data["name"]
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        message = f"name cannot be {printable(name)}"
        yield file.failure(message, "name", hint="lower-case letters, digits and -: acme-platform")
    for table in ("defaults", "forbid"):
        for number, entry in enumerate(file.data.get(table, [])):
            wrong = list(_scope(file, known, entry, (table, number)))
            yield from wrong
            if wrong:
                continue
            check = _default if table == "defaults" else _forbid
            yield from check(file, known, entry, number)


def _scope(
    file: Metadata, known: Known, entry: Mapping[str, Any], path: tuple[str, int]
) -> Iterator[Finding]:
    """Providers, tools, triggers and CI systems that are not there."""
    for name in _names(entry, "provider"):
        if name not in known.packs.providers:
            yield missing(file, "provider", name, known.packs.providers, *path, "provider")
    packs = list(_providers(known, entry))
    there = {
        "tool": {name: 0 for pack in packs for name in pack.tools},
        "trigger": {name: 0 for pack in packs for name in pack.triggers},
        "ci": known.packs.ci_systems,
    }
    for facet, names in there.items():
        for name in _names(entry, facet):
            if name not in names and (packs or facet == "ci"):
                yield missing(file, facet, name, names, *path, facet)


def _default(
    file: Metadata, known: Known, entry: Mapping[str, Any], number: int
) -> Iterator[Finding]:
    path = ("defaults", number)
    if not entry.get("service") and not entry.get("functions"):
        hint = "write service = { option = value } or functions = { option = value }"
        yield file.failure("sets nothing", *path, hint=hint)
    for key, offers in (
        ("service", _service(known, entry)),
        ("functions", _functions(known, entry)),
    ):
        table = entry.get(key, {})
        if not isinstance(table, dict):
            hint = f"write {key} = {{ option = value }}"
            yield file.failure(f"{key} must be a table", *path, key, hint=hint)
            continue
        for name, value in table.items():
            options = offers.get(name, [])
            if not options:
                yield missing(file, f"option of {_whose(key)}", name, offers, *path, key)
            yield from _value(file, options, value, (*path, key))


def _value(
    file: Metadata, options: Sequence[Option], value: object, path: tuple[str | int, ...]
) -> Iterator[Finding]:
    """A value that the first option refuses that it is for."""
    if isinstance(value, str):
        value = fill(value, SAMPLES)
    elif isinstance(value, list):
        value = [fill(item, SAMPLES) if isinstance(item, str) else item for item in value]
    for option in options:
        try:
            parse_typed(option, value, "")
        except InvalidValueError as error:
            yield file.failure(error.message, *path, hint=error.hint)
            return


def _forbid(
    file: Metadata, known: Known, entry: Mapping[str, Any], number: int
) -> Iterator[Finding]:
    path = ("forbid", number)
    if not any(key in entry for key in (*FACETS, "when")):
        hint = "name a provider, a tool, a trigger or a CI system, or say when"
        yield file.failure("forbids everything", *path, hint=hint)
    everywhere = [*_in_all(_tables(known, entry)), *ALWAYS]
    for name in variables(entry["when"]) if entry.get("when") else []:
        if name not in everywhere:
            yield missing(file, "option", name, everywhere, *path, "when")
    anywhere = {**_service(known, entry), **_functions(known, entry)}
    if entry.get("option") and entry["option"] not in anywhere:
        yield missing(file, "option", entry["option"], anywhere, *path, "option")
    for name in placeholders(entry["message"]):
        if name not in (*anywhere, *ALWAYS) and nearest(name, [*anywhere]):
            yield missing(file, "option", name, anywhere, *path, "message")


def _whose(key: str) -> str:
    return "the service" if key == "service" else "a function"


def _names(entry: Mapping[str, Any], facet: str) -> list[str]:
    said = entry.get(facet, [])
    return [said] if isinstance(said, str) else list(said)


def _named(entry: Mapping[str, Any], facet: str, name: str) -> bool:
    return facet not in entry or name in _names(entry, facet)


def _providers(known: Known, entry: Mapping[str, Any]) -> Iterator[ProviderPack]:
    for name, pack in known.packs.providers.items():
        if _named(entry, "provider", name):
            yield pack


def _chosen(known: Known, entry: Mapping[str, Any]) -> Iterator[tuple[ProviderPack, Tool]]:
    for pack in _providers(known, entry):
        for tool in pack.tools.values():
            if _named(entry, "tool", tool.name):
                yield pack, tool


def _triggers(pack: ProviderPack, entry: Mapping[str, Any]) -> list[Trigger]:
    return [t for t in pack.triggers.values() if _named(entry, "trigger", t.name)]


def _service(known: Known, entry: Mapping[str, Any]) -> Offers:
    """The options of some service that the policy is about."""
    found: Offers = {}
    for ci in known.packs.ci_systems.values():
        if _named(entry, "ci", ci.name):
            _add(found, ci.options)
    for pack, tool in _chosen(known, entry):
        _add(found, pack.provider.options)
        for part in pack.chain(tool):
            _add(found, part.options)
    return found


def _functions(known: Known, entry: Mapping[str, Any]) -> Offers:
    """The options of some function that the policy is about."""
    found: Offers = {}
    for pack in _providers(known, entry):
        triggers = _triggers(pack, entry)
        if triggers:
            _add(found, pack.provider.function_options)
        for trigger in triggers:
            _add(found, trigger.options)
    return found


def _tables(known: Known, entry: Mapping[str, Any]) -> Iterator[set[str]]:
    """The options by name of each function that a condition is evaluated for."""
    systems = [c for c in known.packs.ci_systems.values() if _named(entry, "ci", c.name)]
    for pack, tool in _chosen(known, entry):
        service = {name for part in pack.chain(tool) for name in part.options}
        for trigger in _triggers(pack, entry):
            for ci in systems:
                yield {
                    *service,
                    *ci.options,
                    *pack.provider.options,
                    *pack.provider.function_options,
                    *trigger.options,
                }


def _in_all(tables: Iterable[set[str]]) -> list[str]:
    each = list(tables)
    return sorted(set.intersection(*each)) if each else []


def _add(found: Offers, options: Mapping[str, Option]) -> None:
    for name, option in options.items():
        if option not in found.setdefault(name, []):
            found[name].append(option)
