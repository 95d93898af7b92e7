"""A service at random: its functions and how they change, and what its developer writes into it."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from typing import NamedTuple

OPTIONS: dict[str, dict[str, tuple[object, ...]]] = {
    "http": {"methods": (["GET"], ["GET", "POST"], ["PUT", "DELETE"]), "timeout": (5, 20)},
    "s3": {"prefix": ("in/", "new/"), "suffix": (".png", ".csv"), "memory_size": (512, 1024)},
    "sqs": {"batch_size": (1, 5), "max_receive_count": (2, 7), "timeout": (5, 20)},
    "schedule": {"schedule": ("rate(2 hours)", "rate(5 days)"), "enabled": (False,)},
}
NAMES = ("billing", "export", "ingest", "nightly", "orders_in", "refunds", "thumbs", "zips")
STAYS = "api"
MARK = "by-hand"
"""In every line that a developer writes."""


class Section(NamedTuple):
    """A place in a tool's file where people add entries: below `header`, at `indent`."""

    header: str
    indent: int
    entry: str
    """What is added; `{n}` is a number that no other entry has."""


SECTIONS: dict[str, tuple[Section, ...]] = {
    "sam": (
        Section(
            "Resources:",
            2,
            "Mine{n}Topic: # by-hand\n"
            "  Type: AWS::SNS::Topic # by-hand {n}\n"
            "  Properties: # by-hand {n}\n"
            "    TopicName: by-hand-{n}\n\n",
        ),
        Section("Resources:", 2, "# by-hand {n}\n\n"),
        Section("Parameters:", 2, "Mine{n}: # by-hand\n  Type: String # by-hand {n}\n"),
        Section("Outputs:", 2, "Mine{n}: # by-hand\n  Value: by-hand-{n}\n"),
        Section("    Environment:", 6, "# by-hand {n}\n"),
    ),
    "serverless": (
        Section("functions:", 2, "- ${{file(infra/by-hand-{n}.yml):function}}\n"),
        Section("functions:", 2, "# by-hand {n}\n- ${{file(infra/by-hand-{n}.yml):function}}\n"),
        Section("resources:", 2, "- ${{file(infra/by-hand-{n}.yml):resources}}\n"),
        Section("  environment:", 4, "MINE_{n}: by-hand\n"),
        Section(
            "    Resources:",
            6,
            "Mine{n}Topic: # by-hand\n  Type: AWS::SNS::Topic # by-hand {n}\n",
        ),
    ),
}


def first_functions(chance: random.Random) -> dict[str, dict[str, object]]:
    """One to four functions by name; `STAYS` is one that stays."""
    functions: dict[str, dict[str, object]] = {STAYS: {"trigger": "http"}}
    for _ in range(chance.randint(0, 3)):
        _add(functions, chance)
    return functions


def change(functions: dict[str, dict[str, object]], chance: random.Random) -> None:
    """Adds a function, removes one, or changes an option of one."""
    others = [name for name in functions if name != STAYS]
    what = chance.choice(("add", "remove", "option")) if others else "add"
    if what == "remove":
        del functions[chance.choice(others)]
    elif what == "option" or len(others) == len(NAMES):
        function = functions[chance.choice([*functions])]
        name, values = chance.choice([*OPTIONS[str(function["trigger"])].items()])
        function[name] = chance.choice([v for v in values if v != function.get(name)] or values)
    else:
        _add(functions, chance)


def _add(functions: dict[str, dict[str, object]], chance: random.Random) -> None:
    name = chance.choice([name for name in NAMES if name not in functions])
    functions[name] = {"trigger": chance.choice([*OPTIONS])}


def declared(text: str, functions: dict[str, dict[str, object]]) -> str:
    """gen.toml with the tables of these functions instead of those it has."""
    service, _, _ = text.partition("\n[functions.")
    lines = [service.rstrip("\n")]
    for name, options in functions.items():
        lines += ["", f"[functions.{name}]"]
        lines += [f"{key} = {json.dumps(value)}" for key, value in options.items()]
    return "\n".join(lines) + "\n"


def written_into(text: str, tool: str, number: int, chance: random.Random) -> str:
    """The text of a tool's file with one more entry of the developer's, between two others."""
    section = chance.choice(SECTIONS[tool])
    lines = text.splitlines(keepends=True)
    places = [*_places(lines, section)]
    if not places:
        return text
    indent = " " * section.indent
    entry = section.entry.format(n=number).splitlines(keepends=True)
    new = [indent + line if line.strip() else line for line in entry]
    at = chance.choice(places)
    return "".join([*lines[:at], *new, *lines[at:]])


def _places(lines: list[str], section: Section) -> Iterator[int]:
    """Before each entry of the section, and the comments over it; and after the last one."""
    start = next((n for n, line in enumerate(lines) if line == section.header + "\n"), None)
    if start is None:
        return
    last = start
    for number in range(start + 1, len(lines)):
        line = lines[number]
        if not line.strip():
            continue
        indent = len(line) - len(line.lstrip(" "))
        if indent < section.indent:
            break
        if indent == section.indent and not line.lstrip().startswith("#"):
            first = number
            while re.match(rf" {{{indent}}}#", lines[first - 1]):
                first -= 1
            yield first
        last = number
    yield last + 1
