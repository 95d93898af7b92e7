"""GitLab and Azure Pipelines beyond one service: in a larger repository, and for newer templates.

The scripts that bring newer templates run for real: git is git; `uvx`, `pipx`, `az` are stand-ins.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from generated.test_ci_systems import (
    AZURE,
    BIN,
    FILES,
    GITLAB,
    SCHEMAS,
    azure_jobs,
    commands,
    for_schema,
    gitlab_jobs,
    lines,
    text,
)
from matrix.services import PACKS, answer, one_each, supported, tools
from tools.workbench import clean_environment

from generator.render import Rendering
from generator.spec import build_spec
from generator.tree import Tree

ROOTS = {GITLAB: ".gitlab/ci/orders.yml", AZURE: "orders-pipeline.yml"}
ODD = "a b/it's #1: [x]/orders"
ALL = {"ci_check": True, "ci_update": True}
TOOLS = [(p, t) for p, t in tools() if "plan_files" in t.slots or t == next(iter(p.tools.values()))]
each_tool = pytest.mark.parametrize(("pack", "tool"), TOOLS, ids=[t.name for _, t in TOOLS])
BRANCH = "serverless-py-update"
HANDED_ON = "update.patch"


def trees(ci: str, pack: Any, tool: Any, folder: str, **options: object) -> tuple[Tree, Tree]:
    """The service, and what the root of its repository needs."""
    functions = one_each(supported(pack, tool)[:1])
    spec = build_spec(answer(pack, tool, functions, dict(options), ci=ci), PACKS)
    return Rendering(spec, PACKS).tree(), Rendering(spec, PACKS, folder=folder).root_tree()


# Azure Pipelines takes no blanks, colons and brackets in the paths of a trigger.
@pytest.mark.parametrize(
    ("ci", "folder"),
    [(ci, "services/orders") for ci in FILES] + [(GITLAB, ODD), (AZURE, "it's#1/orders")],
)
def test_the_root_is_what_the_vendor_accepts(ci, folder, tmp_path):
    for number, (pack, tool) in enumerate(TOOLS):
        service, root = trees(ci, pack, tool, folder, **ALL)
        place = tmp_path / str(number)
        place.mkdir()
        # The folder's name makes lines longer.
        settings = text(service, ".yamllint")
        assert "max: 120" in settings
        (place / ".yamllint").write_text(settings.replace("max: 120", "max: 140"))
        (place / ".gitignore").touch()
        for path in root:
            file = for_schema(ci, text(root, path), place)
            command = [str(BIN / "check-jsonschema"), "--builtin-schema", *SCHEMAS[ci], str(file)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout
            file.write_bytes(root[path].content)
            command = [str(BIN / "yamllint"), "--strict", "."]
            done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout


@each_tool
@pytest.mark.parametrize("folder", ["services/orders", ODD], ids=["plain", "odd"])
def test_gitlabs_root_does_what_the_service_would_by_itself(pack, tool, folder):
    service, root = trees(GITLAB, pack, tool, folder, **ALL)
    alone = gitlab_jobs(service)
    there = gitlab_jobs({FILES[GITLAB]: root[ROOTS[GITLAB]]})
    assert set(alone) == set(there)
    for name, job in there.items():
        enter, *rest = commands(job)
        own = commands(alone[name])
        if name == "update-request":
            assert enter.replace(f"{quoted(folder)[:-1]}/update.patch'", "update.patch") == own[0]
            continue
        assert enter == f"cd {quoted(folder)}"
        assert rest == own
        inside = [f"{folder}/{path}" for path in alone[name].get("artifacts", {}).get("paths", [])]
        assert job.get("artifacts", {}).get("paths", []) == inside
    start = yaml.safe_load(root[".gitlab-ci.yml"].content)["orders"]
    assert start["trigger"]["include"] == [{"local": ROOTS[GITLAB]}]
    # What a rule says is what the service's pipeline goes by.
    said = [rule.get("variables", {}).get("PARENT_SOURCE") for rule in start["rules"]]
    assert said == ["schedule", "merge_request_event", "push"]
    assert all(rule["changes"][0] == f"{folder}/**/*" for rule in start["rules"][1:])


@each_tool
@pytest.mark.parametrize("folder", ["services/orders", ODD], ids=["plain", "odd"])
def test_azures_root_does_what_the_service_would_by_itself(pack, tool, folder):
    service, root = trees(AZURE, pack, tool, folder, **ALL)
    [file] = root
    assert file == ROOTS[AZURE]
    there = azure_jobs({FILES[AZURE]: root[file]})
    alone = azure_jobs(service)
    assert len(there) == len(alone)
    for (stage, _, steps), (own_stage, _, own_steps) in zip(there, alone, strict=True):
        assert stage["stage"] == own_stage["stage"]
        assert len(steps) == len(own_steps)
        for step, own in zip(steps, own_steps, strict=True):
            for script, expected in zip(scripts(step), scripts(own), strict=True):
                found = script.replace(f"make -C {quoted(folder)}", "make")
                assert found.replace(f"cd {quoted(folder)}\n", "") == expected
    said = yaml.safe_load(root[file].content)
    assert said["trigger"]["paths"] == said["pr"]["paths"] == {"include": [folder, file]}


def quoted(folder: str) -> str:
    return "'" + folder.replace("'", "'\\''") + "'"


def scripts(step: dict[str, Any]) -> list[str]:
    inputs = step.get("inputs", {})
    return [found for found in (step.get("bash"), inputs.get("inlineScript")) if found]


@pytest.mark.parametrize("ci", FILES)
def test_services_of_one_repository_do_not_meet(ci):
    pack, tool = TOOLS[0]
    found = []
    for name in ("orders", "shop"):
        functions = one_each(supported(pack, tool)[:1])
        answers = answer(pack, tool, functions, dict(ALL), ci=ci)._replace(name=name)
        spec = build_spec(answers, PACKS)
        root = Rendering(spec, PACKS, folder=f"services/{name}").root_tree()
        paths = {path for path in root if path != FILES[ci]}
        words = r"^ *(?:resource_group|BRANCH|environment): (\S+)"
        found.append(paths | set(re.findall(words, text(root, min(paths)), re.M)))
    assert len(found[0]) >= 4
    assert not found[0] & found[1]


@each_tool
def test_a_schedule_brings_templates_and_deploys_nothing(pack, tool):
    service, root = trees(GITLAB, pack, tool, "services/orders", **ALL)
    for tree, path, source in (
        (service, FILES[GITLAB], "$CI_PIPELINE_SOURCE"),
        (root, ROOTS[GITLAB], "$PARENT_SOURCE"),
    ):
        by_schedule = f'{source} == "schedule"'
        for name, job in gitlab_jobs({FILES[GITLAB]: tree[path]}).items():
            terms = [rule["if"] for rule in job["rules"]]
            if name.startswith("update"):
                assert terms == [by_schedule]
            elif name == "generated":
                assert terms == [f'{source} == "merge_request_event"']
            else:
                assert all(term.endswith(f'{source} != "schedule"') for term in terms) and terms
    never = yaml.safe_load(trees(GITLAB, pack, tool, "x")[1][".gitlab-ci.yml"].content)["orders"]
    assert never["rules"][0] == {"if": '$CI_PIPELINE_SOURCE == "schedule"', "when": "never"}
    for stage, _, _ in azure_jobs(trees(AZURE, pack, tool, "x", **ALL)[0]):
        wants = "eq" if stage["stage"] == "update" else "ne"
        assert f"{wants}(variables['Build.Reason'], 'Schedule')" in stage["condition"]


@each_tool
def test_what_runs_installed_code_has_no_token(pack, tool):
    """Neither given to it, nor in a later step of its job, whose programs it could replace."""
    [first, second] = [
        steps
        for stage, _, steps in azure_jobs(trees(AZURE, pack, tool, "x", **ALL)[0])
        if stage["stage"] == "update"
    ]
    assert "pipx run" in str(first) and "AccessToken" not in str(first)
    assert "AccessToken" in str(second) and "pipx" not in str(second)
    kept, taken = first[-1], second[1]
    assert (kept["artifact"], taken) == ("update", {"download": "current", "artifact": "update"})
    assert kept["publish"].endswith(f"/{HANDED_ON}")
    assert second[2]["env"]["PATCH"].endswith(f"/{kept['artifact']}/{HANDED_ON}")


STAND_IN = """#!/bin/sh
name=${0##*/}
echo "$name $1 $2 $3 token=${SERVERLESS_PY_TOKEN:-${SYSTEM_ACCESSTOKEN:-none}}" >> "$CALLS"
case "$name $3" in
  "az list") grep -c . "$PULLS" || true ;;
  "az create") echo "$*" >> "$PULLS" ;;
  uvx*|pipx*) eval "$GEN" ;;
