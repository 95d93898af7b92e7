"""The commands that look at a service and change nothing: diff, status, check."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from generator import terminal
from generator.commands import FORMAT_VERSION, Directories, Json, NoColor, ProjectDir
from generator.commands.carry_out import finish_interrupted
from generator.errors import EXIT_FOUND, EXIT_OK

if TYPE_CHECKING:
    from generator.evolve.project import Project
    from generator.packs import Packs


def diff(
    mine: Annotated[
        bool, typer.Option("--mine", help="What you changed since it was generated, instead.")
    ] = False,
    project: ProjectDir = "",
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Show what gen apply would change, as a unified diff.

    Where it needs a decision of yours, the diff is that of the other files, and the exit code is 3.
    """
    from generator.evolve.inspection import edits, pending
    from generator.evolve.patch import unified
    from generator.search_path import service_packs

    packs = service_packs(project)
    service = _load(project, packs)
    changes, error = (edits(service), None) if mine else pending(service, packs)
    if json:
        found = {
            "format_version": FORMAT_VERSION,
            "command": "diff",
            "directory": str(service.root),
            "files": list(changes),
            "diff": "\n".join([*unified(changes), ""] if changes else []),
        }
        terminal.print_json(found | ({"error": terminal.error_object(error)} if error else {}))
        raise typer.Exit(error.exit_code if error else EXIT_OK)
    terminal.show_raw(unified(changes))
    if error:
        raise error
    if not changes:
        terminal.say("You changed nothing." if mine else "Nothing would change.")


def status(
    directories: Directories = None,
    project: ProjectDir = "",
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Show functions, what was changed by hand, and what is pending.

    Of several services, a line each.
    """
    from generator.evolve.inspection import describe_status, status
    from generator.search_path import service_packs

    if directories:
        from generator.commands.several import STATUS, look_at_all

        raise typer.Exit(look_at_all(STATUS, directories, project, json))
    packs = service_packs(project)
    found = status(_load(project, packs), packs)
    if json:
        terminal.print_json({"format_version": FORMAT_VERSION, "command": "status", **found})
    else:
        terminal.show_list(describe_status(found))


def check(
    directories: Directories = None,
    project: ProjectDir = "",
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Exit 1 if gen apply would change anything, or conflict markers are left.

    Of several services the worst exit code is that of all: 2 if one cannot be checked.
    """
    from generator.evolve.inspection import problems
    from generator.search_path import service_packs

    if directories:
        from generator.commands.several import CHECK, look_at_all

        raise typer.Exit(look_at_all(CHECK, directories, project, json))
    packs = service_packs(project)
    service = _load(project, packs)
    found = problems(service, packs)
    if json:
        terminal.print_json(
            {
                "format_version": FORMAT_VERSION,
                "command": "check",
                "directory": str(service.root),
                "problems": [problem._asdict() for problem in found],
            }
        )
    for problem in found if not json else ():
        terminal.show_lines(f"{problem.where}: {problem.message}", f"  help: {problem.hint}")
    if not found and not json:
        terminal.say("Everything is as gen.toml says.")
    if found:
        raise typer.Exit(EXIT_FOUND)


def _load(project: str, packs: "Packs") -> "Project":
    from generator.evolve.project import find_root, load

    root: Path = find_root(project)
    finish_interrupted(root)
    return load(root, packs)
