"""The jobs that run `gen` in a service's repository: linted, and their scripts run for real.

The scripts are taken out of the workflows and run as GitHub runs them, one after the other with
`bash -e`, in a fresh clone of a bare repository. `pipx` and `gh` are stand-ins; git is git.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from matrix.services import PACKS, answer, one_each, supported, tools
from tools.workbench import clean_environment

from generator import __version__
from generator.base import with_base
from generator.declaration import SOURCE
from generator.render import render
from generator.spec import build_spec
from generator.tree import Tree
from generator.write import write_new

BIN = Path(sys.executable).parent
CI = ".github/workflows/ci.yml"
UPDATE = ".github/workflows/update.yml"
BRANCH = "serverless-py-update"
BOT = "41898282+github-actions[bot]@users.noreply.github.com"
SWITCHES = [("ci_check",), ("ci_update",), ("ci_check", "ci_update")]

# Says how it was called, and does what the test wants `gen` to do.
PIPX = """#!/bin/sh
echo "pipx $* token=${GH_TOKEN:-none}" >> "$CALLS"
eval "$GEN"
"""
# Keeps the open pull requests in a file, one a line.
GH = """#!/bin/sh
echo "gh $1 $2 token=${GH_TOKEN:-none}" >> "$CALLS"
case "$1 $2" in
  "pr list") grep -c . "$PULLS" || true ;;
  "pr create") test -z "$NO_PULLS" && shift 2 && echo "$*" >> "$PULLS" ;;
