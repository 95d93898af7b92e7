"""Several people change one service: branches, and the ways in which git brings them together."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from evolve.playground import ROOT, Service

from generator.tree import Tree

Work = Callable[[Service], object]
CONFLICT = re.compile(
    r"<<<<<<< [^\n]*\n(.*?)\|\|\|\|\|\|\| [^\n]*\n(?:.*?)=======\n(.*?)>>>>>>> [^\n]*\n", re.DOTALL
)
WAYS: Mapping[str, Sequence[Sequence[str]]] = {
    "merge": [("merge", "-q", "--no-edit", "{}")],
    "eager-renames": [("merge", "-q", "--no-edit", "-X", "find-renames=20%", "{}")],
    "squash": [("merge", "-q", "--squash", "{}")],
    "rebase": [("checkout", "-q", "-B", "rebased", "{}"), ("rebase", "-q", "main")],
    "cherry-pick": [("cherry-pick", "main..{}")],
}
"""How the branch that is named and `main` become one."""


class Team:
    """The repository of a service; `main` is checked out."""

    def __init__(self, root: Path) -> None:
        self.service = Service(root)

    def work(self, branch: str, *steps: Work) -> None:
        """One commit more on `branch`, which starts at main if it is not there yet."""
        there = self.service.git("branch", "--list", branch)
        self.service.git("checkout", "-q", *([branch] if there else ["-b", branch, "main"]))
        for step in steps:
            step(self.service)
        self.service.commit(branch)
        self.service.git("checkout", "-q", "main")

    def join(self, way: str, branch: str) -> list[str]:
        """Makes main and `branch` one; the paths that git leaves in conflict, sorted."""
        for command in WAYS[way]:
            self.service.git(*(word.format(branch) for word in command), check=False)
        return sorted(self.unmerged())

    def unmerged(self) -> dict[str, set[int]]:
        """Every path that is in conflict, and which sides have it: 1 base, 2 ours, 3 theirs."""
        found: dict[str, set[int]] = {}
        for line in self.service.git("ls-files", "-z", "--unmerged").split("\0")[:-1]:
            about, _, path = line.partition("\t")
            found.setdefault(path, set()).add(int(about.split()[2]))
        return found

    def take_both(self) -> None:
        """Resolves as a person would by hand: both sides of every conflict.

        But for documents, of which one side is taken: a table that is generated is no one's work.
        """
        for path in self.unmerged():
            if path.endswith(".md"):
                self.service.git("checkout", "--ours", "--", path)
            else:
                self.service.git("checkout", "--conflict=diff3", "--", path)
                self.service.write(path, CONFLICT.sub(_both, self.service.read(path)))
        self.finish()

    def take_mine(self, declaration: str, branch: str = "other") -> None:
        """Resolves with little work: gen.toml by hand, of all else one side, whichever has it."""
        for path, sides in self.unmerged().items():
            side = "HEAD" if 2 in sides else branch
            if sides == {1} or (sides == {1, 3} and side == branch):
                self.service.git("rm", "-q", "--cached", "--ignore-unmatch", "--", path)
                (self.service.root / path).unlink(missing_ok=True)
            else:
                self.service.git("checkout", side, "--", path)
        self.service.write("gen.toml", declaration)
        self.finish()

    def finish(self) -> None:
        """Commits what git left to commit."""
        git = self.service.root / ".git"
        self.service.git("add", "-A")
        if (git / "rebase-merge").exists():
            self.service.git("-c", "core.editor=true", "rebase", "--continue")
        else:
            self.service.commit("together")

    def copy(self, folder: Path) -> Team:
        shutil.copytree(self.service.root, folder)
        return Team(folder)

    def without_gen(self, folder: Path) -> Team:
        """The same history as if there were no `.gen`."""
        folder.mkdir(parents=True)
        other = Team(folder)
        other.service.git("init", "-q", "-b", "main")
        export = ["git", "-C", str(self.service.root), "fast-export", "--all", "--", ".", ":!.gen"]
        history = subprocess.run(export, check=True, capture_output=True).stdout
        load = ["git", "-C", str(folder), "fast-import", "--quiet"]
        subprocess.run(load, check=True, input=history)
        other.service.git("checkout", "-q", "-f", "main")
        return other

    def use_driver(self) -> None:
        """What the service's README says: `gen merge-file` merges YAML and TOML for git."""
        driver = f"PYTHONPATH='{ROOT}' '{sys.executable}' -m generator merge-file %O %A %B %P"
        self.service.git("config", "merge.gen.driver", driver)


def _both(conflict: re.Match[str]) -> str:
    """The two sides one after the other; a heading that both begin with is there once."""
    one, other = sorted((conflict[1], conflict[2]), key=str.strip)
    heading = one.partition("\n")[0] + "\n"
    return one + (other.removeprefix(heading) if heading.endswith(":\n") else other)


def new_team(service: Service) -> Team:
    """Puts a service under version control."""
    service.commit("generated")
    return Team(service.root)


def add(trigger: str, *settings: str) -> Work:
    """`gen add-trigger` for `trigger=name`."""
    kind, _, name = trigger.partition("=")
    options = [word for setting in settings for word in ("--set", setting)]
    return lambda service: service.gen("add-trigger", kind, "--name", name, *options)


def run(*arguments: str) -> Work:
    """A run of `gen` that succeeds."""
    return lambda service: service.gen(*arguments)


def replace(path: str, old: str, new: str) -> Work:
    """A developer's edit."""
    return lambda service: service.edit(path, old, new)


def set_option(function: str, line: str) -> Work:
    """An option is written below the trigger of a function in gen.toml, and applied."""

    def work(service: Service) -> None:
        head, table, rest = service.read("gen.toml").partition(f"[functions.{function}]\n")
        first, end, others = rest.partition("\n")
        service.write("gen.toml", f"{head}{table}{first}{end}{line}\n{others}")
        service.gen("apply")

    return work


def sorted_lines(tree: Tree) -> dict[str, list[bytes]]:
    """A tree in which the order of lines within a file does not count."""
    return {path: sorted(entry.content.splitlines()) for path, entry in tree.items()}
