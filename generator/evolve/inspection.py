"""What is the matter with a service: edits, what is pending, what is wrong. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.base import Base, ClosedError, base_path, digest_of
from generator.declaration import split_version
from generator.errors import UserError
from generator.evolve.disk import Disk, Obstacle
from generator.evolve.project import Project, VersionError, check_base, check_same_version
from generator.evolve.proposals import Proposal, apply
from generator.packs import Packs
from generator.render import Rendering
from generator.transaction.journal import Change, owner
from generator.transaction.places import NOTHING_WRITTEN
from generator.tree import Entry

if TYPE_CHECKING:
    from generator.evolve.conflicts import ConflictError


class Problem(NamedTuple):
    """Something that `gen check` found. `kind`: pending, conflict, markers, missing or base."""

    kind: str
    where: str
    message: str
    hint: str


def pending(project: Project, packs: Packs) -> tuple[Mapping[str, Change], ConflictError | None]:
    """What `gen apply` would change, and the error that keeps it from changing anything, if one
    does: the changes are then those of the files that are decided. Raises VersionError.
    """
    proposal = apply(project, packs)
    files, conflicts = proposal.reconciled.files, proposal.reconciled.conflicts
    if not conflicts:
        return files, None
    from generator.evolve.conflicts import ConflictError

    return files, ConflictError(proposal.label, conflicts)


def edits(project: Project) -> dict[str, Change]:
    """What the developer changed since it was generated: path -> from what to what.

    Raises BaseError for a base file that is damaged.
    """
    check_base(project)
    found: dict[str, Change] = {}
    for path, candidates in sorted(project.base.candidates.items()):
        ours = project.disk.look(path)
        if isinstance(ours, Entry) and digest_of(ours) in candidates:
            continue
        before = project.base.entry(path, candidates[0])
        if isinstance(ours, Obstacle) or before == ours:
            continue
        found[path] = Change(before, ours)
    return found


def problems(project: Project, packs: Packs) -> list[Problem]:
    """Everything that `gen check` fails for. Raises VersionError: nothing can be said then."""
    check_same_version(project)
    found = [*problems_on_disk(project.base, project.disk)]
    if any(problem.kind == "base" for problem in found):
        return found
    proposal = apply(project, packs)
    lost = [*_lost_base(project, proposal, packs)]
    missing = [*_missing_handlers(proposal, packs)]
    return [*found, *(lost or [*missing, *_pending_problems(proposal)])]


def problems_on_disk(base: Base, disk: Disk) -> Iterator[Problem]:
    """What can be told without gen.toml: a base that is not whole, markers that are left."""
    yield from _base_problems(base)
    yield from _left_markers(base, disk)


def _pending_problems(proposal: Proposal) -> Iterator[Problem]:
    for conflict in proposal.reconciled.conflicts:
        yield Problem("conflict", conflict.path, "gen apply needs a decision of yours", "gen apply")
    for path, change in proposal.reconciled.files.items():
        verb = "create" if change.before is None else "delete" if change.after is None else "change"
        yield Problem("pending", path, f"gen apply would {verb} it", "gen diff, then gen apply")


def _missing_handlers(proposal: Proposal, packs: Packs) -> Iterator[Problem]:
    from generator.evolve.handlers import deleted_beside, missing_handlers

    for function, path in missing_handlers(proposal.project, packs, proposal.theirs):
        message = f"it was deleted, and the function {function} cannot do without"
        gone = " ".join(f"--restore {other}" for other in deleted_beside(proposal, path))
        hint = f"gen apply {gone}, or gen remove-trigger {function}"
        yield Problem("missing", path, message, hint)


def _lost_base(project: Project, proposal: Proposal, packs: Packs) -> Iterator[Problem]:
    """What was generated and is not remembered. An edit of it would look like a file of one's own.

    Where gen.toml is as it was applied, what apply would remember says it without a rendering.
    """
    generated: Iterable[str]
    if proposal.before == proposal.after:
        generated = [owner(path) for path, c in proposal.reconciled.base.items() if c.after]
    else:
        generated = Rendering(proposal.before, packs).tree()
    for path in sorted(generated):
        if path not in project.base.candidates:
            yield Problem("base", path, "gen does not remember having generated it", "gen repair")


def _base_problems(base: Base) -> Iterator[Problem]:
    from generator.evolve.repair import damaged

    if not base.candidates:
        message = "it is missing: gen cannot tell your changes from its own"
        yield Problem("base", ".gen/base", message, "take it back from git, or gen repair")
        return
    for path, digest, error in damaged(base):
        closed = isinstance(error, ClosedError)
        message = "it cannot be read" if closed else "it is damaged"
        hint = error.hint if closed else "gen repair"
        yield Problem("base", base_path(path, digest), message, hint)
    for path in base.stray:
        yield Problem("base", path, "it is no file of gen's", "gen repair takes it away")


def _left_markers(base: Base, disk: Disk) -> Iterator[Problem]:
    from generator.merge.lines import marker_lines

    for path in base.candidates:
        ours = disk.look(path)
        if isinstance(ours, Entry) and b"<<<<<<< " in ours.content:
            for line in marker_lines(ours.content.decode("utf-8", "replace")):
                hint = "decide what it should say, and take out the marker lines"
                yield Problem("markers", f"{path}:{line}", "a conflict is not decided yet", hint)


def status(project: Project, packs: Packs) -> dict[str, Any]:
    """The state of a service as JSON types. What cannot be told is None, and `unknown` says why."""
    spec, installed = project.spec, project.installed
    unknown: dict[str, dict[str, str]] = {}
    found: list[dict[str, Any]] | None = None
    changed: dict[str, Change] | None = None
    try:
        found = [problem._asdict() for problem in problems(project, packs)]
    except UserError as error:
        unknown["problems"] = _reason(error)
    try:
        changed = edits(project)
    except UserError as error:
        unknown["changed_by_hand"] = _reason(error)
    return {
        "directory": str(project.root),
        "service": spec.name,
        "provider": spec.provider.name,
        "tool": spec.tool.name,
        "generated_by": project.answers.generated_by,
        "installed": installed,
        "update_available": project.answers.generated_by != installed,
        "functions": [
            {
                "name": function.name,
                "trigger": function.trigger.name,
                "options": {name: function.options[name] for name in sorted(function.options)},
                "declared": sorted(function.declared),
            }
            for function in spec.functions
        ],
        "changed_by_hand": None
        if changed is None
        else {path: "deleted" if c.after is None else "edited" for path, c in changed.items()},
        "problems": found,
        "unknown": unknown,
    }


def _reason(error: UserError) -> dict[str, str]:
    """The error as JSON types, as every command prints it."""
    said = {"where": error.where, "hint": error.hint, "suggestion": error.suggestion}
    return {"kind": error.kind, "message": error.message, **said}


def describe_status(found: Mapping[str, Any]) -> Iterator[str]:
    """The state of a service as lines of text."""
    version, _ = split_version(found["generated_by"])
    yield f"{found['service']}: {found['provider']}, {found['tool']}, serverless-py {version}"
    width = max((len(f["name"]) for f in found["functions"]), default=0)
    yield "functions:" if found["functions"] else "functions: none"
    for function in found["functions"]:
        options = {name: function["options"][name] for name in function["declared"]}
        text = " ".join(f"{name}={_shown(value)}" for name, value in options.items())
        yield f"  {function['name']:<{width}}  {function['trigger']}  {text}".rstrip()
    changed = found["changed_by_hand"]
    if changed is None:
        yield f"changed by hand: unknown, {_because(found['unknown']['changed_by_hand'])}"
    else:
        yield "changed by hand:" if changed else "changed by hand: nothing"
        yield from (f"  {path} ({how})" for path, how in changed.items())
    yield from _describe_pending(found)


def _describe_pending(found: Mapping[str, Any]) -> Iterator[str]:
    if found["problems"] is None:
        reason = found["unknown"]["problems"]
        if reason["kind"] == VersionError.kind:
            yield f"pending: gen update (the installed version is {found['installed']})"
        else:
            yield f"pending: unknown, {_because(reason)}"
    elif found["problems"]:
        yield "pending:"
        for problem in found["problems"]:
            yield f"  {problem['where']}: {problem['message']} ({problem['hint']})"
    else:
        yield "pending: nothing"


def _because(reason: Mapping[str, str]) -> str:
    return f"{short_reason(reason)} ({reason['hint']})" if reason["hint"] else short_reason(reason)


def short_reason(reason: Mapping[str, str]) -> str:
    """What keeps something from being told; that nothing was written goes without saying here."""
    return reason["message"].removesuffix(f". {NOTHING_WRITTEN}")


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
