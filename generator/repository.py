"""The git repository that a new service lies in: what its CI system needs in the root of that.

Nothing is written there: the root is not the service's. The pack says what it takes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from generator.packs import Packs
from generator.render import Rendering
from generator.spec import Spec
from generator.tree import Tree


class Repository(NamedTuple):
    """A repository around a service: `files` are for its `root`, `note` says why."""

    root: Path
    folder: str
    note: str
    files: Tree

    def as_json(self) -> dict[str, Any]:
        return {
            "root": str(self.root),
            "folder": self.folder,
            "note": self.note,
            "files": [
                {"path": path, "exists": _is_there(self.root / path), "content": _text(self, path)}
                for path in self.files
            ],
        }


def repository_around(target: Path, spec: Spec, packs: Packs) -> Repository | None:
    """The larger repository that `target` lies in, if a CI system needs something there.

    It needs nothing for a folder that git ignores: no CI system will ever see that.
    """
    notes = [ci.root for ci in spec.ci_systems if ci.root]
    if not notes:
        return None
    place = Path(os.path.realpath(target))
    if _is_there(place / ".git"):
        return None
    root = next((parent for parent in place.parents if _is_there(parent / ".git")), None)
    if root is None:
        return None
    folder = place.relative_to(root).as_posix()
    if _is_ignored(root, folder):
        return None
    files = Rendering(spec, packs, folder=folder).root_tree()
    return Repository(root, folder, ". ".join(notes), files)


def describe(repository: Repository) -> Iterator[str]:
    """Why something is needed, and each file under its name; lines that are not to be wrapped."""
    yield f"The service is {repository.folder} of the git repository {repository.root}."
    yield f"{repository.note}. Needed there, for you to put:"
    for path in repository.files:
        known = " (there already: add what it lacks)" if _is_there(repository.root / path) else ""
        yield ""
        yield f"==> {path}{known} <=="
        yield from _text(repository, path).splitlines()
    yield ""


def _is_ignored(root: Path, folder: str) -> bool:
    """What git says; without git, or in what it takes for no repository, False."""
    from generator.doctor.probe import ask  # the one that starts programs

    # A repository's own settings may name a program to run; none is.
    words = ["git", "-c", "core.fsmonitor=false", "check-ignore", "--quiet", "--", f"{folder}/"]
    return ask({"git": words}, root)["git"].code == 0


def _text(repository: Repository, path: str) -> str:
    return repository.files[path].content.decode()


def _is_there(path: Path) -> bool:
    """Also where a folder on the way is closed: then nothing is known to be there."""
    return os.path.lexists(path)
