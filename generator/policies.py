"""What a pack directory says in `pack.toml`: other defaults for options, and what is forbidden."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.answers import Where
from generator.errors import InvalidValueError, PackError, UserError, nearest
from generator.metadata import CiSystem, Option, Provider, Tool, Trigger
from generator.packs import PACK, Packs
from generator.reading import in_file, text_of
from generator.values import fill, parse_typed

if TYPE_CHECKING:  # Jinja is not needed to tell what is forbidden
    from generator.sources import Function
    from generator.spec import Spec  # which calls this module
    from generator.templates import Templates

FACETS = ("provider", "tool", "trigger", "ci")
"""What a policy may name to say where it applies."""
Scope = Mapping[str, tuple[str, ...]]
"""Facet -> names, one of which it must be. A facet that is not there may be anything."""


class Default(NamedTuple):
    """Options that have another default: of the service, of each function; as TOML's values."""

    scope: Scope
    service: Mapping[str, object] = {}
    functions: Mapping[str, object] = {}


class Forbid(NamedTuple):
    """What must not be chosen, and why.

    `when` is a Jinja expression over the options; empty means always. `option` is the one that is
    at fault, if it is one.
    """

    scope: Scope
    message: str
    when: str = ""
    option: str = ""


class PackInfo(NamedTuple):
    """A pack directory of an organisation: what it is called, and its policies."""

    name: str
    title: str
    description: str
    folder: Path
    defaults: tuple[Default, ...] = ()
    forbids: tuple[Forbid, ...] = ()


def read_pack(folder: Path) -> PackInfo:
    """What `pack.toml` says. Raises PackError."""
    with in_file(folder / PACK) as data:
        _check_keys(data)
        return PackInfo(
            name=text_of(data, "name"),
            title=text_of(data, "title"),
            description=text_of(data, "description"),
            folder=folder,
            defaults=tuple(
                Default(_scope(entry), _table(entry, "service"), _table(entry, "functions"))
                for entry in data.get("defaults", [])
            ),
            forbids=tuple(
                Forbid(
                    scope=_scope(entry),
                    message=entry["message"],
                    when=text_of(entry, "when"),
                    option=text_of(entry, "option"),
                )
                for entry in data.get("forbid", [])
            ),
        )


def check_name(info: PackInfo) -> str:
    """The pack's name. Raises PackError for one that gen.toml could not say as a key."""
    if not re.fullmatch(r"[a-z][a-z0-9-]*", info.name):
        raise PackError(f"{info.folder / PACK}: name is {info.name!r}, not like 'acme-platform'")
    return info.name


def with_service_defaults(
    options: Mapping[str, Option], packs: Packs, chosen: Scope
) -> dict[str, Option]:
    """The options of the service, with the defaults that the packs have for what is chosen."""
    return _with_defaults(options, packs, chosen, lambda default: default.service)


def with_function_defaults(
    options: Mapping[str, Option], packs: Packs, chosen: Scope
) -> dict[str, Option]:
    """The options of a function, with the defaults that the packs have for what is chosen."""
    return _with_defaults(options, packs, chosen, lambda default: default.functions)


def _with_defaults(
    options: Mapping[str, Option], packs: Packs, chosen: Scope, of: Any
) -> dict[str, Option]:
    found = dict(options)
    for info in packs.infos:
        for default in info.defaults:
            if not _covers(default.scope, chosen):
                continue
            for name, value in of(default).items():
                if name in found:
                    found[name] = found[name]._replace(default=_value(found[name], value, info))
    return found


def _value(option: Option, value: object, info: PackInfo) -> Any:
    place = f"{info.folder / PACK}: the default of {option.name}"
    # What is filled in for each function is checked when it is.
    if "{" in str(value) and isinstance(value, str | list):
        return tuple(value) if isinstance(value, list) else value
    try:
        return parse_typed(option, value, place)
    except UserError as error:
        raise PackError(f"{place}: {error.message}") from error


def refusal(packs: Packs, **chosen: str) -> str:
    """Why this choice is forbidden whatever else is chosen; empty where it is not.

    `chosen` are facets and one name each: `refusal(packs, provider="aws", tool="cdk")`.
    """
    known = {facet: (name,) for facet, name in chosen.items()}
    for forbid in _forbids(packs):
        if not forbid.when and _covers(forbid.scope, known):
            return forbid.message
    return ""


def facets(
    provider: Provider,
    tool: Tool,
    ci_systems: Iterable[CiSystem],
    trigger: Trigger | None = None,
) -> dict[str, tuple[str, ...]]:
    """What a service has chosen, and a function of it, as policies name it."""
    chosen = {
        "provider": (provider.name,),
        "tool": (tool.name,),
        "ci": tuple(ci.name for ci in ci_systems),
    }
    if trigger:
        chosen["trigger"] = (trigger.name,)
    return dict(chosen)


