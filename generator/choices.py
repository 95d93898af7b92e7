"""Finds what the user named among what the packs offer, or says which name is nearest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from generator.answers import CiNames, Where
from generator.errors import (
    InvalidValueError,
    MissingAnswerError,
    PackError,
    nearest,
    printable,
)
from generator.metadata import CiSystem, Option, Provider, Tool, Trigger
from generator.packs import Packs, ProviderPack
from generator.values import parse_text, unknown

T = TypeVar("T")


def choose_provider(name: str, packs: Packs, where: Where) -> ProviderPack:
    """The provider's pack, or an error that names the nearest."""
    if not name:
        raise MissingAnswerError(
            "no provider is given",
            where=where("provider"),
            hint=f"choose one of: {', '.join(packs.providers)}",
        )
    if name not in packs.providers:
        raise unknown("provider", name, list(packs.providers), where=where("provider"))
    return packs.providers[name]


def choose_tool(name: str, pack: ProviderPack, packs: Packs, where: Where) -> Tool:
    if not pack.tools:
        raise PackError(f"{pack.folder}: no tool that a user may choose")
    if not name:
        return _first_allowed(pack.tools, packs, "tool", provider=pack.name)
    if name not in pack.tools:
        raise unknown(f"{pack.name} tool", name, list(pack.tools), where=where("tool"))
    return pack.tools[name]


def _first_allowed(candidates: Mapping[str, T], packs: Packs, facet: str, **chosen: str) -> T:
    """The default, or the next one where an organisation forbids that; its message comes later."""
    if packs.infos:
        from generator.policies import refusal

        for name, candidate in candidates.items():
            if not refusal(packs, **chosen, **{facet: name}):
                return candidate
    return next(iter(candidates.values()))


def choose_ci(given: CiNames, packs: Packs, where: Where) -> tuple[CiSystem, ...]:
    """The CI systems in the order given; the default one where none is."""
    if not packs.ci_systems:
        raise PackError(f"no CI system in {', '.join(map(str, packs.roots))}")
    names = (given,) if isinstance(given, str) else given
    if not any(names):
        return (_first_allowed(packs.ci_systems, packs, "ci"),)
    for name in names:
        if name not in packs.ci_systems:
            raise unknown("CI system", name, list(packs.ci_systems), where=where("ci"))
        if names.count(name) > 1:
            raise InvalidValueError(f"the CI system {name} is given twice", where=where("ci"))
        if packs.ci_systems[name].alone and len(names) > 1:
            raise InvalidValueError(
                f"the CI system {name} goes with no other",
                where=where("ci"),
                hint=f"leave out {name}, or the others",
            )
    return tuple(packs.ci_systems[name] for name in names)


def choose_python(version: str, provider: Provider, where: Where) -> str:
    known = [python.version for python in provider.pythons]
    if not version:
        return next((p.version for p in provider.pythons if p.default), known[0])
    if version not in known:
        raise unknown(f"{provider.name} Python version", version, known, where=where("python"))
    return version


def choose_region(region: str, provider: Provider, where: Where) -> str:
    if not region:
        return provider.default_region
    option = Option(
        name="region",
        type="string",
        default="",
        help="",
        pattern=provider.region_pattern,
        example=provider.region_example,
    )
    return str(parse_text(option, region, where("region")))


def choose_trigger(name: str, pack: ProviderPack, packs: Packs, where: str) -> Trigger:
    """The trigger called `name`, or one of whose aliases it is.

    A trigger of another provider is an error that says what it is called here.
    """
    if name in pack.triggers:
        return pack.triggers[name]
    for trigger in pack.triggers.values():
        if name in trigger.aliases:
            return trigger
    for other in packs.providers.values():
        here = _equivalent(name, other, pack) if other is not pack else None
        if here:
            raise InvalidValueError(
                f"{printable(name)} is a trigger of {other.name}, not of {pack.name}",
                where=where,
                hint=f'here it is called "{here}"',
                suggestion=here,
            )
    for here, trigger in pack.triggers.items():
        if name in trigger.elsewhere.values():
            there = " and ".join(p for p, word in trigger.elsewhere.items() if word == name)
            raise InvalidValueError(
                f"{printable(name)} is a trigger of {there}, not of {pack.name}",
                where=where,
                hint=f'here it is called "{here}"',
                suggestion=here,
            )
    aliases = [alias for trigger in pack.triggers.values() for alias in trigger.aliases]
    close = nearest(name, [*pack.triggers, *aliases])
    note = f'did you mean "{close}"? known: {", ".join(pack.triggers)}' if close in aliases else ""
    raise unknown(f"{pack.name} trigger", name, list(pack.triggers), where=where, note=note)


def _equivalent(name: str, other: ProviderPack, here: ProviderPack) -> str:
    for trigger in other.triggers.values():
        if name == trigger.name or name in trigger.aliases:
            return trigger.elsewhere.get(here.name, "")
    return ""
