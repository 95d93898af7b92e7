"""`gen completion`, and what the scripts that it prints ask for: `gen --complete SHELL WORD...`."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from generator import terminal
from generator.commands import NoColor
from generator.topics import FOLDER

BREAKS = set("=:")
"""Where Bash breaks one word in several: COMP_WORDBREAKS."""


def complete_shell(incomplete: str) -> list[tuple[str, str]]:
    return [(shell, "") for shell in shells() if shell.startswith(incomplete)]


def shells() -> list[str]:
    """Those for which there is a script."""
    return sorted(path.suffix[1:] for path in FOLDER.glob("completion.*"))


def completion(
    shell: Annotated[
        str,
        typer.Argument(metavar="SHELL", help="bash, zsh or fish.", autocompletion=complete_shell),
    ],
    no_color: NoColor = False,
) -> None:
    """Print what makes a shell complete gen's commands, options and values."""
    if shell not in shells():
        from generator.values import unknown

        raise unknown("shell", shell, shells(), where=f"gen completion {shell}")
    terminal.write((FOLDER / f"completion.{shell}").read_text("utf-8"))


def candidates(app: typer.Typer, shell: str = "", *words: str) -> Iterator[str]:
    """What the last of `words` may become: a line each, with what explains it after a tab.

    They are passed as they are, so that no shell evaluates what comes from a gen.toml.
    """
    # What finds them is the same for all shells, and wherever Typer has its click from.
    from typer._completion_classes import BashComplete
    from typer.main import get_command

    line, typed = (list(words) or [""]), ""
    if shell == "bash":
        line, typed = mended(line)
    completer = BashComplete(get_command(app), {}, "gen", "")
    for item in completer.get_completions(line[:-1], line[-1]):
        help = " ".join((item.help or "").split())
        yield f"{item.value.removeprefix(typed)}\t{help}"


def mended(words: Sequence[str]) -> tuple[list[str], str]:
    """The words with those together that Bash broke (`sqs`, `=`, `jobs`), and what of the last one
    it leaves as it is: it replaces only what comes after."""
    whole: list[str] = []
    glued = False
    for word in words:
        is_break = bool(word) and set(word) <= BREAKS
        if whole and (glued or is_break):
            whole[-1] += word
        else:
            whole.append(word)
        glued = is_break
    return whole, whole[-1] if glued else whole[-1].removesuffix(words[-1])
