"""What a team does on its first day, in every generated service: lint, test, invoke."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from matrix.services import PACKS, main_cases, option_cases
from tools.provision import python_interpreter
from tools.workbench import Workbench, build_workbench, clean_environment

BIN = Path(sys.executable).parent
# Versions whose wheels every dependency has; 3.14 is checked where a service's pins allow it.
PYTHONS = ["3.12", "3.13"]
CASES = {case.name: case for case in main_cases()}
# Boolean options of the service give another service altogether (Powertools, say).
VARIANTS = {
    case.name: case
    for case in option_cases()
    if case.answers.options and set(case.answers.options.values()) == {True}
}


@pytest.fixture(scope="module", params=[*CASES, *VARIANTS])
def case(request):
    return (CASES | VARIANTS)[request.param]


@pytest.mark.parametrize("python", PYTHONS)
def test_the_generated_suite_passes(case, python, tmp_path):
    if python_interpreter(python) is None:
        assert not os.environ.get("CI"), f"Python {python} must be there in CI"
        pytest.skip(f"no Python {python}: install it, for example `uv python install {python}`")
    service = build_workbench(tmp_path / "orders", replace(case.answers, python=python))
    done = service.make("test")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout


def test_the_generated_service_lints_clean(case, tmp_path):
    service = build_workbench(tmp_path / "orders", case.answers)
    done = service.make("lint")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    for folder in ("ci", "scripts"):
        LINTERS[folder](service.folder)


def lint_ci(folder: Path) -> None:
    """GitHub's files against their schemas, and for security, offline."""
    workflows = sorted((folder / ".github").glob("workflows/*.yml"))
    dependabot = folder / ".github" / "dependabot.yml"
    assert workflows and dependabot.exists()
    checker = [BIN / "check-jsonschema", "--builtin-schema"]
    run(*checker, "vendor.github-workflows", *workflows)
    run(*checker, "vendor.dependabot", dependabot)
    run(BIN / "zizmor", "--offline", "--no-progress", "--pedantic", folder)


def lint_scripts(folder: Path) -> None:
    scripts = sorted((folder / "scripts").glob("*.sh"))
    assert scripts
    run(BIN / "shellcheck", *scripts)


LINTERS = {"ci": lint_ci, "scripts": lint_scripts}


def run(*command: object) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"


@pytest.fixture(scope="module", params=[c for c in (*CASES, *VARIANTS) if c.count("-") == 2])
def whole(request, tmp_path_factory) -> Workbench:
    case = (CASES | VARIANTS)[request.param]
    return build_workbench(tmp_path_factory.mktemp("whole") / "orders", case.answers)


def functions(service: Workbench) -> list[str]:
    return sorted(path.name for path in (service.folder / "events").iterdir())


def test_invoke_prints_the_result_alone(whole):
    assert functions(whole)
    for name in functions(whole):
        done = whole.make("invoke", f"FUNCTION={name}")
        assert done.returncode == 0, done.stderr
        json.loads(done.stdout)


def test_invoke_tells_what_is_wrong(whole, tmp_path):
    name = functions(whole)[0]
    garbage = tmp_path / "garbage.json"
    garbage.write_text("{")
    for words, message in (
        (["FUNCTION=nonsuch"], "nonsuch"),
        ([], "FUNCTION"),
        ([f"FUNCTION={name}", "EVENT=nowhere.json"], "nowhere.json"),
        ([f"FUNCTION={name}", f"EVENT={garbage}"], "garbage.json"),
    ):
        done = whole.make("invoke", *words)
        assert done.returncode != 0
        assert done.stdout == ""
        assert message in done.stderr
        assert "Traceback" not in done.stderr


def test_invoke_fails_when_the_function_raises(whole, tmp_path):
    name = functions(whole)[0]
    [handler] = whole.folder.glob(f"src/*/{name}/handler.py")
    kept = handler.read_text()
    handler.write_text('def handler(event, context):\n    raise RuntimeError("broken")\n')
    try:
        done = whole.make("invoke", f"FUNCTION={name}")
    finally:
        handler.write_text(kept)
    assert done.returncode != 0
    assert done.stdout == ""
    assert "broken" in done.stderr


def test_the_service_installs_itself_on_a_clean_machine(tmp_path):
    """The real `make install`, once, in a home without anything."""
    case = next(iter(CASES.values()))
    service = build_workbench(tmp_path / "orders", case.answers)
    (service.folder / ".venv").unlink()
    python = python_interpreter(PACKS.providers[case.answers.provider].provider.pythons[0].version)
    assert python is not None
    environment = clean_environment()
    environment |= {"PATH": os.pathsep.join([str(python.parent), environment["PATH"]])}
    done = service.make("install", "test", env=environment)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_a_missing_python_is_told_with_what_to_install(tmp_path):
    case = next(iter(CASES.values()))
    service = build_workbench(tmp_path / "orders", case.answers)
    (service.folder / ".venv").unlink()
    tools = tmp_path / "bin"
    tools.mkdir()
    for program in ("sh", "make", "cat", "touch", "awk"):
        found = subprocess.run(
            ["sh", "-c", f"command -v {program}"], capture_output=True, text=True
        )
        (tools / program).symlink_to(found.stdout.strip())
    environment = {"PATH": str(tools), "HOME": str(tmp_path)}
    done = service.make("install", env=environment)
    assert done.returncode == 2
    assert "Install one" in done.stderr
    assert not (service.folder / ".venv").exists()
