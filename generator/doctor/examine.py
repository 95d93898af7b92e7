"""All checks, in the order in which one would go about it: the machine, the service, its files."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from generator import __version__
from generator.base import FOLDER, BaseError, read_base
from generator.declaration import FILE
from generator.doctor import pythons
from generator.doctor.findings import FAILURE, OK, WARNING, Finding, guarded
from generator.doctor.knowledge import Knowledge, knowledge
from generator.doctor.pins import check_pins
from generator.doctor.programs import (
    Requirement,
    check_programs,
    needed,
    requirements_of,
    version_of,
)
from generator.doctor.secrets import check_secrets
from generator.doctor.state import (
    check_base_and_markers,
    check_drift,
    check_interrupted,
    check_version,
    generated_texts,
)
from generator.errors import UserError
from generator.evolve.disk import Disk
from generator.evolve.project import Project, load
from generator.packs import Packs
from generator.render import Rendering
from generator.templates import templates_of


class Examination(NamedTuple):
    """What was looked at, and what was found."""

    title: str
    findings: list[Finding]


def examine_service(root: Path, packs: Packs) -> Examination:
    """Everything about the service at `root`; a gen.toml that cannot be read is a finding, too."""
    known = knowledge(packs)
    try:
        project = load(root, packs)
    except UserError as error:
        return _examine_unreadable(root, error, known)
    spec = project.spec
    programs = needed(
        [*known.requires, *requirements_of(spec.tools)], templates_of(packs.roots), spec.options
    )
    findings = [
        *guarded("programs", lambda: check_programs(_unique(programs), root)),
        *guarded("python", lambda: pythons.check_found([spec.python], packs, root)),
        *guarded("python", lambda: pythons.check_environment(root, spec.python)),
        *guarded("python", lambda: pythons.check_life(spec.provider, spec.python, pythons.today())),
        *guarded("templates", lambda: check_version(project)),
        *_examine_files(project, packs, known),
    ]
    return Examination(f"{spec.name}: {spec.provider.name}, {spec.tool.name}", _once(findings))


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """What keeps one check from looking may keep another, too: it is said once."""
    found: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        found.setdefault((finding.message, finding.where), finding)
    return [*found.values()]


def _examine_files(project: Project, packs: Packs, known: Knowledge) -> list[Finding]:
    base, disk = project.base, project.disk
    interrupted = [*check_interrupted(project.root)]
    texts = generated_texts(base, disk)
    behind = project.answers.generated_by != project.installed
    theirs = Rendering(project.spec, packs).tree()
    return [
        *interrupted,
        *guarded("markers", lambda: check_base_and_markers(base, disk)),
        *guarded("drift", lambda: [] if interrupted else check_drift(project, packs)),
        *guarded("pins", lambda: check_pins(texts, theirs, known.pins, behind)),
        *guarded("secrets", lambda: check_secrets(texts, known.secrets)),
    ]


def _examine_unreadable(root: Path, error: UserError, known: Knowledge) -> Examination:
    """What can be told where gen.toml does not say what the service is, or its base is closed."""
    disk = Disk(root)
    what = "base" if isinstance(error, BaseError) else FILE

    def secrets() -> Iterable[Finding]:
        return check_secrets(generated_texts(read_base(root), disk), known.secrets)

    findings = [
        Finding(what, FAILURE, error.message, error.where, error.hint),
        *check_interrupted(root),
        *guarded("markers", lambda: check_base_and_markers(read_base(root), disk)),
        *guarded("secrets", secrets),
    ]
    title = f"a service whose {FOLDER if what == 'base' else FILE} cannot be read"
    return Examination(title, _once(findings))


def examine_machine(packs: Packs, folder: Path) -> Examination:
    """What is here for services that are yet to come. Nobody needs all of it: no failure."""
    findings = [
        Finding("gen", OK, f"serverless-py {__version__} on Python {platform.python_version()}"),
        *guarded("python", lambda: pythons.check_found(_versions(packs), packs, folder, WARNING)),
        *guarded("programs", lambda: _for_tools(packs, folder)),
    ]
    return Examination("no service here; what services would need", findings)


def _versions(packs: Packs) -> list[str]:
    """Every Python that a provider runs, the oldest first."""
    found = {p.version for pack in packs.providers.values() for p in pack.provider.pythons}
    return sorted(found, key=lambda version: [int(part) for part in version.split(".")])


def _for_tools(packs: Packs, folder: Path) -> Iterator[Finding]:
    """Each program once, with the tools that need it. What only an option needs is left out."""
    users: dict[Requirement, list[str]] = {r: [] for r in knowledge(packs).requires if not r.when}
    for pack in packs.providers.values():
        for tool in pack.tools.values():
            for requirement in requirements_of(pack.chain(tool)):
                if not requirement.when:
                    users.setdefault(requirement, []).append(f"{pack.name} {tool.name}")
    # Of one that is missing, once is enough; the newest that is needed will do for all.
    wanted = sorted(users, key=lambda r: (r.program, tuple(-n for n in version_of(r.minimum))))
    said: dict[tuple[str, str], tuple[Finding, list[str]]] = {}
    for requirement, finding in zip(wanted, check_programs(wanted, folder, WARNING), strict=True):
        key = (requirement.program, finding.message)
        said.setdefault(key, (finding, []))[1].extend(users[requirement])
    for finding, needing in said.values():
        needs = ", ".join(sorted({*needing})) or "every service"
        yield finding._replace(message=f"{finding.message}, for {needs}")


def _unique(requirements: list[Requirement]) -> list[Requirement]:
    """Each program once: of two that name it, the later, which is the tool's own."""
    return [*{requirement.program: requirement for requirement in requirements}.values()]