def check_choices(packs: Packs, chosen: Scope, where: Where) -> None:
    """Raises InvalidValueError for a provider, tool or CI system that a pack forbids."""
    for info in packs.infos:
        _check_scopes(info, packs)
    for forbid in _forbids(packs):
        if not (forbid.when or "trigger" in forbid.scope) and _covers(forbid.scope, chosen):
            raise InvalidValueError(forbid.message, where=_place(forbid, where))


def check_functions(packs: Packs, spec: Spec, templates: Templates, where: Where) -> None:
    """Raises InvalidValueError for the first function that a pack forbids.

    A policy about a trigger is asked of each function that has it, one with a condition of each
    function.
    """
    for info in packs.infos:
        for forbid in info.forbids:
            for function in spec.functions if forbid.when or "trigger" in forbid.scope else ():
                if _is_forbidden(forbid, function, spec, templates, info.folder / PACK):
                    raise _refused(forbid, function, spec, where)


def _is_forbidden(
    forbid: Forbid, function: Function, spec: Spec, templates: Templates, said: Path
) -> bool:
    if not _covers(
        forbid.scope, facets(spec.provider, spec.tool, spec.ci_systems, function.trigger)
    ):
        return False
    values = {**spec.options, **function.options}
    context = {**values, "function": function.name, "service": spec.name, "python": spec.python}
    return not forbid.when or templates.holds(forbid.when, context, said)


def _refused(forbid: Forbid, function: Function, spec: Spec, where: Where) -> InvalidValueError:
    values = {**spec.options, **function.options}
    message = fill(forbid.message, {**values, "function": function.name})
    if "trigger" in forbid.scope or forbid.option in function.options:
        message = f"function {function.name}: {message}"
    return InvalidValueError(message, where=_place(forbid, where, function))


def _place(forbid: Forbid, where: Where, function: Function | None = None) -> str:
    """Where the choice was made that is at fault: the option's, or that of the rarest facet."""
    if function and forbid.option:
        owner = function.name if forbid.option in function.options else ""
        return where("option", owner, forbid.option)
    if function and "trigger" in forbid.scope:
        return where("function", function.name)
    facet = next((f for f in ("tool", "ci", "provider") if f in forbid.scope), "provider")
    return where(facet)


def _forbids(packs: Packs) -> Iterable[Forbid]:
    return (forbid for info in packs.infos for forbid in info.forbids)


def _covers(scope: Scope, chosen: Scope) -> bool:
    """Whether all that the policy names is chosen; what is not chosen yet, it does not cover."""
    return all(set(names) & set(chosen.get(facet, ())) for facet, names in scope.items())


def _table(entry: Mapping[str, Any], key: str) -> Mapping[str, object]:
    found = entry.get(key, {})
    if not isinstance(found, dict):
        raise PackError(f"{key} must be a table of options, not {found!r}")
    return found


def _check_keys(data: Mapping[str, Any]) -> None:
    """Raises PackError for a key that means nothing: a policy that is misspelt would be none."""
    from generator.conformance.format import FORMAT

    top = FORMAT[PACK]
    _check_known(data, top, "")
    for table in (name for name, held in top.items() if held.keys):
        for entry in data.get(table, []):
            _check_known(entry, top[table].keys, f"[[{table}]] ")


def _check_known(entry: Iterable[str], known: Collection[str], place: str) -> None:
    for key in entry:
        if key not in known:
            suggestion = nearest(key, list(known))
            meant = f'did you mean "{suggestion}"? ' if suggestion else ""
            raise PackError(f"{place}{key} is unknown; {meant}known: {', '.join(known)}")


def _check_scopes(info: PackInfo, packs: Packs) -> None:
    """Raises PackError for a policy about what is not there: nothing would ever be forbidden.

    What other packs have is there only where they are in use, too.
    """
    providers = packs.providers.values()
    known = {
        "provider": set(packs.providers),
        "tool": {name for pack in providers for name in pack.tools},
        "trigger": {name for pack in providers for name in pack.triggers},
        "ci": set(packs.ci_systems),
    }
    scopes = [*(d.scope for d in info.defaults), *(f.scope for f in info.forbids)]
    for scope in scopes:
        for facet, names in scope.items():
            for name in names:
                if name not in known[facet]:
                    suggestion = nearest(name, sorted(known[facet]))
                    meant = f', did you mean "{suggestion}"?' if suggestion else ""
                    message = f"{facet} = {name!r}: no pack in use has that{meant}"
                    raise PackError(f"{info.folder / PACK}: {message}")


def _scope(entry: Mapping[str, Any]) -> Scope:
    named = {facet: entry[facet] for facet in FACETS if facet in entry}
    return {f: (said,) if isinstance(said, str) else tuple(said) for f, said in named.items()}
