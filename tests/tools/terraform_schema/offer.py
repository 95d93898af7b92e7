"""Lays a schema out as a provider, in the mirror where Terraform looks before it downloads."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import subprocess
from functools import cache
from pathlib import Path

from tools.provision import CACHE, REQUIREMENTS, once, python_venv
from tools.terraform_schema.wheel import provider_of

HERE = Path(__file__).parent
VENV = "terraform_schema"
"""The plugin protocol: gRPC and the classes of its messages."""


def schema_provider(name: str) -> Path:
    """A mirror with the provider of the wheel in `tests/requirements/terraform_<name>.txt`."""
    requirements = REQUIREMENTS / f"terraform_{name}.txt"
    made_by = [requirements, REQUIREMENTS / f"{VENV}.txt", *sorted(HERE.glob("*.py"))]
    # The program names the cache's own folder, so one that was laid out elsewhere is another.
    digest = _digest(*made_by, place=str(CACHE))
    folder = CACHE / "terraform_schema" / f"{name}-{digest}"

    def lay_out() -> None:
        wheel = _wheel(name, requirements)
        schema = folder / "schema.pb"
        _run(
            [_python(), "-m", "tools.terraform_schema.build", wheel, schema],
            {"PYTHONPATH": str(HERE.parents[1])},
        )
        # Copied: this checkout may be gone before the cache is.
        server = shutil.copy(HERE / "server.py", folder)
        address, version = provider_of(wheel)
        program = folder / "mirror" / address / version / _platform()
        program.mkdir(parents=True)
        start = program / f"terraform-provider-{name}_v{version}"
        words = [_python(), server, schema]
        start.write_text(f"#!/bin/sh\nexec {shlex.join(map(str, words))}\n", "utf-8")
        start.chmod(0o755)

    once(folder, lay_out)
    return folder / "mirror"


def offer_schema_provider(infra: Path, name: str) -> None:
    """Puts it where Terraform looks first: `terraform.d` of the folder that it is run in."""
    plugins = infra / "terraform.d" / "plugins"
    plugins.parent.mkdir()
    plugins.symlink_to(schema_provider(name))


def _wheel(name: str, requirements: Path) -> Path:
    """The wheel alone: the classes in it are read, not run, so what they need is not installed."""
    folder = CACHE / "terraform_schema" / f"wheel-{name}-{_digest(requirements)}"

    def download() -> None:
        pip = [_python(), "-m", "pip", "download", "-q", "--no-deps"]
        _run([*pip, "-r", requirements, "-d", folder])

    once(folder, download)
    [wheel] = folder.glob("*.whl")
    return wheel


def _digest(*files: Path, place: str = "") -> str:
    content = b"\0".join(file.read_bytes() for file in files)
    return hashlib.sha256(content + place.encode()).hexdigest()[:12]


def _python() -> Path:
    return python_venv(VENV) / "bin" / "python"


@cache
def _platform() -> str:
    """linux_amd64"""
    done = subprocess.run(
        ["terraform", "version", "-json"], capture_output=True, text=True, check=True
    )
    return str(json.loads(done.stdout)["platform"])


def _run(words: list[object], environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        [str(word) for word in words],
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
