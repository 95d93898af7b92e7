"""`gen help`: the first page, a command's, or a topic's."""

from typing import Annotated

import typer

from generator import terminal
from generator.commands import NoColor
from generator.completion import complete_page


def show_help(
    context: typer.Context,
    page: Annotated[
        str,
        typer.Argument(
            metavar="[TOPIC]",
            help="A topic or a command; default: the first page.",
            autocompletion=complete_page,
            show_default=False,
        ),
    ] = "",
    schema: Annotated[
        bool, typer.Option("--schema", help="Of the topic json: print the JSON schema.")
    ] = False,
    no_color: NoColor = False,
) -> None:
    """Explain a command, or a topic that concerns all of them."""
    from generator.help import COMMANDS, help_width
    from generator.topics import SCHEMA, lines, topics

    first = context.find_root()
    pages = topics()
    if schema:
        _check_schema(page)
        terminal.write(SCHEMA.read_text("utf-8"))
    elif page in pages:
        terminal.show_raw(lines(pages[page], help_width()))
    elif page in COMMANDS:
        command = first.command.get_command(first, page)  # type: ignore[attr-defined]
        own = type(context)(command, info_name=page, parent=first)
        terminal.show_raw([command.get_help(own)])
    elif not page:
        terminal.show_raw([first.get_help()])
    else:
        from generator.values import unknown

        known = [*pages, *COMMANDS]
        raise unknown("topic or command", page, known, where=f"gen help {page}")


def _check_schema(page: str) -> None:
    if page != "json":
        from generator.errors import UserError

        where = f"gen help {page} --schema".replace("  ", " ")
        raise UserError(
            "only the topic json has a schema", where=where, hint="gen help json --schema"
        )