esac
"""


def tree_with(*switches: str) -> Tree:
    pack, tool = next(tools())
    functions = one_each(supported(pack, tool)[:1])
    options: dict[str, object] = dict.fromkeys(switches, True)
    return render(build_spec(answer(pack, tool, functions, options, ci="github"), PACKS), PACKS)


def workflow(tree: Tree, path: str) -> dict[str, Any]:
    found = yaml.safe_load(tree[path].content)
    assert isinstance(found, dict)
    return found


def jobs(tree: Tree) -> list[tuple[str, dict[str, Any]]]:
    paths = [path for path in tree if path.startswith(".github/workflows/")]
    return [job for path in paths for job in workflow(tree, path)["jobs"].items()]


def scripts(job: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for step in job["steps"] if "run" in step]


@pytest.mark.parametrize("switches", SWITCHES, ids="-".join)
def test_the_workflows_lint_clean(switches, tmp_path):
    folder = tmp_path / "orders"
    tree = tree_with(*switches)
    write_new(folder, with_base(tree))
    workflows = sorted((folder / ".github" / "workflows").glob("*.yml"))
    for program, *words in (
        ["check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows],
        ["zizmor", "--offline", "--no-progress", "."],
        ["yamllint", "--strict", "."],
    ):
        command = [str(BIN / program), *map(str, words)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("switches", SWITCHES, ids="-".join)
def test_their_scripts_are_clean_shell(switches):
    found = [step["run"] for _, job in jobs(tree_with(*switches)) for step in scripts(job)]
    assert found
    for script in found:
        command = [str(BIN / "shellcheck"), "--shell=bash", "-"]
        done = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_nothing_of_it_is_there_by_default():
    plain, full = tree_with(), tree_with("ci_check", "ci_update")
    assert UPDATE not in plain
    assert set(full) - set(plain) == {UPDATE}
    assert full[CI].content.startswith(plain[CI].content)
    changed = {path for path in plain if plain[path] != full[path]}
    assert changed == {CI, "README.md", "gen.toml"}


@pytest.mark.parametrize("switches", SWITCHES, ids="-".join)
def test_the_readme_says_what_is_on(switches):
    text = tree_with(*switches)["README.md"].content.decode()
    assert ("`gen check`" in text) == ("ci_check" in switches)
    for words in ("Allow GitHub Actions to create and approve pull requests", "starts no other"):
        assert (words in text) == ("ci_update" in switches)


def test_an_action_has_one_pin():
    steps = [step for _, job in jobs(tree_with(*SWITCHES[-1])) for step in job["steps"]]
    pins = {step["uses"] for step in steps if "uses" in step}
    assert len({pin.split("@")[0] for pin in pins}) == len(pins)
    assert all(len(pin.split("@")[1]) == 40 for pin in pins)


def test_permissions_are_what_a_job_needs():
    tree = tree_with(*SWITCHES[-1])
    assert workflow(tree, UPDATE)["permissions"] == {}
    assert workflow(tree, CI)["jobs"]["generated"]["permissions"] == {"contents": "read"}
    update = workflow(tree, UPDATE)["jobs"]
    # What runs code that it installs has no token that could write, also not in a later step.
    assert update["update"]["permissions"] == {"contents": "read"}
    assert "token" not in str(update["update"])
    opens = update["pull-request"]
    assert opens["permissions"] == {"contents": "write", "pull-requests": "write"}
    assert [step for step in opens["steps"] if "token" in str(step)] == [scripts(opens)[-1]]
    assert "gen update" not in str(scripts(opens)) and "pipx" not in str(opens)


@dataclass(frozen=True)
class Run:
    """A job that has run: its exit code, log and summary, and how the stand-ins were called."""

    code: int
    log: str
    summary: str
    calls: list[str]
    artifact: bytes | None = None
    outputs: str = ""


class Repository:
    """A bare repository with a service in it, and runners that clone it anew."""

    def __init__(self, folder: Path, tree: Tree) -> None:
        self.folder = folder
        self.tree = tree
        self.origin = folder / "origin.git"
        self.pulls = folder / "pulls"
        self.pulls.touch()
        self.stand_ins = folder / "bin"
        self.stand_ins.mkdir()
        for name, text in (("pipx", PIPX), ("gh", GH)):
            (self.stand_ins / name).write_text(text)
            (self.stand_ins / name).chmod(0o755)
        (self.stand_ins / "python").symlink_to(sys.executable)
        self.git(folder, "init", "--quiet", "--bare", "--initial-branch=main", "origin.git")
        write_new(folder / "mine", with_base(tree))
        self.git(self.mine, "init", "--quiet", "--initial-branch=main")
        self.git(self.mine, "remote", "add", "origin", self.origin.as_uri())
        self.push("main")

    @property
    def mine(self) -> Path:
        """A developer's own clone."""
        return self.folder / "mine"

    def environment(self) -> dict[str, str]:
        home = {"HOME": str(self.folder), "GIT_CONFIG_NOSYSTEM": "1"}
        path = os.pathsep.join([str(self.stand_ins), os.environ["PATH"]])
        kept = {k: v for k, v in clean_environment().items() if not k.startswith(("GIT_", "GH_"))}
        return kept | home | {"PATH": path}

    def git(self, folder: Path, *words: str) -> str:
        done = subprocess.run(
            ["git", *words],
            cwd=folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def push(self, branch: str) -> None:
        """All that the developer has changed, as a commit on `branch`."""
        person = ["-c", "user.name=Dev", "-c", "user.email=dev@example.org"]
        self.git(self.mine, "add", "--all")
        self.git(self.mine, *person, "commit", "--quiet", "--message", "mine")
        self.git(self.mine, "push", "--quiet", "origin", f"HEAD:{branch}")

    def branches(self) -> dict[str, str]:
        lines = self.git(self.origin, "for-each-ref", "--format=%(refname:short) %(objectname)")
        return dict(line.split() for line in lines.splitlines())

    def show(self, what: str) -> str:
        return self.git(self.origin, "show", "--no-patch", "--format=%ae", what)

    def run(
        self, path: str, job: str, gen: str, artifact: bytes | None = None, **others: str
    ) -> Run:
        """The scripts of a job, in a clone as `actions/checkout` makes it, until one fails."""
        number = len(list(self.folder.glob("runner-*")))
        runner = self.folder / f"runner-{number}"
        runner.mkdir()
        self.git(
            runner,
            "clone",
            "--quiet",
            "--depth=1",
            "--branch=main",
            self.origin.as_uri(),
            "service",
        )
        summary, calls, outputs = runner / "summary.md", runner / "calls", runner / "outputs"
        for file in (summary, calls, outputs):
            file.touch()
        if artifact is not None:
            (runner / "update.patch").write_bytes(artifact)
        environment = self.environment() | {
            "RUNNER_TEMP": str(runner),
            "GITHUB_STEP_SUMMARY": str(summary),
            "GITHUB_OUTPUT": str(outputs),
            "GITHUB_REF_NAME": "main",
            "CALLS": str(calls),
            "PULLS": str(self.pulls),
            "NO_PULLS": "",
            "GEN": gen,
        }
        code, log = 0, ""
        for step in scripts(workflow(self.tree, path)["jobs"][job]):
            script = runner / "step.sh"
            script.write_text(step["run"])
            settings = {k: "secret" if "${{" in v else v for k, v in step.get("env", {}).items()}
            done = subprocess.run(
                ["bash", "-e", script],
                cwd=runner / "service",
                env=environment | settings | others,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                text=True,
                check=False,
            )
            code, log = done.returncode, log + done.stdout
            if code:
                break
        kept = runner / "update.patch"
        return Run(
            code,
            log,
            summary.read_text(),
            calls.read_text().splitlines(),
            kept.read_bytes() if kept.exists() else None,
            outputs.read_text(),
        )

    def update(self, gen: str, **others: str) -> Run:
        """Both jobs: the second where the first says that something has changed."""
        first = self.run(UPDATE, "update", gen, None, **others)
        if first.code or "changed=true" not in first.outputs:
            return first
        second = self.run(UPDATE, "pull-request", "exit 99", first.artifact, **others)
        calls = [*first.calls, *second.calls]
        return Run(second.code, first.log + second.log, first.summary + second.summary, calls)

    def check(self, gen: str = "true") -> Run:
        return self.run(CI, "generated", gen)


@pytest.fixture
def repository(tmp_path) -> Repository:
    return Repository(tmp_path, tree_with(*SWITCHES[-1]))


def test_check_runs_the_version_that_generated_the_service(repository):
    done = repository.check()
    assert done.code == 0
    [call] = done.calls
    python = repository.stand_ins / "python"
    expected = f"pipx run --python {python} --spec {SOURCE}@v{__version__} gen check"
    assert call == f"{expected} token=none"


def test_check_fails_as_gen_check_does(repository):
    done = repository.check("echo template.yaml differs; exit 1")
    assert done.code == 1
    assert "template.yaml differs" in done.log


@pytest.mark.parametrize(
    "line", ['generated-by = "$(touch x)"', "", 'generated-by = "serverless-py"']
)
def test_check_needs_a_version(repository, line):
    declaration = repository.mine / "gen.toml"
    old = tomllib.loads(declaration.read_text())["service"]["generated-by"]
    declaration.write_text(declaration.read_text().replace(f'generated-by = "{old}"', line))
    repository.push("main")
    done = repository.check()
    assert (done.code, done.calls) == (2, [])
    assert "generated-by names no version" in done.log


def test_update_with_nothing_to_do_does_nothing(repository):
    done = repository.update("echo nothing")
    assert done.code == 0
    assert "There is nothing to update." in done.log
    [call] = done.calls
    assert f"--spec {SOURCE} gen update" in call
    assert list(repository.branches()) == ["main"]
    assert done.summary == ""


def test_update_opens_a_pull_request(repository):
    before = repository.branches()
    done = repository.update("echo new > template.txt; rm README.md; echo x > .gen/lock")
    assert done.code == 0, done.log
    after = repository.branches()
    assert after["main"] == before["main"]
    assert repository.git(repository.origin, "rev-parse", f"{BRANCH}~1") == before["main"]
    changed = repository.git(repository.origin, "diff", "--name-status", "main", BRANCH)
    assert changed.split() == ["D", "README.md", "A", "template.txt"]
    assert repository.show(BRANCH) == BOT
    [pull] = repository.pulls.read_text().splitlines()
    assert pull.startswith(f"--base main --head {BRANCH} --title Update to the newest templates")
    assert "ci_update = false" in pull


def test_only_what_talks_to_github_has_the_token(repository):
    calls = repository.update("echo new > template.txt").calls
    assert [call.split()[0] for call in calls] == ["pipx", "gh", "gh", "gh"]
    assert calls[0].endswith("token=none")
    assert all(call.endswith("token=secret") for call in calls[1:])


def test_update_twice_changes_nothing_more(repository):
    repository.update("echo new > template.txt")
    before = repository.branches()
    # The same commit made in the same second would be the same commit.
    later = dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), "2040-01-01T00:00:00Z")
    done = repository.update("echo new > template.txt", **later)
    assert done.code == 0, done.log
    assert repository.branches() == before
    assert len(repository.pulls.read_text().splitlines()) == 1


