"""The AWS CLI, version 1 (PyPI has no other), run by Bash."""

from __future__ import annotations

import os
import tempfile
import zipfile
from pathlib import Path

from deploy.deployed import Deployed
from deploy.run import run
from tools.aws_cli import aws_cli


def provide(service: Path) -> None:
    """Nothing in the service: `aws` is looked for on PATH."""


def prepare(deployed: Deployed) -> None:
    """Puts `aws` on the PATH of the service's `make`."""
    folder = deployed.until_the_end.enter_context(tempfile.TemporaryDirectory(prefix="cli-"))
    programs = deployed.until_the_end.enter_context(aws_cli(Path(folder)))
    path = os.pathsep.join([str(programs), deployed.environment()["PATH"]])
    deployed.extra_environment["PATH"] = path


def lint(deployed: Deployed) -> None:
    scripts = sorted(path.as_posix() for path in (deployed.folder / "infra").rglob("*.sh"))
    run([".venv/bin/shellcheck", *scripts], deployed.folder)


def packages(deployed: Deployed) -> dict[str, bytes]:
    with zipfile.ZipFile(deployed.folder / "build" / "package.zip") as package:
        return {name: package.read(name) for name in package.namelist()}
