"""`gen repair`: what is missing or damaged in `.gen/base`, rendered anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from generator.base import Base, BaseError, base_path, digest_of, encode
from generator.declaration import FILE, parse_declaration
from generator.disk import Disk
from generator.errors import UserError
from generator.journal import Change
from generator.packs import Packs
from generator.project import Project, check_same_version, load
from generator.reconcile import Reconciled
from generator.render import Rendering
from generator.spec import Spec, build_spec
from generator.tree import Entry, Tree


def rebuild(root: Path, packs: Packs) -> Reconciled:
    """The changes that make the base whole again. Base files that are whole stay as they are.

    Raises VersionError when the installed templates are not those that the service is from:
    only they can say what was generated.
    """
    project = load(root, packs)
    check_same_version(project)
    tree = Rendering(_applied(project, packs), packs).tree()
    disk = Disk(root)
    changes = dict(_rebuilt(project.base, tree, disk))
    for path in project.base.stray:
        found = disk.look(path)
        if isinstance(found, Entry):
            changes[path] = Change(found, None)
    return Reconciled(files={}, base=changes)


def damaged(base: Base) -> Iterator[tuple[str, str]]:
    """Every base file that does not hold what its name says: the path it is for, its hash."""
    for path, candidates in base.candidates.items():
        for digest in candidates:
            try:
                base.entry(path, digest)
            except BaseError:
                yield path, digest


def _applied(project: Project, packs: Packs) -> Spec:
    """What was applied last, if the base still knows, else what gen.toml says."""
    for digest in project.base.candidates.get(FILE, ()):
        try:
            recorded = project.base.entry(FILE, digest).content.decode()
            return build_spec(parse_declaration(recorded), packs)
        except (UserError, UnicodeError):
            continue
    return project.spec


def _rebuilt(base: Base, tree: Tree, disk: Disk) -> Iterator[tuple[str, Change]]:
    broken = set(damaged(base))
    for path in sorted({*base.candidates, *tree}):
        whole = [d for d in base.candidates.get(path, ()) if (path, d) not in broken]
        for digest in base.candidates.get(path, ()):
            if digest not in whole:
                stored = base_path(path, digest)
                found = disk.look(stored)
                wanted = tree.get(path)
                again = not whole and wanted is not None and digest_of(wanted) == digest
                after = encode(path, wanted)[1] if again and wanted else None
                if isinstance(found, Entry):
                    yield stored, Change(found, after)
        entry = tree.get(path)
        if not whole and entry and digest_of(entry) not in base.candidates.get(path, ()):
            stored, remembered = encode(path, entry)
            yield stored, Change(None, remembered)
