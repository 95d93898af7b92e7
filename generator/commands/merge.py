"""`gen merge-file`: the keyed merge for git, file by file."""

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from generator import terminal
from generator.commands import NoColor
from generator.errors import EXIT_CONFLICT, EXIT_FOUND, EXIT_NOT_MERGED, TargetError

UNMERGED = {
    "binary": "a binary file that both sides changed",
    "encoding": "both sides changed it, and they are in two encodings",
    "markers": "both sides changed it, and marks of an earlier conflict are left in it",
}


class MergeFileError(TargetError):
    """Raised when a file cannot be read or written: the driver has failed, OURS is as it was.

    git takes 1 to 127 for conflicts, with the markers in OURS, and stops at anything above 128, so
    that nobody takes what was never merged for the result. (git before 2.42 takes that for a
    conflict, too.) A file that is not there is bad input, which git never gives: exit code 2.
    """

    exit_code = EXIT_NOT_MERGED


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
            _replace(ours, result)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise TargetError(
            f"cannot merge {name}: {error.strerror}",
            where=str(error.filename),
            hint="gen merge-file BASE OURS THEIRS [PATH]",
        ) from error
    except OSError as error:
        raise MergeFileError(
            f"cannot merge {name}: {error.strerror or error}. Nothing was written.",
            where=str(error.filename or ours),
            hint="see to it that there is room and you may read and write there, then merge again",
        ) from error
    if outcome.content is None:
        count = len(outcome.hunks)
        if result is None:
            terminal.say(f"{name}: {UNMERGED[outcome.step]}; yours was left as it is")
        else:
            terminal.say(f"{name}: {count} conflict{'' if count == 1 else 's'}")
        # git takes a number from 1 to 127 for conflicts, and the file with its markers.
        raise typer.Exit(EXIT_FOUND if result is not None else EXIT_CONFLICT)


def _replace(file: Path, content: bytes) -> None:
    """Writes all of it or nothing: beside the file, which is renamed. Its permissions stay."""
    target = os.path.realpath(file)  # of a link, what it leads to
    mode = os.stat(target).st_mode & 0o777
    handle, beside = tempfile.mkstemp(prefix=".gen-merge-", dir=os.path.dirname(target))
    try:
        with open(handle, "wb") as stream:
            stream.write(content)
        os.chmod(beside, mode)
        os.replace(beside, target)
    except BaseException:
        os.unlink(beside)
        raise
