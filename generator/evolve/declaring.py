"""How gen.toml itself merges, where a person has written in it: by what it says, not how."""

from __future__ import annotations

from typing import Any

from generator.declaration import FILE, parse_declaration
from generator.errors import UserError
from generator.evolve.align import aligned_base, aligned_theirs, without_lines
from generator.evolve.decide import MARKERS, OURS, THEIRS, Conflict
from generator.evolve.project import Project
from generator.evolve.reconcile import Reconciled, Wanted
from generator.merge.style import read, write
from generator.packs import Packs
from generator.render import Rendering
from generator.spec import Spec, build_spec
from generator.toml_text import parse
from generator.transaction.journal import Change
from generator.tree import Entry, Tree


def sides(project: Project, packs: Packs, theirs: Tree) -> tuple[Entry, Entry]:
    """The base and the theirs that go with gen.toml as it is written.

    Raises BaseError for a damaged base.
    """
    rendered = Rendering(project.spec, packs, project.answers.generated_by).text(FILE)
    if rendered.encode() == theirs[FILE].content:  # it says what is wanted, however it says it
        return theirs[FILE], theirs[FILE]
    recorded = next(project.base.entries(FILE), Entry(rendered.encode())).content.decode()
    base = aligned_base(rendered, project.text, recorded)
    wanted = aligned_theirs(theirs[FILE].content.decode(), project.text)
    return Entry(base.encode()), Entry(wanted.encode())


def checked(
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
    """gen.toml without the functions that have no table of their own, in the developer's style.

    None where that would take more away: what it says, not only what becomes of it. A line that
    says what is the default makes no other service, until the default changes.
    """
    found = read(ours.content)
    if not found:
        return None
    text = without_lines(found[0], gone)
    before, after = _values(found[0]), _values(text)
    functions = before.get("functions", {})
    kept = {name: said for name, said in functions.items() if name not in gone}
    if before | {"functions": kept} != after | {"functions": after.get("functions", {})}:
        return None
    return ours._replace(content=write(text, found[1]))


def _values(text: str) -> dict[str, Any]:
    try:
        return parse(text)
    except ValueError:
        return {}


def _says(declaration: Entry, packs: Packs) -> Spec | None:
    """The service that a gen.toml asks for, or None where it is not valid."""
    found = read(declaration.content)
    try:
        return build_spec(parse_declaration(found[0]), packs) if found else None
    except UserError:
        return None
