"""The commands that change a service."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from generator import terminal
from generator.commands import (
    FORMAT_VERSION,
    Choice,
    DryRun,
    Json,
    NoColor,
    ProjectDir,
    Settings,
    flag,
)
from generator.completion import complete_function, complete_name

if TYPE_CHECKING:
    from generator.answers import FunctionAnswers
    from generator.evolve.changes import ChangePlan
    from generator.evolve.project import Project
    from generator.evolve.proposals import Proposal
    from generator.evolve.reconcile import Reconciled
    from generator.packs import Packs

FunctionName = Annotated[
    str, typer.Argument(metavar="FUNCTION", help="Its name.", autocompletion=complete_function)
]


class Run(NamedTuple):
    """What all these commands are told in the same way."""

    command: str
    project: str
    choice: str
    dry_run: bool
    json: bool


class Work(NamedTuple):
    """What a command is about to write: its label, its plan, and the changes themselves."""

    label: str
    plan: "ChangePlan"
    reconciled: "Reconciled"


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
    from generator.packs import Packs
    from generator.request import add_command, function_answers

    packs = Packs()
    given = function_answers(trigger, name, settings or ())
    asked = not (name or settings or no_input or json) and terminal.can_ask()
    if asked:
        given = _asked(given, project, packs)
    _evolve(
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
    from generator.packs import Packs

    packs = Packs()
    _evolve(
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
    from generator.packs import Packs

    packs = Packs()
    _evolve(
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
    from generator.packs import Packs

    packs = Packs()
    paths = frozenset(relative_to(project, path) for path in restore or ())
    _evolve(
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
    from generator.packs import Packs

    packs = Packs()
    _evolve(
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
    """Take the last change by gen back; what you edited since stays."""
    from generator.evolve.changes import plan_files
    from generator.evolve.undo import take_back

    def work(root: Path) -> Work:
        label, reconciled = take_back(root, conflict)
        return Work(label, plan_files(reconciled), reconciled)

    _run(Run("undo", project, conflict, dry_run, json), work)


def repair(
    project: ProjectDir = "",
    dry_run: DryRun = False,
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Rebuild what gen remembers in .gen/base; no file of yours changes."""
    from generator.evolve.changes import plan_files
    from generator.evolve.repair import rebuild
    from generator.packs import Packs

    def work(root: Path) -> Work:
        reconciled = rebuild(root, Packs())
        return Work("gen repair", plan_files(reconciled), reconciled)

    _run(Run("repair", project, "", dry_run, json), work)


def _evolve(run: Run, packs: "Packs", propose: Callable[["Project"], "Proposal"]) -> None:
    from generator.evolve.changes import plan_changes
    from generator.evolve.project import load

    def work(root: Path) -> Work:
        proposal = propose(load(root, packs))
        return Work(proposal.label, plan_changes(proposal, packs), proposal.reconciled)

    _run(run, work)


def _run(run: Run, work: Callable[[Path], Work]) -> None:
    """Shows what `work` is about to write, and writes it: the way of all these commands.

    Raises ConflictError, which writes nothing, and every UserError on the way.
    """
    from generator.evolve.conflicts import ConflictError
    from generator.evolve.project import check_choice, find_root
    from generator.transaction.commit import commit, locked

    check_choice(run.choice)
    root = find_root(run.project)
    finish_interrupted(root)
    with nullcontext() if run.dry_run else locked(root):
        label, plan, reconciled = work(root)
        if reconciled.conflicts:
            raise ConflictError(label, reconciled.conflicts)
        if not run.json:
            _show(plan, root, run.dry_run)
        if not run.dry_run:
            commit(root, {**reconciled.files, **reconciled.base}, label)
    if run.json:
        terminal.print_json(_result(run, root, plan))
    elif not plan.files and not plan.base_files:
        terminal.say("Nothing to do.")
    elif run.dry_run:
        terminal.say("\nDry run: nothing was written.")
    else:
        terminal.show_changed(label, plan)


def finish_interrupted(root: Path) -> None:
    """Finishes what a killed command left, and says so.

    It is the one write of commands that only read.
    """
    from generator.transaction.commit import recover

    recovered = recover(root)
    if recovered is None:
        return
    label = recovered.label or "A command"
    if not recovered.finished:
        terminal.say(f"{label} was interrupted before it wrote anything.")
        return
    terminal.say(f"{label} was interrupted; it is finished now.")
    for path in recovered.kept:
        terminal.show_lines(f"  {path} was edited since and is left as it is; gen apply merges it.")


def _show(plan: "ChangePlan", root: Path, with_diff: bool) -> None:
    from generator.evolve.changes import describe

    if plan.files or plan.notes or plan.warnings:
        terminal.show_lines(*describe(plan, terminal.shown_path(root)))
    if with_diff:
        terminal.show_raw(_diff(plan))


def _diff(plan: "ChangePlan") -> Iterator[str]:
    from generator.evolve.patch import unified

    return unified(plan.files)


def _result(run: Run, root: Path, plan: "ChangePlan") -> dict[str, Any]:
    from generator.evolve.changes import as_json

    diff = {"diff": "\n".join([*_diff(plan), ""])} if run.dry_run else {}
    return {
        "format_version": FORMAT_VERSION,
        "command": run.command,
        "written": bool(plan.files or plan.base_files) and not run.dry_run,
        "directory": str(root),
        **as_json(plan),
        **diff,
    }
