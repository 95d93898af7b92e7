"""`gen packs`: what packs there are, and whether one keeps to the format."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from generator import terminal
from generator.commands import FORMAT_VERSION, Json, NoColor
from generator.commands.progress import Progress
from generator.errors import EXIT_FOUND, UserError, unreadable

if TYPE_CHECKING:
    from generator.conformance.cases import Case
    from generator.doctor.findings import Finding
    from generator.packs import Packs

ACTIONS = {
    "check": "Does a pack keep to the format? Every service it has a part in is rendered.",
    "list": "The packs in use, and where they are.",
}


def complete_action(incomplete: str) -> list[tuple[str, str]]:
    return [(name, help) for name, help in ACTIONS.items() if name.startswith(incomplete)]


def packs(
    action: Annotated[
        str,
        typer.Argument(
            metavar="check|list",
            help="check: the conformance test; list: the packs in use.",
            autocompletion=complete_action,
            show_default=False,
        ),
    ],
    directories: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[DIR]...",
            help="Folders of packs to check; default: the built-in ones.",
            show_default=False,
        ),
    ] = None,
    no_tests: Annotated[
        bool,
        typer.Option("--no-tests", help="Do not run the tests of generated services."),
    ] = False,
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Check packs of your own before others use them, or list those in use.

    A check reads every file strictly, renders every service that the pack has a part in, and runs
    `make install test lint` in one for each tool: that needs a network and takes minutes.
    Exit 1 if anything is marked [x].
    """
    from generator.values import unknown

    if action not in ACTIONS:
        raise unknown("action", action, list(ACTIONS), where=f"gen packs {action}")
    if action == "list":
        _list(directories or [], json)
    elif not _check(directories or [], not no_tests, json):
        raise typer.Exit(EXIT_FOUND)


def _list(directories: Sequence[str], json: bool) -> None:
    from generator.errors import TargetError
    from generator.packs import BUILT_IN
    from generator.search_path import packs_on_path, service_packs

    if directories:
        raise UserError(
            f"gen packs list takes no folder: {directories[0]}",
            where="gen packs list",
            hint=f"gen packs list --packs {directories[0]}",
        )
    try:
        used = service_packs("")
    except TargetError:  # in no service
        used = packs_on_path()
    found = [{"name": "", "title": "built in", "directory": str(BUILT_IN)}]
    found += [
        {"name": info.name, "title": info.title, "directory": str(info.folder)}
        for info in used.infos
    ]
    if json:
        terminal.print_json(
            {"format_version": FORMAT_VERSION, "command": "packs list", "packs": found}
        )
    else:
        names = [f"{row['name'] or '-'}  {row['title']}  {row['directory']}" for row in found]
        terminal.show_list(names)


def _check(directories: Sequence[str], tests: bool, json: bool) -> bool:
    """Whether nothing is wrong with any of the packs."""
    from generator.doctor.findings import FAILURE, as_json, describe

    reports: list[tuple[Path, list[Finding]]] = []
    for packs, root in _to_check(directories):
        reports.append((root, _examined(packs, root, tests)))
        if not json:
            if len(reports) > 1:
                terminal.show_list([""])
            terminal.show_report([f"Pack {root}", *describe(reports[-1][1])])
    if json:
        rows: list[dict[str, Any]] = [
            {"directory": str(root), **as_json(findings)} for root, findings in reports
        ]
        terminal.print_json(
            {"format_version": FORMAT_VERSION, "command": "packs check", "packs": rows}
        )
    return not any(f.status == FAILURE for _, findings in reports for f in findings)


def _to_check(directories: Sequence[str]) -> Iterator["tuple[Packs, Path]"]:
    """Each pack's folder, with the packs in use and itself. Raises UserError for none."""
    from generator.packs import BUILT_IN
    from generator.search_path import packs_below, packs_on_path

    used = packs_on_path().roots[1:]
    if not directories:
        yield packs_below(()), BUILT_IN
    for said in directories:
        root = Path(os.path.realpath(said))
        if not os.path.isdir(root):
            problem = "is a file" if os.path.exists(root) else "is not there"
            problem = unreadable(root) or problem
            raise UserError(
                f"{said} {problem}",
                where=f"gen packs check {said}",
                hint="name a pack's folder: the one that has base, ci or providers in it",
            )
        if root == BUILT_IN:
            yield packs_below(()), BUILT_IN
        else:
            yield packs_below((*(other for other in used if other != root), root)), root


def _examined(packs: "Packs", root: Path, tests: bool) -> "list[Finding]":
    from generator.conformance.check import Watch, examine

    progress: list[Progress] = []

    def rendering(number: int, total: int, name: str) -> None:
        if not progress:
            progress.append(Progress("Rendering", total))
        progress[0].at(number, name)
        if number == total:
            progress[0].clear()

    def running(case: "Case") -> None:
        terminal.say(f"make install test lint in {case.name}: needs a network, takes minutes ...")

    def output(text: str) -> None:
        terminal.show_unwrapped(text.splitlines())

    try:
        return examine(packs, root, tests, Watch(rendering, running, output))
    except PermissionError as error:
        raise UserError(
            f"{error.filename} cannot be read: {error.strerror}",
            where=f"gen packs check {root}",
            hint=f"make it readable, for example: chmod -R u+rX {root}",
        ) from error
