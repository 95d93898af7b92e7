"""`gen packs`, as whoever writes a pack meets it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from cli.run import gen

from generator.conformance import suites
from generator.conformance.cases import main_cases
from generator.packs import BUILT_IN, Packs

PACK = 'name = "acme"\ntitle = "Acme"\ndescription = "What we all use"\n'
PACKS = Packs()
FEW = min(PACKS.providers.values(), key=lambda pack: len(pack.triggers))
"""The provider with the fewest triggers, and so with the fewest services to render."""
PIECE = f"providers/{FEW.name}/tools/{next(iter(FEW.tools))}/project/NOTICE.txt.j2"


def a_pack(folder: Path, piece: str = "Of {{ service.name }}\n") -> Path:
    """A file more for the services of one tool."""
    for name, text in {"pack.toml": PACK, PIECE: piece}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def test_a_sound_pack_and_one_with_a_mistake(tmp_path):
    good = a_pack(tmp_path / "good")
    bad = a_pack(tmp_path / "bad", "Of {{ servce.name }}\n")
    result = gen("packs", "check", str(good), str(bad), "--no-tests", "--json")
    assert result.code == 1
    assert result.err == ""
    first, second = result.data["packs"]
    assert result.data["command"] == "packs check"
    assert (first["directory"], second["directory"]) == (str(good), str(bad))
    assert first["counts"] == {"ok": 4, "warning": 0, "failure": 0}
    [failure] = [one for one in second["findings"] if one["status"] == "failure"]
    assert failure["where"] == f"{PIECE}:1"
    assert failure["message"] == "UndefinedError: 'servce' is undefined"
    # What to type to see it, and it does show it.
    command = failure["hint"].partition(": gen ")[2].split()
    seen = gen(*command, folder=tmp_path)
    assert seen.code == 2
    assert f"{bad}/{PIECE}:1" in seen.err


def test_for_a_person(tmp_path):
    pack = a_pack(tmp_path / "pack")
    (pack / "pack.toml").write_text(PACK.replace("title", "titel"), "utf-8")
    result = gen("packs", "check", "pack", "--no-tests", folder=tmp_path)
    assert (result.code, result.err) == (1, "")
    lines = result.out.splitlines()
    assert lines[0] == f"Pack {pack}"
    place = lines.index('[x]  pack.toml:2 titel: unknown key "titel"')
    assert lines[place + 1].startswith('       help: did you mean "title"? known: name, title, ')
    assert lines[-1] == "4 checks: 1 ok, 1 warning, 2 failures."


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["chek"], 'unknown action "chek"', 'did you mean "check"?'),
        (["check", "nowhere"], "nowhere is not there", "name a pack's folder"),
        (["list", "nowhere"], "takes no folder", "--packs nowhere"),
    ],
)
def test_wrong_words_are_told(tmp_path, words, message, hint):
    result = gen("packs", *words, folder=tmp_path)
    assert (result.code, result.out) == (2, "")
    assert message in result.err and hint in result.err


def test_the_packs_in_use(tmp_path):
    pack = a_pack(tmp_path / "pack")
    result = gen("packs", "list", "--packs", "pack", "--json", folder=tmp_path)
    assert result.code == 0
    assert result.data["packs"] == [
        {"name": "", "title": "built in", "directory": str(BUILT_IN)},
        {"name": "acme", "title": "Acme", "directory": str(pack)},
    ]
    assert str(pack) in gen("packs", "list", env={"GEN_PACKS": str(pack)}).out


CASE = next(case for case in main_cases(PACKS) if len(case.answers.functions) == 1)
"""A service with one function."""


def ran(monkeypatch: pytest.MonkeyPatch, script: str) -> tuple[list[str], list[str], list[str]]:
    """What is told before, shown after, and found, with a command of ours in make's place."""
    told: list[str] = []
    shown: list[str] = []
    monkeypatch.setattr(suites, "COMMAND", (sys.executable, "-c", script))
    found = suites.run_all(
        [CASE], PACKS, BUILT_IN, lambda case: told.append(case.name), shown.append
    )
    return told, shown, [f"{finding.status}: {finding.message}" for finding in found]


def test_tests_run_in_the_service(monkeypatch):
    told, shown, [found] = ran(monkeypatch, "open('gen.toml'); open('.gen/.gitignore')")
    assert (told, shown) == ([CASE.name], [])
    assert found.startswith("ok: ") and found.endswith(" passes")


def test_what_a_failing_test_printed_is_shown(monkeypatch):
    _, shown, [found] = ran(monkeypatch, "print('1 failed'); raise SystemExit(3)")
    assert shown == ["1 failed"]
    assert found.startswith("failure: ") and found.endswith(" fails")


def test_tests_that_do_not_end_are_stopped(monkeypatch):
    monkeypatch.setattr(suites, "TIMEOUT", 1.0)
    script = "import time; print('begun', flush=True); time.sleep(600)"
    _, shown, [found] = ran(monkeypatch, script)
    assert shown == ["begun"]
    assert found.endswith(" did not end within 1 seconds")


def test_each_tool_is_run_once_with_all_that_the_pack_has_a_part_in():
    found = suites.to_run(main_cases(PACKS), PACKS)
    assert [(case.answers.provider, case.answers.tool) for case in found] == [
        (pack.name, tool) for pack in PACKS.providers.values() for tool in pack.tools
    ]
    assert all(case.name.endswith("-all") for case in found)
