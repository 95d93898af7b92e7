"""The arguments of a call, as the CLI's command tree knows them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_TREE: dict[str, Any] = json.loads(Path(__file__).with_name("commands.json").read_text("utf-8"))
# The CLI adds up what is said in several of these. Of any other flag, the last one counts.
_ADDED_UP = ("--trigger-event-filters", "--trigger-event-filters-path-pattern")


class Refused(Exception):
    """Raised when the CLI has no such command or flag, or not so."""


class Failed(Exception):
    """Raised when Google would not do it."""


@dataclass(frozen=True)
class Call:
    """A command with what was said in its flags; `folder` is where paths begin."""

    command: str
    words: tuple[str, ...]
    folder: Path
    values: dict[str, list[str]] = field(default_factory=dict)
    switches: frozenset[str] = frozenset()

    @property
    def word(self) -> str:
        [word] = self.words
        return word

    def get(self, flag: str, default: str = "") -> str:
        return self.values.get(flag, [default])[-1]

    def needs(self, flag: str) -> str:
        """A value without which Google could not do it."""
        if not self.get(flag):
            raise Refused(f"argument {flag}: Must be specified")
        return self.get(flag)

    def on(self, flag: str, default: bool | None = None) -> bool | None:
        """Whether it is said, its opposite is, or neither."""
        if flag in self.switches:
            return True
        return False if f"--no-{flag[2:]}" in self.switches else default

    def mapping(self, flag: str) -> dict[str, str]:
        """`a=1,b=2`, or `^;^a=1;b=2` where a semicolon separates."""
        found: dict[str, str] = {}
        for value in self.values.get(flag, []):
            separator = ","
            if value.startswith("^"):
                separator, _, value = value[1:].partition("^")
            for pair in value.split(separator):
                key, equals, text = pair.partition("=")
                if not equals:
                    raise Refused(f"argument {flag}: Bad syntax for dict arg: [{pair}]")
                found[key] = text
        return found

    def document(self, flag: str) -> Any:
        """The JSON of a file."""
        return json.loads((self.folder / self.needs(flag)).read_text("utf-8"))


def parse(arguments: list[str], folder: Path) -> Call:
    words = [word for word in arguments if not word.startswith("--")]
    command = next((c for c in _beginnings(arguments) if c in _TREE["commands"]), None)
    if command is None:
        raise Refused(f"Invalid choice: '{' '.join(words)}'")
    rest = arguments[len(command.split()) :]
    known = _TREE["commands"][command]
    found, values, switches = _sorted(rest, known, _TREE["everywhere"])
    least, most = known["words"]
    if len(found) < least or (most is not None and len(found) > most):
        raise Refused(f"{command}: {len(found)} arguments, of {least} to {most}: {found}")
    return Call(command, tuple(found), folder, values, frozenset(switches))


def _beginnings(arguments: list[str]) -> list[str]:
    """The longest first: `jobs create http` is not `jobs create`."""
    return [" ".join(arguments[:count]) for count in range(len(arguments), 0, -1)]


def _sorted(
    rest: list[str], known: dict[str, Any], everywhere: dict[str, Any]
) -> tuple[list[str], dict[str, list[str]], list[str]]:
    words: list[str] = []
    values: dict[str, list[str]] = {}
    switches: list[str] = []
    choices = known.get("choices", {})
    for argument in rest:
        flag, equals, value = argument.partition("=")
        if not argument.startswith("-"):
            words.append(argument)
        elif flag in known.get("switches", []) + everywhere["switches"] and not equals:
            switches.append(flag)
        elif flag in known.get("values", []) + [*choices] + everywhere["values"] and equals:
            if flag in choices and value not in choices[flag]:
                raise Refused(f"argument {flag}: Invalid choice: '{value}'")
            if flag in values and flag not in _ADDED_UP:
                raise Refused(f"argument {flag}: said twice")
            values.setdefault(flag, []).append(value)
        else:
            raise Refused(f"unrecognized arguments: {argument}")
    return words, values, switches
