"""A service inside a larger git repository: the plan has what its CI system needs in the root."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from cli.run import PROVIDER, TRIGGER, Result, gen, new
from matrix.services import PACKS, answer, one_each, supported, tools

from generator.render import Rendering, render
from generator.spec import build_spec
from generator.tree import Tree, read_tree

BIN = Path(sys.executable).parent
CI = next(name for name, system in PACKS.ci_systems.items() if system.root)
FOLDER = "services/orders"
HEADER = re.compile(r"^==> (\S+)( \(there already: .*\))? <==$", re.MULTILINE)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "mono"
    (folder / ".git").mkdir(parents=True)
    (folder / "services").mkdir()
    return folder


def inside(repository: Path, *flags: str) -> Result:
    return gen_new(repository / "services", "--ci", CI, *flags)


def gen_new(folder: Path, *flags: str) -> Result:
    result = new("--trigger", f"{TRIGGER}=api", *flags, folder=folder)
    assert result.code == 0
    return result


def shown(result: Result) -> dict[str, str]:
    """The files for the root that the plan shows, as a person would copy them."""
    _, *parts = HEADER.split(result.err.split("\n\nFiles to create in ")[0])
    return {path: text.strip("\n") for path, text in zip(parts[::3], parts[2::3], strict=True)}


def test_the_plan_shows_what_to_put_in_the_root(repository: Path, tmp_path: Path) -> None:
    result = inside(repository)
    assert result.out == ""
    first, note, *_ = result.err.splitlines()
    assert first == f"The service is {FOLDER} of the git repository {repository}."
    assert note.startswith(PACKS.ci_systems[CI].root)
    files = shown(result)
    assert files
    assert f"\nTo do in {repository}: {', '.join(files)} (see above)\n" in result.err
    assert all(isinstance(yaml.safe_load(text), dict) for text in files.values())


def test_nothing_is_written_to_the_root_and_the_service_is_the_same(
    repository: Path, tmp_path: Path
) -> None:
    inside(repository)
    alone = gen_new(tmp_path, "--ci", CI)
    assert [path.name for path in repository.iterdir() if path.name != ".git"] == ["services"]
    assert [path.name for path in (repository / "services").iterdir()] == ["orders"]
    assert read_tree(repository / FOLDER) == read_tree(tmp_path / "orders")
    assert "git repository" not in alone.err


def test_a_dry_run_and_json_have_it_too(repository: Path) -> None:
    dry = inside(repository, "--dry-run")
    (repository / ".github").mkdir()
    (repository / next(path for path in shown(dry) if path.count("/") == 1)).touch()
    again = inside(repository, "--dry-run")
    assert shown(again) == shown(dry)
    data = inside(repository, "--json").data["repository"]
    assert (data["root"], data["folder"]) == (str(repository), FOLDER)
    assert data["note"] == PACKS.ci_systems[CI].root
    assert {file["path"]: file["content"].strip("\n") for file in data["files"]} == shown(dry)
    there = [file["path"] for file in data["files"] if file["exists"]]
    assert len(there) == 1
    assert f"==> {there[0]} (there already: add what it lacks) <==" in again.err
    assert "there already" not in dry.err


def test_a_worktree_and_a_submodule_have_a_file_instead(repository: Path) -> None:
    (repository / ".git").rmdir()
    (repository / ".git").write_text("gitdir: elsewhere\n")
    assert shown(inside(repository, "--dry-run"))


def test_where_nothing_is_needed(repository: Path, tmp_path: Path) -> None:
    quiet = [name for name, system in PACKS.ci_systems.items() if not system.root]
    for name in quiet:
        result = gen_new(repository / "services", "--ci", name, "--dry-run")
        assert "git repository" not in result.err
    assert quiet
    (tmp_path / "services").mkdir()
    own = tmp_path / "orders"
    own.mkdir()
    (own / ".git").mkdir()
    result = gen(
        "new", ".", "--name", "orders", "--provider", PROVIDER, "--trigger", TRIGGER, folder=own
    )
    assert result.code == 0
    assert "git repository" not in result.err
    assert gen_new(tmp_path / "services", "--json").data["repository"] is None


def test_nothing_is_said_of_a_folder_that_git_ignores(tmp_path: Path) -> None:
    """No CI system will ever see it; without git, or in no real repository, it is told."""
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text("scratch/\n")
    for name in ("scratch", "services"):
        (tmp_path / name).mkdir()
    assert "git repository" not in gen_new(tmp_path / "scratch", "--ci", CI, "--dry-run").err
    seen = gen_new(tmp_path / "services", "--ci", CI, "--dry-run").err
    assert "The service is services/orders of the git repository" in seen
    (tmp_path / ".gitignore").write_text("services/orders/\n")
    assert "git repository" not in gen_new(tmp_path / "services", "--ci", CI, "--dry-run").err


def root_tree(*switches: str, folder: str = FOLDER) -> list[tuple[Tree, Tree]]:
    """Of each provider and tool: what its service has, and what the root needs."""
    found = []
    for pack, tool in tools():
        options: dict[str, object] = dict.fromkeys(switches, True)
        functions = one_each(supported(pack, tool))
        spec = build_spec(answer(pack, tool, functions, options, ci=CI), PACKS)
        found.append((render(spec, PACKS), Rendering(spec, PACKS, folder=folder).root_tree()))
    return found


def workflows(tree: Tree) -> dict[str, Any]:
    """The workflows by what they are for, whatever service they name."""
    paths = [path for path in tree if path.startswith(".github/workflows/")]
    return {
        path.split("/")[-1].split("-")[-1]: yaml.safe_load(tree[path].content) for path in paths
    }


@pytest.mark.parametrize("switches", [(), ("ci_check", "ci_update")])
def test_the_root_does_what_the_service_would_by_itself(switches: tuple[str, ...]) -> None:
    """The same jobs and steps, started by the service's files and run in its folder."""
    for service, root in root_tree(*switches):
        own, there = workflows(service), workflows(root)
        assert set(own) == set(there)
        for name, workflow in there.items():
            assert workflow["defaults"] == {"run": {"working-directory": FOLDER}}
            triggers = workflow[True]  # `on`, as YAML 1.1 reads it
            for event in {"push", "pull_request"} & set(triggers):
                assert triggers[event]["paths"][0] == f"{FOLDER}/**"
                assert triggers[event]["paths"][1] in root
            steps = {job: said["steps"] for job, said in workflow["jobs"].items()}
            alone = {job: said["steps"] for job, said in own[name]["jobs"].items()}
            assert calls(steps) == calls(alone)


