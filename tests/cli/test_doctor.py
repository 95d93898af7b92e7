"""`gen doctor` as a user sees it: what it says of a service that something was done to."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli.run import PACK, ROOT, Result, gen, new

from generator.doctor.programs import needed, requirements_of
from generator.packs import Packs
from generator.templates import templates_of

Look = Callable[..., Result]


def _program(folder: Path, name: str, *lines: str) -> None:
    (folder / name).write_text("\n".join(["#!/bin/sh", *lines, ""]))
    (folder / name).chmod(0o755)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of programs, all that the first tool needs among them: the whole PATH."""
    folder = tmp_path_factory.mktemp("bin")
    for python in PACK.provider.pythons:
        _program(folder, f"python{python.version}", "exit 0")
    _program(folder, "make", "echo GNU Make 4.3")
    _program(folder, "sh", 'exec /bin/sh "$@"')
    tool = next(iter(PACK.tools.values()))
    options = {o.name: o.default for part in PACK.chain(tool) for o in part.options.values()}
    templates = templates_of(Packs().roots)
    for requirement in needed(requirements_of(PACK.chain(tool)), templates, options):
        _program(folder, requirement.program, "echo 999.0")
    return folder


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pristine")
    trigger = next(iter(PACK.triggers))
    assert new("--trigger", f"{trigger}=api", "--no-input", folder=folder).code == 0
    return folder / "orders"


@pytest.fixture
def service(pristine: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pristine, tmp_path / "orders"))


@pytest.fixture
def doctor(machine: Path, service: Path, tmp_path: Path) -> Look:
    """Runs `gen doctor` in the service, on the machine."""

    def look(*words: str, folder: Path = service, path: str = "") -> Result:
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        env = {"PATH": path or str(machine), "HOME": str(home), "PYENV_ROOT": str(home)}
        return gen("doctor", *words, folder=folder, env=env)

    return look


def test_a_fresh_service_is_well(doctor: Look) -> None:
    result = doctor()
    assert result.code == 0, result.out
    assert result.err == ""
    title, *lines, empty, total = result.out.splitlines()
    assert title.startswith("orders: ")
    assert all(line.startswith("[ok] ") for line in lines), result.out
    assert empty == ""
    assert total == f"{len(lines)} checks: {len(lines)} ok, 0 warnings, 0 failures."


def test_the_json_object(doctor: Look, service: Path) -> None:
    (service / "Makefile").write_text("mine\n<<<<<<< ours\n=======\n>>>>>>> theirs\n")
    result = doctor("--json")
    assert (result.code, result.err) == (1, "")
    assert list(result.data) == ["format_version", "command", "directory", "findings", "counts"]
    assert result.data["format_version"] == 1
    assert result.data["directory"] == str(service)
    for finding in result.data["findings"]:
        assert list(finding) == ["check", "status", "message", "where", "hint"]
        assert finding["status"] in ("ok", "warning", "failure")
        assert bool(finding["hint"]) == (finding["status"] != "ok")
    statuses = [finding["status"] for finding in result.data["findings"]]
    assert result.data["counts"] == {s: statuses.count(s) for s in ("ok", "warning", "failure")}


def test_it_changes_nothing(doctor: Look, service: Path) -> None:
    (service / ".gen/staging").mkdir()
    _append(service / "gen.toml", "# mine\n")

    def stamps() -> dict[Path, tuple[int, int]]:
        found = [*service.rglob("*")]
        return {p: (p.lstat().st_mtime_ns, p.lstat().st_size) for p in found}

    before = stamps()
    assert doctor().code == 1
    assert stamps() == before


def _append(file: Path, text: str) -> None:
    file.write_text(file.read_text("utf-8") + text, "utf-8")


def _markers(service: Path) -> None:
    _append(service / "README.md", "<<<<<<< ours\nmine\n=======\n>>>>>>> theirs\n")


def _damaged(service: Path) -> None:
    next((service / ".gen/base").rglob("*.z")).write_bytes(b"damaged")


def _no_base(service: Path) -> None:
    shutil.rmtree(service / ".gen/base")


def _pending(service: Path) -> None:
    # The description is in other files, too.
    text = (service / "gen.toml").read_text("utf-8")
    lines = [
        'description = "Another one"' if line.startswith("description") else line
        for line in text.splitlines()
    ]
    (service / "gen.toml").write_text("\n".join(lines) + "\n", "utf-8")


def _secret(service: Path) -> None:
    _append(service / "README.md", "postgres://app:" + "hunter2hunter2@db.example.org/orders\n")


def _secret_in_gen_toml(service: Path) -> None:
    _append(service / "gen.toml", "# npm_" + "a1B2" * 9 + "\n")


