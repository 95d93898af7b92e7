"""What each command makes of a service, as a proposal: all is decided, nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from generator.align import aligned_base, aligned_theirs, without_lines
from generator.answers import FunctionAnswers
from generator.base import digest_of
from generator.decide import MARKERS, OURS, THEIRS, Conflict
from generator.declaration import FILE, parse_declaration
from generator.errors import InvalidValueError, UserError
from generator.journal import Change, Changes
from generator.mentions import left_as_they_are, mentions
from generator.packs import Packs
from generator.project import Project, check_same_version, function_of
from generator.reconcile import Reconciled, Wanted, reconcile
from generator.renames import declared_moves, moves_between, renamed_keys
from generator.render import Rendering
from generator.spec import Function, Spec, build_spec
from generator.style import read as read_text
from generator.style import write as write_text
from generator.tree import Entry, Tree

REPLACED = (
    "where {old} is deployed, the next deployment makes {new} anew and takes {old} away; "
    "logs and queues of {old} stay in the account under their names"
)


class Proposal(NamedTuple):
    """What a command would do. `before` is the service as it was applied last.

    `warnings` are sentences, without a full stop, about what it does not do.
    """

    project: Project
    label: str
    before: Spec
    after: Spec
    reconciled: Reconciled
    warnings: tuple[str, ...] = ()

    @property
    def changes(self) -> Changes:
        """Everything to write, the base included."""
        return {**self.reconciled.files, **self.reconciled.base}


def add_trigger(project: Project, packs: Packs, given: FunctionAnswers, choice: str) -> Proposal:
    """One function more. A function that is there already with these options is no change.

    Raises UserError for a name that is taken, or anything wrong with the options.
    """
    check_same_version(project)
    where = project.answers.where
    place = f"gen add-trigger {given.trigger}"

    def added(*path: str) -> str:
        if path[0] == "option" and path[1] == given.name:
            return f"--set {path[2]}"
        return place if path[0] == "function" and path[1] == given.name else where(*path)

    others = tuple(f for f in project.answers.functions if f.name != given.name)
    answers = project.answers._replace(functions=(*others, given), where=added)
    after = build_spec(answers, packs)
    existing = _function(project.spec, given.name)
    if existing is not None and existing != _function(after, given.name):
        raise InvalidValueError(
            f'there is a function "{given.name}" already',
            where=place,
            hint="give the new one a name: --name FUNCTION; to change the one that is there, "
            f"edit {FILE}, then gen apply",
        )
    return _propose(project, packs, f"gen add-trigger {given.trigger}", after, choice)


def remove_trigger(project: Project, packs: Packs, name: str, choice: str) -> Proposal:
    """One function less. Raises UnknownNameError for a function that is not there."""
    check_same_version(project)
    function_of(project, name, f"gen remove-trigger {name}")
    kept = tuple(f for f in project.answers.functions if f.name != name)
    after = build_spec(project.answers._replace(functions=kept), packs)
    return _propose(project, packs, f"gen remove-trigger {name}", after, choice)


def rename(project: Project, packs: Packs, old: str, new: str, choice: str) -> Proposal:
    """The function `old` called `new`, with its edits.

    What derives from a function's name by default (a queue, a path) keeps the name it has: gen.toml
    says it from now on. Raises UserError for a name that is taken or not possible.
    """
    check_same_version(project)
    function = _function(project.spec, function_of(project, old, f"gen rename {old} {new}"))
    assert function is not None
    options = {  # as TOML has them
        name: list(value) if isinstance(value, tuple) else value
        for name, value in function.options.items()
    }
    if any(function.name == new for function in project.spec.functions):
        raise InvalidValueError(
            f'there is a function "{new}" already', where=new, hint="choose another name"
        )
    functions = tuple(
        FunctionAnswers(f.trigger, new, options, typed=True) if f.name == old else f
        for f in project.answers.functions
    )
    where = project.answers.where

    def renamed(*path: str) -> str:
        return f"gen rename {old} {new}" if new in path[1:2] else where(*path)

    after = build_spec(project.answers._replace(functions=functions, where=renamed), packs)
    moves = moves_between(project.spec, old, after, new, packs)
    keys = renamed_keys(project.spec, old, after, new, packs, moves)
    label = f"gen rename {old} {new}"
    proposal = _propose(project, packs, label, after, choice, moves=moves, keys=keys)
    theirs = Rendering(after, packs).tree()
    found = tuple(mentions(project.disk, proposal.reconciled.files, theirs, old))
    return proposal._replace(warnings=(REPLACED.format(old=old, new=new), *left_as_they_are(found)))


def apply(
    project: Project, packs: Packs, choice: str = "", restore: frozenset[str] = frozenset()
) -> Proposal:
    """What gen.toml says now. `restore` are paths to bring back that were deleted by hand.

    Raises UserError for a path that is not generated, or was not deleted.
    """
    check_same_version(project)
    return _propose(project, packs, "gen apply", project.spec, choice, restore=restore)


def update(project: Project, packs: Packs, choice: str = "") -> Proposal:
    """The same gen.toml, rendered by the installed templates."""
    moves = declared_moves(project.spec, packs)
    return _propose(project, packs, "gen update", project.spec, choice, moves=moves)


def _propose(
    project: Project,
    packs: Packs,
    label: str,
    after: Spec,
    choice: str,
    moves: Mapping[str, str] = {},
    keys: Mapping[str, str] = {},
    restore: frozenset[str] = frozenset(),
) -> Proposal:
    theirs = Rendering(after, packs).tree()
    _check_restored(restore, theirs, project)
    several = any(len(found) > 1 for found in project.base.candidates.values())
    wanted = Wanted(
        theirs=theirs,
        instead=_declaration(project, packs, theirs),
        moves=moves,
        keys=keys,
        older=Rendering(project.spec, packs).tree() if several else {},
        restore=restore,
        choice=choice,
    )
    reconciled = reconcile(project.base, project.disk, wanted)
    if FILE in wanted.instead:
        reconciled = _checked_declaration(project, packs, wanted, after, reconciled)
    return Proposal(project, label, _applied(project, packs), after, reconciled)


def _declaration(project: Project, packs: Packs, theirs: Tree) -> Mapping[str, tuple[Entry, Entry]]:
    """How gen.toml merges, where it is not as it was generated: by what it says, not how."""
    ours = project.disk.look(FILE)
    candidates = project.base.candidates.get(FILE, ())
    if isinstance(ours, Entry) and digest_of(ours) in candidates:
        return {}
    rendered = Rendering(project.spec, packs, project.answers.generated_by).text(FILE)
    if rendered.encode() == theirs[FILE].content:  # it says what is wanted, however it says it
        return {FILE: (theirs[FILE], theirs[FILE])}
    recorded = next(project.base.entries(FILE), Entry(rendered.encode())).content.decode()
    base = aligned_base(rendered, project.text, recorded)
    wanted = aligned_theirs(theirs[FILE].content.decode(), project.text)
    return {FILE: (Entry(base.encode()), Entry(wanted.encode()))}


def _checked_declaration(
    project: Project, packs: Packs, wanted: Wanted, after: Spec, reconciled: Reconciled
) -> Reconciled:
    """A gen.toml that was written by hand must say, merged, what was rendered; else a conflict."""
    both = next((c for c in reconciled.conflicts if c.path == FILE), None)
    if both:
        what = "changed by you and by the generator"
        return _undeclared(reconciled, both._replace(kind="declaration", what=what))
    change = reconciled.files.get(FILE)
    if change is None and project.spec == after:
        return reconciled
    ours = project.disk.look(FILE)
    assert isinstance(ours, Entry)
    gone = {f.name for f in project.spec.functions} - {f.name for f in after.functions}
    ways = [change.after if change else None, _without(ours, gone)]
    if wanted.choice == THEIRS:
        ways.append(wanted.theirs[FILE])
    entry = next((way for way in ways if way and _says(way, packs) == after), None)
    if entry:
        return reconciled._replace(files={**reconciled.files, FILE: Change(ours, entry)})
    what = "it is written in a way that gen cannot change"
    if wanted.choice in (OURS, MARKERS):
        what = f"with --conflict {wanted.choice}, it would not say what the service is"
    return _undeclared(reconciled, Conflict(FILE, "declaration", what=what))


def _undeclared(reconciled: Reconciled, conflict: Conflict) -> Reconciled:
    others = (other for other in reconciled.conflicts if other.path != FILE)
    conflicts = sorted([*others, conflict], key=lambda conflict: conflict.path)
    return reconciled._replace(conflicts=tuple(conflicts))


def _without(ours: Entry, gone: set[str]) -> Entry | None:
    """gen.toml without the functions that have no table of their own, in the developer's style."""
    read = read_text(ours.content)
    return (
        ours._replace(content=write_text(without_lines(read[0], gone), read[1])) if read else None
    )


