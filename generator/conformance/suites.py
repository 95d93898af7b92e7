"""Runs the tests of generated services as a team does first: `make install test lint`."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from generator.base import with_base
from generator.conformance.cases import Case, permitted, refusal
from generator.conformance.files import failure, fine
from generator.conformance.told import command_of
from generator.doctor.findings import Finding
from generator.errors import GeneratorError
from generator.packs import Packs
from generator.render import render
from generator.spec import build_spec
from generator.write import write_new

CHECK = "tests"
COMMAND = ("make", "install", "test", "lint")
TIMEOUT = 1800.0
"""Seconds for one service: a slow network and a cold cache of packages have their time."""
SHOWN = 40
"""Lines of output."""
HIDDEN = ("GEN_", "MAKE", "PYTEST_", "VIRTUAL_ENV")


def to_run(cases: Iterable[Case], packs: Packs) -> list[Case]:
    """Of each provider x tool the service with most triggers: all that the pack has a part in."""
    found: dict[tuple[str, str], Case] = {}
    for case in cases:
        if not case.must:
            continue
        answers = case.answers
        if refusal(answers, packs):
            allowed = permitted(answers, packs)
            if allowed is None:
                continue
            answers = allowed
        key = (answers.provider, answers.tool)
        if key not in found or len(answers.functions) > len(found[key].answers.functions):
            found[key] = case._replace(answers=answers)
    return list(found.values())


def run_all(
    cases: Iterable[Case],
    packs: Packs,
    root: Path,
    say: Callable[[Case], None],
    show: Callable[[str], None],
) -> Iterator[Finding]:
    """Makes each service in a temporary folder and runs its tests.

    `say` is told before, `show` gets what was printed where they fail.
    """
    if shutil.which("make") is None:
        yield failure(CHECK, "make is not on PATH", hint="install it, or --no-tests")
        return
    for case in cases:
        say(case)
        with tempfile.TemporaryDirectory(prefix="gen-check-") as folder:
            yield _run(case, packs, root, Path(folder, case.answers.name), show)


def _run(
    case: Case, packs: Packs, root: Path, folder: Path, show: Callable[[str], None]
) -> Finding:
    words = " ".join(COMMAND)
    again = f"{command_of(case.answers, root)}, then {words} in it"
    try:
        write_new(folder, with_base(render(build_spec(case.answers, packs), packs)))
    except GeneratorError as error:
        return failure(CHECK, f"{case.name}: {error}", hint=again)
    code, output = run(COMMAND, folder)
    if code == 0:
        return fine(CHECK, f"{case.name}: {words} passes")
    ended = f"did not end within {TIMEOUT:g} seconds" if code is None else "fails"
    show("\n".join(output.splitlines()[-SHOWN:]))
    return failure(CHECK, f"{case.name}: {words} {ended}", hint=again)


def run(command: Iterable[str], folder: Path) -> tuple[int | None, str]:
    """The exit code (None where it had to be stopped) and all that it printed."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(HIDDEN)}
    process = subprocess.Popen(
        list(command),
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # it is stopped with all that it started
    )
    code: int | None = None
    output = b""
    try:
        output, _ = process.communicate(timeout=TIMEOUT)
        code = process.returncode
    except subprocess.TimeoutExpired as error:
        output = error.output or b""
    finally:
        if code is None:
            _stop(process)
    return code, output.decode("utf-8", "replace")


def _stop(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        with suppress(OSError):  # nothing of it is left
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