def _open_pin(service: Path) -> None:
    file = service / "requirements-dev.txt"
    file.write_text(file.read_text().replace("pytest==", "pytest>="))


def _old_pin(service: Path) -> None:
    file = service / "requirements-dev.txt"
    lines = file.read_text().splitlines()
    lines = ["pytest==1.0.0" if "pytest==" in line else line for line in lines]
    file.write_text("\n".join(lines))


def _killed(service: Path) -> None:
    (service / ".gen/staging").mkdir()


def _broken_gen_toml(service: Path) -> None:
    _append(service / "gen.toml", "[[[\n")


def _no_gen_toml(service: Path) -> None:
    (service / "gen.toml").unlink()


def _python_that_nobody_runs(service: Path) -> None:
    text = (service / "gen.toml").read_text("utf-8")
    (service / "gen.toml").write_text(text.replace('python = "3', 'python = "2'), "utf-8")


def _of_a_newer_gen(service: Path) -> None:
    text = (service / "gen.toml").read_text("utf-8")
    (service / "gen.toml").write_text(text.replace("serverless-py 0.", "serverless-py 9."), "utf-8")


def _of_an_older_gen(service: Path) -> None:
    text = (service / "gen.toml").read_text("utf-8")
    old = text.replace("serverless-py 0.1.0", "serverless-py 0.0.9")
    assert old != text or "0.1.0" not in text
    (service / "gen.toml").write_text(old, "utf-8")


CASES: list[tuple[Callable[[Path], None], str, str, str, str, str]] = [
    (_markers, "markers", "failure", "README.md:", "not decided yet", "marker lines"),
    (_damaged, "base", "failure", ".gen/base/", "damaged", "gen repair"),
    (_no_base, "base", "failure", ".gen/base", "missing", "gen repair"),
    (_pending, "drift", "failure", "", "gen apply would change", "gen apply"),
    (_secret, "secrets", "failure", "README.md:", "URL with a password", "revoke it"),
    (_secret_in_gen_toml, "secrets", "failure", "gen.toml:", "npm token", "revoke it"),
    (_open_pin, "pins", "warning", "requirements-dev.txt:", "pytest is not pinned", "say which"),
    (_old_pin, "pins", "warning", "requirements-dev.txt:", "pytest 1.0.0: the templates", "write"),
    (_killed, "drift", "failure", ".gen", "interrupted", "gen status"),
    (_broken_gen_toml, "gen.toml", "failure", "gen.toml:", "", ""),
    (_no_gen_toml, "gen.toml", "failure", "gen.toml", "missing", "git checkout"),
    (_python_that_nobody_runs, "gen.toml", "failure", "gen.toml:", "2.", "3."),
    (_of_a_newer_gen, "gen.toml", "failure", "gen.toml:", "9.", "update serverless-py"),
    (_of_an_older_gen, "templates", "warning", "gen.toml:", "0.0.9", "gen update"),
]


@pytest.mark.parametrize(
    ("break_it", "check", "status", "where", "message", "hint"),
    CASES,
    ids=[case[0].__name__.strip("_") for case in CASES],
)
def test_what_is_wrong_is_told(
    doctor: Look, service: Path, break_it, check, status, where, message, hint
) -> None:
    break_it(service)
    result = doctor("--json")
    told = [f for f in result.data["findings"] if f["status"] != "ok"]
    assert [f["check"] for f in told] == [check], told
    assert told[0]["status"] == status
    assert told[0]["where"].startswith(where)
    assert message in told[0]["message"]
    assert hint in told[0]["hint"]
    assert result.code == (1 if status == "failure" else 0)
    text = doctor().out
    sign = "[x]  " if status == "failure" else "[!]  "
    assert [li[:5] for li in text.splitlines() if li.startswith(("[!]", "[x]"))] == [sign]
    assert f"       help: {told[0]['hint']}\n" in text


@pytest.mark.parametrize("break_it", [_markers, _damaged, _no_base, _pending])
def test_the_doctor_fails_where_gen_check_fails(
    doctor: Look, service: Path, break_it: Callable[[Path], None]
) -> None:
    assert (gen("check", folder=service).code, doctor().code) == (0, 0)
    break_it(service)
    assert (gen("check", folder=service).code, doctor().code) == (1, 1)


def test_a_secret_is_not_shown(doctor: Look, service: Path) -> None:
    _secret(service)
    assert "hunter2" not in doctor().out + doctor("--json").out


