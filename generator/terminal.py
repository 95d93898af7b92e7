"""What `gen` prints: plans, results, errors. Standard error is for people.

Lines are wrapped only on a terminal; commands never are, because they have to work when pasted.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from generator.errors import GeneratorError, OutputError, PackError, UserError, report

if TYPE_CHECKING:  # help and lists start without what only a rendering needs
    from generator.evolve.changes import ChangePlan
    from generator.plan import Plan
    from generator.request import Request

ISSUES = "https://github.com/org/serverless-py/issues"
REFERENCE = "https://github.com/org/serverless-py/blob/main/docs/reference/README.md"
CONTROL = {number: f"\\x{number:02x}" for number in (*range(32), *range(127, 160)) if number != 9}
"""How what would steer a terminal is shown: the names of files, and what is in them, may do it."""
COLOURS = {"+": "32", "error:": "31", "~": "33", "-": "31"}
COLOURS |= {"[ok]": "32", "[!]": "33", "[x]": "31"}


def can_ask() -> bool:
    """Whether a person can be asked: both the keyboard and the screen are a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def is_plain() -> bool:
    """Whether to ask line by line: the cursor cannot be moved, or a screen reader would rather."""
    return os.environ.get("TERM") == "dumb" or bool(os.environ.get("GEN_PLAIN"))


def say(text: str) -> None:
    """A line for a person."""
    _print(text, sys.stderr)


def show_list(lines: Iterable[str]) -> None:
    """Lines that were asked for, on standard output; whole, where a program reads them."""
    for line in lines:
        for part in _wrapped(line, sys.stdout):
            _print(part, sys.stdout)


def show_report(lines: Iterable[str]) -> None:
    """Like `show_list`, with the signs at the beginning of lines coloured on a terminal."""
    for line in lines:
        first, *rest = _wrapped(line, sys.stdout)
        for part in (_coloured(first, sys.stdout), *rest):
            _print(part, sys.stdout)


def _print(text: str, stream: TextIO, end: str = "\n") -> None:
    """Every output of `gen` comes here. Raises OutputError where a result cannot be written.

    A character that the stream's encoding lacks never raises, nor does a reader that is gone, nor
    what is for people only: the exit code says how a run ended.
    """
    encoding = stream.encoding or "utf-8"
    try:
        print(text.encode(encoding, "replace").decode(encoding), end=end, file=stream, flush=True)
    except OSError as error:
        # `gen list | head`: what is left goes nowhere, also when Python flushes at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if stream is sys.stdout and not isinstance(error, BrokenPipeError):
            raise OutputError(
                f"standard output cannot be written: {error.strerror}",
                hint="send it to where there is room; what the command did before is done",
            ) from error


def print_json(value: Any) -> None:
    _print(as_json_text(value), sys.stdout)


def as_json_text(value: Any) -> str:
    """As `print_json` prints it, without the line's end."""
    return json.dumps(value, indent=2, ensure_ascii=True)


def write(text: str) -> None:
    """A part of the result on standard output, which ends no line by itself."""
    _print(text, sys.stdout, end="")


def draw(text: str) -> None:
    """The same for a person: what is drawn on a line of the terminal."""
    _print(text, sys.stderr, end="")


def show_lines(*lines: str) -> None:
    """Lines for a person, wrapped on a terminal."""
    _say_wrapped(*lines)


def show_raw(lines: Iterable[str]) -> None:
    """Lines that were asked for as they are, on standard output: a diff is not wrapped."""
    for line in lines:
        _print(line, sys.stdout)


def show_unwrapped(lines: Iterable[str]) -> None:
    """Lines for a person as they are: what is to be copied is not wrapped."""
    for line in lines:
        say(line.translate(CONTROL))


