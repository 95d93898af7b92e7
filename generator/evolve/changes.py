"""What a command is about to change in a service, as data and as text for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from generator.evolve.proposals import Proposal
from generator.evolve.reconcile import Note, Reconciled
from generator.metadata import Permission
from generator.packs import Packs
from generator.plan import FunctionPlan, function_plan
from generator.sources import Function
from generator.spec import Spec
from generator.templates import templates_of
from generator.transaction.journal import Change

NOTES = {
    "merged": "merged with your changes",
    "kept": "yours is kept",
    "dropped": "yours is dropped",
    "marked": "has conflict markers now",
    "moved": "where you moved {origin}",
}


class ChangedFunction(NamedTuple):
    """A function before and after; None on either side: it is new, or gone."""

    name: str
    before: FunctionPlan | None
    after: FunctionPlan | None
    options: tuple[tuple[str, object, object], ...] = ()


class ChangePlan(NamedTuple):
    """`files` are those that people read: the base files in `.gen` are only counted. `staying` are
    resources that functions share, and that are part of the service before and after."""

    files: Mapping[str, Change]
    base_files: int
    notes: tuple[Note, ...]
    functions: tuple[ChangedFunction, ...]
    warnings: tuple[str, ...]
    staying: frozenset[str] = frozenset()


def plan_changes(proposal: Proposal, packs: Packs) -> ChangePlan:
    """The plan of writing a proposal."""
    before, after = proposal.before, proposal.after
    return ChangePlan(
        files=proposal.reconciled.files,
        base_files=len(proposal.reconciled.base),
        notes=proposal.reconciled.notes,
        functions=tuple(_changed_functions(before, after, packs)),
        warnings=(*_warnings(before, after), *proposal.warnings),
        staying=_shared(before, packs) & _shared(after, packs),
    )


def _shared(spec: Spec, packs: Packs) -> frozenset[str]:
    templates = templates_of(packs.roots)
    plans = (function_plan(spec, function, templates) for function in spec.functions)
    return frozenset(resource for plan in plans for resource in plan.shared)


def _changed_functions(before: Spec, after: Spec, packs: Packs) -> Iterator[ChangedFunction]:
    old = {function.name: function for function in before.functions}
    new = {function.name: function for function in after.functions}
    templates = templates_of(packs.roots)
    for name in sorted({*old, *new}):
        if old.get(name) == new.get(name):
            continue
        sides = [
            function_plan(spec, side[name], templates) if name in side else None
            for spec, side in ((before, old), (after, new))
        ]
        options = _options(old.get(name), new.get(name))
        yield ChangedFunction(name, sides[0], sides[1], tuple(options))


def _options(
    before: Function | None, after: Function | None
) -> Iterator[tuple[str, object, object]]:
    if before is None or after is None:
        return
    for name in sorted({*before.options, *after.options}):
        if before.options.get(name) != after.options.get(name):
            yield name, before.options.get(name), after.options.get(name)


def _warnings(before: Spec, after: Spec) -> Iterator[str]:
    """What concerns a service that is deployed: data that stays, a tool that is left."""
    kept = {(source.kind, source.key) for source in after.sources if source.created}
    for source in before.sources:
        if source.created and source.meta.holds_data and (source.kind, source.key) not in kept:
            yield (
                f'the {source.kind} "{source.key}" is no longer part of the service: '
                "where it is deployed, it stays in the account with its data"
            )
    if before.name != after.name:
        yield (
            f"the service is called {after.name} instead of {before.name}, and all resources with "
            f"it: where {before.name} is deployed, it stays as it is, with its data"
        )
    if before.package != after.package:
        yield (
            f"the Python package {before.package} is now {after.package}; "
            f'to keep it, set package = "{before.package}"'
        )
    if before.region != after.region:
        yield (
            f"the region changes from {before.region} to {after.region}: "
            "what is deployed stays where it is, with its data"
        )
    if before.tool.name != after.tool.name:
        yield f"the tool changes from {before.tool.name} to {after.tool.name}. " + " ".join(
            (before.tool.migration or "Stages that are deployed stay with the old one.").split()
        )


def describe(plan: ChangePlan, root: str) -> Iterator[str]:
    """The plan as lines of text: `+` new, `~` changed, `-` gone."""
    yield f"Changes in {root}:"
    notes = {note.path: note for note in plan.notes}
    moved = {n.origin: n.path for n in plan.notes if n.kind == "moved" and n.origin in plan.files}
    for path, change in plan.files.items():
        if path in moved:
            yield f"  ~ {path} -> {moved[path]}"
        elif path not in moved.values():
            sign = "+" if change.before is None else "-" if change.after is None else "~"
            yield f"  {sign} {path}" + _remark(notes.get(path))
    for note in plan.notes:
        if note.kind == "deleted":
            yield f"  {note.path} stays deleted; gen apply --restore {note.path} brings it back"
        elif note.kind == "kept" and note.path not in plan.files:
            yield f"  {note.path} stays as it is"
    for function in plan.functions:
        yield ""
        yield from _describe_function(function, plan.staying)
    for warning in plan.warnings:
        yield ""
        yield f"note: {warning}."


def _remark(note: Note | None) -> str:
    return f" ({NOTES[note.kind].format(origin=note.origin)})" if note else ""


def _describe_function(function: ChangedFunction, staying: frozenset[str]) -> Iterator[str]:
    before, after = function.before, function.after
    plan = after or before
    assert plan is not None
    word = "" if before and after else " is new" if after else " is removed"
    yield f"Function {function.name} ({plan.trigger}){word}:"
    for name, old, new in function.options:
        yield f"  ~ {name}: {_said(old)} -> {_said(new)}"
    for sign, side, other in (("+", after, before), ("-", before, after)):
        for resource in _resources(side):
            if resource not in _resources(other) and resource not in staying:
                yield f"  {sign} {resource}"
    for sign, text, side, other in (
        ("", "may", after, before),
        ("", "may no longer", before if after else None, after),
    ):
        granted = [p for p in _permissions(side) if p not in _permissions(other)]
        if granted:
            yield f"  {sign}{text}:"
            yield from (f"    {', '.join(p.actions)} on {p.on}" for p in granted)


def _resources(plan: FunctionPlan | None) -> tuple[str, ...]:
    return (*plan.resources, *plan.shared) if plan else ()


def _permissions(plan: FunctionPlan | None) -> tuple[Permission, ...]:
    return plan.permissions if plan else ()


def _said(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def as_json(plan: ChangePlan) -> dict[str, Any]:
    """The plan as JSON types."""
    return {
        "files": {
            "created": [path for path, c in plan.files.items() if c.before is None],
            "changed": [path for path, c in plan.files.items() if c.before and c.after],
            "deleted": [path for path, c in plan.files.items() if c.after is None],
        },
        "base_files": plan.base_files,
        "notes": [note._asdict() for note in plan.notes],
        "functions": [_function_json(function) for function in plan.functions],
        "warnings": list(plan.warnings),
    }


def _function_json(function: ChangedFunction) -> dict[str, Any]:
    plan = function.after or function.before
    assert plan is not None
    state = "changed" if function.before and function.after else "added"
    return {
        "name": function.name,
        "trigger": plan.trigger,
        "change": state if function.after else "removed",
        "options": [{"name": n, "before": old, "after": new} for n, old, new in function.options],
        "resources": list(_resources(plan)),
        "permissions": [{"actions": list(p.actions), "on": p.on} for p in _permissions(plan)],
    }


def plan_files(reconciled: Reconciled) -> ChangePlan:
    """The plan of changes that are no function's: an undo, a repair."""
    return ChangePlan(reconciled.files, len(reconciled.base), reconciled.notes, (), ())
