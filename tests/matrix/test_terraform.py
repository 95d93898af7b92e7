"""Every valid combination whose infrastructure is written in HCL: formatted, and valid."""

from __future__ import annotations

import json
import re
import subprocess

from matrix.of_tool import twice
from matrix.services import (
    PACKS,
    main_cases,
    option_cases,
    other_values,
    valid,
)
from matrix.test_every_combination import tree_of
from tools.terraform import need_terraform, offer_provider

from generator.write import write_new

PROVIDER = re.compile(r'^provider "aws" {\n.*?^}\n\n', re.M | re.S)
# What a stage's settings are.
SETTINGS = {
    "stage": "dev",
    "region": "eu-west-1",
    "log_level": "INFO",
    "log_retention_days": 14,
    "alarm_email": "",
}
PARTS = r"-(all|long-names|existing=True|powertools=True|rollout=canary)$"
ASKED_FOR = ("tags", "permissions_boundary")
HCL = [
    case
    for case in [*main_cases(), *option_cases()]
    if case.answers.tool == "terraform" and valid(case)
]


AWS = PACKS.providers["aws"]
ALL_SAID = {name: value for name in ASKED_FOR for value in other_values(AWS.provider.options[name])}


# All triggers are in most of them. Other providers' binaries cannot be had here, but their schemas
# can: tests/azure/test_terraform.py.
WHOLE = [
    twice(AWS, AWS.tools["terraform"], ALL_SAID, {}),
    *(case for case in HCL if case.answers.provider == "aws" and re.search(PARTS, case.name)),
]


def test_every_file_is_formatted_as_terraform_does(tmp_path):
    """One call for the whole matrix."""
    need_terraform()
    for case in HCL:
        files = {path: entry for path, entry in tree_of(case).items() if ".tf" in path}
        write_new(tmp_path / case.name, files)
    command = ["terraform", "fmt", "-check", "-diff", "-recursive", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]


def test_every_configuration_is_valid(tmp_path):
    """One call for all, each as a module of one configuration: the schema takes seconds to read.

    The provider's own block is left to the deployments (tests/deploy): with tags of one's own and
    without, both are deployed.
    """
    need_terraform()
    blocks = set()
    for number, case in enumerate(WHOLE):
        folder = tmp_path / f"case_{number}"
        write_new(folder, tree_of(case))
        # Terraform starts a provider for each of its configurations, so here is one for all.
        main = folder / "infra" / "main.tf"
        text = main.read_text("utf-8")
        blocks |= set(PROVIDER.findall(text))
        main.write_text(PROVIDER.sub("", text), "utf-8")
    assert len(blocks) == 2
    modules = {
        f"case_{number}": {"source": f"../case_{number}/infra", **SETTINGS}
        for number in range(len(WHOLE))
    }
    offer_provider(tmp_path)
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "main.tf.json").write_text(
        json.dumps({"provider": {"aws": {"region": SETTINGS["region"]}}, "module": modules}),
        "utf-8",
    )
    for words in (["init", "-backend=false"], ["validate"]):
        command = ["terraform", "-chdir=infra", *words, "-no-color"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
