"""A tree of files in memory: path -> entry. Paths are relative, with forward slashes."""

import os
import re
from pathlib import Path
from typing import NamedTuple

from generator.errors import PackError

OUTSIDE = re.compile(r"(?:^|/)(?:\.{0,2}|\.git)(?:/|$)|[\\:\0-\x1f\x7f]", re.IGNORECASE)
"""What no path of a service has: an empty part, `.`, `..`, git's own folder, a drive, a control."""


class Entry(NamedTuple):
    """What is at a path. Of a symbolic link, which only a developer makes, `content` is where it
    points."""

    content: bytes
    executable: bool = False
    link: bool = False


Tree = dict[str, Entry]


def text_entry(text: str) -> Entry:
    """A text file; it is executable exactly if it names its interpreter."""
    return Entry(text.encode(), text.startswith("#!"))


def check_target(path: str, template: str) -> None:
    """Raises PackError where a template's path, as rendered, is none inside of a service."""
    if OUTSIDE.search(path):
        raise PackError(f"{template}: {path!r} is no path inside a service")


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
