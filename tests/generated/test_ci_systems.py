"""The pipelines of CI systems beside GitHub's: their files, who gets credentials, their scripts.

A schema says what a vendor's server takes. Whether the scripts do what they say is tried here: with
stand-ins for the clouds' programs and for `make`, which write down how they were called.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from matrix.services import PACKS, answer, one_each, other_values, supported, tools
from tools.workbench import clean_environment

from generator.layers import LOGIN_SLOT
from generator.metadata import Tool
from generator.packs import ProviderPack
from generator.render import render
from generator.spec import build_spec
from generator.tree import Tree
from generator.write import write_new

BIN = Path(sys.executable).parent
MAIN = 'CI_COMMIT_BRANCH == "main"'
ON_MAIN = "eq(variables['Build.SourceBranch'], 'refs/heads/main')"
MAKE = re.compile(r"\bmake ([a-z][a-z-]*)")
GITLAB, AZURE = "gitlab", "azure-pipelines"
FILES = {GITLAB: ".gitlab-ci.yml", AZURE: "azure-pipelines.yml"}
SCHEMAS = {
    GITLAB: ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"],
    AZURE: ["vendor.azure-pipelines", "--regex-variant", "python"],
}
# Tasks that Azure's schema does not know, and their inputs: what the vendors' own task.json say.
# https://github.com/microsoft/azure-pipelines-tasks, Tasks/UseNodeV1
# https://github.com/aws/aws-toolkit-azure-devops, src/tasks/AWSShellScript
OTHER_TASKS = {
    "UseNode@1": {"version"},
    "AWSShellScript@1": {"awsCredentials", "regionName", "scriptType", "inlineScript"},
}
# Writes down how it was called; fails, and answers, as the test wants.
STAND_IN = """#!/bin/sh
name=${0##*/}
echo "$name $*" >> "$CALLS"
case "$FAILS" in *" $name "*) exit 9 ;; esac
test "$name" != sha256sum || cat > /dev/null
test "$name" != aws || printf 'KEY\\tSECRET\\tTOKEN\\n'
"""
PROGRAMS = ["uv", "make", "aws", "az", "gcloud", "azd", "curl", "sha256sum", "unzip", "tar", "mv"]
PROGRAMS += ["apt-get"]


def services(ci: str) -> Iterator[tuple[str, ProviderPack, Tool, dict[str, object]]]:
    """Every tool with the first of its triggers, as it is and with each of its choices."""
    for pack, tool in tools():
        choices: list[dict[str, object]] = [{}, {"ci_check": True, "ci_update": True}]
        for part in pack.chain(tool):
            for option in part.options.values():
                choices += [{option.name: value} for value in other_values(option)]
        for choice in choices:
            words = "-".join(f"{key}={value}" for key, value in choice.items())
            yield f"{ci}-{pack.name}-{tool.name}-{words or 'plain'}", pack, tool, choice


def tree_of(ci: str, pack: ProviderPack, tool: Tool, options: dict[str, object]) -> Tree:
    functions = one_each(supported(pack, tool)[:1])
    return render(build_spec(answer(pack, tool, functions, options, ci=ci), PACKS), PACKS)


def text(tree: Tree, path: str) -> str:
    return tree[path].content.decode()


SERVICES = [(ci, *rest) for ci in FILES for rest in services(ci)]
each_service = pytest.mark.parametrize(
    ("ci", "pack", "tool", "options"),
    [(ci, pack, tool, options) for ci, _, pack, tool, options in SERVICES],
    ids=[name for _, name, *_ in SERVICES],
)
each_tool = pytest.mark.parametrize(
    ("pack", "tool"), list(tools()), ids=[f"{pack.name}-{tool.name}" for pack, tool in tools()]
)
each_system = pytest.mark.parametrize("ci", FILES)


def has_plan(tree: Tree) -> bool:
    return "\nplan: " in text(tree, "Makefile")


# GitLab


def gitlab_jobs(tree: Tree) -> dict[str, dict[str, Any]]:
    """The jobs, with what they extend and the defaults filled in."""
    found: dict[str, Any] = yaml.safe_load(tree[FILES[GITLAB]].content)
    default = found["default"]

    def whole(job: dict[str, Any]) -> dict[str, Any]:
        parent = whole(found[job["extends"]]) if "extends" in job else default
        return {**parent, **job}

    return {
        name: whole(job)
        for name, job in found.items()
        if not name.startswith(".") and isinstance(job, dict) and "stage" in job
    }


def lines(script: list[Any]) -> list[str]:
    """GitLab flattens lists in lists, which is what an anchor in a script gives."""
    return [line for part in script for line in (part if isinstance(part, list) else [part])]


def commands(job: dict[str, Any]) -> list[str]:
    return lines(job.get("before_script", [])) + lines(job["script"])


# Azure Pipelines


def azure_jobs(tree: Tree) -> list[tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]]:
    """Every job: its stage, itself, its steps."""
    found: dict[str, Any] = yaml.safe_load(tree[FILES[AZURE]].content)
    return [
        (
            stage,
            job,
            job["steps"] if "job" in job else job["strategy"]["runOnce"]["deploy"]["steps"],
        )
        for stage in found["stages"]
        for job in stage["jobs"]
    ]


def for_schema(ci: str, found: str, folder: Path) -> Path:
    """A file for the vendor's schema. In Azure's, all scalars but inputs of tasks are strings."""
    file = folder / FILES[ci]
    if ci == AZURE:
        found = json.dumps(as_azure_reads(yaml.load(found, yaml.BaseLoader)))
    file.write_text(found)
    return file


def as_azure_reads(found: Any) -> Any:
    if isinstance(found, list):
        return [as_azure_reads(value) for value in found]
    if not isinstance(found, dict):
        return found
    if found.get("task") in OTHER_TASKS:
        assert set(found["inputs"]) == OTHER_TASKS[found["task"]]
        return {"bash": "true"}
    if "task" in found:
        switches = {"true": True, "false": False}
        return found | {"inputs": {k: switches.get(v, v) for k, v in found["inputs"].items()}}
    return {key: as_azure_reads(value) for key, value in found.items()}


def logs_in(step: dict[str, Any]) -> bool:
    return "inlineScript" in step.get("inputs", {})


def test_every_provider_says_how_each_ci_system_logs_in():
    """A CI system that deploys has a slot for it; a provider without a piece deploys as nobody."""
    missing = [
        f"{pack.name}/ci/{ci.name}.j2"
        for pack in PACKS.providers.values()
        for ci in PACKS.ci_systems.values()
        if LOGIN_SLOT in ci.slots and not (pack.provider.folder / "ci" / f"{ci.name}.j2").is_file()
    ]
    assert missing == []


@each_service
def test_the_files_are_what_the_vendor_and_yamllint_accept(ci, pack, tool, options, tmp_path):
    folder = tmp_path / "orders"
    tree = tree_of(ci, pack, tool, options)
    write_new(folder, tree)
    checked = for_schema(ci, text(tree, FILES[ci]), tmp_path)
    for command in (
        ["check-jsonschema", "--builtin-schema", *SCHEMAS[ci], str(checked)],
        ["yamllint", "--strict", "."],
    ):
        done = subprocess.run(
            [str(BIN / command[0]), *command[1:]],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]


@pytest.mark.parametrize(
    ("ci", "key", "broken"),
    [(GITLAB, "resource_group:", "resource_grup:"), (AZURE, "lockBehavior:", "lockBehaviour:")],
)
def test_a_schema_would_tell(ci, key, broken, tmp_path):
    """What the test above relies on: a key that no server knows is an error."""
    found = text(tree_of(ci, *next(tools()), {}), FILES[ci])
    assert key in found
    file = for_schema(ci, found.replace(key, broken), tmp_path)
    command = [str(BIN / "check-jsonschema"), "--builtin-schema", *SCHEMAS[ci], str(file)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1


@each_service
def test_the_jobs_call_targets_that_exist(ci, pack, tool, options):
    tree = tree_of(ci, pack, tool, options)
    called = set(MAKE.findall(text(tree, FILES[ci])))
    there = set(re.findall(r"^([a-z][a-z-]*):", text(tree, "Makefile"), re.MULTILINE))
    assert {"install", "lint", "test", "build", "deploy"} <= called
    assert ("PLANNED=yes" in text(tree, FILES[ci])) <= ("PLANNED" in text(tree, "Makefile"))
    assert called <= there
    assert ("plan" in called) == has_plan(tree)


@each_tool
def test_gitlab_gives_a_token_to_jobs_of_main_alone(pack, tool):
    jobs = gitlab_jobs(tree_of(GITLAB, pack, tool, {"ci_check": True}))
    with_token = {name for name, job in jobs.items() if "id_tokens" in job}
    assert with_token == set(jobs) - {"check", "generated"}
    for name in with_token:
        assert [MAIN in rule["if"] for rule in jobs[name]["rules"]] == [True], name
        assert jobs[name]["interruptible"] is False
    assert [job["rules"][0].get("when") for job in (jobs["dev"], jobs["prod"])] == [None, "manual"]
    assert jobs["check"]["interruptible"] is True


@each_tool
def test_azure_logs_in_on_main_alone_and_with_a_connection_a_stage(pack, tool):
    tree = tree_of(AZURE, pack, tool, {})
    seen = {}
    for stage, job, steps in azure_jobs(tree):
        logins = [step for step in steps if logs_in(step)]
        if stage["stage"] == "check":
            assert not logins
            continue
        assert ON_MAIN in stage["condition"] and "succeeded()" in stage["condition"]
        [login] = logins
        inputs = login["inputs"]
        seen[stage["stage"]] = inputs.get("awsCredentials") or inputs["azureSubscription"]
        if stage["stage"] in ("dev", "prod"):
            assert job["environment"] == f"orders-{stage['stage']}"
            assert stage["lockBehavior"] == "sequential"
    plan = {"plan": "orders-plan"} if has_plan(tree) else {}
    assert seen == {"dev": "orders-dev", "prod": "orders-prod", **plan}
    assert "@" not in re.sub(r"@\d", "", text(tree, FILES[AZURE]))


@each_tool
def test_what_is_downloaded_and_run_is_pinned(pack, tool):
    for ci, file in FILES.items():
        for options in ({}, *({o.name: v} for o in tool.options.values() for v in other_values(o))):
            found = text(tree_of(ci, pack, tool, options), file)
            images = re.findall(r"(?:image|- name): (\S+)", found)
            assert all(re.search(r"@sha256:[0-9a-f]{64}$", image) for image in images), images
            for package in re.findall(r"uv tool install (?:--python \S+ )?(\S+)", found):
                assert "==" in package
            assert found.count("curl ") == found.count("sha256sum --check")


@each_system
@each_tool
def test_their_scripts_are_clean_shell(ci, pack, tool):
    tree = tree_of(ci, pack, tool, {"ci_check": True, "ci_update": True})
    found = yaml.safe_load(tree[FILES[ci]].content)
    if ci == GITLAB:
        scripts = ["\n".join(commands(job)) for job in gitlab_jobs(tree).values()]
    else:
        steps = [step for _, _, all_steps in azure_jobs(tree) for step in all_steps]
        scripts = [step["bash"] for step in steps if "bash" in step]
        # Azure's task gives the token under this name.
        logins = [step["inputs"]["inlineScript"] for step in steps if logs_in(step)]
        scripts += [f"export idToken=x\n{script}" for script in logins]
        scripts = [re.sub(r"\$\([\w.]+\)", "value", script) for script in scripts]
    assert found and scripts
    for script in scripts:
        command = [str(BIN / "shellcheck"), "--shell=bash", "-"]
        done = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


@pytest.fixture
def runner(tmp_path):
    """Runs a script as a runner does, among stand-ins; gives the exit code and the calls."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in PROGRAMS:
        (programs / name).write_text(STAND_IN)
        (programs / name).chmod(0o755)

    def run(script: str, fails: str = "", **variables: str) -> tuple[int, list[str]]:
        calls = tmp_path / "calls"
        calls.write_text("")
        environment = {
            **clean_environment(),
            "PATH": os.pathsep.join([str(programs), os.environ["PATH"]]),
            "HOME": str(tmp_path),
            "CALLS": str(calls),
            "FAILS": f" {fails} ",
            **variables,
        }
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, calls.read_text().splitlines()

    return run


