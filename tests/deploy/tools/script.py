"""The AWS CLI, version 1 (PyPI has no other), run by Bash."""

from __future__ import annotations

import os
import stat
import zipfile
from pathlib import Path

from deploy.deployed import Deployed
from deploy.run import run
from tools.provision import venv_program

# `aws sqs` of version 1 does not read AWS_ENDPOINT_URL.
AWS = """\
#!/bin/sh
exec "{aws}" --endpoint-url "$AWS_ENDPOINT_URL" "$@"
"""


def provide(service: Path) -> None:
    """Nothing in the service: `aws` is looked for on PATH."""


def prepare(deployed: Deployed) -> None:
    """Puts `aws` on the PATH of the service's `make`."""
    programs = deployed.folder.parent / "bin"
    programs.mkdir()
    program = programs / "aws"
    program.write_text(AWS.format(aws=venv_program("awscli", "aws")), "utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    path = os.pathsep.join([str(programs), deployed.environment()["PATH"]])
    deployed.extra_environment["PATH"] = path


def lint(deployed: Deployed) -> None:
    scripts = sorted(path.as_posix() for path in (deployed.folder / "infra").rglob("*.sh"))
    run([".venv/bin/shellcheck", *scripts], deployed.folder)


def packages(deployed: Deployed) -> dict[str, bytes]:
    with zipfile.ZipFile(deployed.folder / "build" / "package.zip") as package:
        return {name: package.read(name) for name in package.namelist()}
