"""What the wizard asks, as data. `prompts` shows it on a screen, `plain` line by line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from generator.errors import UserError

Answer = str | tuple[str, ...]


class Back(Exception):
    """Raised when the person wants to go back to the question before."""


def no_problem(answer: object) -> str:
    """The check of a question that every answer suits."""
    return ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a list. `impossible` is the reason why it cannot be chosen, `words` are more
    words under which it is found."""

    value: str
    label: str
    title: str = ""
    description: str = ""
    impossible: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A line to type, with `default` in it already. `check` gives the problem of a text, or ""."""

    key: str
    message: str
    default: str = ""
    help: str = ""
    check: Callable[[str], str] = no_problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """One of several choices, as far as `check` has no problem with it."""

    key: str
    message: str
    choices: tuple[Choice, ...]
    default: str = ""
    check: Callable[[str], str] = no_problem


@dataclass(frozen=True, slots=True, kw_only=True)
class PickMany:
    """Any number of the choices, as far as `check` has no problem with it."""

    key: str
    message: str
    choices: tuple[Choice, ...]
    default: tuple[str, ...] = ()
    check: Callable[[tuple[str, ...]], str] = no_problem


Question = Text | Pick | PickMany


@dataclass(frozen=True, slots=True)
class Step:
    """Where in the interview a question stands, and whether there is one before it."""

    number: int
    total: int
    can_go_back: bool

    def __str__(self) -> str:
        return f"[{self.number}/{self.total}]"


class Screen(Protocol):
    """A way to ask. Both raise Back, Cancelled (the input has ended) and KeyboardInterrupt."""

    def ask(self, question: Question, step: Step) -> Answer:
        """The answer, checked."""

    def confirm(self, message: str, default: bool, can_go_back: bool) -> bool:
        """Yes or no."""


def said(error: UserError) -> str:
    """An error in one line, for beside the question that it is about."""
    return f"{error.message}; {error.hint}" if error.hint else error.message


def possible(question: Pick | PickMany) -> list[Choice]:
    """The choices that can be chosen."""
    return [choice for choice in question.choices if not choice.impossible]


def labels(question: Pick | PickMany, answer: Answer) -> str:
    """An answer as a person reads it."""
    chosen = (answer,) if isinstance(answer, str) else answer
    found = [choice.label for choice in question.choices if choice.value in chosen]
    return ", ".join(found) or "none"