def variables_of(script: str) -> dict[str, str]:
    """What the project has to set for a script: a value for each."""
    names = set(re.findall(r"\$\{?((?:AWS|AZURE|GCP)_[A-Z_]+)", script)) - {
        name for line in script.splitlines() if "read -r" in line for name in line.split()
    }
    return {name: f"value-of-{name.lower()}" for name in names}


@each_tool
@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_gitlab_builds_then_logs_in_then_deploys(pack, tool, stage, runner):
    job = gitlab_jobs(tree_of(GITLAB, pack, tool, {}))[stage]
    assert job["environment"]["name"] == job["resource_group"] == stage
    script = "\n".join(commands(job))
    set_here = variables_of(script) | {"ID_TOKEN": "the-token", "CI_JOB_ID": "7"}
    code, calls = runner(script, **set_here)
    assert code == 0, calls
    exchange = [n for n, call in enumerate(calls) if call.split()[0] in ("aws", "az", "gcloud")]
    # What was planned was built then; nothing is built anew.
    planned = stage == "prod" and "plan_files" in tool.slots
    deploy = f"make deploy STAGE={stage}{' PLANNED=yes' if planned else ''}"
    assert calls[-1] == deploy
    built = [n for n, call in enumerate(calls) if call == f"make build STAGE={stage}"]
    assert len(built) == (not planned)
    assert exchange and all(n < min(exchange) for n in built)
    # A login that is refused, or is not set up, deploys nothing.
    for fails, missing in (("aws az gcloud", ""), ("", next(iter(sorted(variables_of(script)))))):
        left = {name: value for name, value in set_here.items() if name != missing}
        code, calls = runner(script, fails, **left)
        assert code != 0
        assert deploy not in calls


