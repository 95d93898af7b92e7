"""GitHub's plan of prod: who makes it, with which rights, and what becomes of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from matrix.services import PACKS, answer, one_each, supported, tools
from tools.workbench import clean_environment

from generator.metadata import Tool
from generator.packs import ProviderPack
from generator.render import render
from generator.spec import build_spec
from generator.tree import Tree
from generator.write import write_new

BIN = Path(sys.executable).parent
TOKEN = {"contents": "read", "id-token": "write"}
MAKE = """#!/bin/sh
echo "make $*" >> "$CALLS"
printf '\\033[1mPlan:\\033[0m 1 to add\\n'
echo 'a warning' >&2
exit "$CODE"
"""


def tree_of(pack: ProviderPack, tool: Tool) -> Tree:
    functions = one_each(supported(pack, tool)[:1])
    return render(build_spec(answer(pack, tool, functions, ci="github"), PACKS), PACKS)


def text(tree: Tree, path: str) -> str:
    return tree[path].content.decode()


def jobs(tree: Tree, name: str) -> dict[str, dict[str, Any]]:
    found = yaml.safe_load(tree[f".github/workflows/{name}.yml"].content)["jobs"]
    assert isinstance(found, dict)
    return found


ALL = {f"{pack.name}-{tool.name}": tree_of(pack, tool) for pack, tool in tools()}
PLANNED = {name: tree for name, tree in ALL.items() if "\nplan: " in text(tree, "Makefile")}
each_planned = pytest.mark.parametrize("tree", PLANNED.values(), ids=PLANNED)


def test_there_are_tools_that_plan_and_tools_that_do_not():
    assert PLANNED and len(PLANNED) < len(ALL)
    for name in set(ALL) - set(PLANNED):
        assert "plan" not in jobs(ALL[name], "ci") | jobs(ALL[name], "deploy")
        assert "PLAN_PULL_REQUESTS" not in text(ALL[name], "docs/deployment.md")


@each_planned
def test_prod_waits_for_a_plan_that_others_rights_made(tree):
    found = jobs(tree, "deploy")
    assert [found[name]["needs"] for name in ("dev", "plan", "prod")] == ["check", "dev", "plan"]
    plan = found["plan"]
    assert plan["environment"] == "plan"
    assert plan["permissions"] == TOKEN
    # It is no deployment: it neither waits for one nor holds one up.
    assert "concurrency" not in plan
    assert "the job that plans prod" in text(tree, "docs/deployment.md")


@each_planned
def test_pull_requests_plan_only_where_who_plans_can_only_look(tree):
    plan = jobs(tree, "ci").get("plan")
    docs = text(tree, "docs/deployment.md")
    only_looks = "LOCK=no" in text(tree, "Makefile")
    assert (plan is not None) == only_looks
    assert ("refs/pull/*/merge" in docs) == ("`PLAN_PULL_REQUESTS`" in docs) == only_looks
    assert ("Pull requests do not plan" in docs) != only_looks
    if plan:
        terms = plan["if"].split(" && ")
        assert terms == [
            "vars.PLAN_PULL_REQUESTS == 'true'",
            "github.event.pull_request.head.repo.full_name == github.repository",
            "github.event.pull_request.user.login != 'dependabot[bot]'",
        ]
        assert (plan["environment"], plan["permissions"]) == ("plan", TOKEN)
        assert plan["steps"] == jobs(tree, "deploy")["plan"]["steps"]
    # Nothing else that a pull request runs gets a token.
    for name, job in jobs(tree, "ci").items():
        assert name == "plan" or job["permissions"] == {"contents": "read"}


@each_planned
def test_the_workflows_lint_clean(tree, tmp_path):
    folder = tmp_path / "orders"
    write_new(folder, tree)
    workflows = sorted(map(str, (folder / ".github" / "workflows").glob("*.yml")))
    for program, *words in (
        ["check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows],
        ["zizmor", "--offline", "--no-progress", "."],
        ["yamllint", "--strict", "."],
    ):
        command = [str(BIN / program), *words]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("code", [0, 2])
def test_the_plan_is_shown_and_kept_and_its_failure_is_seen(code, tmp_path):
    steps = jobs(next(iter(PLANNED.values())), "deploy")["plan"]["steps"]
    *_, script, upload = [step for step in steps if "name" in step or "with" in step]
    assert script["name"] == "make plan"
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "make").write_text(MAKE)
    (programs / "make").chmod(0o755)
    summary, calls = tmp_path / "summary.md", tmp_path / "calls"
    summary.write_text("before\n")
    environment = clean_environment() | {
        "PATH": os.pathsep.join([str(programs), os.environ["PATH"]]),
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_STEP_SUMMARY": str(summary),
        "CALLS": str(calls),
        "CODE": str(code),
    }
    command = ["bash", "-e", "-c", script["run"]]
    done = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == code
    assert calls.read_text() == "make plan STAGE=prod LOCK=no\n"
    assert "Plan:" in done.stdout
    kept = tmp_path / upload["with"]["path"].removeprefix("${{ runner.temp }}/")
    assert sorted(kept.read_text().splitlines()) == ["Plan: 1 to add", "a warning"]
    before, heading, *lines = [line for line in summary.read_text().splitlines() if line]
    assert (before, heading) == ("before", "## make plan STAGE=prod")
    assert sorted(lines) == ["    Plan: 1 to add", "    a warning"]
    checked = [str(BIN / "shellcheck"), "--shell=bash", "-"]
    assert subprocess.run(checked, input=script["run"], text=True, check=False).returncode == 0
