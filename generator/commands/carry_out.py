"""How a command that changes a service goes about it: plan, show, write, tell."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from generator import terminal
from generator.commands import FORMAT_VERSION

if TYPE_CHECKING:
    from generator.evolve.changes import ChangePlan
    from generator.evolve.project import Project
    from generator.evolve.proposals import Proposal
    from generator.evolve.reconcile import Reconciled
    from generator.packs import Packs


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


def evolve(run: Run, packs: "Packs", propose: Callable[["Project"], "Proposal"]) -> None:
    """Carries out what `propose` makes of the service."""
    from generator.evolve.changes import plan_changes
    from generator.evolve.project import load

    def work(root: Path) -> Work:
        proposal = propose(load(root, packs))
        return Work(proposal.label, plan_changes(proposal, packs), proposal.reconciled)

    carry_out(run, work)


def carry_out(run: Run, work: Callable[[Path], Work]) -> None:
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
        terminal.show_changed(label, plan, undone=run.command == "undo")


def finish_interrupted(root: Path) -> None:
    """Finishes what a killed command left, and says so.

    It is the one write of commands that only read.
    """
    for line in interruption(root):
        terminal.show_lines(line)


def interruption(root: Path) -> list[str]:
    """Finishes what a killed command left; what is to be said of it, as lines."""
    from generator.transaction.commit import recover

    recovered = recover(root)
    if recovered is None:
        return []
    label = recovered.label or "A command"
    if not recovered.finished:
        return [f"{label} was interrupted before it wrote anything."]
    kept = "  {} was edited since and is left as it is; gen apply merges it."
    return [f"{label} was interrupted; it is finished now.", *map(kept.format, recovered.kept)]


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
