"""Runs terraform on a folder whose provider is made of its schema."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tools.terraform_schema.offer import offer_schema_provider


def terraform(
    folder: Path,
    *words: str,
    known_ids: bool = False,
    computed: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("TF_", "ARM_"))
    }
    environment |= {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
    # A configuration of the machine's may name another mirror.
    environment["TF_CLI_CONFIG_FILE"] = os.devnull
    if known_ids:
        environment["TERRAFORM_SCHEMA_IDS"] = "known"
    environment["TERRAFORM_SCHEMA_COMPUTED"] = json.dumps(computed or {})
    return subprocess.run(
        ["terraform", *words, "-no-color"],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def initialised(folder: Path, provider: str) -> Path:
    """The folder, after `terraform init`. Where the state would be is not asked for."""
    offer_schema_provider(folder, provider)
    local = 'terraform {\n  backend "local" {}\n}\n'
    (folder / "backend_override.tf").write_text(local, "utf-8")
    done = terraform(folder, "init", "-input=false")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def planned(
    folder: Path,
    *variables: str,
    known_ids: bool = True,
    computed: dict[str, str] | None = None,
) -> dict[str, Any]:
    """What `terraform show -json` tells of a plan for a stage where there is nothing yet."""
    words = ["-input=false", "-out=plan", *(f"-var={variable}" for variable in variables)]
    done = terraform(folder, "plan", *words, known_ids=known_ids, computed=computed)
    assert done.returncode == 0, done.stdout + done.stderr
    shown = terraform(folder, "show", "-json", "plan")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    plan: dict[str, Any] = json.loads(shown.stdout)
    return plan
