"""The one mechanism: base, ours and theirs -> what to write. Reads ours and base, writes nothing.

`base` is what the generator wrote last time, `ours` what is on disk, `theirs` what it would write
now. Nothing is written here, so a conflict leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from generator.base import FOLDER, Base, BaseError, base_path, digest_of, encode
from generator.evolve.decide import KEEP, Conflict, Decision, File, decide, decide_new
from generator.evolve.disk import Disk
from generator.transaction.journal import Change
from generator.tree import Entry, Tree


class Note(NamedTuple):
    """What a person should know, but need not decide. `kind` is one of:

    - `deleted`: it was deleted by hand, so it stays deleted
    - `merged`: both sides changed it, and both changes are in it now
    - `moved`: it was at `origin`, and is at `path` with its edits
    - `kept`, `dropped`: a conflict that `--conflict` decided for ours, for theirs
    - `marked`: a conflict whose markers are in the file now
    """

    path: str
    kind: str
    origin: str = ""


class Reconciled(NamedTuple):
    """What to write. `files` are the service's own; `base` are those in `.gen/base`."""

    files: Mapping[str, Change]
    base: Mapping[str, Change]
    conflicts: tuple[Conflict, ...] = ()
    notes: tuple[Note, ...] = ()


class Wanted(NamedTuple):
    """What the service is to become.

    `instead` has, for some paths, the base and the theirs to merge by instead of the recorded and
    the rendered ones. `moves` are renamed files, old path -> new path; `keys` are renamed keys of
    YAML and TOML, `forms` those of a function's name; `folders` are those whose other files, the
    developer's, move along. `older` is a rendering that may be a base, too, where a git merge has
    left several and none of them will do. `restore` are deleted paths to bring back. `choice` is
    that of `--conflict`.
    """

    theirs: Tree
    instead: Mapping[str, tuple[Entry, Entry]] = {}
    moves: Mapping[str, str] = {}
    keys: Mapping[str, str] = {}
    forms: Mapping[str, Sequence[str]] = {}
    folders: Mapping[str, str] = {}
    older: Mapping[str, Entry] = {}
    restore: frozenset[str] = frozenset()
    choice: str = ""


class Place(NamedTuple):
    """Where the sides of one file are. `path` is that of theirs, `base` of its base files, `ours`
    of the file on disk, and `target` is where the result goes."""

    path: str
    base: str
    ours: str
    target: str


def reconcile(base: Base, disk: Disk, wanted: Wanted) -> Reconciled:
    """What to write so that the service becomes `wanted` and keeps every edit.

    Raises BaseError for a damaged base file that is needed, and TargetError for a file that
    cannot be read.
    """
    _check_strays(base, wanted.theirs)
    files: dict[str, Change] = {}
    conflicts: list[Conflict] = []
    notes: list[Note] = []
    sides = _Sides(base, disk, wanted)
    for place in sides.places():
        decision = sides.decide(place)
        if decision.conflict:
            conflicts.append(decision.conflict)
            continue
        changes = dict(_file_changes(place, decision, disk))
        files.update(changes)
        kind = "moved" if changes and place.base != place.target else decision.note
        if kind:
            origin = place.base if place.base != place.target else ""
            notes.append(Note(place.target, kind, origin))
    if wanted.folders:
        from generator.evolve.own_files import move_along  # only a rename has any

        for own in move_along(disk, wanted.folders, base.candidates, files, conflicts):
            notes = [note for note in notes if note.path != own.origin]
            notes.append(Note(own.target, "moved", own.origin))
    return Reconciled(
        files=dict(sorted(files.items())),
        base=dict(sorted(_base_changes(base, wanted.theirs))),
        conflicts=tuple(conflicts),
        notes=tuple(notes),
    )


def _check_strays(base: Base, theirs: Tree) -> None:
    """Raises BaseError where something is at the place of a folder of base files.

    What they remembered is lost, and would seem never to have been generated.
    """
    for stray in base.stray:
        way = stray.removeprefix(f"{FOLDER}/")
        if any(path == way or path.startswith(f"{way}/") for path in theirs):
            raise BaseError(
                f"{stray} is damaged: a folder of gen's belongs there",
                where=stray,
                hint="gen repair builds it anew, or take .gen back from version control",
            )


def _file_changes(place: Place, decision: Decision, disk: Disk) -> Iterator[tuple[str, Change]]:
    ours = disk.look(place.ours)
    before = ours if isinstance(ours, Entry) else None
    after = before if decision.keep else decision.entry
    if place.ours == place.target:
        if after != before:
            yield place.target, Change(before, after)
        return
    if before is not None:
        yield place.ours, Change(before, None)
    if after is not None:
        yield place.target, Change(None, after)


