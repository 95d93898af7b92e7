"""Functions without a handler: gen.toml has them, and the file that the cloud calls was deleted.

A deleted file stays deleted, and most are missed by nobody: a test, an event. Which one a function
cannot do without, its provider's pack says.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from generator.evolve.disk import Disk, Obstacle
from generator.evolve.project import Project
from generator.packs import Packs
from generator.render import Rendering
from generator.tree import Entry, Tree

if TYPE_CHECKING:  # which most commands need, and this only to look at
    from generator.evolve.proposals import Proposal


class Missing(NamedTuple):
    """A function, and where its handler was."""

    function: str
    path: str


def missing_handlers(project: Project, packs: Packs, theirs: Tree) -> Iterator[Missing]:
    """The functions whose handler was deleted by hand. What is yet to come is none of them.

    A handler may well lie elsewhere: where the developer has everything that said its module say
    another one, nothing is missed.
    """
    pattern = project.spec.provider.handler
    if not pattern:
        return
    rendering = Rendering(project.spec, packs)
    for function in project.spec.functions:
        path = rendering.templates.render_text(pattern, rendering.context(function))
        if path not in project.base.candidates or not _is_gone(project.disk, path):
            continue
        if not _is_said_elsewhere(project.disk, path, theirs):
            yield Missing(function.name, path)


def _is_gone(disk: Disk, path: str) -> bool:
    """Whether neither the module is there nor a package that it became."""
    package = disk.look(path.rpartition(".")[0])
    return disk.look(path) is None and not (isinstance(package, Obstacle) and package.is_folder)


def _is_said_elsewhere(disk: Disk, path: str, theirs: Tree) -> bool:
    module = ".".join(path.rpartition(".")[0].split("/")[-2:]).encode()
    saying = [other for other, entry in theirs.items() if module in entry.content]
    there = [entry for other in saying if isinstance(entry := disk.look(other), Entry)]
    return bool(there) and not any(module in entry.content for entry in there)


def deleted_beside(proposal: Proposal, path: str) -> list[str]:
    """The deleted files of the folder that `path` is in: one without the others is of no use."""
    folder = path.rpartition("/")[0]
    found = (other for other in proposal.theirs if other.rpartition("/")[0] == folder)
    base, disk = proposal.project.base, proposal.project.disk
    return [p for p in sorted(found) if p in base.candidates and _is_gone(disk, p)]
