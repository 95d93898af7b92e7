"""What is wrong with a command line, in the words of the other errors: the nearest option, too."""

from __future__ import annotations

import sys
from typing import Any

from generator.errors import UnknownNameError, UserError, nearest, printable


def usage_error(error: Exception) -> Exception:
    """Typer's own complaint about the command line as a UserError; anything else as it is.

    Typer has carried its own copy of click since 0.26: the classes are known by their names.
    """
    kinds = [kind.__name__ for kind in type(error).__mro__]
    if "ClickException" not in kinds:
        return error
    context = getattr(error, "ctx", None)
    command = context.command_path if context else " ".join(["gen", *_first_word()])
    if "NoSuchOption" in kinds and context:
        return _unknown_option(str(getattr(error, "option_name", "")), context)
    message = error.format_message().rstrip(".")  # type: ignore[attr-defined]
    where = str(getattr(error, "option_name", "") or command)
    return UserError(message, where=where, hint=f"{command} --help")


def _unknown_option(name: str, context: Any) -> UserError:
    known = [
        flag
        for parameter in context.command.get_params(context)
        for flag in parameter.opts
        if flag.startswith("--")
    ]
    # Compared without the dashes, which all have in common.
    words = {flag.lstrip("-"): flag for flag in known}
    suggestion = words.get(nearest(name.lstrip("-"), list(words)), "")
    offered = f'did you mean "{suggestion}"? ' if suggestion else ""
    return UnknownNameError(
        f"unknown option {printable(name)}",
        where=f"{context.command_path} {name}",
        hint=f"{offered}known: {', '.join(known)}",
        suggestion=suggestion,
    )


def _first_word() -> list[str]:
    """The command, where Typer's complaint does not say whose option it is about."""
    return [word for word in sys.argv[1:2] if not word.startswith("-")]
