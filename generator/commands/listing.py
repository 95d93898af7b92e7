"""`gen list`: what there is to choose from."""

import sys
from typing import Annotated

import typer

from generator import terminal
from generator.commands import FORMAT_VERSION, Json, NoColor, flag
from generator.completion import complete_kind, complete_name


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
    provider: Annotated[str, flag("Only this provider's.", complete_name("providers"))] = "",
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Show providers, tools, triggers and CI systems."""
    from generator.catalogue import KINDS, catalogue, describe_catalogue
    from generator.search_path import packs_on_path
    from generator.values import unknown

    packs = packs_on_path()
    if kind and kind not in KINDS:
        raise unknown("kind of pack", kind, list(KINDS), where=f"gen list {kind}")
    if provider and provider not in packs.providers:
        place = f"--provider {provider}"
        raise unknown("provider", provider, list(packs.providers), where=place)
    data = catalogue(packs, kind, provider)
    if json:
        terminal.print_json({"format_version": FORMAT_VERSION, "command": "list", **data})
    else:
        terminal.show_list(describe_catalogue(data, with_options=bool(kind)))
        if sys.stdout.isatty():
            terminal.say(f"\nA page about each: {terminal.REFERENCE}")
