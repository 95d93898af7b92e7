"""Infrastructure policies: what checkov finds is mended, or left out with the reason beside it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import yaml
from deploy.composition import PROVIDER, tool_module, tool_names
from tools.provision import node_environment, venv_program
from tools.workbench import Workbench, build_workbench, clean_environment

from generator.request import Request, to_answers

# What each tool sends to CloudFormation.
TEMPLATES = {
    "sam": "template.yaml",
    "serverless": ".serverless/cloudformation-template-update-stack.json",
    "cdk": "cdk.out/orders-dev.template.json",
}


def service(folder: Path, tool: str, *settings: str) -> Workbench:
    """With every trigger that the tool has, and Powertools' table."""
    triggers = [t.name for t in PROVIDER.triggers.values() if tool in t.tools]
    asked = Request(
        name="orders",
        provider="aws",
        tool=tool,
        trigger=tuple(f"{trigger}=on_{trigger.replace('-', '_')}" for trigger in triggers),
        set=("powertools=true", *settings),
    )
    made = build_workbench(folder, to_answers(asked))
    tool_module(tool).provide(made.folder)
    return made


@cache
def checkov() -> Path:
    return venv_program("checkov", "checkov")


def scan(words: Sequence[object], folder: Path) -> subprocess.CompletedProcess[str]:
    command = [checkov(), "--skip-download", "--quiet", "--compact", *words]
    return subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def left_out(made: Workbench) -> set[str]:
    content = yaml.safe_load((made.folder / ".checkov.yaml").read_text("utf-8"))
    return set(content["skip-check"])


def failed(made: Workbench, path: str, elsewhere: Path) -> set[str]:
    """The checks that fail without the service's `.checkov.yaml`: it is not seen from elsewhere."""
    words = ["--framework", "cloudformation", "--output", "json", "-f", made.folder / path]
    done = scan(words, elsewhere)
    found = json.loads(done.stdout)
    assert found["summary"]["passed"] > 100, done.stdout + done.stderr
    assert found["summary"]["parsing_errors"] == 0
    return {check["check_id"] for check in found["results"]["failed_checks"]}


def test_what_is_left_out_is_just_what_would_fail(tmp_path: Path) -> None:
    """Nothing else fails, and no line is one that nothing needs."""
    everything = set()
    tools = [tool for tool in tool_names() if tool in TEMPLATES]
    for tool in tools:
        made = service(tmp_path / tool / "orders", tool)
        if tool != "sam":
            done = made.make("build", env=clean_environment() | node_environment())
            assert done.returncode == 0, done.stdout + done.stderr
        found = failed(made, TEMPLATES[tool], tmp_path)
        assert found <= left_out(made), tool
        everything |= found
    if len(tools) == len(TEMPLATES):
        assert everything == left_out(made)


def test_a_whole_service_with_its_image_and_workflows_is_clean(tmp_path: Path) -> None:
    """As its developers call it."""
    made = service(tmp_path / "orders", "sam", "packaging=container")
    done = scan(["-d", "."], made.folder)
    assert done.returncode == 0, done.stdout
    for framework in ("cloudformation", "dockerfile", "github_actions"):
        assert f"{framework} scan results" in done.stdout, done.stdout
