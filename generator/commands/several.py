"""`gen check`, `gen status` and `gen doctor` of several services: each on its own, told as soon as
it is known.

Nothing of a service is kept after it was told, so that memory does not grow with their number.
"""

import gc
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from generator import terminal
from generator.commands import FORMAT_VERSION
from generator.commands.carry_out import interruption
from generator.commands.progress import Progress
from generator.errors import (
    EXIT_CANCELLED,
    EXIT_FOUND,
    EXIT_OK,
    GeneratorError,
    UserError,
    report,
)
from generator.evolve.fleet import (
    Member,
    Outcome,
    Tally,
    count,
    is_clean,
    members,
    root_of,
    status_line,
)

if TYPE_CHECKING:
    from generator.packs import Packs

Found = Mapping[str, Any]


class Look(NamedTuple):
    """A command that looks at services.

    `examine` gives what it finds as JSON types, `exit_code` what that is worth; `show` prints it
    with the folder's name. `clean` says whether a service is `well`, which is a word for it. What
    only reads leaves it to others to finish what was interrupted.
    """

    command: str
    verb: str
    examine: Callable[[Path, "Packs"], Found]
    exit_code: Callable[[Found], int]
    show: Callable[[str, Found], None]
    clean: Callable[[Found], bool] = is_clean
    well: str = "as gen.toml says"
    only_reads: bool = False


Known = dict[tuple[Path, ...], "Packs"]
"""Packs by their roots, so that services with the same ones read them once."""


def look_at_all(look: Look, directories: Iterable[str], project: str, json: bool) -> int:
    """Looks at each of the folders, prints what is found, and gives the worst exit code."""
    if project:
        raise UserError(
            "--project names one service, and folders are named, too",
            where=f"--project {project}",
            hint=f"gen {look.command} DIR..., or gen {look.command} --project DIR",
        )
    outcomes = _outcomes(look, members(directories))
    return _print_json(look, outcomes) if json else _print_text(look, outcomes)


def _outcomes(look: Look, fleet: list[Member]) -> Iterator[Outcome]:
    progress, known = Progress(look.verb, len(fleet)), Known()
    try:
        for number, member in enumerate(fleet, 1):
            progress.at(number, member.said)
            outcome = _outcome(look, member, known, progress)
            progress.clear()
            yield outcome
            del outcome
            _forget()
    finally:
        progress.clear()
        gc.unfreeze()


def _outcome(look: Look, member: Member, known: Known, progress: Progress) -> Outcome:
    """What is found in one folder. Whatever goes wrong there is its own affair."""
    from generator.search_path import packs_of

    try:
        root = root_of(member)
        for line in () if look.only_reads else interruption(root):
            progress.clear()
            terminal.show_lines(f"{member.said}: {line}")
        packs = packs_of(root)
        found = look.examine(root, known.setdefault(packs.roots, packs))
    except Exception as raised:  # a bug that one service brings to light does not hide the others
        error = terminal.as_reported(raised)
        # The way to the place where it was raised would keep all that was read on it.
        error.__traceback__ = error.__cause__ = error.__context__ = None
        return Outcome(member, {}, error, error.exit_code)
    return Outcome(member, found, None, look.exit_code(found))


def _forget() -> None:
    """Gives back what one service took: a run of `gen` collects no garbage by itself.

    What is left (modules, templates, metadata) is there for all, and is not searched again.
    """
    gc.collect()
    gc.freeze()


def _print_text(look: Look, outcomes: Iterable[Outcome]) -> int:
    tally, example = Tally(), ""
    for outcome in outcomes:
        clean = not outcome.error and look.clean(outcome.found)
        tally = tally.plus(outcome, clean)
        said = outcome.member.said
        if outcome.error:
            _show_error(said, outcome.error)
        else:
            look.show(said, outcome.found)
            if not example and not clean:
                example = said
    terminal.show_lines(_summary(tally, look.well))
    if example:
        terminal.say(f"  help: what helps is run in that folder: cd {shlex.quote(example)}")
    return tally.exit_code


def _show_error(said: str, error: GeneratorError) -> None:
    first, *rest = report(error).splitlines()
    terminal.show_lines(f"{said}:", f"  {first}", *(f"  {line}" for line in rest))