@each_tool
def test_the_plan_is_kept_and_its_failure_is_seen(pack, tool, runner, tmp_path):
    tree = tree_of(GITLAB, pack, tool, {})
    jobs = gitlab_jobs(tree)
    assert ("plan" in jobs) == has_plan(tree)
    if not has_plan(tree):
        return
    script = "\n".join(commands(jobs["plan"]))
    set_here = variables_of(script) | {"ID_TOKEN": "the-token", "CI_JOB_ID": "7"}
    code, calls = runner(script, **set_here)
    assert (code, calls[-1]) == (0, "make plan STAGE=prod LOCK=no")
    kept, *planned = jobs["plan"]["artifacts"]["paths"]
    assert bool(planned) == ("plan_files" in tool.slots) == ("PLANNED" in text(tree, "Makefile"))
    assert (tmp_path / kept).is_file()
    assert f"/{kept}" in text(tree, ".gitignore").splitlines()
    assert runner(lines(jobs["plan"]["script"])[-1], "make")[0] != 0


@each_system
@each_tool
def test_the_docs_say_how_to_set_up_what_the_pipeline_reads(ci, pack, tool):
    tree = tree_of(ci, pack, tool, {})
    docs, readme = text(tree, "docs/deployment.md"), text(tree, "README.md")
    heading = next(line for line in docs.splitlines() if line.startswith("## Let "))
    anchor = heading.removeprefix("## ").lower().replace(" ", "-")
    assert anchor == f"let-{ci}-deploy"
    assert "Pushes to `main` deploy to dev" in readme
    assert set(re.findall(r"deployment\.md#(let-[\w-]+)", readme)) <= {anchor}
    for name in variables_of(text(tree, FILES[ci])):
        assert f"`{name}`" in docs
    if ci == AZURE:
        assert "`orders-STAGE`" in docs
    assert ("the job that plans prod" in docs) == has_plan(tree)
    numbers = [
        int(n)
        for n in re.findall(r"^(\d)\. ", docs.partition(heading)[2].partition("\n## ")[0], re.M)
    ]
    assert numbers == list(range(1, len(numbers) + 1))
