"""What can go wrong, and how it is said.

Every message to a user has three parts: what is wrong, where it was said, and what to type
next. `cli` and the Cookiecutter hooks print the same text, through `report`.
"""

from __future__ import annotations

import os

EXIT_OK = 0
EXIT_FOUND = 1
EXIT_BAD_INPUT = 2
EXIT_CONFLICT = 3
EXIT_BUG = 70
EXIT_NOT_MERGED = 129
EXIT_CANCELLED = 130


class GeneratorError(Exception):
    """Base of all errors that this package raises on purpose.

    `where` is the place, `hint` what to type instead, `suggestion` the nearest valid word; each may
    be empty.
    """

    exit_code = EXIT_BUG
    kind = "internal"
    where = hint = suggestion = ""


class PackError(GeneratorError):
    """Raised when a pack breaks the format of docs/packs.md: a bug of the pack, not of the user."""

    kind = "pack"


class UserError(GeneratorError):
    """Raised when the user's input or surroundings are at fault.

    `message` says what is wrong, `where` where it was said (`--trigger s4`, `gen.toml:12`),
    `hint` what to type instead; `suggestion` is the one nearest valid word, if there is one.
    """

    exit_code = EXIT_BAD_INPUT
    kind = "bad-input"

    def __init__(
        self, message: str, *, where: str = "", hint: str = "", suggestion: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint
        self.suggestion = suggestion


class UnknownNameError(UserError):
    """Raised when a provider, tool, trigger, CI system, option or function is not known."""

    kind = "unknown-name"


class InvalidValueError(UserError):
    """Raised when a value has the wrong type, form or size, or does not fit the others."""

    kind = "invalid-value"


class MissingAnswerError(UserError):
    """Raised when an answer without a default is missing and nobody can be asked."""

    kind = "missing-answer"


class TargetError(UserError):
    """Raised when the target folder cannot be used: in the way, not empty, not writable, full."""

    kind = "target"


class OutputError(UserError):
    """Raised when standard output cannot be written: its disk is full, most often.

    It has no kind of its own: what tells kinds is JSON on standard output.
    """


class DeclarationError(UserError):
    """Raised when a gen.toml is damaged, or from a newer version."""

    kind = "gen-toml"


class Cancelled(GeneratorError):
    """Raised when the person at the keyboard decides against it."""

    exit_code = EXIT_CANCELLED
    kind = "cancelled"


def printable(text: str, limit: int = 60) -> str:
    """`text` in double quotes, safe for a terminal: control characters escaped, cut at `limit`."""
    cut = text if len(text) <= limit else text[: limit - 3] + "..."
    return '"' + "".join(c if c.isprintable() else ascii(c)[1:-1] for c in cut) + '"'


def unreadable(path: str | os.PathLike[str]) -> str:
    """Why nobody can say what is at `path`, in words that follow its name; empty where one can.

    A folder above it is closed, say, or its name is too long: `pathlib` raises, `os.path` has it
    that nothing is there.
    """
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    except ValueError as error:
        return f"cannot be read: {error}"
    return ""


def nearest(word: str, candidates: list[str]) -> str:
    """The candidate that `word` was most likely meant to be, or an empty string."""
    from difflib import get_close_matches

    lowered = {candidate.lower(): candidate for candidate in candidates}
    if word.lower() in lowered:
        return lowered[word.lower()]
    # Of two letters one may be wrong (`s4`); of more, half is chance (`maybe`: `markers`).
    cutoff = 0.5 if len(word) <= 2 else 0.6
    found = get_close_matches(word.lower(), list(lowered), n=1, cutoff=cutoff)
    return lowered[found[0]] if found else ""


def report(error: GeneratorError) -> str:
    """The text shown to a person, one to three lines, without a final newline."""
    lines = [f"error: {error}"]
    if error.where:
        lines.append(f"  where: {error.where}")
    if error.hint:
        lines.append(f"  help:  {error.hint}")
    return "\n".join(lines)
