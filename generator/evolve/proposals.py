"""What each command makes of a service, as a proposal: all is decided, nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from generator.answers import Answers, FunctionAnswers
from generator.base import digest_of
from generator.declaration import FILE, parse_declaration
from generator.errors import InvalidValueError, UserError
from generator.evolve.project import Project, check_base, check_same_version, function_of
from generator.evolve.reconcile import Reconciled, Wanted, reconcile
from generator.packs import Packs
from generator.render import Rendering
from generator.sources import Function
from generator.spec import Spec, build_spec
from generator.transaction.journal import Changes
from generator.tree import Entry, Tree

REPLACED = (
    "where {old} is deployed, the next deployment makes {new} anew and takes {old} away; "
    "logs and queues of {old} stay in the account under their names"
)


FOLLOWING = (
    "options that gen.toml does not say follow the packs, also where their defaults have changed: "
    "gen update --dry-run shows every line"
)


class Proposal(NamedTuple):
    """What a command would do.

    `before` is the service as it was applied last, `theirs` what is rendered now. `warnings` are
    sentences, without a full stop, about what it does not do.
    """

    project: Project
    label: str
    before: Spec
    after: Spec
    theirs: Tree
    reconciled: Reconciled
    warnings: tuple[str, ...] = ()

    @property
    def changes(self) -> Changes:
        """Everything to write, the base included."""
        return {**self.reconciled.files, **self.reconciled.base}


class Renaming(NamedTuple):
    """What is called otherwise now: files, keys and forms of a function's name, old -> new.

    With `own_folders`, what else is in the folders of these files goes with them.
    """

    moves: Mapping[str, str] = {}
    keys: Mapping[str, str] = {}
    forms: Mapping[str, Sequence[str]] = {}
    own_folders: bool = False


NOTHING_RENAMED = Renaming()


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
    proposal = _propose(project, packs, f"gen remove-trigger {name}", after, choice)
    return proposal._replace(warnings=tuple(_left(proposal, packs, name)))


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
    from generator.evolve.renames import forms_of, moves_between, renamed_keys

    moves = moves_between(project.spec, old, after, new, packs)
    keys = renamed_keys(project.spec, old, after, new, packs, moves)
    renaming = Renaming(moves, keys, forms_of(old, new), own_folders=True)
    proposal = _propose(project, packs, f"gen rename {old} {new}", after, choice, renaming)
    replaced = REPLACED.format(old=old, new=new)
    return proposal._replace(warnings=(replaced, *_left(proposal, packs, old)))


def _left(proposal: Proposal, packs: Packs, name: str) -> Iterator[str]:
    """What is left of a function that is gone, or called otherwise: the developer's own."""
    from generator.evolve.mentions import gone_words, left_as_they_are, left_behind, mentions

    files, disk = proposal.reconciled.files, proposal.project.disk
    theirs, before = proposal.theirs, proposal.project.spec
    keys = {source.key for source in before.sources} - {s.key for s in proposal.after.sources}
    gone = gone_words(Rendering(before, packs).tree(), theirs, {name, *keys})
    yield from left_as_they_are(name, tuple(mentions(disk, files, theirs, name, gone)))
    yield from left_behind(disk, files, theirs)
    if any(note.kind == "kept" for note in proposal.reconciled.notes):
        yield f"what you kept may need what of {name} is gone: make lint"


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
    from generator.evolve.renames import declared_moves

    renaming = Renaming(declared_moves(project.spec, packs))
    proposal = _propose(project, packs, "gen update", project.spec, choice, renaming)
    return proposal._replace(warnings=(FOLLOWING,)) if _follows(project) else proposal


def _follows(project: Project) -> bool:
    """Whether a pack of one's own may have brought other defaults, of which no plan can tell."""
    return bool(project.answers.packs) and project.answers.generated_by != project.installed


def _propose(
    project: Project,
    packs: Packs,
    label: str,
    after: Spec,
    choice: str,
    renaming: Renaming = NOTHING_RENAMED,
    restore: frozenset[str] = frozenset(),
) -> Proposal:
    check_base(project)
    theirs = Rendering(after, packs).tree()
    _check_restored(restore, theirs, project)
    by_hand = _is_written_by_hand(project)
    if by_hand:
        from generator.evolve import declaring  # as with `renames`, most runs do without
    several = any(len(found) > 1 for found in project.base.candidates.values())
    wanted = Wanted(
        theirs=theirs,
        instead={FILE: declaring.sides(project, packs, theirs)} if by_hand else {},
        moves=renaming.moves,
        keys=renaming.keys,
        forms=renaming.forms,
        folders=_own_folders(renaming, theirs),
        older=Rendering(project.spec, packs).tree() if several else {},
        restore=restore,
        choice=choice,
    )
    reconciled = reconcile(project.base, project.disk, wanted)
    if by_hand:
        reconciled = declaring.checked(project, packs, wanted, after, reconciled)
    return Proposal(project, label, _applied(project, packs), after, theirs, reconciled)


def _own_folders(renaming: Renaming, theirs: Tree) -> Mapping[str, str]:
    if not renaming.own_folders:
        return {}
    from generator.evolve.own_files import folders_between

    return folders_between(renaming.moves, theirs)


def _is_written_by_hand(project: Project) -> bool:
    """Whether gen.toml is not as it was generated."""
    ours = project.disk.look(FILE)
    return not isinstance(ours, Entry) or digest_of(ours) not in project.base.candidates.get(
        FILE, ()
    )


def _applied(project: Project, packs: Packs) -> Spec:
    """The service as it was applied last, as far as the base still tells."""
    if not project.base.candidates.get(FILE):
        return project.spec
    try:
        recorded = next(project.base.entries(FILE)).content.decode()
        if recorded == project.text:
            return project.spec
        answers = parse_declaration(recorded)
        return build_spec(answers, _packs_then(project, answers, packs))
    except UserError:  # newer templates have dropped an option, or the base is damaged
        return project.spec


def _packs_then(project: Project, answers: Answers, packs: Packs) -> Packs:
    """The packs that were named when the service was generated last, as they are now."""
    if set(answers.packs) == set(project.answers.packs):
        return packs
    from generator.search_path import packs_named

    try:
        return packs_named(project.root, answers.packs)
    except UserError:  # one that was left, and is gone
        return packs


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