esac
"""
HOOK = """#!/bin/sh
[ "${GIT_PUSH_OPTION_COUNT:-0}" -eq 0 ] || env | grep GIT_PUSH_OPTION_ >> "$PULLS"
"""


class Project:
    """A bare repository with a service in it, and runners that clone it anew."""

    def __init__(self, folder: Path, ci: str) -> None:
        self.folder, self.ci = folder, ci
        self.tree, _ = trees(ci, *TOOLS[0], "x", **ALL)
        self.origin = folder / "group" / "orders.git"
        self.pulls = folder / "pulls"
        self.pulls.touch()
        programs = folder / "bin"
        programs.mkdir()
        for name in ("uvx", "pipx", "az"):
            (programs / name).write_text(STAND_IN)
            (programs / name).chmod(0o755)
        self.git(folder, "init", "--quiet", "--bare", "--initial-branch=main", "group/orders.git")
        self.git(self.origin, "config", "receive.advertisePushOptions", "true")
        (self.origin / "hooks" / "post-receive").write_text(HOOK)
        (self.origin / "hooks" / "post-receive").chmod(0o755)
        self.git(folder, "clone", "--quiet", self.origin.as_uri(), "mine")
        (folder / "mine" / "gen.toml").write_text("old\n")
        self.commit("main")

    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in clean_environment().items() if not k.startswith("GIT_")}
        path = os.pathsep.join([str(self.folder / "bin"), os.environ["PATH"]])
        home = {"HOME": str(self.folder), "GIT_CONFIG_NOSYSTEM": "1", "PULLS": str(self.pulls)}
        return kept | home | {"PATH": path}

    def git(self, folder: Path, *words: str) -> str:
        person = ["-c", "user.name=Dev", "-c", "user.email=dev@example.org"]
        return subprocess.run(
            ["git", *person, *words],
            cwd=folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()

    def commit(self, branch: str) -> None:
        mine = self.folder / "mine"
        self.git(mine, "add", "--all")
        self.git(mine, "commit", "--quiet", "--message", "mine")
        self.git(mine, "push", "--quiet", "origin", f"HEAD:{branch}")

    def head(self, branch: str) -> str:
        return self.git(
            self.origin, "for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}"
        )

    def jobs(self) -> list[tuple[str, dict[str, str]]]:
        """The scripts of both jobs, each with what it alone gets."""
        if self.ci == GITLAB:
            jobs = gitlab_jobs(self.tree)
            request = jobs["update-request"]
            own = request["variables"] | {"SERVERLESS_PY_TOKEN": "secret"}
            return [
                ("\n".join(lines(jobs["update"]["script"])), {}),
                ("\n".join(lines(request["script"])), own),
            ]
        values = {
            "$(System.AccessToken)": "secret",
            "$(Pipeline.Workspace)/update/update.patch": str(self.folder / "update" / HANDED_ON),
        }
        return [
            (step["bash"], {k: values.get(v, v) for k, v in step.get("env", {}).items()})
            for stage, _, steps in azure_jobs(self.tree)
            if stage["stage"] == "update"
            for step in steps
            if "bash" in step
        ]

    def hand_on(self, runner: Path) -> None:
        """What the first job keeps, in a runner as the second one finds it."""
        place = runner if self.ci == GITLAB else self.folder
        patch = (place / HANDED_ON).read_bytes()
        self.git(runner, "reset", "--quiet", "--hard")
        self.git(runner, "clean", "--quiet", "-ffdx")
        self.git(runner, "checkout", "--quiet", "--detach")
        place = runner if self.ci == GITLAB else self.folder / "update"
        place.mkdir(exist_ok=True)
        (place / HANDED_ON).write_bytes(patch)

    def run(self, gen: str) -> tuple[int, str, list[str]]:
        """Exit code, log and calls of a scheduled run in which `gen update` is `gen`."""
        runner = self.folder / f"runner-{len(list(self.folder.glob('runner-*')))}"
        calls = self.folder / "calls"
        calls.write_text("")
        self.git(self.folder, "clone", "--quiet", "--depth=1", self.origin.as_uri(), runner.name)
        log = ""
        for number, (script, own) in enumerate(self.jobs()):
            if number:
                self.hand_on(runner)
            environment = self.environment() | {
                "CALLS": str(calls),
                "GEN": gen,
                "CI_SERVER_URL": self.folder.as_uri(),
                "CI_SERVER_HOST": "gitlab.example.org",
                "CI_PROJECT_PATH": "group/orders",
                "CI_COMMIT_BRANCH": "main",
                "BUILD_REPOSITORY_PROVIDER": "TfsGit",
                "BUILD_REPOSITORY_ID": "7",
                "AGENT_TEMPDIRECTORY": str(self.folder),
                "SYSTEM_COLLECTIONURI": "https://dev.azure.com/org/",
                "SYSTEM_TEAMPROJECT": "shop",
            }
            done = subprocess.run(
                ["bash", "-eo", "pipefail", "-c", script],
                cwd=runner,
                env=environment | own,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            log += done.stdout + done.stderr
            if done.returncode:
                return done.returncode, log, calls.read_text().splitlines()
        return 0, log, calls.read_text().splitlines()


@pytest.mark.parametrize("ci", FILES)
def test_an_update_opens_a_request_and_refreshes_it(ci, tmp_path):
    project = Project(tmp_path, ci)
    code, log, calls = project.run("true")
    assert (code, project.head(BRANCH)) == (0, ""), log
    assert "There is nothing to update." in log
    assert calls[0].endswith("token=none")

    code, log, calls = project.run("echo new > gen.toml; echo x > added.txt")
    assert code == 0, log
    assert calls[0].endswith("token=none")
    changed = project.git(project.origin, "diff", "--name-only", "main", BRANCH)
    assert changed.split() == ["added.txt", "gen.toml"]
    assert project.git(project.origin, "rev-parse", f"{BRANCH}~1") == project.head("main")
    pulls = project.pulls.read_text()
    assert "Update to the newest templates" in pulls and "ci_update = false" in pulls
    assert ("merge_request.target=main" if ci == GITLAB else "--target-branch main") in pulls

    (tmp_path / "mine" / "own.txt").write_text("mine\n")
    project.commit("main")
    code, log, _ = project.run("echo newer > gen.toml")
    assert code == 0, log
    assert project.git(project.origin, "show", f"{BRANCH}:gen.toml") == "newer"
    assert project.git(project.origin, "rev-parse", f"{BRANCH}~1") == project.head("main")
    if ci == AZURE:
        assert len(project.pulls.read_text().splitlines()) == 1

    # What somebody added to the branch stays.
    mine = tmp_path / "mine"
    project.git(mine, "fetch", "--quiet", "origin", BRANCH)
    project.git(mine, "checkout", "--quiet", "FETCH_HEAD")
    (mine / "fix.txt").write_text("by hand\n")
    project.commit(BRANCH)
    before = project.head(BRANCH)
    code, log, _ = project.run("echo newest > gen.toml")
    assert (code, project.head(BRANCH)) == (0, before)
    assert f"{BRANCH} has commits of somebody else" in log


@pytest.mark.parametrize("ci", FILES)
def test_a_conflict_pushes_nothing_and_tells_why(ci, tmp_path):
    project = Project(tmp_path, ci)
    code, log, calls = project.run("echo 'conflict: a.py:3' >&2; echo half > gen.toml; exit 3")
    assert code == 3
    assert "conflict: a.py:3" in log and "exit code 3" in log
    assert len(calls) == 1
    assert project.head(BRANCH) == ""