def test_an_empty_machine(doctor: Look, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    result = doctor("--json", path=str(empty))
    assert result.code == 1
    messages = [finding["message"] for finding in result.data["findings"]]
    assert "make is not on PATH" in messages
    assert any("no sh on PATH" in message for message in messages)


def test_in_a_folder_of_the_service(doctor: Look, service: Path) -> None:
    assert doctor("--json", folder=service / "src").data["directory"] == str(service)
    assert doctor("--project", str(service), folder=service.parent).code == 0


def test_outside_a_service(doctor: Look, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    result = doctor(folder=outside)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("no service here")
    assert "[ok] make 4.3, for every service\n" in result.out
    assert doctor("--json", folder=outside).data["directory"] is None


def test_a_folder_that_is_named_must_be_a_service(doctor: Look, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    result = doctor("--project", str(outside), folder=outside)
    assert result.code == 2
    assert "there is no gen.toml" in result.err
    answer: Any = doctor("--json", "--project", str(tmp_path / "none"), folder=outside).data
    assert answer["error"]["kind"] == "target"


def test_signs_are_coloured_on_a_terminal_only(service: Path, machine: Path) -> None:
    master, slave = pty.openpty()
    env = {**os.environ, "PATH": str(machine), "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    env.pop("NO_COLOR", None)
    words = [sys.executable, "-m", "generator", "doctor", "--project", str(service)]
    for more, coloured in (([], True), (["--no-color"], False)):
        process = subprocess.Popen(
            [*words, *more], env=env, stdout=slave, stderr=slave, stdin=subprocess.DEVNULL
        )
        process.wait(120)
        out = os.read(master, 65536).decode()
        assert "[ok]" in out
        assert ("\x1b[32m[ok]\x1b[0m make" in out) == coloured
    os.close(slave)
    os.close(master)


Lay = Callable[..., Path]


@pytest.fixture
def lay(pristine: Path, tmp_path: Path) -> Lay:
    """Lays out services in folders of these names; those that are said to be are damaged."""

    def of(*names: str, marked: str = "", undeclared: str = "", without: str = "") -> Path:
        for name in names:
            shutil.copytree(pristine, tmp_path / "many" / name)
        if marked:
            with (tmp_path / "many" / marked / "README.md").open("a") as file:
                file.write("<<<<<<< yours\na\n=======\nb\n>>>>>>> new\n")
        if undeclared:
            (tmp_path / "many" / undeclared / "gen.toml").write_text("x = = 1\n")
        if without:
            shutil.rmtree(tmp_path / "many" / without)
            (tmp_path / "many" / without).mkdir()
        return tmp_path / "many"

    return of


def test_several_services_are_told_of_where_something_is_wrong(doctor: Look, lay: Lay) -> None:
    folder = lay("a", "b", "c", marked="b", undeclared="c")
    result = doctor("a", "b", "c", folder=folder)
    assert result.code == 1
    lines = result.out.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == [
        "b: 1 failure, 0 warnings",
        "c: 1 failure, 0 warnings",
    ]
    assert any(line.startswith("  [x]  README.md:") for line in lines)
    assert any(line.startswith("  [x]  gen.toml:") for line in lines)
    assert "3 services: 1 without a failure, 2 with something to do." in result.err
    assert "cd b" in result.err
    assert doctor("a", folder=folder).code == 0


def test_one_that_is_no_service_stops_no_other(doctor: Look, lay: Lay) -> None:
    folder = lay("a", "b", "c", marked="c", without="b")
    result = doctor("a", "b", "c", folder=folder)
    assert result.code == 2
    assert "b is no service" in result.err
    assert "c: 1 failure" in result.out


def test_the_json_of_several_says_of_each_what_it_says_of_one(doctor: Look, lay: Lay) -> None:
    folder = lay("a", "b", "c", marked="b", without="c")
    data = doctor("a", "b", "c", "--json", folder=folder).data
    assert (data["command"], data["exit_code"]) == ("doctor", 2)
    assert data["summary"] == {"services": 3, "ok": 1, "found": 1, "failed": 1}
    for one in data["services"][:2]:
        alone = doctor("--json", "--project", one["argument"], folder=folder).data
        assert one["findings"] == alone["findings"]
        assert one["counts"] == alone["counts"]
        assert one["exit_code"] == (1 if alone["counts"]["failure"] else 0)
    assert data["services"][2]["error"]["kind"] == "target"
    assert doctor("a", "--project", "b", folder=folder).code == 2


def test_what_was_interrupted_in_one_is_left_to_others(doctor: Look, lay: Lay) -> None:
    folder = lay("a", "b")
    (folder / "a/.gen/staging").mkdir()
    result = doctor("a", "b", folder=folder)
    assert "a gen command was interrupted" in result.out
    assert (folder / "a/.gen/staging").exists()
