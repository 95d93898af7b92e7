"""Several people change one service: branches, and every way in which git brings them together."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from evolve.playground import ROOT, Service

Work = Callable[[Service], object]
CONFLICT = re.compile(
    r"<<<<<<< [^\n]*\n(.*?)\|\|\|\|\|\|\| [^\n]*\n(.*?)=======\n(.*?)>>>>>>> [^\n]*\n", re.S
)
DRIVEN = ("*.yml", "*.yaml", "*.toml")

WAYS: dict[str, Sequence[Sequence[str]]] = {
    "merge": [("merge", "-q", "--no-edit", "{}")],
    "merge-eager": [("merge", "-q", "--no-edit", "-X", "find-renames=20%", "{}")],
    "merge-older-strategy": [("merge", "-q", "--no-edit", "-s", "recursive", "{}")],
    "squash": [("merge", "-q", "--squash", "{}")],
    "rebase": [("checkout", "-q", "-B", "rebased", "{}"), ("rebase", "-q", "main")],
    "cherry-pick": [("cherry-pick", "main..{}")],
}
"""How `main` and another branch become one; the other branch's name is put in."""


class Team:
    """The repository of a service; `main` is checked out."""

    def __init__(self, root: Path) -> None:
        self.service = Service(root)

    def commit(self, branch: str, work: Work, start: str = "main") -> None:
        """One commit more on `branch`, which starts at `start` if it is not there yet."""
        known = self.service.git("branch", "--list", branch)
        self.service.git("checkout", "-q", *([branch] if known else ["-b", branch, start]))
        work(self.service)
        self.service.commit(branch)
        self.service.git("checkout", "-q", "main")

    def join(self, way: str, branch: str) -> list[str]:
        """Brings `branch` and main together; the paths that git leaves in conflict, sorted."""
        for command in WAYS[way]:
            self.service.git(*(word.format(branch) for word in command), check=False)
        return self.conflicts()

    def conflicts(self) -> list[str]:
        """The paths that are in conflict now, sorted."""
        listed = self.service.git("ls-files", "-z", "--unmerged")
        return sorted({entry.partition("\t")[2] for entry in listed.split("\0") if entry})

    def resolve(self, paths: Sequence[str], swap: bool = False) -> None:
        """Takes both sides of every conflict, the one that sorts first at first, and commits."""
        for path in paths:
            self.service.git("checkout", "--conflict=diff3", "--", path)
            self.service.write(path, both_sides(self.service.read(path), swap))
        self.finish()

    def finish(self) -> None:
        """Goes on with what git left to do, and commits it."""
        git = self.service.root / ".git"
        self.service.git("add", "-A")
        if (git / "rebase-merge").exists():
            self.service.git("-c", "core.editor=true", "rebase", "--continue")
        else:
            self.service.commit("together")

    def copy(self, folder: Path) -> Team:
        shutil.copytree(self.service.root, folder, symlinks=True)
        return Team(folder)

    def plain(self, folder: Path) -> Team:
        """The same history as if there were no `.gen`."""
        folder.mkdir(parents=True)
        other = Team(folder)
        other.service.git("init", "-q", "-b", "main")
        source = str(self.service.root)
        exported = subprocess.run(
            ["git", "-C", source, "fast-export", "--all", "--", ".", ":!.gen"],
            check=True,
            capture_output=True,
        )
        command = ["git", "-C", str(folder), "fast-import", "--quiet"]
        subprocess.run(command, check=True, input=exported.stdout)
        other.service.git("checkout", "-q", "-f", "main")
        return other


def both_sides(text: str, swap: bool = False) -> str:
    """A text with diff3 marks, in which every conflict has both sides."""

    def both(match: re.Match[str]) -> str:
        sides = sorted((match[1], match[3]), key=lambda side: side.strip(), reverse=swap)
        return "".join(sides)

    return CONFLICT.sub(both, text)


def start(service: Service, folder: Path | None = None) -> Team:
    """Puts a service under version control."""
    service.commit("generated")
    return Team(service.root)


def use_driver(team: Team) -> None:
    """Sets `gen merge-file` up as git's merge driver for YAML and TOML, on main."""
    lines = "".join(f"{pattern} merge=gen\n" for pattern in DRIVEN)
    team.service.append(".gitattributes", lines)
    team.service.commit("merge driver")
    driver = f"PYTHONPATH='{ROOT}' '{sys.executable}' -m generator merge-file %O %A %B %P"
    team.service.git("config", "merge.gen.driver", driver)


def add(trigger: str, *settings: str) -> Work:
    """`gen add-trigger` for `trigger=name`."""
    kind, _, name = trigger.partition("=")
    options = [word for setting in settings for word in ("--set", setting)]
    return lambda service: service.gen("add-trigger", kind, "--name", name, *options)
