"""A rendered service, ready to be worked in: its pinned tools are shared between services."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from generator.answers import Answers
from generator.base import with_base
from generator.packs import Packs
from generator.render import render
from generator.spec import build_spec
from generator.write import write_new
from tools.provision import CACHE, python_interpreter, requirements_venv

LONG_AGO = 1_000_000_000


@dataclass(frozen=True)
class Workbench:
    """A service on disk, and the programs in its virtual environment."""

    folder: Path

    def make(
        self, *words: str, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """`make` in the service, as its users type it; what it prints is captured."""
        return subprocess.run(
            ["make", *words],
            cwd=self.folder,  # with -C, make says on standard output where it is
            capture_output=True,
            text=True,
            env=env or clean_environment(),
            stdin=subprocess.DEVNULL,
            check=False,
        )


def clean_environment() -> dict[str, str]:
    """This process's environment without what would leak a cloud account or a make into it.

    mypy's cache of libraries is kept between services: without it, most of `make lint` is theirs.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ARM_", "AWS_", "AZURE_", "MAKE", "PYTEST_", "VIRTUAL_ENV"))
    }
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    return {**kept, "MYPY_CACHE_DIR": str(CACHE / "mypy" / worker)}


def build_workbench(folder: Path, answers: Answers) -> Workbench:
    """The service that `answers` ask for, in `folder`, with its `.venv` in place.

    `.venv` is a link to an environment made from the very requirements that the service pins.
    """
    packs = Packs()
    spec = build_spec(answers, packs)
    write_new(folder, with_base(render(spec, packs)))
    python = python_interpreter(spec.python)
    assert python is not None, f"no Python {spec.python} was found on this machine"
    link_up_to_date(folder, ".venv", shared_venv(folder, python))
    return Workbench(folder)


def shared_venv(service: Path, python: Path) -> Path:
    """An environment with what `make install` installs, for all services that pin the same.

    The files themselves differ where each function has one: they name each other by their paths.
    """
    with tempfile.TemporaryDirectory() as folder:
        requirements = Path(folder) / "requirements.txt"
        lines = sorted(set(pins(service / "requirements-dev.txt")))
        requirements.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        return requirements_venv("service", [requirements], python)


def pins(requirements: Path) -> Iterator[str]:
    """The requirements in a file and in those that it refers to."""
    for line in requirements.read_text("utf-8").splitlines():
        if line.startswith("-r "):
            yield from pins(requirements.parent / line.removeprefix("-r "))
        elif line and not line.startswith("#"):
            yield line


def link_up_to_date(service: Path, name: str, target: Path, marker: str = ".installed") -> None:
    """Puts a link to a shared environment where make would build one, and make finds it fresh.

    make compares dates: the marker gets one of long ago, and all that it depends on an older one.
    Were it not found fresh, make would empty an environment that other tests use.
    """
    (service / name).symlink_to(target)
    if not (target / marker).exists():
        (target / marker).touch()
    os.utime(target / marker, (LONG_AGO + 1, LONG_AGO + 1))
    for path in [
        *service.glob("requirements*.txt"),
        *service.glob("*/requirements*.txt"),
        *service.glob("src/**/requirements.txt"),
        *service.glob("package*.json"),
        *service.glob("scripts/*"),
    ]:
        os.utime(path, (LONG_AGO, LONG_AGO))