def test_update_refreshes_the_open_pull_request(repository):
    repository.update("echo new > template.txt")
    (repository.mine / "own.txt").write_text("mine\n")
    repository.push("main")
    done = repository.update("echo newer > template.txt")
    assert done.code == 0, done.log
    assert repository.git(repository.origin, "show", f"{BRANCH}:template.txt") == "newer"
    assert (
        repository.git(repository.origin, "rev-parse", f"{BRANCH}~1", "main").split()
        == [repository.branches()["main"]] * 2
    )
    assert len(repository.pulls.read_text().splitlines()) == 1


def test_update_leaves_what_a_person_added_to_the_branch(repository):
    repository.update("echo new > template.txt")
    repository.git(repository.mine, "fetch", "--quiet", "origin", BRANCH)
    repository.git(repository.mine, "checkout", "--quiet", "FETCH_HEAD")
    (repository.mine / "fix.txt").write_text("by hand\n")
    repository.push(BRANCH)
    before = repository.branches()
    done = repository.update("echo newer > template.txt")
    assert done.code == 0, done.log
    assert repository.branches() == before
    assert f"::warning::{BRANCH} has commits of somebody else" in done.log


@pytest.mark.parametrize("code", [3, 1, 2, 70])
def test_a_failed_update_pushes_nothing_and_tells_why(repository, code):
    before = repository.branches()
    report = "echo 'conflict: src/a.py:3' >&2; echo half > template.txt"
    done = repository.update(f"{report}; exit {code}")
    assert done.code == code
    assert "conflict: src/a.py:3" in done.log
    assert f"exit code {code}" in done.summary
    assert "    conflict: src/a.py:3\n" in done.summary
    assert repository.branches() == before
    assert [call.split()[0] for call in done.calls] == ["pipx"]


def test_a_conflict_leaves_the_open_pull_request_alone(repository):
    repository.update("echo new > template.txt")
    before = repository.branches()
    assert repository.update("exit 3").code == 3
    assert repository.branches() == before


def test_a_pull_request_that_was_refused_is_made_the_next_time(repository):
    done = repository.update("echo new > template.txt", NO_PULLS="not permitted")
    assert done.code == 1
    assert repository.pulls.read_text() == ""
    assert repository.update("echo new > template.txt").code == 0
    assert len(repository.pulls.read_text().splitlines()) == 1


@pytest.mark.parametrize(("path", "told"), [(UPDATE, True), ("template.txt", False)])
def test_a_refused_push_names_the_token_that_workflows_need(repository, path, told):
    hook = repository.origin / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho refusing >&2\nexit 1\n")
    hook.chmod(0o755)
    done = repository.update(f"echo '# new' >> {path}")
    assert done.code == 1
    assert "refusing" in done.log
    assert ("::error::Changes of workflows need the secret" in done.log) == told
    assert repository.pulls.read_text() == ""
