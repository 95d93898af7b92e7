"""`gen repair`: what is missing or damaged in `.gen/base`, rendered anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from generator.base import Base, BaseError, base_path, digest_of, encode
from generator.declaration import FILE, parse_declaration
from generator.errors import TargetError, UserError, printable
from generator.evolve.disk import Disk
from generator.evolve.project import Project, check_same_version, load
from generator.evolve.reconcile import Reconciled
from generator.packs import Packs
from generator.render import Rendering
from generator.spec import Spec, build_spec
from generator.transaction.journal import Change
from generator.transaction.places import NOTHING_WRITTEN
from generator.tree import Entry, Tree

OWN = ".gen/"


def rebuild(root: Path, packs: Packs) -> Reconciled:
    """The changes that make the base whole again. Base files that are whole stay as they are.

    The rest of `.gen` comes back with it, where it is missing. Raises VersionError when the
    installed templates are not those that the service is from: only they can say what was
    generated; TargetError where something else than a file is in the base.
    """
    project = load(root, packs)
    check_same_version(project)
    tree = Rendering(_applied(project, packs), packs).tree()
    disk = Disk(root)
    changes = dict(_rebuilt(project.base, tree, disk))
    for path in project.base.stray:
        changes[path] = Change(_file_at(disk, path), None)
    files = {
        path: Change(None, entry)
        for path, entry in tree.items()
        if path.startswith(OWN) and disk.look(path) is None
    }
    return Reconciled(files=files, base=changes)


def damaged(base: Base) -> Iterator[tuple[str, str, BaseError]]:
    """Every base file that does not hold what its name says: the path it is for, its hash, why."""
    for path, candidates in base.candidates.items():
        for digest in candidates:
            try:
                base.entry(path, digest)
            except BaseError as error:
                yield path, digest, error


def _applied(project: Project, packs: Packs) -> Spec:
    """What was applied last, if the base still knows, else what gen.toml says and the disk has."""
    for digest in project.base.candidates.get(FILE, ()):
        try:
            recorded = project.base.entry(FILE, digest).content.decode()
            return build_spec(parse_declaration(recorded), packs)
        except (UserError, UnicodeError):
            continue
    return _generated_yet(project, packs)


def _generated_yet(project: Project, packs: Packs) -> Spec:
    """Without the functions of which no file is there: they were declared and never applied.

    A base that had them would say that all their files were deleted by hand.
    """
    rendering = Rendering(project.spec, packs)
    rendering.tree()
    files = {path: owner for path, (_, owner) in rendering.origins.items()}
    there = {owner for path, owner in files.items() if project.disk.look(path) is not None}
    missing = {name for scope, name in {*files.values()} - there if scope == "function"}
    functions = tuple(f for f in project.answers.functions if f.name not in missing)
    if not functions:
        return project.spec
    return build_spec(project.answers._replace(functions=functions), packs)


def _rebuilt(base: Base, tree: Tree, disk: Disk) -> Iterator[tuple[str, Change]]:
    broken = {(path, digest) for path, digest, _ in damaged(base)}
    for path in sorted({*base.candidates, *tree}):
        entry = tree.get(path)
        wanted = digest_of(entry) if entry else ""
        known = base.candidates.get(path, ())
        # Of a file that is neither generated nor there, a base would say that it was deleted.
        useless = entry is None and disk.look(path) is None
        whole = [digest for digest in known if (path, digest) not in broken and not useless]
        for digest in known:
            if digest not in whole:
                stored = base_path(path, digest)
                again = not whole and digest == wanted
                after = encode(path, entry)[1] if entry and again else None
                yield stored, Change(_file_at(disk, stored), after)
        if entry and not whole and wanted not in known:
            stored, remembered = encode(path, entry)
            yield stored, Change(None, remembered)


def _file_at(disk: Disk, path: str) -> Entry:
    """The file or the symbolic link there, as a transaction takes it away."""
    found = disk.look(path)
    if isinstance(found, Entry):
        return found
    link = found.as_link() if found else None
    if link:
        return link
    what = found.what if found else "gone"
    raise TargetError(
        f"{printable(path)} is no file, but {what}. {NOTHING_WRITTEN}",
        where=path,
        hint="delete it, then run gen repair again",
    )
