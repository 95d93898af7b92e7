"""What one TOML file means, by itself and among the packs in use: names that are not there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from generator.answers import parse_trigger, split_triggers
from generator.conformance.files import Metadata
from generator.conformance.known import (
    NAMES,
    Known,
    attributes,
    options_read,
    template_variables,
    variables,
)
from generator.conformance.options import check_options, placeholders
from generator.doctor.findings import Finding
from generator.errors import GeneratorError, nearest, printable

PATH_VARIABLES = ["service", "function", "source", "provider", "tool", "trigger", "ci"]


def check_alone(file: Metadata) -> Iterator[Finding]:
    """What is wrong with a file that follows the format, whatever else there is."""
    for table in ("options", "function-options"):
        yield from check_options(file, table)
    source = file.data.get("source")
    if source is not None and ("key" in source) == ("constant-key" in source):
        hint = "key names the option that says which one; constant-key is for the only one"
        yield file.failure("needs key or constant-key, one of them", "source", hint=hint)
    if file.data.get("abstract") and file.data.get("default"):
        hint = "nobody may choose an abstract tool"
        yield file.failure("is abstract and the default", "default", hint=hint)


def check_parent(file: Metadata, known: Known) -> Iterator[Finding]:
    """What is wrong with what a tool extends: before that is mended, no tool can be used."""
    pack = known.pack(file.location)
    parent = file.data.get("extends", "")
    if pack is None or not parent:
        return
    if parent not in pack.all_tools or parent == file.location.tool:
        others = [name for name in pack.all_tools if name != file.location.tool]
        yield missing(file, "tool", parent, others, "extends")
    elif _goes_round(file.location.tool, {n: t.extends for n, t in pack.all_tools.items()}):
        hint = "one of them must stand alone"
        yield file.failure(f"extends {parent}, which extends it", "extends", hint=hint)


def check_meaning(file: Metadata, known: Known) -> Iterator[Finding]:
    """Names in a file that are not there."""
    yield from _expressions(file, known)
    yield from _texts(file, known)
    yield from _templates(file, known)
    if file.path.name in CHECKS:
        yield from CHECKS[file.path.name](file, known)


def missing(
    file: Metadata, what: str, name: str, candidates: Iterable[str], *path: str | int
) -> Finding:
    """The finding for a name that is none of `candidates`, with the nearest."""
    names = list(candidates)
    close = nearest(name, names)
    offered = f'did you mean "{close}"? ' if close else ""
    hint = f"{offered}known: {', '.join(names) or 'none'}"
    return file.failure(f"there is no {what} {printable(name)}", *path, hint=hint)


def _expressions(file: Metadata, known: Known) -> Iterator[Finding]:
    """Variables of rules and conditions that a service may not have."""
    function = [*known.function_everywhere(file.location)]
    everything = [*function, *known.service_everywhere(file.location), *NAMES]
    for number, rule in enumerate(file.data.get("rules", [])):
        for name in variables(rule["require"]):
            if name not in function:
                yield missing(file, "option", name, function, "rules", number, "require")
    for number, grant in enumerate(file.data.get("permissions", [])):
        for name in variables(grant["when"]) if grant.get("when") else []:
            if name not in everything:
                yield missing(file, "option", name, everything, "permissions", number, "when")
    service = known.service_everywhere(file.location) if file.path.name == "tool.toml" else {}
    for program, entry in file.data.get("requires", {}).items():
        when = "" if isinstance(entry, str) else entry.get("when", "")
        for name in variables(when) if when else []:
            if name not in service:
                yield missing(
                    file, "option of the service", name, service, "requires", program, "when"
                )


def _texts(file: Metadata, known: Known) -> Iterator[Finding]:
    """`{names}` that nothing replaces, in what people are shown.

    A message may have braces of its own, as in `users/{id}`: only what looks mistyped is told.
    """
    function = [*known.function_everywhere(file.location)]
    plan = [*function, *known.service_everywhere(file.location), *NAMES]
    source = file.data.get("source", {})
    told: list[tuple[str, list[str], tuple[str | int, ...]]] = [
        (rule["message"], function, ("rules", number, "message"))
        for number, rule in enumerate(file.data.get("rules", []))
    ]
    told += [
        (rule["message"], function, ("source", "forbid", number, "message"))
        for number, rule in enumerate(source.get("forbid", []))
    ]
    told += [(text, plan, ("resources",)) for text in file.data.get("resources", [])]
    told += [(text, plan, ("source", "resources")) for text in source.get("resources", [])]
    told += [
        (grant["on"], plan, ("permissions", number, "on"))
        for number, grant in enumerate(file.data.get("permissions", []))
    ]
    for text, names, path in told:
        for name in placeholders(text):
            if name not in names and (path[-1] != "message" or nearest(name, names)):
                yield missing(file, "option", name, names, *path)


def _templates(file: Metadata, known: Known) -> Iterator[Finding]:
    """Variables of derived names and of renamed paths."""
    options = [*known.function_everywhere(file.location)]
    for table, seen in (
        ("names", ["service", "function"]),
        ("source-names", ["service", "source"]),
    ):
        for number, rule in enumerate(file.data.get(table, [])):
            path = (table, number, "template")
            for name in template_variables(rule["template"]):
                if name not in seen:
                    yield missing(file, "variable", name, seen, *path)
            for name in options_read(rule["template"], "function"):
                if name not in options:
                    yield missing(file, "option", name, options, *path)
    for number, rename in enumerate(file.data.get("renames", [])):
        for key in ("from", "to"):
            for name in template_variables(rename[key]):
                if name not in PATH_VARIABLES:
                    yield missing(file, "variable", name, PATH_VARIABLES, "renames", number, key)


def _provider(file: Metadata, known: Known) -> Iterator[Finding]:
    pythons = file.data["python"]
    defaults = [at for at, entry in enumerate(pythons) if entry.get("default")]
    for number in defaults[1:]:
        hint = "leave default = true at one of them"
        yield file.failure("two Pythons are the default", "python", number, "default", hint=hint)
    for number, entry in enumerate(pythons):
        if not re.fullmatch(r"\d+\.\d+", entry["version"]):
            message = f"version cannot be {printable(entry['version'])}"
            yield file.failure(message, "python", number, "version", hint='write "3.13"')
    for key in ("default-region", "region-example"):
        if not re.fullmatch(file.data["region-pattern"], file.data[key]):
            message = f"{key} {printable(file.data[key])} does not match region-pattern"
            yield file.failure(message, key, hint="mend one of the two")
    pack = known.pack(file.location)
    if pack is None:
        return
    names = [name for t in pack.triggers.values() for name in (t.name, *t.aliases)]
    for item in split_triggers(file.data["default-triggers"]):
        try:
            trigger = parse_trigger(item, "").trigger
        except GeneratorError as error:
            yield file.failure(str(error), "default-triggers", hint='write "http=api"')
            continue
        if trigger not in names:
            yield missing(file, "trigger", trigger, pack.triggers, "default-triggers")


def _goes_round(name: str, parents: Mapping[str, str]) -> bool:
    seen = {name}
    while name := parents.get(name, ""):
        if name in seen:
            return True
        seen.add(name)
    return False


def _trigger(file: Metadata, known: Known) -> Iterator[Finding]:
    pack = known.pack(file.location)
    for provider, word in file.data.get("elsewhere", {}).items():
        there = known.packs.providers.get(provider)
        if there is not None and word not in there.triggers:
            yield missing(file, f"trigger of {provider}", word, there.triggers, "elsewhere")
        elif there is None and (close := nearest(provider, list(known.packs.providers))):
            message = f"there is no provider {printable(provider)} here"
            yield file.warning(message, "elsewhere", hint=f'did you mean "{close}"?')
    for name in file.data.get("options", {}):
        if pack is not None and name in pack.provider.function_options:
            hint = "leave it out: it is there for every function"
            message = f"{name} is an option of every function of {pack.name} already"
            yield file.failure(message, "options", name, hint=hint)
    if "source" in file.data:
        yield from _source(file, known)


def _source(file: Metadata, known: Known) -> Iterator[Finding]:
    source = file.data["source"]
    options = known.function_everywhere(file.location)
    if "key" in source and source["key"] not in options:
        yield missing(file, "option", source["key"], options, "source", "key")
    for key in ("shared", "common"):
        for name in source.get(key, []):
            if name not in options:
                yield missing(file, "option", name, options, "source", key)
    switch = source.get("created-unless", "")
    agreed = [*source.get("shared", []), *source.get("common", [])]
    if switch and switch not in options:
        yield missing(file, "option", switch, options, "source", "created-unless")
    elif switch and switch not in agreed:
        message = f"created-unless is {switch}, on which its users need not agree"
        yield file.failure(message, "source", "created-unless", hint=f"add {switch} to shared")
    for number, rule in enumerate(source.get("forbid", [])):
        path = ("source", "forbid", number, "when")
        for name in variables(rule["when"]):
            if name not in ("a", "b"):
                yield missing(file, "variable", name, ["a", "b"], *path)
        for name in {*attributes(rule["when"], "a"), *attributes(rule["when"], "b")}:
            if name not in options:
                yield missing(file, "option", name, options, *path)


CHECKS: Mapping[str, Callable[[Metadata, Known], Iterable[Finding]]] = {
    "provider.toml": _provider,
    "trigger.toml": _trigger,
}
"""By the name of a file."""