def _summary(tally: Tally, well: str) -> str:
    parts = [
        f"{tally.ok} {well}" if tally.ok or not tally.failed + tally.found else "",
        f"{tally.found} with something to do" if tally.found else "",
        f"{tally.failed} that could not be looked at" if tally.failed else "",
    ]
    total = count(tally.ok + tally.found + tally.failed, "service")
    return f"{total}: {', '.join(filter(None, parts))}."


def _print_json(look: Look, outcomes: Iterable[Outcome]) -> int:
    """One object, written piece by piece: as `terminal.print_json` would print it whole.

    Ctrl-C ends it, too: it is JSON then, with what was found until then.
    """
    head = {"format_version": FORMAT_VERSION, "command": look.command, "services": []}
    opening, _, _ = terminal.as_json_text(head).rpartition("]")
    terminal.write(opening)
    tally, cancelled = Tally(), False
    try:
        for number, outcome in enumerate(outcomes):
            tally = tally.plus(outcome, not outcome.error and look.clean(outcome.found))
            text = terminal.as_json_text(_as_json(outcome)).replace("\n", "\n    ")
            terminal.write(f"{',' if number else ''}\n    {text}")
    except KeyboardInterrupt:
        cancelled = True
    code = EXIT_CANCELLED if cancelled else tally.exit_code
    tail = terminal.as_json_text({"summary": tally.as_json(), "exit_code": code})
    started = "\n  " if tally.as_json()["services"] else ""
    terminal.write(f"{started}],{tail.removeprefix('{')}\n")
    if cancelled:
        raise KeyboardInterrupt
    return code


def _as_json(outcome: Outcome) -> dict[str, Any]:
    """What was found or the error, with the folder and what it is worth."""
    said = {"error": terminal.error_object(outcome.error)} if outcome.error else outcome.found
    member = outcome.member
    return {
        "argument": member.said,
        "directory": member.place,
        "exit_code": outcome.exit_code,
        **said,
    }


def _check(root: Path, packs: "Packs") -> Found:
    from generator.evolve.inspection import problems
    from generator.evolve.project import load

    return {"problems": [problem._asdict() for problem in problems(load(root, packs), packs)]}


def _status(root: Path, packs: "Packs") -> Found:
    from generator.evolve.inspection import status
    from generator.evolve.project import load

    return status(load(root, packs), packs)


def _doctor(root: Path, packs: "Packs") -> Found:
    from generator.doctor.examine import examine_service
    from generator.doctor.findings import as_json

    return as_json(examine_service(root, packs).findings)


def _show_problems(said: str, found: Found) -> None:
    """Nothing where all is well: of many services, those that need somebody are to be seen."""
    if is_clean(found):
        return
    lines = [f"{said}: {count(len(found['problems']), 'problem')}"]
    for problem in found["problems"]:
        lines += [f"  {problem['where']}: {problem['message']}", f"    help: {problem['hint']}"]
    terminal.show_lines(*lines)


def _show_findings(said: str, found: Found) -> None:
    """What is not well; nothing where all is."""
    from generator.doctor.findings import OK, Finding, lines_of

    findings = [Finding(**finding) for finding in found["findings"]]
    wrong = [finding for finding in findings if finding.status != OK]
    if wrong:
        counts = found["counts"]
        number = f"{count(counts['failure'], 'failure')}, {count(counts['warning'], 'warning')}"
        shown = (f"  {line}" for finding in wrong for line in lines_of(finding))
        terminal.show_report([f"{said}: {number}", *shown])


def _show_status(said: str, found: Found) -> None:
    terminal.show_list([f"{said}: {status_line(found)}"])


CHECK = Look(
    command="check",
    verb="Checking",
    examine=_check,
    exit_code=lambda found: EXIT_OK if is_clean(found) else EXIT_FOUND,
    show=_show_problems,
)
STATUS = Look(
    command="status",
    verb="Looking at",
    examine=_status,
    exit_code=lambda found: EXIT_OK,
    show=_show_status,
)
DOCTOR = Look(
    command="doctor",
    verb="Examining",
    examine=_doctor,
    exit_code=lambda found: EXIT_FOUND if found["counts"]["failure"] else EXIT_OK,
    show=_show_findings,
    clean=lambda found: not found["counts"]["failure"],
    well="without a failure",
    only_reads=True,
)
