"""A service to play with: made by `gen new`, changed by `gen`, edited by its developer.

`gen` runs in this process, which takes a tenth of the time of a new one; it sees the same
arguments, and its output and exit code are what a user gets.
"""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from schema import published

from generator.cli import main
from generator.tree import Tree, read_tree

ROOT = Path(__file__).parents[2]


class Result(NamedTuple):
    """What one run of `gen` gave."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Standard output as JSON, as the schema has it."""
        return published(self.out)


def gen(folder: Path, *arguments: str) -> Result:
    """Runs `gen` with these arguments in `folder`."""
    out, err, argv, before = io.StringIO(), io.StringIO(), sys.argv, Path.cwd()
    sys.argv = ["gen", *arguments]
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main()
            except SystemExit as stop:
                code = stop.code if isinstance(stop.code, int) else 1
    finally:
        sys.argv = argv
        os.chdir(before)
    return Result(code, out.getvalue(), err.getvalue())


class Service:
    """A generated service in a folder of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def gen(self, *arguments: str, code: int = 0) -> Result:
        """Runs `gen` in the service; the exit code must be `code`."""
        result = gen(self.root, *arguments)
        assert result.code == code, f"gen {arguments}: {result.code}\n{result.err}{result.out}"
        return result

    def read(self, path: str) -> str:
        return (self.root / path).read_text("utf-8")

    def write(self, path: str, text: str | bytes) -> None:
        """A developer's edit; folders are made."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())

    def edit(self, path: str, old: str, new: str) -> None:
        """Replaces `old`, which must be there, once."""
        text = self.read(path)
        assert old in text, f"{old!r} is not in {path}"
        self.write(path, text.replace(old, new, 1))

    def append(self, path: str, text: str) -> None:
        self.write(path, self.read(path) + text)

    def tree(self, with_base: bool = True) -> Tree:
        """Every file, but for what gen keeps to itself (lock, undo record)."""
        found = read_tree(self.root)
        own = ("base/", ".gitignore") if with_base else (".gitignore",)
        return {
            path: entry
            for path, entry in found.items()
            if not path.startswith((".gen/", ".git/"))
            or (path.startswith(".gen/") and path.removeprefix(".gen/").startswith(own))
        }

    def git(self, *arguments: str, check: bool = True) -> str:
        """Runs git in the service, with an identity and settings of its own."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.root,
            check=False,
            capture_output=True,
            text=True,
            env=os.environ | GIT_SETTINGS,
        )
        assert not check or done.returncode == 0, f"git {arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def commit(self, message: str = "change") -> None:
        if not (self.root / ".git").exists():
            self.git("init", "-q", "-b", "main")
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)


GIT_SETTINGS = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "Dev",
    "GIT_AUTHOR_EMAIL": "dev@example.org",
    "GIT_COMMITTER_NAME": "Dev",
    "GIT_COMMITTER_EMAIL": "dev@example.org",
}


def new_service(
    folder: Path, *triggers: str, tool: str = "sam", settings: Sequence[str] = ()
) -> Service:
    """A new service `orders` on AWS in `folder`/orders: triggers as `http=api`."""
    arguments = ["new", "orders", "--provider", "aws", "--tool", tool, "--no-input"]
    for trigger in triggers:
        arguments += ["--trigger", trigger]
    for setting in settings:
        arguments += ["--set", setting]
    folder.mkdir(parents=True, exist_ok=True)
    result = gen(folder, *arguments)
    assert result.code == 0, result.err
    return Service(folder / "orders")
