"""The commands, one module a group. A run of `gen` loads the one that it needs.

Annotations are evaluated as Python meets them: Typer would evaluate texts four times.
"""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from generator.completion import complete_choice, complete_setting

FORMAT_VERSION = 1


def flag(
    help: str,
    complete: Callable[..., list[tuple[str, str]]] | None = None,
    *names: str,
    metavar: str = "NAME",
) -> Any:
    """An option of a command that takes a value."""
    return typer.Option(
        *names, help=help, autocompletion=complete, metavar=metavar, show_default=False
    )


Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]
# `main` reads it, so that it holds for mistakes in the command line, too.
NoColor = Annotated[bool, typer.Option("--no-color", help="No colours; NO_COLOR=1 does it, too.")]
ProjectDir = Annotated[
    str, flag("The service's folder, or one in it; default: here.", None, metavar="DIR")
]
Directories = Annotated[
    list[str] | None,
    typer.Argument(metavar="[DIR]...", help="Several services: services/*", show_default=False),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the plan and the diff only.")]
Choice = Annotated[
    str,
    flag(
        "Decide conflicts: markers, ours or theirs.", complete_choice, "--conflict", metavar="HOW"
    ),
]
Settings = Annotated[
    list[str] | None,
    flag(
        "An option of the function. Repeatable.", complete_setting, "--set", metavar="OPTION=VALUE"
    ),
]
