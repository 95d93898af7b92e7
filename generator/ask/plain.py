"""Asks line by line, with numbers and without moving the cursor: for `TERM=dumb`, and for screen
readers (`GEN_PLAIN=1`)."""

from __future__ import annotations

import sys

from generator import terminal
from generator.ask.questions import (
    Answer,
    Back,
    Choice,
    Pick,
    PickMany,
    Question,
    Step,
    Text,
    possible,
)
from generator.errors import Cancelled

# `<` can be typed everywhere; Esc and Ctrl-B arrive as these where the terminal passes them on.
BACK = ("<", "\x1b", "\x02")


def ask(question: Question, step: Step) -> Answer:
    """The answer. Raises Back, Cancelled or KeyboardInterrupt."""
    terminal.say(f"{step} {question.message}")
    if isinstance(question, Text):
        terminal.say(f"  {question.help}")
        return _text(question, step.can_go_back)
    numbered = possible(question)
    for line in _listed(question, numbered):
        terminal.say(line)
    if isinstance(question, PickMany):
        return _pick_many(question, numbered, step.can_go_back)
    return _pick(question, numbered, step.can_go_back)


def confirm(message: str, default: bool, can_go_back: bool) -> bool:
    """Yes or no. Raises as `ask` does."""
    words = {"y": True, "yes": True, "n": False, "no": False, "": default}
    while True:
        typed = _read(f"{message} {'Y/n' if default else 'y/N'}", can_go_back).lower()
        if typed in words:
            return words[typed]
        terminal.say("  Not yet: type y or n")


def _text(question: Text, can_go_back: bool) -> str:
    offer = f"Text (enter for {question.default})" if question.default else "Text"
    while True:
        typed = _read(offer, can_go_back) or question.default
        problem = question.check(typed)
        if not problem:
            return typed
        terminal.say(f"  Not yet: {problem}")


def _pick(question: Pick, numbered: list[Choice], can_go_back: bool) -> str:
    values = [choice.value for choice in numbered]
    default = str(values.index(question.default) + 1) if question.default in values else ""
    offer = f"Number (enter for {default})" if default else "Number"
    while True:
        found = _numbered(_read(offer, can_go_back) or default, values)
        problem = question.check(found[0]) if len(found) == 1 else "type one of the numbers"
        if not problem:
            return found[0]
        terminal.say(f"  Not yet: {problem}")


def _pick_many(question: PickMany, numbered: list[Choice], can_go_back: bool) -> tuple[str, ...]:
    values = [choice.value for choice in numbered]
    default = ",".join(str(n) for n, v in enumerate(values, 1) if v in question.default)
    offer = f"Numbers with commas (enter for {default or 'none'})"
    while True:
        typed = _read(offer, can_go_back) or default
        typed = "" if typed == "none" else typed
        numbers = _numbered(typed, values)
        found = tuple(value for value in values if value in numbers)
        understood = found or not typed
        problem = question.check(found) if understood else "type numbers of the list, as in 1,2"
        if not problem:
            return found
        terminal.say(f"  Not yet: {problem}")


def _numbered(typed: str, values: list[str]) -> list[str]:
    """The values whose numbers were typed; none at all if one of them is no number of the list."""
    words = [word.strip() for word in typed.replace(" ", ",").split(",") if word.strip()]
    numbers = {str(number): value for number, value in enumerate(values, 1)}
    return [numbers[word] for word in words] if all(word in numbers for word in words) else []


def _listed(question: Pick | PickMany, numbered: list[Choice]) -> list[str]:
    lines = []
    for choice in question.choices:
        words = ": ".join(part for part in (choice.title, choice.description) if part)
        if choice.impossible:
            lines.append(f"  -. {choice.label} (not possible: {choice.impossible})")
        else:
            number = numbered.index(choice) + 1
            lines.append(f"  {number}. {choice.label}  {words}".rstrip())
    return lines


def _read(offer: str, can_go_back: bool) -> str:
    back = ", < for back" if can_go_back else ""
    terminal.say(f"  {offer}{back}:")
    line = sys.stdin.readline()
    if not line:
        raise Cancelled
    if line.strip() in BACK and can_go_back:
        raise Back
    return line.strip()
