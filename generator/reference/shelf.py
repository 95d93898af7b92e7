"""The pages on disk: what is stale, and making it fresh. Files of others are never touched."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from generator.errors import TargetError
from generator.reference.pages import MARK


class Stale(NamedTuple):
    """Paths below the folder, sorted: to be written anew or for the first time, and to go."""

    written: tuple[str, ...]
    removed: tuple[str, ...]


def compare(folder: Path, pages: Mapping[str, str]) -> Stale:
    """What differs between the pages and the folder.

    Only what begins as a page does can go, or be written over. Raises TargetError.
    """
    try:
        there = {path: _read(folder / path) for path in pages}
        for path, text in there.items():
            if text is not None and not text.startswith(MARK):
                raise TargetError(
                    f"{folder / path} is there, and no page of gen docs",
                    where=f"--out {folder}",
                    hint="move it, or say another folder: gen docs --out DIR",
                )
        others = {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*.md"))}
        gone = [p for p in others if p not in pages and (_read(others[p]) or "").startswith(MARK)]
    except OSError as error:
        raise _unusable(folder, error) from error
    written = sorted(path for path, text in pages.items() if there[path] != text)
    return Stale(tuple(written), tuple(gone))


def put(folder: Path, pages: Mapping[str, str], stale: Stale) -> None:
    """Makes the folder what the pages are. Raises TargetError."""
    try:
        for path in stale.written:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(pages[path].encode())
        for path in stale.removed:
            (folder / path).unlink()
    except OSError as error:
        raise _unusable(folder, error) from error


def _read(path: Path) -> str | None:
    """The text, whatever ends its lines; None where there is no file. A link is nobody's page."""
    if path.is_symlink() or path.is_dir():
        return ""
    try:
        return path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
    except FileNotFoundError:
        return None


def _unusable(folder: Path, error: OSError) -> TargetError:
    return TargetError(
        f"the pages cannot be kept in {folder}: {error}",
        where=f"--out {folder}",
        hint="say another folder: gen docs --out DIR",
    )
