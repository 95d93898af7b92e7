"""Whether an option fits itself: its default, its example and its choices within its own bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from generator.conformance.files import Metadata
from generator.doctor.findings import Finding
from generator.errors import InvalidValueError, printable
from generator.metadata import Option
from generator.reading import TYPES
from generator.values import check, fill, parse_text

SAMPLES = {"function": "my_fn", "function-kebab": "my-fn", "service": "orders"}
TAKEN_BY_SERVICE = frozenset(
    ["name", "package", "description", "provider", "tool", "ci", "python", "region"]
)
"""What `[service]` of gen.toml and templates call otherwise."""
TAKEN_BY_FUNCTION = frozenset(["trigger"])
TEXTS = ("string", "strings")


def check_options(file: Metadata, table: str) -> Iterator[Finding]:
    """What is wrong with the options in one table of a file that follows the format."""
    taken = TAKEN_BY_SERVICE if _of_the_service(file, table) else TAKEN_BY_FUNCTION
    for name, data in file.data.get(table, {}).items():
        if name in taken:
            message = (
                f"an option cannot be called {printable(name)}: gen.toml has a key of that name"
            )
            yield file.failure(message, table, name, hint="give it a name of its own")
        yield from _check_option(file, data, (table, name))


def _of_the_service(file: Metadata, table: str) -> bool:
    return table == "options" and not file.location.trigger


def _check_option(
    file: Metadata, data: Mapping[str, Any], path: tuple[str, str]
) -> Iterator[Finding]:
    kind = data.get("type", "string")
    if "default" in data and type(data["default"]) is not TYPES[kind]:
        message = f"default is {printable(str(data['default']))}, and the type {kind}"
        yield file.failure(message, *path, "default", hint=f"write a default of type {kind}")
        return
    unfit = [key for key in ("choices", "pattern") if key in data and kind not in TEXTS]
    unfit += ["format"] if "format" in data and kind != "string" else []
    unfit += [key for key in ("min", "max") if key in data and kind == "boolean"]
    for key in unfit:
        message = f"{key} says nothing about an option of type {kind}"
        yield file.failure(message, *path, key, hint="leave it out, or change the type")
    if data.get("min", 0) > data.get("max", data.get("min", 0)):
        message = f"min is {data['min']}, more than max, which is {data['max']}"
        yield file.failure(message, *path, "min", hint="exchange them")
    elif not unfit:
        yield from _check_values(file, data, path)


def _check_values(
    file: Metadata, data: Mapping[str, Any], path: tuple[str, str]
) -> Iterator[Finding]:
    option = as_option(path[1], data)
    if "default" in data:
        yield from _fits(file, option, option.default, path, "default")
    if option.example:
        try:
            parse_text(option, option.example, "")
        except InvalidValueError as error:
            message = f"its own example is refused: {error.message}"
            yield file.failure(message, *path, "example", hint=error.hint)
    without = option._replace(choices=())
    for choice in option.choices:
        yield from _fits(file, without, choice, path, "choices")
    if len(set(option.choices)) < len(option.choices):
        twice = next(c for c in option.choices if option.choices.count(c) > 1)
        message = f"choices has {printable(twice)} twice"
        yield file.failure(message, *path, "choices", hint="leave one out")


def _fits(
    file: Metadata, option: Option, value: Any, path: tuple[str, str], key: str
) -> Iterator[Finding]:
    if isinstance(value, str):
        value = fill(value, SAMPLES)
    elif isinstance(value, tuple):
        value = tuple(fill(item, SAMPLES) for item in value)
    try:
        check(option, value, "")
    except InvalidValueError as error:
        message = f"its own {key} is refused: {error.message}"
        yield file.failure(message, *path, key, hint=error.hint)


def as_option(name: str, data: Mapping[str, Any]) -> Option:
    """The option that a table of the right types describes."""
    kind = data.get("type", "string")
    default = data.get("default", TYPES[kind]())
    return Option(
        name=name,
        type=kind,
        default=tuple(default) if kind == "strings" else default,
        help=data.get("help", ""),
        choices=tuple(data.get("choices", [])),
        pattern=data.get("pattern", ""),
        example=data.get("example", ""),
        minimum=data.get("min"),
        maximum=data.get("max"),
        format=data.get("format", ""),
    )


def placeholders(text: str) -> list[str]:
    """The `{names}` in a message or a line of the plan."""
    return re.findall(r"(?<!\{)\{([a-z][a-z0-9_-]*)\}(?!\})", text)
