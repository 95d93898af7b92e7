"""The commands that change a service."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from generator import terminal
from generator.commands import (
    Choice,
    DryRun,
    Json,
    NoColor,
    ProjectDir,
    Settings,
    flag,
)
from generator.commands.carry_out import Run, Work, carry_out, evolve
from generator.completion import complete_function, complete_name

if TYPE_CHECKING:
    from generator.answers import FunctionAnswers
    from generator.packs import Packs

FunctionName = Annotated[
    str, typer.Argument(metavar="FUNCTION", help="Its name.", autocompletion=complete_function)
]


def add_trigger(
    trigger: Annotated[
        str,
        typer.Argument(
            metavar="TRIGGER", help="What invokes it.", autocompletion=complete_name("triggers")
        ),
    ],
    name: Annotated[str, flag("The function's name; default: the trigger's.")] = "",
    settings: Settings = None,
    no_input: Annotated[bool, typer.Option("--no-input", help="Never ask.")] = False,
    project: ProjectDir = "",
    conflict: Choice = "",
    dry_run: DryRun = False,
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Add a function to the service, in every place at once."""
    from generator.evolve.proposals import add_trigger
    from generator.request import add_command, function_answers
    from generator.search_path import service_packs

    packs = service_packs(project)
    given = function_answers(trigger, name, settings or ())
    asked = not (name or settings or no_input or json) and terminal.can_ask()
    if asked:
        given = _asked(given, project, packs)
    evolve(
        Run("add-trigger", project, conflict, dry_run, json),
        packs,
        lambda service: add_trigger(service, packs, given, conflict),
    )
    if asked:
        terminal.say(f"The same without questions:\n  {add_command(given)}")


def _asked(given: "FunctionAnswers", project: str, packs: "Packs") -> "FunctionAnswers":
    from generator.evolve.ask_function import ask_function
    from generator.evolve.project import check_same_version, find_root, load

    service = load(find_root(project), packs)
    check_same_version(service)
    return ask_function(service, given, packs)


def remove_trigger(
    function: FunctionName,
    project: ProjectDir = "",
    conflict: Choice = "",
    dry_run: DryRun = False,
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Take a function out of the service again."""
    from generator.evolve.proposals import remove_trigger
    from generator.search_path import service_packs

    packs = service_packs(project)
    evolve(
        Run("remove-trigger", project, conflict, dry_run, json),
        packs,
        lambda service: remove_trigger(service, packs, function, conflict),
    )


def rename(
    old: FunctionName,
    new: Annotated[str, typer.Argument(metavar="NEW", help="Its new name.")],
    project: ProjectDir = "",
    conflict: Choice = "",
    dry_run: DryRun = False,
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Give a function another name; your edits move with it."""
    from generator.evolve.proposals import rename
    from generator.search_path import service_packs

    packs = service_packs(project)
    evolve(
        Run("rename", project, conflict, dry_run, json),
        packs,
        lambda service: rename(service, packs, old, new, conflict),
    )


def apply(
    restore: Annotated[
        list[str] | None,
        flag("A deleted file to bring back. Repeatable.", None, "--restore", metavar="PATH"),
    ] = None,
    project: ProjectDir = "",
    conflict: Choice = "",
    dry_run: DryRun = False,
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Make the service what gen.toml says, after you edited it."""
    from generator.evolve.project import relative_to
    from generator.evolve.proposals import apply
    from generator.search_path import service_packs

    packs = service_packs(project)
    paths = frozenset(relative_to(project, path) for path in restore or ())
    evolve(
        Run("apply", project, conflict, dry_run, json),
        packs,
        lambda service: apply(service, packs, conflict, paths),
    )


def update(
    project: ProjectDir = "",
    conflict: Choice = "",
    dry_run: DryRun = False,
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Bring in the templates of the installed version; your edits stay."""
    from generator.evolve.proposals import update
    from generator.search_path import service_packs

    packs = service_packs(project)
    evolve(
        Run("update", project, conflict, dry_run, json),
        packs,
        lambda service: update(service, packs, conflict),
    )


def undo(
    project: ProjectDir = "",
    conflict: Choice = "",
    dry_run: DryRun = False,
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Take the last change by gen back; what you edited since stays.

    Once more takes that back: the change is there again. Older changes, git knows.
    """
    from generator.evolve.changes import plan_files
    from generator.evolve.undo import take_back

    def work(root: Path) -> Work:
        label, reconciled = take_back(root, conflict)
        return Work(label, plan_files(reconciled), reconciled)

    carry_out(Run("undo", project, conflict, dry_run, json), work)


def repair(
    project: ProjectDir = "",
    dry_run: DryRun = False,
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Rebuild what gen remembers in .gen/base; no file of yours changes."""
    from generator.evolve.changes import plan_files
    from generator.evolve.repair import rebuild
    from generator.search_path import service_packs

    def work(root: Path) -> Work:
        reconciled = rebuild(root, service_packs(project))
        return Work("gen repair", plan_files(reconciled), reconciled)

    carry_out(Run("repair", project, "", dry_run, json), work)
