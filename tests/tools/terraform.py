"""Terraform, which no registry of Python's or Node's has: it must be on the machine.

Where it is not, what needs it is skipped; in CI that is a failure. Its provider comes from a mirror
on the machine, or else is downloaded once into `.cache`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tools.provision import CACHE, once

PROVIDER = "registry.terraform.io/hashicorp/aws"
# Where Terraform itself looks, and where images of machines keep them.
MIRRORS = (
    Path.home() / ".terraform.d" / "plugins",
    Path("/usr/local/share/terraform/plugins"),
    Path("/usr/share/terraform/plugins"),
    *sorted(Path("/opt").glob("*")),
)


def need_terraform() -> None:
    if shutil.which("terraform"):
        return
    if os.environ.get("CI"):
        pytest.fail("terraform is not installed, and in CI nothing may be skipped")
    pytest.skip("terraform is not installed")


def offer_provider(service: Path) -> None:
    """Puts the provider where Terraform looks first: `terraform.d` of the folder it is run in."""
    plugins = service / "terraform.d" / "plugins"
    plugins.parent.mkdir()
    mirror = next((path for path in MIRRORS if (path / PROVIDER).is_dir()), None)
    plugins.symlink_to(mirror or _downloaded(service / "infra"))


def _downloaded(infra: Path) -> Path:
    folder = CACHE / "terraform"

    def download() -> None:
        command = ["terraform", "providers", "mirror", str(folder)]
        subprocess.run(command, cwd=infra, check=True, capture_output=True)

    once(folder, download)
    return folder
