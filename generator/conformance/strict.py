"""Reads a TOML file by the strict description: unknown keys, wrong types, what is missing."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jinja2

from generator.conformance.files import Metadata
from generator.conformance.format import Key, Keys
from generator.doctor.findings import Finding
from generator.doctor.programs import PROGRAM
from generator.errors import nearest, printable
from generator.templates import FILTERS, JINJA_SETTINGS

NAME = re.compile(r"[a-z][a-z0-9_]*")
TYPES: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "text": ("text", lambda value: isinstance(value, str)),
    "flag": ("true or false", lambda value: isinstance(value, bool)),
    "number": ("a whole number", lambda value: type(value) is int),
    "date": ("a date, as in 2029-06-30", lambda value: type(value) is datetime.date),
    "texts": ("a list of texts", lambda value: _texts(value)),
    "names": ("a name or a list of names", lambda v: isinstance(v, str) or _texts(v)),
    "words": ("a table of texts", lambda v: isinstance(v, dict) and _texts([*v.values()])),
    "table": ("a table", lambda value: isinstance(value, dict)),
    "named": ("a table of tables", lambda value: isinstance(value, dict)),
    "tables": (
        "an array of tables, [[...]]",
        lambda v: isinstance(v, list) and all(isinstance(item, dict) for item in v),
    ),
    "value": ("anything", lambda value: True),
}

Path = tuple[str | int, ...]


def jinja() -> jinja2.Environment:
    """An environment in which packs' texts compile as they do in a rendering."""
    environment = jinja2.Environment(autoescape=False, **JINJA_SETTINGS)  # type: ignore[arg-type]
    environment.filters.update(FILTERS)
    return environment


def read_strictly(file: Metadata) -> Iterator[Finding]:
    """All that does not follow the format in one file."""
    if file.problem:
        yield file.failure(f"is not TOML: {file.problem}", hint="mend that line")
        return
    yield from _table(file, file.data, file.keys, ())


def _table(file: Metadata, data: Mapping[str, Any], keys: Keys, path: Path) -> Iterator[Finding]:
    for name, value in data.items():
        if name in keys:
            yield from _value(file, value, keys[name], (*path, name))
            continue
        close = nearest(name, list(keys))
        offered = f'did you mean "{close}"? ' if close else ""
        hint = f"{offered}known: {', '.join(keys)}"
        yield file.failure(f"unknown key {printable(name)}", *path, name, hint=hint)
    for name, key in keys.items():
        if key.needed and data.get(name, "") in ("", []):
            at = (*path, name) if name in data else path
            yield file.failure(f"{name} is missing", *at, hint=_example(name, key))


def _value(file: Metadata, value: Any, key: Key, path: Path) -> Iterator[Finding]:
    name = path[-1]
    what, fits = TYPES[key.kind]
    if not fits(value):
        message = f"{name} must be {what}, not {printable(str(value))}"
        yield file.failure(message, *path, hint=_example(str(name), key))
    elif key.kind == "table":
        yield from _table(file, value, key.keys, path)
    elif key.kind == "tables":
        for number, entry in enumerate(value):
            yield from _table(file, entry, key.keys, (*path, number))
    elif key.kind == "named":
        for one, entry in value.items():
            yield from _named(file, one, entry, key, path)
    elif isinstance(value, str) and value:
        yield from _text(file, value, key, path)


def _named(file: Metadata, name: str, entry: Any, key: Key, path: Path) -> Iterator[Finding]:
    if key.short and not PROGRAM.fullmatch(name):
        message = f"{printable(name)} is no name of a program"
        yield file.failure(message, *path, name, hint="as it is called on PATH, without a folder")
    if isinstance(entry, str) and key.short:
        return
    if not isinstance(entry, dict):
        yield file.failure(f"{name} must be a table, not {printable(str(entry))}", *path, name)
        return
    if not key.short and not NAME.fullmatch(name):
        message = f"{printable(name)} cannot be the name of one of {path[0]}"
        yield file.failure(message, *path, name, hint="lower-case letters, digits and _")
    yield from _table(file, entry, key.keys, (*path, name))


def _text(file: Metadata, value: str, key: Key, path: Path) -> Iterator[Finding]:
    name = path[-1]
    if key.choices and value not in key.choices:
        close = nearest(value, list(key.choices))
        offered = f'did you mean "{close}"? ' if close else ""
        hint = f"{offered}allowed: {', '.join(key.choices)}"
        yield file.failure(f"{name} cannot be {printable(value)}", *path, hint=hint)
    elif key.holds == "regex":
        try:
            re.compile(value)
        except re.error as error:
            message = f"{name} is no regular expression: {error}"
            yield file.failure(message, *path, hint="Python's syntax; in TOML between '...'")
    elif key.holds in ("expression", "template"):
        written = f"{{% if {value} %}}1{{% endif %}}" if key.holds == "expression" else value
        try:
            jinja().compile(written)
        except jinja2.TemplateError as error:
            message = f"{name} is no {key.holds} of Jinja: {error}"
            yield file.failure(message, *path, hint=f"it says {printable(value, 200)}")
    elif key.holds == "link" and not value.startswith("https://"):
        message = f"{name} is no https:// address: {printable(value)}"
        yield file.failure(message, *path, hint="say where the provider says so")


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _example(name: str, key: Key) -> str:
    """How the key is written."""
    if key.kind in ("tables", "table", "named"):
        inside = ", ".join(key.keys)
        form = {"tables": f"[[{name}]]", "table": f"[{name}]", "named": f"[{name}.NAME]"}[key.kind]
        return f"write {form} with {inside}"
    examples = {
        "text": '"..."',
        "flag": "true",
        "number": "10",
        "date": "2029-06-30",
        "texts": '["...", "..."]',
        "names": '"..."',
        "words": '{ name = "..." }',
    }
    return f"write {name} = {examples[key.kind]}"
