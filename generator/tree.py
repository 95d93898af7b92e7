"""A tree of files in memory: path -> entry. Paths are relative, with forward slashes."""

import os
from pathlib import Path
from typing import NamedTuple


class Entry(NamedTuple):
    content: bytes
    executable: bool = False


Tree = dict[str, Entry]


def text_entry(text: str) -> Entry:
    """A text file; it is executable exactly if it names its interpreter."""
    return Entry(text.encode(), text.startswith("#!"))


def read_tree(root: Path) -> Tree:
    """Every regular file below `root`. Symbolic links are not followed."""
    found: Tree = {}
    for folder, _, files in os.walk(root):
        for name in files:
            path = Path(folder, name)
            if path.is_file() and not path.is_symlink():
                executable = bool(path.stat().st_mode & 0o100)
                found[path.relative_to(root).as_posix()] = Entry(path.read_bytes(), executable)
    return found