class _Sides:
    """The three sides of every file of a service."""

    def __init__(self, base: Base, disk: Disk, wanted: Wanted) -> None:
        self.base = base
        self.disk = disk
        self.wanted = wanted
        self.origins = {new: old for old, new in self._moves()}
        self.modes = _modes_mean_something(base, disk, wanted.theirs)

    def _moves(self) -> Iterator[tuple[str, str]]:
        """The moves that concern this service. A chain of them (a to b, b to c) is one move."""
        known = self.base.candidates
        for old in self.wanted.moves:
            new = self.wanted.moves[old]
            while new in self.wanted.moves:
                new = self.wanted.moves[new]
            # One that is known and was deleted, with its function in gen.toml, is nobody's now.
            free = new not in known or self.disk.look(new) is None
            if old in known and free and new in self.wanted.theirs:
                yield old, new

    def places(self) -> Iterator[Place]:
        """Every file that was generated, or is to be."""
        moved = set(self.origins.values())
        for path in sorted({*self.base.candidates, *self.wanted.theirs} - moved):
            origin = self.origins.get(path, path)
            yield self._moved_by_hand(path, origin) or Place(path, origin, origin, path)

    def _moved_by_hand(self, path: str, origin: str) -> Place | None:
        """Where the developer moved a file as it was, if the generator is to change it."""
        theirs = self.wanted.theirs.get(path)
        candidates = self.base.candidates.get(origin, ())
        if theirs is None or not candidates or self.disk.look(origin) is not None:
            return None
        if digest_of(theirs) in candidates or path in self.wanted.restore:
            return None
        contents = {entry.content for entry in self.base.entries(origin) if entry.content.strip()}
        known = {*self.base.candidates, *self.wanted.theirs}
        found = [place for place, _ in self.disk.holding(contents) if place not in known]
        return Place(path, origin, found[0], found[0]) if len(found) == 1 else None

    def decide(self, place: Place) -> Decision:
        ours = self.disk.look(place.ours)
        theirs = self.wanted.theirs.get(place.path)
        candidates = self.base.candidates.get(place.base, ())
        wanted = self.wanted
        file = File(place.target, ours, theirs, wanted.keys, wanted.forms, wanted.choice)
        if place.ours != place.target and ours and self.disk.look(place.target):
            what = "a file of yours"
            return Decision(True, conflict=Conflict(place.target, "obstacle", what=what))
        if place.path in self.wanted.instead:
            given, theirs = self.wanted.instead[place.path]
            return decide(file._replace(theirs=theirs), [given])
        if not candidates:
            return decide_new(file)
        if ours is None and place.path in self.wanted.restore:
            return Decision(keep=False, entry=theirs)
        known = theirs is not None and digest_of(theirs) in candidates
        if ours is None or (known and len(candidates) == 1):
            return KEEP if known or theirs is None else Decision(keep=True, note="deleted")
        if isinstance(ours, Entry):
            if not self.modes:
                remembered = self.base.entry(place.base, candidates[0])
                ours = ours._replace(executable=remembered.executable)
                file = file._replace(ours=ours)
            if digest_of(ours) in candidates:
                return Decision(keep=False, entry=theirs)
        older = self.wanted.older.get(place.base) if len(candidates) > 1 else None
        return decide(file, list(self.base.entries(place.base)), [older] if older else ())


def _base_changes(base: Base, theirs: Tree) -> Iterator[tuple[str, Change]]:
    """What makes the base remember `theirs` and nothing else."""
    for path in {*base.candidates, *theirs}:
        entry = theirs.get(path)
        wanted = digest_of(entry) if entry else ""
        candidates = base.candidates.get(path, ())
        for digest in candidates:
            if digest != wanted:
                stored = base_path(path, digest)
                yield stored, Change(Entry(base.stored(path, digest)), None)
        if entry and wanted not in candidates:
            stored, remembered = encode(path, entry)
            yield stored, Change(None, remembered)


def _modes_mean_something(base: Base, disk: Disk, theirs: Tree) -> bool:
    """False where the file system has no executable bit: every file says the same there."""
    said = {
        (entry.executable, ours.executable)
        for path, entry in theirs.items()
        if path in base.candidates and isinstance(ours := disk.look(path), Entry)
    }
    generated, found = {one for one, _ in said}, {other for _, other in said}
    return len(generated) < 2 or len(found) > 1
