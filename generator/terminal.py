"""What `gen` prints: plans, results, errors. Standard error is for people."""

from __future__ import annotations

import json
import os
import shlex
import sys
from typing import TYPE_CHECKING, Any

from generator.errors import EXIT_BUG, GeneratorError, UserError, report

if TYPE_CHECKING:  # help and lists start without what only a rendering needs
    from generator.plan import Plan
    from generator.request import Request

ISSUES = "https://github.com/org/serverless-py/issues"
COLOURS = {"+": "32", "error:": "31", "~": "33", "-": "31"}


def can_ask() -> bool:
    """Whether a person can be asked: both the keyboard and the screen are a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def is_plain() -> bool:
    """Whether to ask line by line: the cursor cannot be moved, or a screen reader would rather."""
    return os.environ.get("TERM") == "dumb" or bool(os.environ.get("GEN_PLAIN"))


def say(text: str) -> None:
    """A line for a person. A character that the terminal lacks never raises."""
    stream = sys.stderr
    encoding = stream.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding), file=stream, flush=True)


def print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=True))


def show_plan(plan: Plan, target: str) -> None:
    from generator.plan import describe

    for line in describe(plan, target):
        say(_coloured(line))


def show_result(plan: Plan, request: Request) -> None:
    from generator.request import repeat_command

    target = shlex.quote(str(request.target))
    functions = len(plan.functions)
    first = plan.functions[0].name if plan.functions else ""
    say(f"\nCreated {target}: {len(plan.files)} files, {functions} function(s). Next:")
    for step in (f"cd {target}", "make install test", f"make invoke FUNCTION={first}"):
        say(f"  {step}")
    say("The same service again:")
    say(f"  {repeat_command(request)}")


def show_error(error: Exception, as_json: bool, format_version: int) -> int:
    """Says what is wrong, on standard output as JSON if that was asked for. Returns exit code."""
    if not isinstance(error, GeneratorError):
        if os.environ.get("GEN_DEBUG"):
            raise error
        error = GeneratorError(
            f"this is a bug in gen: {type(error).__name__}: {error}\n"
            f"  help:  report it at {ISSUES} with what GEN_DEBUG=1 shows"
        )
    if as_json:
        print_json({"format_version": format_version, "error": _error_object(error)})
    else:
        say(_coloured(report(error)))
    return error.exit_code if isinstance(error, GeneratorError) else EXIT_BUG


def _error_object(error: GeneratorError) -> dict[str, str]:
    found = {"kind": error.kind, "message": str(error)}
    if isinstance(error, UserError):
        found |= {"where": error.where, "hint": error.hint, "suggestion": error.suggestion}
    return found


def _coloured(line: str) -> str:
    """The line with its first word coloured, where the terminal and the user want it."""
    word = line.split(None, 1)[0] if line.strip() else ""
    wanted = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    if word not in COLOURS or not wanted or os.environ.get("TERM") == "dumb":
        return line
    return line.replace(word, f"\x1b[{COLOURS[word]}m{word}\x1b[0m", 1)
