"""What the user said, before it is checked: from flags, the wizard, Cookiecutter or gen.toml."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from generator.errors import InvalidValueError, printable

Where = Callable[..., str]
"""Tells a person where an answer was given: where("provider"), where("function", name),
where("function", name, "trigger"), where("option", function or "", option)."""
CiNames = str | tuple[str, ...]
"""One CI system or several; empty means the default."""


class FunctionAnswers(NamedTuple):
    """One function and the trigger that was asked for, maybe by an alias.

    `typed`: option values have TOML's types, not the text of a flag.
    """

    trigger: str
    name: str
    options: Mapping[str, object] = {}
    typed: bool = False


class Answers(NamedTuple):
    """An empty text means the default. `typed`: the service's options have TOML's types, not text.

    `generated_by` is what a gen.toml says of the version that rendered it, `packs` which packs of
    one's own it names, and where they are.
    """

    name: str
    provider: str
    functions: tuple[FunctionAnswers, ...]
    tool: str = ""
    ci: CiNames = ""
    python: str = ""
    region: str = ""
    description: str = ""
    package: str = ""
    options: Mapping[str, object] = {}
    where: Where = lambda *path: " ".join(path)
    typed: bool = False
    generated_by: str = ""
    packs: Mapping[str, str] = {}


class Setting(NamedTuple):
    """`function.option=value`; an empty `function` means an option of the whole service."""

    function: str
    option: str
    value: str


def parse_trigger(text: str, where: str) -> FunctionAnswers:
    """`http=api`, or `http` for a function called as its trigger. Raises InvalidValueError."""
    trigger, equals, name = text.partition("=")
    if not trigger.strip() or (equals and not name.strip()):
        raise InvalidValueError(
            f"malformed trigger {printable(text)}",
            where=where,
            hint="write TRIGGER or TRIGGER=FUNCTION, for example http=api",
        )
    return FunctionAnswers(trigger.strip(), name.strip() or trigger.strip().replace("-", "_"))


def parse_setting(text: str, where: str) -> Setting:
    """`uploads.prefix=in/`, or `architecture=x86_64` for the service. Raises InvalidValueError."""
    match = re.fullmatch(r"\s*(?:([^.=\s]+)\.)?([^.=\s]+)=(.*)", text, re.DOTALL)
    if not match:
        raise InvalidValueError(
            f"malformed option {printable(text)}",
            where=where,
            hint="write FUNCTION.OPTION=VALUE, for example uploads.prefix=in/",
        )
    return Setting(match[1] or "", match[2], match[3])


def split_triggers(text: str) -> list[str]:
    """`http=api,s3=uploads` -> its items; an empty text has none."""
    return [item.strip() for item in text.split(",")] if text.strip() else []


def split_settings(text: str) -> list[str]:
    """`a.methods=GET,POST,b.prefix=in/` -> one item a setting.

    A part that does not begin with a name and `=` belongs to the list or the JSON before it.
    """
    items: list[str] = []
    for part in text.split(",") if text.strip() else []:
        if re.match(r"[\s\w.-]*=", part) or not items:
            items.append(part.strip())
        else:
            items[-1] += "," + part.strip()
    return items


def labelled(labels: Mapping[str, str]) -> Where:
    """Places by the label of each answer: `--set uploads.prefix`, `triggers: uploads`."""

    def where(*path: str) -> str:
        detail = path[1] if path[0] == "function" else ".".join(part for part in path[1:] if part)
        return f"{labels[path[0]]} {detail}".strip()

    return where


def with_settings(
    functions: Iterable[FunctionAnswers], settings: Iterable[Setting], where: Where
) -> tuple[tuple[FunctionAnswers, ...], dict[str, object]]:
    """The functions with the settings that name them, and the service's own settings.

    Raises InvalidValueError for a setting given twice or for a function that is not there.
    """
    service: dict[str, object] = {}
    per_function: dict[str, dict[str, object]] = {f.name: {} for f in functions}
    for setting in settings:
        target = service if not setting.function else per_function.get(setting.function)
        place = where("option", setting.function, setting.option)
        if target is None:
            known = ", ".join(per_function)
            raise InvalidValueError(
                f"there is no function {printable(setting.function)} to set an option of",
                where=place,
                hint=f"functions: {known}",
            )
        if setting.option in target:
            raise InvalidValueError(f"{setting.option} is set twice", where=place)
        target[setting.option] = setting.value
    named = tuple(FunctionAnswers(f.trigger, f.name, per_function[f.name]) for f in functions)
    return named, service
