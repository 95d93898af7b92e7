"""`gen new`: a new service."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from generator import terminal
from generator.commands import FORMAT_VERSION, Json, NoColor, flag
from generator.completion import complete_name, complete_new_setting

if TYPE_CHECKING:  # each command imports what it needs: start-up is a feature
    from generator.create import NewService
    from generator.packs import Packs
    from generator.request import Request


def new(
    directory: Annotated[
        str, typer.Argument(metavar="[DIR]", help="The folder to create.", show_default=False)
    ] = "",
    name: Annotated[str | None, flag("The service's name; default: the folder's.")] = None,
    provider: Annotated[str, flag("Where it runs.", complete_name("providers"))] = "",
    tool: Annotated[str, flag("What deploys it.", complete_name("tools"))] = "",
    trigger: Annotated[
        list[str] | None,
        flag(
            "What invokes a function, and its name. Repeatable.",
            complete_name("triggers"),
            metavar="TRIGGER[=FUNCTION]",
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        flag(
            "An option of a function or, without FUNCTION, of the service. Repeatable.",
            complete_new_setting,
            "--set",
            metavar="[FUNCTION.]OPTION=VALUE",
        ),
    ] = None,
    ci: Annotated[list[str] | None, flag("The CI system. Repeatable.", complete_name("ci"))] = None,
    ci_check: Annotated[
        bool, typer.Option("--ci-check", help="Pull requests run gen check, too.")
    ] = False,
    ci_update: Annotated[
        bool, typer.Option("--ci-update", help="A weekly pull request with gen update.")
    ] = False,
    python: Annotated[
        str,
        flag("The Python version, for example 3.13.", complete_name("pythons"), metavar="VERSION"),
    ] = "",
    region: Annotated[str, flag("The provider's region.", metavar="REGION")] = "",
    description: Annotated[str, flag("One line about the service.", metavar="TEXT")] = "",
    package: Annotated[str, flag("The Python package; default: from the name.")] = "",
    no_input: Annotated[bool, typer.Option("--no-input", help="Never ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan only.")] = False,
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Create a new service."""
    from generator.create import new_service
    from generator.request import Request, check_complete, switched_on, to_answers
    from generator.search_path import flags, packs_on_path

    request = Request(
        directory=directory,
        name=name,
        provider=provider,
        tool=tool,
        trigger=tuple(trigger or ()),
        set=(*(settings or ()), *switched_on(ci_check=ci_check, ci_update=ci_update)),
        ci=tuple(ci or ()),
        python=python,
        region=region,
        description=description,
        package=package,
        packs=flags(),
    )
    packs = packs_on_path()
    if not (no_input or json) and terminal.can_ask():
        request, service = _asked(request, packs, dry_run)
    else:
        check_complete(request, packs)
        service = new_service(request.target, to_answers(request), packs)
        if not json:
            _show_plan(service)
    if not dry_run:
        service.write()
    if json:
        terminal.print_json(_new_result(service, request, dry_run))
    elif dry_run:
        terminal.say("\nDry run: nothing was written.")
    else:
        if service.repository:
            needed = ", ".join(service.repository.files)
            terminal.say("")
            terminal.show_lines(f"To do in {service.repository.root}: {needed} (see above)")
        terminal.show_result(service.plan, request)


def _asked(request: "Request", packs: "Packs", dry_run: bool) -> tuple["Request", "NewService"]:
    """Asks, shows the plan and asks whether to write it, until the person is content."""
    from generator.ask.wizard import Kept, complete, confirm
    from generator.create import new_service
    from generator.request import to_answers

    kept: Kept = {}
    while True:
        complete_request = complete(request, packs, kept)
        service = new_service(complete_request.target, to_answers(complete_request), packs)
        _show_plan(service)
        if dry_run or confirm(complete_request.target, can_go_back=bool(kept)):
            return complete_request, service


def _show_plan(service: "NewService") -> None:
    """What the repository around it needs comes first: the service is what is asked about next."""
    if service.repository:
        from generator.repository import describe

        terminal.show_unwrapped(describe(service.repository))
    terminal.show_plan(service.plan, str(service.target))


def _new_result(service: "NewService", request: "Request", dry_run: bool) -> dict[str, Any]:
    from generator.request import repeat_command

    return {
        "format_version": FORMAT_VERSION,
        "command": "new",
        "written": not dry_run,
        "directory": str(request.target),
        "files": list(service.plan.files),
        "base_files": service.plan.base_files,
        "functions": [
            {
                "name": function.name,
                "trigger": function.trigger,
                "resources": [*function.resources, *function.shared],
                "permissions": [
                    {"actions": list(p.actions), "on": p.on} for p in function.permissions
                ],
            }
            for function in service.plan.functions
        ],
        "repository": service.repository.as_json() if service.repository else None,
        "repeat": repeat_command(request),
    }
