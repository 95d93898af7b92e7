"""`gen`: the only module that knows the command line and prints.

Results go to standard output where a program may read them (`--json`, `gen list`); everything
meant for a person goes to standard error.

Annotations are evaluated here as Python meets them: Typer would evaluate texts four times.
"""

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from generator import __version__, terminal
from generator.completion import complete_kind, complete_name
from generator.errors import EXIT_CANCELLED, EXIT_OK, Cancelled
from generator.help import ExamplesFirst, Group, help_width
from generator.usage import usage_error

if TYPE_CHECKING:  # each command imports what it needs: start-up is a feature
    from generator.create import NewService
    from generator.packs import Packs
    from generator.request import Request

FORMAT_VERSION = 1

app = typer.Typer(
    name="gen",
    cls=Group,
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "terminal_width": help_width()},
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]
# `main` reads it, so that it holds for mistakes in the command line, too.
NoColor = Annotated[bool, typer.Option("--no-color", help="No colours; NO_COLOR=1 does it, too.")]


def _flag(
    help: str,
    complete: Callable[..., list[tuple[str, str]]] | None = None,
    *names: str,
    metavar: str = "NAME",
) -> Any:
    return typer.Option(
        *names, help=help, autocompletion=complete, metavar=metavar, show_default=False
    )


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"serverless-py {__version__}")
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
        print(context.get_help())


@app.command("new", cls=ExamplesFirst)
def new(
    directory: Annotated[
        str, typer.Argument(metavar="[DIR]", help="The folder to create.", show_default=False)
    ] = "",
    name: Annotated[str | None, _flag("The service's name; default: the folder's.")] = None,
    provider: Annotated[str, _flag("Where it runs.", complete_name("providers"))] = "",
    tool: Annotated[str, _flag("What deploys it.", complete_name("tools"))] = "",
    trigger: Annotated[
        list[str] | None,
        _flag(
            "What invokes a function, and its name. Repeatable.",
            complete_name("triggers"),
            metavar="TRIGGER[=FUNCTION]",
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        _flag(
            "An option of a function or, without FUNCTION, of the service. Repeatable.",
            None,
            "--set",
            metavar="[FUNCTION.]OPTION=VALUE",
        ),
    ] = None,
    ci: Annotated[str, _flag("The CI system.", complete_name("ci"))] = "",
    python: Annotated[str, _flag("The Python version, for example 3.13.", metavar="VERSION")] = "",
    region: Annotated[str, _flag("The provider's region.", metavar="REGION")] = "",
    description: Annotated[str, _flag("One line about the service.", metavar="TEXT")] = "",
    package: Annotated[str, _flag("The Python package; default: from the name.")] = "",
    no_input: Annotated[bool, typer.Option("--no-input", help="Never ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan only.")] = False,
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Create a new service."""
    from generator.create import new_service
    from generator.packs import Packs
    from generator.request import Request, check_complete, to_answers

    request = Request(
        directory=directory,
        name=name,
        provider=provider,
        tool=tool,
        trigger=tuple(trigger or ()),
        set=tuple(settings or ()),
        ci=ci,
        python=python,
        region=region,
        description=description,
        package=package,
    )
    packs = Packs()
    if not (no_input or json) and terminal.can_ask():
        request, service = _asked(request, packs, dry_run)
    else:
        check_complete(request, packs)
        service = new_service(request.target, to_answers(request), packs)
        if not json:
            terminal.show_plan(service.plan, str(request.target))
    if not dry_run:
        service.write()
    if json:
        terminal.print_json(_new_result(service, request, dry_run))
    elif dry_run:
        terminal.say("\nDry run: nothing was written.")
    else:
        terminal.show_result(service.plan, request)


def _asked(request: "Request", packs: "Packs", dry_run: bool) -> tuple["Request", "NewService"]:
    """Asks, shows the plan and asks whether to write it, until the person is content."""
    from generator.create import new_service
    from generator.request import to_answers
    from generator.wizard import Kept, complete, confirm

    kept: Kept = {}
    while True:
        complete_request = complete(request, packs, kept)
        service = new_service(complete_request.target, to_answers(complete_request), packs)
        terminal.show_plan(service.plan, str(complete_request.target))
        if dry_run or confirm(complete_request.target, can_go_back=bool(kept)):
            return complete_request, service


@app.command("list", cls=ExamplesFirst)
def list_packs(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="[providers|tools|triggers|ci]",
            help="What to list; default: everything.",
            autocompletion=complete_kind,
            show_default=False,
        ),
    ] = "",
    provider: Annotated[str, _flag("Only this provider's.", complete_name("providers"))] = "",
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Show providers, tools, triggers and CI systems."""
    from generator.catalogue import KINDS, catalogue, describe_catalogue
    from generator.packs import Packs
    from generator.values import unknown

    packs = Packs()
    if kind and kind not in KINDS:
        raise unknown("kind of pack", kind, list(KINDS), where=f"gen list {kind}")
    if provider and provider not in packs.providers:
        place = f"--provider {provider}"
        raise unknown("provider", provider, list(packs.providers), where=place)
    data = catalogue(packs, kind, provider)
    if json:
        terminal.print_json({"format_version": FORMAT_VERSION, **data})
    else:
        terminal.show_list(describe_catalogue(data, with_options=bool(kind)))


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
        "repeat": repeat_command(request),
    }


def main() -> NoReturn:
    """Runs `gen` and exits. Every failure is one message and the exit code that says its kind."""
    as_json = "--json" in sys.argv[1:]
    if "--no-color" in sys.argv[1:]:
        os.environ["NO_COLOR"] = "1"
    try:
        code = app(prog_name="gen", standalone_mode=False)
        if code == EXIT_CANCELLED:  # what Typer makes of Ctrl-C
            raise KeyboardInterrupt
        sys.stdout.flush()
        sys.exit(code if isinstance(code, int) else EXIT_OK)
    except (KeyboardInterrupt, typer.Abort, Cancelled):
        terminal.say("\nCancelled. Nothing was written.")
        sys.exit(EXIT_CANCELLED)
    except BrokenPipeError:
        # The reader went away (`gen list | head`); keep Python from complaining at its exit.
        sys.stdout = None
        sys.exit(EXIT_OK)
    except Exception as error:  # the last line of defence: a traceback is a bug
        sys.exit(terminal.show_error(usage_error(error), as_json, FORMAT_VERSION))
