"""`gen doctor`: what is the matter, here or with a service."""

from pathlib import Path

import typer

from generator import terminal
from generator.commands import FORMAT_VERSION, Directories, Json, NoColor, ProjectDir
from generator.errors import EXIT_FOUND, TargetError, UserError


def doctor(
    directories: Directories = None,
    project: ProjectDir = "",
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Look at the service, its tools and its Python, and say what mends what is wrong.

    Exit 1 if anything is marked [x]; of several services the worst exit code is that of all.
    Outside a service it looks at what services would need. Changes nothing, and needs no network.
    """
    from generator.doctor.examine import examine_machine, examine_service
    from generator.doctor.findings import FAILURE, Finding, as_json, describe
    from generator.search_path import packs_below, packs_on_path, service_packs

    if directories:
        from generator.commands.several import DOCTOR, look_at_all

        raise typer.Exit(look_at_all(DOCTOR, directories, project, json))
    root = _root(project)
    try:
        packs, lost = service_packs(project) if root else packs_on_path(), []
    except UserError as error:  # the rest can be looked at without them
        packs = packs_below(())
        lost = [Finding("packs", FAILURE, error.message, error.where, error.hint)]
    found = examine_service(root, packs) if root else examine_machine(packs, Path.cwd())
    found = found._replace(findings=[*lost, *found.findings])
    if json:
        terminal.print_json(
            {
                "format_version": FORMAT_VERSION,
                "command": "doctor",
                "directory": str(root) if root else None,
                **as_json(found.findings),
            }
        )
    else:
        terminal.show_report([found.title, *describe(found.findings)])
    if any(finding.status == FAILURE for finding in found.findings):
        raise typer.Exit(EXIT_FOUND)


def _root(project: str) -> Path | None:
    """The service's folder; None where there is none and none was named. Raises TargetError."""
    from generator.evolve.project import find_root

    try:
        return find_root(project)
    except TargetError:
        try:
            Path.cwd()
        except FileNotFoundError:
            project = "."
        if project:
            raise
        return None
