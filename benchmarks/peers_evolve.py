"""A service and its successor: by `gen`, and the same two trees as two versions of a template.

The peers' template has the files that people read, with the service's name and its region as
variables. It is without `gen.toml` and `.gen`: the peers' own records take their place.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.peer_template import check_same, write_cookiecutter, write_copier
from benchmarks.peers import gen, program
from generator.tree import Tree, read_tree

NAME = "orders"
OWN_RECORDS = ("gen.toml", ".gen/")
"""What only `gen` keeps in a service."""
RECORDS = (*OWN_RECORDS, ".git/", ".cruft.json", ".copier-answers.yml")
"""What a tool or git keeps, and no person edits."""
WHO = {
    "GIT_AUTHOR_NAME": "dev",
    "GIT_AUTHOR_EMAIL": "dev@example.com",
    "GIT_COMMITTER_NAME": "dev",
    "GIT_COMMITTER_EMAIL": "dev@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "NO_COLOR": "1",
}
COPIER_ANSWERS = "# Changes here will be overwritten by Copier\n{{ _copier_answers|to_nice_yaml }}"


class Evolution(NamedTuple):
    """What people read of a service, before a change of it and after."""

    before: Tree
    after: Tree


class Tool(NamedTuple):
    """A program that updates projects: how it makes one of the first tree and takes the second.

    `create(folder, evolution)` makes `folder/orders`, committed, in such a state that `update`,
    run in it, brings the second tree.
    """

    name: str
    create: Callable[[Path, Evolution], Path]
    update: Sequence[str]


def new_service(folder: Path, triggers: Iterable[str], settings: Iterable[str] = ()) -> Path:
    """A service in `folder/orders`, by `gen new`; no git repository yet."""
    words = [word for trigger in triggers for word in ("--trigger", trigger)]
    words += [word for setting in settings for word in ("--set", setting)]
    service = ["--name", NAME, "--provider", "aws", "--tool", "sam", "--no-input"]
    folder.mkdir(parents=True, exist_ok=True)
    run([gen(), "new", NAME, *service, *words], folder)
    return folder / NAME


def read(project: Path, records: Sequence[str] = RECORDS) -> Tree:
    """What people read of a project: all files but those of tools."""
    tree = read_tree(project)
    return {path: entry for path, entry in tree.items() if not path.startswith(tuple(records))}


def copier() -> Tool:
    command = [program("copier", "copier"), "update", "--defaults", "--trust"]
    return Tool("copier", _copier_project, command)


def cruft() -> Tool:
    return Tool("cruft", _cruft_project, [program("cruft", "cruft"), "update", "--skip-apply-ask"])


def _copier_project(folder: Path, evolution: Evolution) -> Path:
    template = folder / "template"

    def write(tree: Tree) -> None:
        write_copier(template, tree)
        _set_modes(template / "template", tree, ".jinja")
        answers = template / "template" / "{{_copier_conf.answers_file}}.jinja"
        answers.write_text(COPIER_ANSWERS, "utf-8")

    _publish(template, evolution.before, write, "1.0.0")
    run([program("copier", "copier"), "copy", "--defaults", str(template), NAME], folder)
    return _finish(folder, template, evolution, write)


def _cruft_project(folder: Path, evolution: Evolution) -> Path:
    template = folder / "template"

    def write(tree: Tree) -> None:
        write_cookiecutter(template, tree)
        _set_modes(template / "{{cookiecutter.project_slug}}", tree)

    _publish(template, evolution.before, write, "1.0.0")
    run([program("cruft", "cruft"), "create", "--no-input", str(template)], folder)
    return _finish(folder, template, evolution, write)


def _finish(
    folder: Path, template: Path, evolution: Evolution, write: Callable[[Tree], None]
) -> Path:
    """Commits the project and publishes the second version of its template."""
    check_same_readable(folder / NAME, evolution.before)
    commit_all(folder / NAME, "generated")
    _publish(template, evolution.after, write, "2.0.0")
    return folder / NAME


def _set_modes(folder: Path, tree: Tree, suffix: str = "") -> None:
    for path, entry in tree.items():
        if entry.executable:
            (folder / f"{path}{suffix}").chmod(0o755)


def check_same_readable(project: Path, tree: Tree) -> None:
    """Raises ValueError unless the project has the files of `tree`, and records."""
    check_same(project, {**read_tree(project), **tree})
    if set(read(project)) != set(tree):
        raise ValueError(f"{project} has other files: {sorted(set(read(project)) ^ set(tree))}")


def _publish(template: Path, tree: Tree, write: Callable[[Tree], None], version: str) -> None:
    """A commit and a tag with nothing but `tree` in the template."""
    if template.exists():
        git(template, "rm", "-r", "-q", ".")
    template.mkdir(parents=True, exist_ok=True)
    write(tree)
    commit_all(template, version)
    git(template, "tag", version)


def commit_all(folder: Path, message: str) -> None:
    """All of the folder in a commit; the folder becomes a repository if it is none."""
    if not (folder / ".git").exists():
        git(folder, "-c", "init.defaultBranch=main", "init", "-q")
    git(folder, "add", "--all", "--force", ".")
    git(folder, "commit", "-q", "--no-gpg-sign", "--allow-empty", "-m", message)


def git(folder: Path, *words: str) -> str:
    return run(["git", *words], folder).stdout


def run(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    check: bool = True,
) -> subprocess.CompletedProcess[str]:
    """Runs a command without a terminal, as a developer called dev. Raises RuntimeError."""
    done = subprocess.run(
        list(command),
        cwd=folder,
        env={**os.environ, **WHO, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if check and done.returncode:
        shown = " ".join(command)
        raise RuntimeError(f"{shown} failed ({done.returncode}):\n{done.stdout}{done.stderr}")
    return done
