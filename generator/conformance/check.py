"""The conformance test of one pack: what is read first, what is rendered then, what is run last."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from generator.conformance.cases import Case, all_cases
from generator.conformance.determinism import check_order, check_random
from generator.conformance.files import (
    METADATA,
    PATHS,
    Metadata,
    failure,
    fine,
    metadata_of,
    warning,
)
from generator.conformance.known import Known
from generator.conformance.layout import check_layout
from generator.conformance.meaning import check_alone, check_meaning, check_parent
from generator.conformance.paths import check_paths
from generator.conformance.policies import check_policies
from generator.conformance.rendering import RENDERING, Looker
from generator.conformance.scope import Scope
from generator.conformance.strict import read_strictly
from generator.conformance.suites import run_all, to_run
from generator.conformance.together import check_together
from generator.conformance.told import Told
from generator.doctor.findings import FAILURE, Finding
from generator.errors import GeneratorError, PackError
from generator.packs import BUILT_IN, PACK, Packs
from generator.tree import Tree

Step = Callable[[int, int, str], None]
"""Told of a rendering: which one, of how many, and its name."""


def quiet(number: int, total: int, name: str) -> None:
    """Tells nobody."""


class Watch(NamedTuple):
    """Who is told how far the test is: before each rendering, before tests are run, and what they
    printed where they fail."""

    rendering: Step = quiet
    running: Callable[[Case], None] = lambda case: None
    output: Callable[[str], None] = lambda text: None


def examine(
    packs: Packs, root: Path, tests: bool = False, watch: Watch | None = None
) -> list[Finding]:
    """All that is to say about the pack in the folder `root`, which is one of the `packs`'s roots.

    Each part needs what the one before found sound: a mistake is told once, where it was made.
    """
    watch = watch or Watch()
    found = list(read(packs, root))
    if _failed(found):
        return [*found, _left_out("no service was rendered")]
    cases = of_pack(packs, root)
    try:
        found += rendered(packs, root, cases, watch.rendering)
    except PackError as error:
        found.append(Told(root).of_error(RENDERING, error))
    if not tests:
        return found
    if _failed(found):
        return [*found, _left_out("no tests were run")]
    return [*found, *run_all(to_run(cases, packs), packs, root, watch.running, watch.output)]


def read(packs: Packs, root: Path) -> Iterator[Finding]:
    """What can be said of the files as they are."""
    files = list(metadata_of(root))
    paths = list(check_paths(root))
    strict = [finding for file in files for finding in read_strictly(file)]
    strict += _whole(root, files)
    yield from paths or [fine(PATHS, "names and kinds of files are good everywhere")]
    if _failed(strict):
        yield from strict
        return
    try:
        meant = _meant(packs, root, files)
    except GeneratorError as error:
        wrong = PackError(str(error))
        meant = [
            Told(root).of_error(METADATA, wrong)._replace(check=METADATA, hint="mend that file")
        ]
    number = f"{len(files)} TOML files follow" if len(files) > 1 else "the TOML file follows"
    yield from [*strict, *meant] or [fine(METADATA, f"{number} the format")]


def _whole(root: Path, files: Sequence[Metadata]) -> Iterator[Finding]:
    if root != BUILT_IN and not any(file.name == PACK for file in files):
        hint = f'write {PACK} with name = "...", title = "..." and description = "..."'
        yield failure(METADATA, f"has no {PACK}", hint=hint)


def _meant(packs: Packs, root: Path, files: Sequence[Metadata]) -> list[Finding]:
    """What the files mean, in the order in which one needs the other."""
    known = Known(packs)
    found = [finding for file in files for finding in check_alone(file)]
    if not _failed(found):
        found += [finding for file in files for finding in check_parent(file, known)]
    if not _failed(found):
        found += _together(root, files, known)
    return found


def _together(root: Path, files: Sequence[Metadata], known: Known) -> Iterator[Finding]:
    for file in files:
        yield from check_meaning(file, known)
        if file.name == PACK:
            yield from check_policies(file, known)
    yield from check_together(files, known)
    yield from check_layout(root, known)


def of_pack(packs: Packs, root: Path) -> list[Case]:
    """The services that the pack has a part in."""
    scope = Scope(packs, root)
    return [case for case in all_cases(packs) if scope.covers(case.answers)]


def rendered(
    packs: Packs,
    root: Path,
    cases: Sequence[Case],
    step: Step = quiet,
    keep: Callable[[Case, Tree], None] = lambda case, tree: None,
    below: tuple[str, ...] = ("",),
) -> Iterator[Finding]:
    """Renders the services, and tells what is wrong with them.

    `keep` gets each that is sound; `below` are the parts of the pack that they are all of.
    """
    looker = Looker(packs, root)
    for number, case in enumerate(cases, 1):
        step(number, len(cases), case.name)
        tree = looker.look(case)
        if tree:
            keep(case, tree)
    found = list(looker.findings())
    yield from found
    if _failed(found):
        return
    if not cases:
        yield warning(RENDERING, "no service has a part of this pack", hint="docs/packs.md")
    yield from looker.never_used(root, below)
    wrong = list(check_random(root))
    wrong = wrong or list(check_order(packs, root, (case for case in cases if case.must)))
    yield from wrong
    if not wrong and looker.rendered:
        yield fine(
            "determinism", "a service is the same each time, whatever the order of functions"
        )


def _failed(findings: Sequence[Finding]) -> bool:
    return any(finding.status == FAILURE for finding in findings)


def _left_out(what: str) -> Finding:
    return warning(RENDERING, what, hint="mend what is marked [x], and check again")
