"""Checks one value against its option: text from a flag, or a typed value from TOML."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import islice

from generator.errors import InvalidValueError, UnknownNameError, nearest, printable
from generator.metadata import Option, Value
from generator.nesting import levels

TRUE, FALSE = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}
DEEPEST = 50
"""How deep a filter may be nested: what renders it recurses, too."""
TOO_DEEP = f"is nested too deep: {DEEPEST} levels at most"
TYPE_WORDS = {
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "strings": "a list of texts",
}


def parse_text(option: Option, text: str, where: str) -> Value:
    """The value that `text` (from a flag or a Cookiecutter answer) stands for, checked.

    A list is written with commas: `GET,POST`. Raises InvalidValueError.
    """
    value: Value = text
    if option.type == "integer":
        if not re.fullmatch(r"-?[0-9]{1,12}", text.strip()):
            raise _wrong_type(option, text, where)
        value = int(text)
    elif option.type == "boolean":
        word = text.strip().lower()
        if word not in TRUE | FALSE:
            raise _wrong_type(option, text, where)
        value = word in TRUE
    elif option.type == "strings":
        value = tuple(item.strip() for item in text.split(",") if item.strip())
    return check(option, value, where)


def parse_typed(option: Option, raw: object, where: str) -> Value:
    """The same for a value that TOML has given a type already; a lone text may stand for a list."""
    if option.type == "strings" and isinstance(raw, str):
        raw = [raw]
    if option.type == "strings" and isinstance(raw, list):
        if not all(isinstance(item, str) for item in raw):
            raise _wrong_type(option, repr(raw), where)
        return check(option, tuple(raw), where)
    if type(raw) is not {"string": str, "integer": int, "boolean": bool}.get(option.type):
        raise _wrong_type(option, str(raw), where)
    assert isinstance(raw, str | int)
    return check(option, raw, where)


def check(option: Option, value: Value, where: str) -> Value:
    """`value` itself, if the option's choices, pattern and bounds allow it."""
    if isinstance(value, tuple):
        if not value and option.default:  # where none is the default, none is fine
            raise _invalid(option, "needs at least one entry", where)
        if len(set(value)) < len(value):
            raise _invalid(option, f"names an entry twice: {', '.join(value)}", where)
        for item in value:
            _check_one(option, item, where)
    elif value != "" or option.default != "":  # the same of a text
        _check_one(option, value, where)
    return value


def _check_one(option: Option, value: str | int, where: str) -> None:
    if isinstance(value, bool):
        return
    size, unit = (len(value), " characters") if isinstance(value, str) else (value, "")
    if option.minimum is not None and size < option.minimum:
        problem = f"must be at least {option.minimum}{unit}, not {_shown(value)}"
        raise _invalid(option, problem, where)
    if option.maximum is not None and size > option.maximum:
        problem = f"must be at most {option.maximum}{unit}, not {_shown(value)}"
        raise _invalid(option, problem, where)
    if isinstance(value, str):
        _check_text(option, value, where)


def _check_text(option: Option, value: str, where: str) -> None:
    if option.choices and value not in option.choices:
        suggestion = nearest(value, list(option.choices))
        offered = f'did you mean "{suggestion}"? ' if suggestion else ""
        raise InvalidValueError(
            f"{option.name} cannot be {printable(value)}",
            where=where,
            hint=f"{offered}allowed: {', '.join(option.choices)}",
            suggestion=suggestion,
        )
    if not value.isprintable():
        raise _invalid(option, f"has a control character: {printable(value)}", where)
    if option.pattern and not re.fullmatch(option.pattern, value):
        raise _invalid(option, f"cannot be {printable(value)}", where)
    if option.format and value:
        problem = _filter_problem(value)
        if problem:
            raise _invalid(option, problem, where)


def _filter_problem(text: str) -> str:
    """What is wrong with a filter: a JSON object whose values are lists, or such objects.

    What may stand in the lists is the cloud's own affair.
    """
    try:
        found = json.loads(text, object_pairs_hook=_no_key_twice, parse_constant=_no_constant)
    except RecursionError:
        return TOO_DEEP
    except ValueError as error:
        return f"must be JSON: {error}"
    if not isinstance(found, dict):
        return f"must be a JSON object, not {printable(text)}"
    if _is_deeper(found, DEEPEST):
        return TOO_DEEP
    return _nested_problem(found, "")


def _is_deeper(value: object, limit: int) -> bool:
    """Whether objects and lists are nested deeper."""
    level = next(islice(levels(value), limit, None), [])
    return any(isinstance(each, dict | list) for each in level)


def _nested_problem(entries: Mapping[str, object], path: str) -> str:
    if not entries:
        return f"has an empty object{path and ' at '}{path}"
    for key, value in entries.items():
        place = f"{path}.{key}" if path else key
        if isinstance(value, dict):
            problem = _nested_problem(value, place)
            if problem:
                return problem
        elif not isinstance(value, list) or not value:
            shown = json.dumps(value)[:60]
            return f'has {shown} at {printable(place)}, where a list is due, as in ["a", "b"]'
    return ""


def _no_key_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    entries = dict(pairs)
    if len(entries) < len(pairs):
        twice = sorted(key for key in entries if sum(key == other for other, _ in pairs) > 1)
        raise ValueError(f"the key {printable(twice[0])} is there twice")
    return entries


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


def unknown(
    what: str, name: str, candidates: list[str], *, where: str, note: str = ""
) -> UnknownNameError:
    """The error for a `name` that is none of `candidates`, with the nearest word."""
    suggestion = nearest(name, candidates)
    offered = f'did you mean "{suggestion}"? ' if suggestion else ""
    return UnknownNameError(
        f"unknown {what} {printable(name)}",
        where=where,
        hint=note or f"{offered}known: {', '.join(candidates) or 'none'}",
        suggestion=suggestion,
    )


def fill(template: str, values: Mapping[str, object]) -> str:
    """`template` with each `{name}` replaced: the small language of defaults and plan lines."""
    for name, value in values.items():
        if "{" not in template:
            break
        shown = ", ".join(value) if isinstance(value, tuple) else str(value)
        template = template.replace("{" + name + "}", shown)
    return template


def _shown(value: str | int) -> str:
    return f"{len(value)} ({printable(value)})" if isinstance(value, str) else str(value)


def _wrong_type(option: Option, shown: str, where: str) -> InvalidValueError:
    problem = f"must be {TYPE_WORDS[option.type]}, not {printable(shown)}"
    return _invalid(option, problem, where)


def _invalid(option: Option, problem: str, where: str) -> InvalidValueError:
    parts = []
    if option.example:
        parts.append(f"for example {option.example}")
    if option.choices:
        parts.append(f"allowed: {', '.join(option.choices)}")
    elif option.minimum is not None and option.maximum is not None and option.type == "integer":
        parts.append(f"allowed: {option.minimum} to {option.maximum}")
    return InvalidValueError(
        f"{option.name} {problem}", where=where, hint="; ".join(parts) or option.help
    )
