"""`gen merge-file`: the keyed merge for git, file by file."""

from pathlib import Path
from typing import Annotated

import typer

from generator import terminal
from generator.commands import NoColor
from generator.errors import EXIT_CONFLICT, EXIT_FOUND, TargetError


def merge_file(
    base: Annotated[Path, typer.Argument(metavar="BASE", help="The common ancestor: %O.")],
    ours: Annotated[Path, typer.Argument(metavar="OURS", help="Yours; gets the result: %A.")],
    theirs: Annotated[Path, typer.Argument(metavar="THEIRS", help="The other side: %B.")],
    path: Annotated[
        str, typer.Argument(metavar="[PATH]", help="What the file is called: %P.")
    ] = "",
    no_color: NoColor = False,
) -> None:
    """Merge three versions of a file by key, as a merge driver of git."""
    from generator.merge.contents import decide, merge_contents

    name = path or ours.name
    try:
        outcome = merge_contents(name, base.read_bytes(), ours.read_bytes(), theirs.read_bytes())
        result = decide(outcome, "markers")
        if result is not None and result != ours.read_bytes():
            ours.write_bytes(result)
    except OSError as error:
        raise TargetError(
            f"cannot merge {name}: {error.strerror}",
            where=str(error.filename),
            hint="gen merge-file BASE OURS THEIRS [PATH]",
        ) from error
    if outcome.content is None:
        count = len(outcome.hunks)
        terminal.say(f"{name}: {count} conflict{'' if count == 1 else 's'}")
        # git takes a number from 1 to 127 for conflicts, and the file with its markers.
        raise typer.Exit(EXIT_FOUND if result is not None else EXIT_CONFLICT)
