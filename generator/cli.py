"""`gen`: the command line. Only this module, its commands and `terminal` know it and print.

Results go to standard output where a program may read them (`--json`, `gen list`); everything
meant for a person goes to standard error.
"""

import os
import sys
from typing import Annotated, NoReturn

import typer

from generator import __version__, terminal
from generator.commands import FORMAT_VERSION, NoColor
from generator.errors import EXIT_CANCELLED, EXIT_OK, Cancelled
from generator.help import Group, help_width
from generator.usage import usage_error

app = typer.Typer(
    name="gen",
    cls=Group,
    add_completion=False,
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "terminal_width": help_width()},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        terminal.write(f"serverless-py {__version__}\n")
        raise typer.Exit


@app.callback()
def gen(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version and stop.", callback=_print_version, is_eager=True
        ),
    ] = False,
    no_color: NoColor = False,
) -> None:
    """Creates Python serverless services and keeps evolving them."""
    if context.invoked_subcommand is None:
        terminal.write(f"{context.get_help()}\n")


def main() -> NoReturn:
    """Runs `gen` and exits. Every failure is one message and the exit code that says its kind."""
    completing = sys.argv[1:2] == ["--complete"]
    as_json = "--json" in sys.argv[1:] and not completing
    if "--no-color" in sys.argv[1:]:
        os.environ["NO_COLOR"] = "1"
    try:
        if completing:
            from generator.commands.completing import candidates

            terminal.show_raw(candidates(app, *sys.argv[2:]))
            sys.exit(EXIT_OK)
        code = app(prog_name="gen", standalone_mode=False)
        if code == EXIT_CANCELLED:  # what Typer makes of Ctrl-C
            raise KeyboardInterrupt
        sys.exit(code if isinstance(code, int) else EXIT_OK)
    except (KeyboardInterrupt, typer.Abort, Cancelled):
        terminal.say("\nCancelled. Nothing was written.")
        sys.exit(EXIT_CANCELLED)
    except Exception as error:  # the last line of defence: a traceback is a bug
        sys.exit(terminal.show_error(usage_error(error), as_json, FORMAT_VERSION))
