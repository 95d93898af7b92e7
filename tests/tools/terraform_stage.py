"""A stage of a service with Terraform, deployed by its own Makefile; its state is in a file."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from generator.tree import Tree

KEPT = ("terraform.d", ".terraform", "dev.tfstate")


@dataclass
class TerraformStage:
    folder: Path
    here: Path  # programs that come first, and what they write down
    backend: ClassVar[str]  # the file of the stage's backend, in infra/stages

    def write(self, tree: Tree) -> None:
        """The service is this now; where the state is and what was installed stays."""
        for name in ("infra", "src", "scripts"):
            for old in sorted((self.folder / name).rglob("*")):
                if old.is_file() and not any(word in str(old) for word in KEPT):
                    old.unlink()
        for path, entry in tree.items():
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(entry.content)
        override = 'terraform {\n  backend "local" {}\n}\n'
        (self.folder / "infra" / "backend_override.tf").write_text(override, "utf-8")
        backend = self.folder / "infra" / "stages" / self.backend
        backend.write_text('path = "dev.tfstate"\n', "utf-8")
        installed = self.folder / ".venv" / ".installed"
        installed.parent.mkdir(exist_ok=True)
        installed.touch()

    def make(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.run("make", f"PYTHON={sys.executable}", *words)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("TF_", "MAKE"))}
        environment |= {
            "HERE": str(self.here),
            "PATH": f"{self.here}:{environment['PATH']}",
            "TF_CLI_CONFIG_FILE": os.devnull,
            "CHECKPOINT_DISABLE": "1",
            "TF_CLI_ARGS": "-no-color",
        }
        return subprocess.run(
            words,
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def terraform(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["terraform", "-chdir=infra", *words],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )

    def state(self) -> set[str]:
        """The addresses of what is deployed."""
        return set(self.terraform("state", "list").stdout.split("\n")) - {""}


def ok(done: subprocess.CompletedProcess[str]) -> str:
    """All that a command said, which must not have failed."""
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return done.stdout + done.stderr
