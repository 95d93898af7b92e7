"""Cookiecutter in all its forms, cruft, SAM and `gen new` give the same bytes and modes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from matrix.services import PACKS, Case, few_cases
from tools.provision import python_venv

from generator.base import with_base
from generator.declaration import parse_declaration
from generator.render import render
from generator.spec import build_spec
from generator.tree import Tree, read_tree

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE_PARTS = ("cookiecutter.json", "hooks", "generator", "{{cookiecutter.project_slug}}")
BIN = Path(sys.executable).parent


def questions(case: Case) -> dict[str, str]:
    """The answers as Cookiecutter takes them."""
    answers = case.answers
    return {
        "project_name": answers.name,
        "cloud_provider": answers.provider,
        "deployment_tool": answers.tool,
        "triggers": ",".join(f"{f.trigger}={f.name}" for f in answers.functions),
        "description": "Takes orders",
    }


def flags(case: Case) -> list[str]:
    """The same answers as `gen new` takes them."""
    triggers = [f"--trigger={f.trigger}={f.name}" for f in case.answers.functions]
    chosen = [f"--provider={case.answers.provider}", f"--tool={case.answers.tool}"]
    return [f"--name={case.answers.name}", *chosen, *triggers, "--description=Takes orders"]


@pytest.fixture(scope="session")
def template(tmp_path_factory) -> Path:
    """A copy of the template alone, as a git repository, without caches."""
    copy: Path = tmp_path_factory.mktemp("template") / "serverless-py"
    copy.mkdir()
    for part in TEMPLATE_PARTS:
        ignored = shutil.ignore_patterns("__pycache__")
        source = ROOT / part
        shutil.copytree(source, copy / part, ignore=ignored) if source.is_dir() else shutil.copy(
            source, copy
        )
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    for command in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-qm", "template"]):
        subprocess.run(["git", *command], cwd=copy, check=True)
    return copy


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """Cookiecutter keeps replays and clones in the home folder: give it an empty one."""
    folder: Path = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("COOKIECUTTER_CONFIG", raising=False)
    return folder


def run(*command: object, cwd: Path, **others) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=cwd, capture_output=True, text=True, **others)


def cookiecutter(cwd: Path, *arguments: object, answers: dict[str, str] | None = None):
    extra = [f"{key}={value}" for key, value in (answers or {}).items()]
    return run(BIN / "cookiecutter", *arguments, *extra, cwd=cwd)


def by_gen(case: Case, cwd: Path) -> Tree:
    done = run(BIN / "gen", "new", *flags(case), "--no-input", cwd=cwd)
    assert done.returncode == 0, done.stderr
    return read_tree(cwd / case.answers.name)


CASES = few_cases()
FIRST = CASES[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cookiecutter_and_gen_give_the_same_tree(case, tmp_path, home, template):
    done = cookiecutter(tmp_path, template, "--no-input", answers=questions(case))
    assert done.returncode == 0, done.stderr
    made = read_tree(tmp_path / case.answers.name)
    spec = build_spec(parse_declaration(made["gen.toml"].content.decode()), PACKS)
    assert made == with_base(render(spec, PACKS))


@pytest.mark.parametrize("form", ["relative", "git", "zip"])
def test_every_form_of_template(form, tmp_path, home, template):
    (tmp_path / "c").mkdir()
    (tmp_path / "g").mkdir()
    if form == "relative":
        address: object = os.path.relpath(template, tmp_path / "c")
    elif form == "git":
        bare = tmp_path / "serverless-py.git"
        subprocess.run(["git", "clone", "-q", "--bare", template, bare], check=True)
        address = f"file://{bare}"
    else:
        shutil.make_archive(str(tmp_path / "t"), "zip", template.parent, template.name)
        address = tmp_path / "t.zip"
    done = cookiecutter(tmp_path / "c", address, "--no-input", answers=questions(FIRST))
    assert done.returncode == 0, done.stderr
    assert read_tree(tmp_path / "c" / "orders") == by_gen(FIRST, tmp_path / "g")


def test_cruft_create(tmp_path, home, template):
    (tmp_path / "c").mkdir()
    (tmp_path / "g").mkdir()
    extra = ["--extra-context", json.dumps(questions(FIRST))]
    done = run(BIN / "cruft", "create", template, "--no-input", *extra, cwd=tmp_path / "c")
    assert done.returncode == 0, done.stderr
    made = read_tree(tmp_path / "c" / "orders")
    assert made.pop(".cruft.json")
    assert made == by_gen(FIRST, tmp_path / "g")


def test_sam_init(tmp_path, home, template):
    """SAM from PyPI runs the hooks; its bundled builds do not."""
    (tmp_path / "c").mkdir()
    (tmp_path / "g").mkdir()
    sam = python_venv("sam") / "bin" / "sam"
    extra = ["--extra-context", json.dumps(questions(FIRST))]
    environment = os.environ | {"SAM_CLI_TELEMETRY": "0"}
    command = [sam, "init", "--location", template, "--no-input", *extra]
    done = run(*command, cwd=tmp_path / "c", env=environment)
    assert done.returncode == 0, done.stderr
    assert read_tree(tmp_path / "c" / "orders") == by_gen(FIRST, tmp_path / "g")


def test_options_travel_in_one_text(tmp_path, home, template):
    (tmp_path / "c").mkdir()
    (tmp_path / "g").mkdir()
    pack = next(iter(PACKS.providers.values()))
    name, option = next((n, o) for n, o in pack.provider.function_options.items())
    values = f"{FIRST.answers.functions[0].name}.{name}={option.minimum}"
    answers = questions(FIRST) | {"options": values}
    done = cookiecutter(tmp_path / "c", template, "--no-input", answers=answers)
    assert done.returncode == 0, done.stderr
    done = run(BIN / "gen", "new", *flags(FIRST), "--set", values, "--no-input", cwd=tmp_path / "g")
    assert done.returncode == 0, done.stderr
    assert read_tree(tmp_path / "c" / "orders") == read_tree(tmp_path / "g" / "orders")


def test_replay_and_default_config(tmp_path, home, template):
    for folder in ("first", "again", "default"):
        (tmp_path / folder).mkdir()
    done = cookiecutter(tmp_path / "first", template, "--no-input", answers=questions(FIRST))
    assert done.returncode == 0, done.stderr
    done = cookiecutter(tmp_path / "again", template, "--replay")
    assert done.returncode == 0, done.stderr
    assert read_tree(tmp_path / "again") == read_tree(tmp_path / "first")
    done = cookiecutter(tmp_path / "default", template, "--default-config", "--no-input")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "default" / "my-service" / "gen.toml").is_file()


WRONG = {
    "tool": ({"deployment_tool": "nonsuch"}, ["--tool=nonsuch"]),
    "trigger": ({"triggers": "nonsuch"}, ["--trigger=nonsuch"]),
    "function": ({"triggers": "{trigger}=my-fn"}, ["--trigger={trigger}=my-fn"]),
    "twice": ({"triggers": "{trigger}=a,{trigger}=a"}, ["--trigger={trigger}=a"] * 2),
    "keyword": ({"triggers": "{trigger}=class"}, ["--trigger={trigger}=class"]),
    "malformed": ({"triggers": "={trigger}"}, ["--trigger=={trigger}"]),
    "option": ({"options": "a.nonsuch=1"}, ["--trigger={trigger}=a", "--set=a.nonsuch=1"]),
    "form": ({"options": "nonsense"}, ["--trigger={trigger}=a", "--set=nonsense"]),
    "package": ({"package_name": "json"}, ["--package=json"]),
    "description": ({"description": "a\nb"}, ["--description=a\nb"]),
    "python": ({"python_version": "2.7"}, ["--python=2.7"]),
    "region": ({"region": "Nowhere!"}, ["--region=Nowhere!"]),
    "slug": ({"project_slug": "Bad_Slug"}, ["--name=Bad_Slug"]),
    "path": ({"project_slug": "../evil/x"}, ["--name=../evil/x"]),
    "windows": ({"project_slug": "con"}, ["--name=con"]),
    "empty": ({"project_slug": ""}, ["--name="]),
    "quotes": ({"project_slug": "a'\"b"}, ["--name=a'\"b"]),
}


@pytest.mark.parametrize("wrong", WRONG, ids=WRONG)
def test_wrong_choices_say_the_same_and_leave_nothing(wrong, tmp_path, home, template):
    trigger = FIRST.answers.functions[0].trigger
    context, words = WRONG[wrong]
    context = {key: value.replace("{trigger}", trigger) for key, value in context.items()}
    words = [word.replace("{trigger}", trigger) for word in words]
    base = questions(FIRST) | {"triggers": f"{trigger}=a"}
    work = tmp_path / "work"
    work.mkdir()
    done = cookiecutter(work, template, "--no-input", answers=base | context)
    assert done.returncode != 0
    assert os.listdir(work) == [] and sorted(os.listdir(tmp_path)) == ["home", "work"]
    given = {word.split("=")[0] for word in words}
    rest = [flag for flag in flags(FIRST) if flag.split("=")[0] not in given | {"--trigger"}]
    if "--trigger" not in given:
        rest.append(f"--trigger={trigger}=a")
    told = run(BIN / "gen", "new", *rest, *words, "--no-input", cwd=work)
    assert told.returncode == 2
    assert os.listdir(work) == []
    message = told.stderr.splitlines()[0]
    assert message.startswith("error: ")
    assert message.removeprefix("error: ") in done.stderr + done.stdout
    assert "Traceback" not in told.stderr + done.stderr.replace("Traceback (most recent", "", 1)


def test_force_over_a_service_is_refused(tmp_path, home, template):
    cookiecutter(tmp_path, template, "--no-input", answers=questions(FIRST))
    before = read_tree(tmp_path / "orders")
    done = cookiecutter(tmp_path, template, "--no-input", "-f", answers=questions(FIRST))
    assert done.returncode != 0
    assert "is a service already" in done.stderr and "gen update" in done.stderr
    assert read_tree(tmp_path / "orders") == before
