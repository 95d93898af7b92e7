"""What each command makes of a service, as a proposal: all is decided, nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from generator.align import aligned_base, aligned_theirs
from generator.answers import FunctionAnswers
from generator.base import digest_of
from generator.decide import Conflict
from generator.declaration import FILE, parse_declaration
from generator.errors import InvalidValueError, UserError
from generator.journal import Changes
from generator.packs import Packs
from generator.project import Project, check_same_version, function_of
from generator.reconcile import Reconciled, Wanted, reconcile
from generator.renames import declared_moves, moves_between, renamed_keys
from generator.render import Rendering
from generator.spec import Function, Spec, build_spec
from generator.tree import Entry, Tree


class Proposal(NamedTuple):
    """What a command would do. `before` is the service as it was applied last."""

    project: Project
    label: str
    before: Spec
    after: Spec
    reconciled: Reconciled

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
    function_of(project, name)
    kept = tuple(f for f in project.answers.functions if f.name != name)
    after = build_spec(project.answers._replace(functions=kept), packs)
    return _propose(project, packs, f"gen remove-trigger {name}", after, choice)


def rename(project: Project, packs: Packs, old: str, new: str, choice: str) -> Proposal:
    """The function `old` called `new`, with its edits.

    What derives from a function's name by default (a queue, a path) keeps the name it has: gen.toml
    says it from now on. Raises UserError for a name that is taken or not possible.
    """
    check_same_version(project)
    function = _function(project.spec, function_of(project, old))
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
    keys = renamed_keys(project.spec, old, after, new, packs)
    label = f"gen rename {old} {new}"
    return _propose(project, packs, label, after, choice, moves=moves, keys=keys)


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
        reconciled = _checked_declaration(project, packs, after, reconciled)
    return Proposal(project, label, _applied(project, packs), after, reconciled)


def _declaration(project: Project, packs: Packs, theirs: Tree) -> Mapping[str, tuple[Entry, Entry]]:
    """How gen.toml merges, where it is not as it was generated: by what it says, not how."""
    ours = project.disk.look(FILE)
    candidates = project.base.candidates.get(FILE, ())
    if isinstance(ours, Entry) and digest_of(ours) in candidates:
        return {}
    rendered = Rendering(project.spec, packs, project.answers.generated_by).text(FILE)
    recorded = next(project.base.entries(FILE), Entry(rendered.encode())).content.decode()
    base = aligned_base(rendered, project.text, recorded)
    wanted = aligned_theirs(theirs[FILE].content.decode(), project.text)
    return {FILE: (Entry(base.encode()), Entry(wanted.encode()))}


def _checked_declaration(
    project: Project, packs: Packs, after: Spec, reconciled: Reconciled
) -> Reconciled:
    """A gen.toml that was written by hand must say, merged, what was rendered; else a conflict."""
    change = reconciled.files.get(FILE)
    if change is None or change.after is None or any(c.path == FILE for c in reconciled.conflicts):
        return reconciled
    try:
        text = change.after.content.decode("utf-8-sig").replace("\r\n", "\n")
        says = build_spec(parse_declaration(text), packs)
    except (UserError, UnicodeError):
        says = None
    if says == after:
        return reconciled
    conflict = Conflict(FILE, "changed", what="it is written in a way that cannot be added to")
    return reconciled._replace(conflicts=(*reconciled.conflicts, conflict))


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
