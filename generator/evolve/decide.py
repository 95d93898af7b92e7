"""What becomes of one file, given its three sides. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from generator.evolve.disk import Found, Obstacle
from generator.merge.hunks import Hunk
from generator.tree import Entry

OURS: Final = "ours"
THEIRS: Final = "theirs"
MARKERS: Final = "markers"
CHOICES: Final = (MARKERS, OURS, THEIRS)


class Conflict(NamedTuple):
    """A path that cannot be decided without a person. `kind` is one of:

    - `changed`: both sides changed it, and their changes meet (`hunks`; none for a binary file)
    - `removed`: it is no longer generated, but was edited
    - `in-the-way`: a file of the developer's is where a new one is to come
    - `obstacle`: something that is no file of the service is there; `what` says what
    - `markers`: it has the markers of an earlier conflict; `what` says where
    - `declaration`: gen.toml has to say what the service is, so only theirs, or a person, can
      decide it; `what` says what is the matter
    """

    path: str
    kind: str
    hunks: tuple[Hunk, ...] = ()
    what: str = ""


class Decision(NamedTuple):
    """What becomes of one file: `entry` is written (None: nothing is there), or ours is kept.

    `note` is what a person should know, one of the kinds of `reconcile.Note`, or empty.
    """

    keep: bool
    entry: Entry | None = None
    note: str = ""
    conflict: Conflict | None = None


KEEP = Decision(keep=True)


class File(NamedTuple):
    """One file to decide. `choice` is that of `--conflict`, `keys` are renamed keys, `forms` those
    of a function's old name with the new ones."""

    path: str
    ours: Found
    theirs: Entry | None
    keys: Mapping[str, str] = {}
    forms: Mapping[str, Sequence[str]] = {}
    choice: str = ""


def decide(file: File, bases: Iterable[Entry], older: Iterable[Entry] = ()) -> Decision:
    """What becomes of a file that was generated before; each of `bases` may be its base.

    `older` may be, too, where none of them merges without a conflict.
    """
    if file.ours is None:
        return Decision(keep=True, note="deleted" if file.theirs is not None else "")
    if isinstance(file.ours, Obstacle):
        return _obstructed(file, bases, file.ours)
    ours = file.ours
    nearest = sorted(bases, key=lambda base: _distance(base.content, ours.content))
    undecided = file._replace(choice="")
    for some in (nearest, older):
        decision = _in_turn(undecided, some, ours)
        if decision is not None:
            return decision
    return _merge(file, nearest[0], ours) if nearest else decide_new(file)


def _in_turn(file: File, bases: Iterable[Entry], ours: Entry) -> Decision | None:
    """Merges by each base that gives no conflict, one after the other; None where all do.

    After a merge by git, ours has something of each of its bases, and none of that is an edit. So
    the first that merges cleanly is not enough: what ours has from another would stay for good.
    """
    found: Decision | None = None
    for base in bases:
        decision = _merge(file, base, ours)
        if decision.conflict:
            continue
        if not decision.keep:
            if decision.entry is None:
                return decision
            ours = decision.entry
        if found is None or not decision.keep:
            note = decision.note or (found.note if found else "")
            found = decision._replace(note=note)
    return found


def decide_new(file: File) -> Decision:
    """What becomes of a file that was never generated before."""
    ours, theirs = file.ours, file.theirs
    if ours is None or theirs is None:
        return Decision(keep=False, entry=theirs)
    if isinstance(ours, Obstacle):
        return _conflict(file, Conflict(file.path, "obstacle", what=ours.what))
    from generator.merge import contents

    outcome = contents.merge_contents(file.path, None, ours.content, theirs.content)
    if outcome.content is not None:
        return KEEP  # it says the same
    marked = contents.decide(outcome, MARKERS)
    conflict = Conflict(file.path, "in-the-way")
    return _conflict(file, conflict, (theirs,), _entry(marked, theirs.executable))


def _obstructed(file: File, bases: Iterable[Entry], obstacle: Obstacle) -> Decision:
    if file.theirs is None and obstacle.is_folder:
        return KEEP  # the file is gone already, and the folder is the developer's
    if file.theirs is not None and file.theirs in bases:
        return KEEP
    return _conflict(file, Conflict(file.path, "obstacle", what=obstacle.what))


def _merge(file: File, base: Entry, ours: Entry) -> Decision:
    from generator.merge import contents

    theirs = file.theirs
    if theirs is None:
        if _same_text(base.content, ours.content) and base.executable == ours.executable:
            return Decision(keep=False)
        return _conflict(file, Conflict(file.path, "removed"), (None,))
    if theirs in (base, ours):
        return KEEP
    outcome = contents.merge_contents(
        file.path, base.content, ours.content, theirs.content, file.keys, file.forms
    )
    executable = theirs.executable if ours.executable == base.executable else ours.executable
    if outcome.content is not None:
        both = outcome.content not in (ours.content, theirs.content)
        note = "merged" if both and not _same_text(base.content, ours.content) else ""
        return Decision(keep=False, entry=Entry(outcome.content, executable), note=note)
    if outcome.step == "markers":
        line = outcome.hunks[0].line
        what = f"line {line} has the markers of an earlier conflict"
        return Decision(keep=True, conflict=Conflict(file.path, "markers", what=what))
    sides = {how: _entry(contents.decide(outcome, how), executable) for how in CHOICES}
    if file.choice == OURS and sides[OURS]:
        return Decision(keep=False, entry=sides[OURS], note="kept")
    conflict = Conflict(file.path, "changed", outcome.hunks)
    return _conflict(file, conflict, (sides[THEIRS],), sides[MARKERS])


def _same_text(one: bytes, other: bytes) -> bool:
    """Whether two contents differ at most in line ends, byte order mark and final newline."""
    if one == other:
        return True
    from generator.merge import style

    first, second = style.read(one), style.read(other)
    return first is not None and second is not None and first[0] == second[0]


def _conflict(
    file: File,
    conflict: Conflict,
    theirs: tuple[Entry | None] | None = None,
    marked: Entry | None = None,
) -> Decision:
    """What `--conflict` makes of a conflict; where it cannot decide, the conflict stays."""
    if file.choice == OURS:
        return Decision(keep=True, note="kept")
    if file.choice == THEIRS and theirs is not None:
        return Decision(keep=False, entry=theirs[0], note="dropped")
    if file.choice == MARKERS and marked is not None:
        return Decision(keep=False, entry=marked, note="marked")
    return Decision(keep=True, conflict=conflict)


def _entry(content: bytes | None, executable: bool) -> Entry | None:
    return None if content is None else Entry(content, executable)


def _distance(one: bytes, other: bytes) -> int:
    """How many lines one has that the other lacks, both ways."""
    first, second = Counter(one.splitlines()), Counter(other.splitlines())
    return (first - second).total() + (second - first).total()