def calls(jobs: dict[str, Any]) -> list[tuple[str, object]]:
    return [
        (job, step.get("uses") or step["run"].replace(f"file={FOLDER}/", "file="))
        for job, steps in jobs.items()
        for step in steps
    ]


def test_two_services_of_one_repository_do_not_meet(repository: Path) -> None:
    """Neither in the names of files, nor in groups of which one run goes at a time."""
    one = shown(inside(repository, "--dry-run", "--ci-update"))
    two = shown(inside(repository, "--dry-run", "--ci-update", "--name", "shop"))
    assert not {path for path in {*one} & {*two} if "workflows" in path}
    groups = [
        set(
            re.findall(
                r"(?m)^(?:name| +group| +BRANCH): (\S*(?:ci|deploy|update)\S*)",
                "\n".join(files.values()),
            )
        )
        for files in (one, two)
    ]
    assert len(groups[0]) >= 5
    assert not groups[0] & groups[1]


@pytest.mark.parametrize("folder", [FOLDER, "a b/it's #1: [x]/orders"])
def test_the_root_lints_clean(tmp_path: Path, folder: str) -> None:
    for number, (service, root) in enumerate(root_tree("ci_check", "ci_update", folder=folder)):
        place = tmp_path / str(number)
        for path, entry in (root | {p: service[p] for p in (".yamllint", ".gitignore")}).items():
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_bytes(entry.content)
    files = sorted(map(str, tmp_path.glob("*/.github/workflows/*.yml")))
    assert len(files) >= 3 * len(list(tools()))
    lint(tmp_path, "check-jsonschema", "--builtin-schema", "vendor.github-workflows", *files)
    known = sorted(map(str, tmp_path.glob("*/.github/dependabot.yml")))
    lint(tmp_path, "check-jsonschema", "--builtin-schema", "vendor.dependabot", *known)
    lint(tmp_path / "0", "yamllint", "--strict", ".")
    lint(tmp_path / "0", "zizmor", "--offline", "--no-progress", ".")


def lint(folder: Path, program: str, *words: str) -> None:
    done = subprocess.run([str(BIN / program), *words], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
