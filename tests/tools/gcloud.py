"""The Google Cloud CLI, which no registry of Python's or Node's has: it must be on the machine.

Where it is not, what needs it is skipped; in CI that is a failure. It runs with a configuration of
the test's own, in which nobody is logged in, and so it asks nothing of Google.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pytest

INSTALL = "https://docs.cloud.google.com/sdk/docs/install-sdk"
# What it says once it has understood a call, and wants to begin.
NOBODY = "You do not currently have an active account selected."
# Run by gcloud's own Python, as the `gcloud` on the path does it: but it starts once for all calls.
PARSE = """
import json, os, sys, tempfile
root, calls = sys.argv[1], json.load(sys.stdin)
sys.path[:0] = [os.path.join(root, "lib"), os.path.join(root, "lib", "third_party")]
from googlecloudsdk import gcloud_main
cli = gcloud_main.CreateCLI([])
answers, told = [], os.dup(1)
with tempfile.TemporaryFile() as said:
    os.dup2(said.fileno(), 1)
    os.dup2(said.fileno(), 2)
    for call in calls:
        said.truncate(0)
        said.seek(0)
        code = 0
        try:
            cli.Execute(call)
        except SystemExit as end:
            code = end.code
        sys.stdout.flush()
        sys.stderr.flush()
        said.seek(0)
        answers.append((code, said.read().decode()))
with os.fdopen(told, "w") as out:
    json.dump(answers, out)
"""


class Sdk(NamedTuple):
    root: Path
    python: Path
    release: int


class Answer(NamedTuple):
    code: int
    said: str


def need_gcloud(*components: str) -> Sdk:
    if not shutil.which("gcloud"):
        _without(f"gcloud is not installed: {INSTALL}")
    sdk = _found()
    for name in components:
        if not (sdk.root / ".install" / f"{name}.manifest").exists():
            _without(f"gcloud's component {name} is not installed: {INSTALL}")
    return sdk


def _without(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"{what} (in CI nothing may be skipped)")
    pytest.skip(what)


@functools.cache
def _found() -> Sdk:
    wanted = "value(installation.sdk_root, basic.python_location, basic.version)"
    with tempfile.TemporaryDirectory() as folder:
        said = run(["info", f"--format={wanted}"], Path(folder))
    assert said.returncode == 0, said.stderr
    root, python, version = said.stdout.rstrip("\n").split("\t")
    return Sdk(Path(root), Path(python), int(version.partition(".")[0]))


def run(arguments: Iterable[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """One start of gcloud, as a shell's; `folder` is where it keeps what it knows."""
    return subprocess.run(
        ["gcloud", *arguments],
        env=environment(folder),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )


def parsed(calls: list[list[str]], folder: Path) -> list[Answer]:
    """Exit code and words of each call, by the release of gcloud on this machine."""
    sdk = _found()
    done = subprocess.run(
        [sdk.python, "-S", "-c", PARSE, sdk.root],
        cwd=folder,
        env=environment(folder),
        input=json.dumps(calls),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [Answer(*answer) for answer in json.loads(done.stdout)]


def environment(folder: Path) -> dict[str, str]:
    """Nothing of this process's configuration of gcloud, nor of a machine's in Google's cloud."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "LC_ALL": "C.UTF-8",
        "CLOUDSDK_CONFIG": str(folder / "gcloud"),
        "CLOUDSDK_CORE_CHECK_GCE_METADATA": "false",
        "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
        "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "true",
        "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "true",
    }
