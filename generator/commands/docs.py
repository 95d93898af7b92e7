"""`gen docs`: pages about what the packs have."""

from pathlib import Path
from typing import Annotated

import typer

from generator import terminal
from generator.commands import NoColor, flag
from generator.errors import EXIT_FOUND

FOLDER = "docs/reference"


def docs(
    out: Annotated[
        str, flag(f"The folder of the pages; default: {FOLDER}.", None, metavar="DIR")
    ] = FOLDER,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if a page is stale.")
    ] = False,
    no_color: NoColor = False,
) -> None:
    """Write a page for each provider, trigger, tool and CI system, from the packs' metadata.

    Pages of packs that are gone go, too; files that are no pages of gen docs stay.
    """
    from generator.reference.pages import pages
    from generator.reference.shelf import compare, put
    from generator.search_path import packs_on_path

    folder = Path(out)
    made = pages(packs_on_path())
    stale = compare(folder, made)
    signs = [*(f"~ {path}" for path in stale.written), *(f"- {path}" for path in stale.removed)]
    if check:
        terminal.show_report(signs)
        if signs:
            terminal.say(f"{len(signs)} of {len(made)} pages in {folder} are stale: gen docs")
            raise typer.Exit(EXIT_FOUND)
    else:
        put(folder, made, stale)
    number = len(stale.written)
    written = f"{number} page{'' if number == 1 else 's'} written"
    fresh = len(made) - number
    terminal.say(f"{folder}: {written}, {fresh} fresh, {len(stale.removed)} removed")
