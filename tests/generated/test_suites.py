"""What a team does on its first day, in every generated service: lint, test, invoke."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from matrix.services import PACKS, Case, main_cases, option_cases, packed, valid
from tools.provision import python_interpreter
from tools.workbench import Workbench, build_workbench, clean_environment

BIN = Path(sys.executable).parent
# Versions whose wheels every dependency has; 3.14 is checked where a service's pins allow it.
PYTHONS = ["3.12", "3.13"]
# Of each provider the first, with the first of its tools.
FIRST: dict[str, Case] = {}
for case in main_cases():
    FIRST.setdefault(case.answers.provider, case)


def in_first_tool(case: Case) -> bool:
    return case.answers.tool == FIRST[case.answers.provider].answers.tool


def pythons(case: Case) -> list[str]:
    """Those of PYTHONS that the case's provider runs; of parts of a whole service, the newest."""
    known = {version.version for version in PACKS.providers[case.answers.provider].provider.pythons}
    found = [python for python in PYTHONS if python in known]
    return found if len(case.answers.functions) > 2 else found[-1:]


# A function's code does not depend on the tool: each alone in one, all together in all.
CASES = {
    case.name: case
    for case in main_cases()
    if (in_first_tool(case) and len(case.answers.functions) == 1) or len(case.answers.functions) > 2
}
SWITCHED = [
    case
    for case in option_cases()
    if case.answers.options
    and all(value is True for value in case.answers.options.values())
    and len(case.answers.functions) > 2
]
# Boolean options of the provider give another service altogether (Powertools, say).
CASES |= {
    case.name: case
    for case in SWITCHED
    if set(case.answers.options) <= set(PACKS.providers[case.answers.provider].provider.options)
}
WHOLE = [name for name, case in CASES.items() if len(case.answers.functions) > 2]
# Those of a CI system change its files alone: each by itself is seen in test_ci_workflows.
# Those of other systems have tests of their own: test_ci_systems.
WITH_ALL_OF_CI = {
    case.name: case
    for case in SWITCHED
    if case.name.endswith("-all-options") and case.answers.ci == "github"
}
# Each trigger twice as it is, and with each of its options beside them.
TWICE = [
    Case(case.name, case.answers._replace(functions=(function,)))
    for case in main_cases()
    if in_first_tool(case) and len(case.answers.functions) == 2
    for function in case.answers.functions
]
OPTIONS = {
    case.name: case
    for case in packed(
        [
            *TWICE,
            *(
                case
                for case in option_cases()
                if in_first_tool(case)
                and [function for function in case.answers.functions if function.options]
                and valid(case)
            ),
        ]
    )
}


@pytest.mark.parametrize(
    ("name", "python"),
    [(name, python) for name, case in CASES.items() for python in pythons(case)],
)
def test_the_generated_suite_passes(name: str, python: str, tmp_path: Path) -> None:
    if python_interpreter(python) is None:
        assert not os.environ.get("CI"), f"Python {python} must be there in CI"
        pytest.skip(f"no Python {python}: install it, for example `uv python install {python}`")
    check_suite(build_workbench(tmp_path / "orders", CASES[name].answers._replace(python=python)))


@pytest.mark.parametrize("name", OPTIONS)
def test_the_generated_suite_passes_with_every_option(name: str, tmp_path: Path) -> None:
    service = build_workbench(tmp_path / "orders", OPTIONS[name].answers)
    check_suite(service)
    done = service.make("lint")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def check_suite(service: Workbench) -> None:
    done = service.make("test")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout


@pytest.mark.parametrize("name", CASES)
def test_the_generated_service_lints_clean(name: str, tmp_path: Path) -> None:
    service = build_workbench(tmp_path / "orders", CASES[name].answers)
    done = service.make("lint")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


@pytest.mark.parametrize("name", [*WHOLE, *WITH_ALL_OF_CI])
def test_workflows_and_scripts_lint_clean(name: str, tmp_path: Path) -> None:
    service = build_workbench(tmp_path / "orders", (CASES | WITH_ALL_OF_CI)[name].answers)
    lint_ci(service.folder)
    lint_scripts(service.folder)


def lint_ci(folder: Path) -> None:
    """GitHub's files against their schemas, and for security, offline."""
    workflows = sorted((folder / ".github").glob("workflows/*.yml"))
    dependabot = folder / ".github" / "dependabot.yml"
    assert workflows and dependabot.exists()
    checker = [BIN / "check-jsonschema", "--builtin-schema"]
    run(*checker, "vendor.github-workflows", *workflows)
    run(*checker, "vendor.dependabot", dependabot)
    run(BIN / "zizmor", "--offline", "--no-progress", folder)


def lint_scripts(folder: Path) -> None:
    scripts = sorted((folder / "scripts").glob("*.sh"))
    assert scripts
    run(BIN / "shellcheck", *scripts)


def run(*command: object) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"


@pytest.fixture(scope="module", params=WHOLE)
def whole(request, tmp_path_factory) -> Workbench:
    folder = tmp_path_factory.mktemp("whole") / "orders"
    return build_workbench(folder, CASES[request.param].answers)


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
    handler.write_text(broken(kept, name))
    try:
        done = whole.make("invoke", f"FUNCTION={name}")
    finally:
        handler.write_text(kept)
    assert done.returncode != 0
    assert done.stdout == ""
    assert "broken" in done.stderr


def broken(code: str, name: str) -> str:
    """The handler, raising at once: `handler`, or the function of the function's own name."""
    functions = [node for node in ast.parse(code).body if isinstance(node, ast.FunctionDef)]
    entry = next(node for node in functions if node.name in ("handler", name))
    lines = code.splitlines()
    lines.insert(entry.body[0].lineno - 1, '    raise RuntimeError("broken")')
    return "\n".join(lines)


@pytest.mark.parametrize("provider", FIRST)
def test_the_service_installs_itself_on_a_clean_machine(provider, tmp_path):
    """The real `make install`, in a home without anything."""
    service = build_workbench(tmp_path / "orders", FIRST[provider].answers)
    (service.folder / ".venv").unlink()
    python = python_interpreter(pythons(FIRST[provider])[-1])
    assert python is not None
    environment = clean_environment()
    environment |= {"PATH": os.pathsep.join([str(python.parent), environment["PATH"]])}
    done = service.make("install", "test", env=environment)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_a_missing_python_is_told_with_what_to_install(tmp_path):
    service = build_workbench(tmp_path / "orders", next(iter(FIRST.values())).answers)
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