def shown_path(path: Path) -> str:
    """The path as short as it can be said from here."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def show_changed(label: str, plan: ChangePlan, undone: bool = False) -> None:
    """What a command has done, and what comes next. `undone`: it took the last change back."""
    counts = {
        "created": sum(change.before is None for change in plan.files.values()),
        "changed": sum(bool(change.before and change.after) for change in plan.files.values()),
        "deleted": sum(change.after is None for change in plan.files.values()),
    }
    parts = [f"{_count(number, 'file')} {word}" for word, number in counts.items() if number]
    say(f"\nDone, {label}: {', '.join(parts) or 'what gen remembers was rebuilt'}. Next:")
    marked = [note.path for note in plan.notes if note.kind == "marked"]
    for path in marked:
        say(f"  decide what is between the markers in {path}")
    check = "gen check   # says which markers are left" if marked else "make test"
    again = "gen undo    # takes this back: the change is there again"
    for step in ("git diff", check, again if undone else "gen undo    # takes it back"):
        say(f"  {step}")


def show_plan(plan: Plan, target: str) -> None:
    from generator.plan import describe

    own = sum(len(function.resources) for function in plan.functions)
    shared = len({text for function in plan.functions for text in function.shared})
    total = (
        f"To create: {_count(len(plan.files), 'file')}, "
        f"{_count(len(plan.functions), 'function')}, {_count(own + shared, 'resource')}."
    )
    _say_wrapped(*describe(plan, target), "", total)


def show_result(plan: Plan, request: Request) -> None:
    from generator.request import repeat_command

    target = shlex.quote(str(request.target))
    functions = _count(len(plan.functions), "function")
    first = plan.functions[0].name if plan.functions else ""
    say(f"\nCreated {target}: {_count(len(plan.files), 'file')}, {functions}. Next:")
    for step in (f"cd {target}", "make install test", f"make invoke FUNCTION={first}"):
        say(f"  {step}")
    say("The same service again:")
    say(f"  {repeat_command(request)}")


def show_error(error: Exception, as_json: bool, format_version: int) -> int:
    """Says what is wrong, on standard output as JSON if that was asked for. Returns exit code.

    Where standard output is what is wrong, on standard error.
    """
    error = as_reported(error)
    if as_json and not isinstance(error, OutputError):
        try:
            print_json({"format_version": format_version, "error": error_object(error)})
        except OutputError as lost:
            _say_error(lost)
        else:
            return error.exit_code
    _say_error(error)
    return error.exit_code


def _say_error(error: GeneratorError) -> None:
    from generator.caret import with_caret

    width = _columns(sys.stderr) - 1 if sys.stderr.isatty() else 0
    for line in with_caret(report(error).splitlines(), str(error), width):
        _say_wrapped(line)
    if isinstance(conflicts := getattr(error, "conflicts", None), Sequence):
        from generator.evolve.conflicts import describe

        _say_wrapped(*describe(conflicts))


def as_reported(error: Exception) -> GeneratorError:
    """The error as it is told: what nobody raised on purpose is a bug of ours."""
    if isinstance(error, PackError | OSError) and (its_author := _of_its_author(error)):
        return its_author
    if isinstance(error, GeneratorError):
        return error
    if os.environ.get("GEN_DEBUG"):
        import traceback

        say("".join(traceback.format_exception(error)))
    bug = GeneratorError(f"this is a bug in gen: {type(error).__name__}: {error}")
    bug.hint = f"report it at {ISSUES} with the command and what GEN_DEBUG=1 shows"
    return bug


def _of_its_author(error: PackError | OSError) -> GeneratorError | None:
    """A mistake in a pack that is not ours is not a bug of ours, nor is a closed folder in it."""
    from generator.search_path import culprit

    folder = culprit(error)
    if folder is None:
        return None
    said = str(error)
    if isinstance(error, OSError):
        said = f"{error.filename} cannot be read: {error.strerror}"
    found = UserError(said, where=str(folder), hint=f"gen packs check {folder}")
    found.kind = PackError.kind
    return found


def error_object(error: GeneratorError) -> dict[str, Any]:
    """The error as JSON types."""
    said = {"where": error.where, "hint": error.hint, "suggestion": error.suggestion}
    found: dict[str, Any] = {"kind": error.kind, "message": str(error), **said}
    if isinstance(conflicts := getattr(error, "conflicts", None), Sequence):
        from generator.evolve.conflicts import as_json

        found["conflicts"] = as_json(conflicts)
    return found


def _say_wrapped(*lines: str) -> None:
    shown = []
    for line in lines:
        first, *rest = _wrapped(line, sys.stderr)
        shown += [_coloured(first, sys.stderr), *rest]
    say("\n".join(shown))


def _wrapped(line: str, stream: TextIO) -> list[str]:
    """The line in parts that fit on the terminal; whole where there is none."""
    line = line.translate(CONTROL)
    if not stream.isatty():
        return [line]
    import textwrap

    columns = _columns(stream)
    text = line.lstrip()
    indent = line[: len(line) - len(text)]
    return textwrap.wrap(
        text,
        max(columns - 1, 20),
        initial_indent=indent,
        subsequent_indent=f"{indent}    ",
        break_long_words=False,
        break_on_hyphens=False,
    ) or [line]


def _columns(stream: TextIO) -> int:
    """How wide the terminal is. One that does not say so has eighty."""
    return os.get_terminal_size(stream.fileno()).columns or 80


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _coloured(line: str, stream: TextIO) -> str:
    """The line with its first word coloured, where the terminal and the user want it."""
    word = line.split(None, 1)[0] if line.strip() else ""
    wanted = stream.isatty() and not os.environ.get("NO_COLOR")
    if word not in COLOURS or not wanted or os.environ.get("TERM") == "dumb":
        return line
    return line.replace(word, f"\x1b[{COLOURS[word]}m{word}\x1b[0m", 1)