def _says(declaration: Entry, packs: Packs) -> Spec | None:
    """The service that a gen.toml asks for, or None where it is not valid."""
    read = read_text(declaration.content)
    try:
        return build_spec(parse_declaration(read[0]), packs) if read else None
    except UserError:
        return None


def _applied(project: Project, packs: Packs) -> Spec:
    """The service as it was applied last, as far as the base still tells."""
    if not project.base.candidates.get(FILE):
        return project.spec
    try:
        recorded = next(project.base.entries(FILE)).content.decode()
        if recorded == project.text:
            return project.spec
        return build_spec(parse_declaration(recorded), packs)
    except UserError:  # newer templates have dropped an option, or the base is damaged
        return project.spec


def _check_restored(restore: frozenset[str], theirs: Tree, project: Project) -> None:
    from generator.values import unknown

    for path in sorted(restore):
        if path not in theirs:
            raise unknown("generated file", path, list(theirs), where=f"--restore {path}")
        if project.disk.look(path) is not None:
            raise InvalidValueError(
                f"{path} is there",
                where=f"--restore {path}",
                hint="it restores what was deleted; to drop your edits of a file, delete it first",
            )


def _function(spec: Spec, name: str) -> Function | None:
    return next((function for function in spec.functions if function.name == name), None)
