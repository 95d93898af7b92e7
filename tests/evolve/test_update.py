"""`gen update`: newer templates come in, edits stay, and whatever way leads there, it is the same.

`versions/` has three versions of a tiny pack. Between them texts change, resources change, an
option is added, files are renamed (one of them twice), one is dropped and one is new.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from evolve.playground import ROOT, Result, Service, gen, new_service

from generator.packs import BUILT_IN, Packs

VERSIONS = Path(__file__).parent / "versions"
Install = Callable[[int], None]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Makes this version, 1 to 3, the installed one."""

    def of(number: int) -> None:
        for module in ("", ".render", ".declaration", ".cli"):
            monkeypatch.setattr(f"generator{module}.__version__", f"0.{number}.0")
        roots = (VERSIONS / f"v{number}", BUILT_IN)
        monkeypatch.setattr(Packs.__init__, "__defaults__", (roots,))

    return of


def new(folder: Path) -> Service:
    """A new service `pier` with two functions, by the installed version."""
    folder.mkdir(parents=True)
    asked = [
        "--provider",
        "sea",
        "--ci",
        "drum",
        "--trigger",
        "tide=low",
        "--trigger",
        "gull=kiosk",
    ]
    result = gen(folder, "new", "pier", *asked, "--no-input")
    assert result.code == 0, result.err
    return Service(folder / "pier")


@pytest.fixture
def service(tmp_path: Path, install: Install) -> Service:
    """A service of version 1, where version 3 is installed now."""
    install(1)
    made = new(tmp_path / "old")
    install(3)
    return made


EDITS = {
    "notes.md": ("Who to call: the harbour.", "Who to call: my uncle."),
    "low/code.py": ("def stop():\n", "def mine():\n    return 1\n\n\ndef stop():\n"),
    "kiosk/code.py": ("    return None", "    return NAME  # mine"),
    "low/tide.md": ("It comes twice a day.", "It comes twice a day, as I saw."),
    "kiosk/gull.yaml": ("gull:\n", "# mine\ngull:\n"),
    "raft.yaml": ("    timeout: 10\n", "    timeout: 10\n    walls: mine\n"),
    "gen.toml": ("[functions.low]", "# mine\n[functions.low]"),
    "README.md": ("\n", "\nMine.\n"),
    "Makefile": ("\n", "\n# mine\n"),
}
"""An edit of every file that version 1 generates for a pack, and of some that others do."""

NOW = {
    "low/code.py": "lib/low/entry.py",
    "kiosk/code.py": "lib/kiosk/entry.py",
    "low/tide.md": "low/high_tide.md",
    "raft.yaml": "deck/raft.yaml",
}
"""What files of version 1 are called in version 3."""


def make_edits(service: Service) -> None:
    for path, (old, mine) in EDITS.items():
        service.edit(path, old, mine)


# --- where it leads ----------------------------------------------------------------------------


def test_an_update_of_a_service_without_edits_is_a_fresh_service(tmp_path, install, service):
    service.gen("update")
    fresh = new(tmp_path / "fresh")
    assert service.tree() == fresh.tree()
    assert 'generated-by = "serverless-py 0.3.0+' in service.read("gen.toml")


def test_one_leap_is_two_steps(tmp_path, install, service):
    install(1)
    steps = new(tmp_path / "steps")
    for number in (2, 3):
        install(number)
        steps.gen("update")
    service.gen("update")
    assert steps.tree() == service.tree()


@pytest.mark.parametrize("stops", [(3,), (2, 3)])
def test_edits_everywhere_stay_and_renamed_files_take_theirs_along(
    tmp_path, install, service, stops
):
    make_edits(service)
    for number in stops:
        install(number)
        service.gen("update")
        service.gen("check")
    fresh = new(tmp_path / "fresh")
    for path, (old, mine) in EDITS.items():
        now = NOW.get(path, path)
        assert service.read(now) == fresh.read(now).replace(old, mine, 1), now
    assert service.tree(False).keys() == fresh.tree(False).keys()


def test_after_an_update_there_is_nothing_to_do(install, service):
    make_edits(service)
    service.gen("update")
    after = service.tree()
    assert "Nothing to do." in service.gen("update").err
    assert service.gen("update", "--json").json()["written"] is False
    assert service.tree() == after
    assert "Nothing would change." in service.gen("diff").err


def test_after_an_update_everything_else_works(install, service):
    make_edits(service)
    service.gen("update")
    service.gen("add-trigger", "tide", "--name", "high", "--set", "moon=new")
    assert "new moon" in service.read("high/high_tide.md")
    service.gen("rename", "low", "ebb")
    assert "as I saw" in service.read("ebb/high_tide.md")
    assert "def mine" in service.read("lib/ebb/entry.py")
    service.gen("remove-trigger", "high")
    assert "walls: mine" in service.read("deck/raft.yaml")


def test_undo_takes_an_update_back(install, service):
    make_edits(service)
    before = service.tree()
    service.gen("update")
    service.gen("undo")
    assert service.tree() == before


def test_a_dry_run_shows_it_and_writes_nothing(service):
    make_edits(service)
    before = service.tree()
    result = service.gen("update", "--dry-run")
    assert service.tree() == before
    assert "low/code.py -> lib/low/entry.py" in result.err
    assert '+    return NAME.upper() + "!"' in result.out + result.err
    assert "nothing was written" in result.err


# --- files that move and go --------------------------------------------------------------------


def test_a_dropped_file_goes_if_nobody_changed_it(service):
    service.gen("update")
    assert not (service.root / "almanac.txt").exists()


@pytest.mark.parametrize("choice", ["ours", "theirs"])
def test_a_dropped_file_that_was_edited_is_a_conflict(service, choice):
    service.append("almanac.txt", "Mine.\n")
    before = service.tree()
    result = service.gen("update", code=3)
    assert "almanac.txt: no longer generated, but you changed it" in result.err
    assert service.tree() == before
    service.gen("update", "--conflict", choice)
    assert (service.root / "almanac.txt").exists() == (choice == "ours")
    service.gen("check")


@pytest.mark.parametrize("place", ["docs/almanac of mine.txt", "notes.txt"])
def test_a_file_that_the_developer_moved_is_found_where_it_is(tmp_path, install, place):
    install(1)
    service = new(tmp_path / "old")
    service.write(place, service.read("almanac.txt"))
    (service.root / "almanac.txt").unlink()
    install(2)
    service.gen("update")
    assert "low at six" in service.read(place)
    assert not (service.root / "almanac.txt").exists()


def test_a_file_that_the_developer_moved_and_the_packs_renamed_stays_where_it_was_put(service):
    service.write("mine/tide.md", service.read("low/tide.md"))
    service.write("mine/start.py", service.read("low/code.py"))
    for path in ("low/tide.md", "low/code.py"):
        (service.root / path).unlink()
    service.gen("update")
    assert "full moon" in service.read("mine/tide.md")
    assert "return NAME.upper()" in service.read("mine/start.py")
    for path in ("low/tide.md", "low/high_tide.md", "low/code.py", "lib/low/entry.py"):
        assert not (service.root / path).exists()
    service.gen("check")


def test_a_file_that_the_developer_deleted_stays_away_under_its_new_name(service):
    for path in ("low/code.py", "raft.yaml"):
        (service.root / path).unlink()
    service.gen("update")
    for path in ("low/code.py", "lib/low/entry.py", "raft.yaml", "deck/raft.yaml"):
        assert not (service.root / path).exists()
    assert (service.root / "lib/kiosk/entry.py").exists()
    service.gen("check")


def test_a_file_of_the_developers_in_the_way_of_a_renamed_one_is_a_conflict(service):
    service.write("lib/low/entry.py", "# mine\n")
    before = service.tree()
    assert "lib/low/entry.py" in service.gen("update", code=3).err
    assert service.tree() == before


def test_a_file_of_the_developers_in_the_way_of_a_new_one_is_a_conflict(service):
    service.write("anchor.txt", "mine\n")
    before = service.tree()
    assert "anchor.txt: a new file is to come" in service.gen("update", code=3).err
    assert service.tree() == before


def test_both_changing_one_line_is_a_conflict_and_names_the_new_place(service):
    service.edit("low/code.py", "return NAME", "return NAME * 2")
    result = service.gen("update", code=3)
    assert "return NAME * 2" in result.err
    service.gen("update", "--conflict", "markers")
    assert "<<<<<<<" in service.read("lib/low/entry.py")
    assert "lib/low/entry.py" in service.gen("check", code=1).err


# --- who may ------------------------------------------------------------------------------------

WRITING = {
    "add-trigger": ("add-trigger", "gull", "--name", "other"),
    "remove-trigger": ("remove-trigger", "low"),
    "rename": ("rename", "low", "ebb"),
    "apply": ("apply",),
    "repair": ("repair",),
}


@pytest.mark.parametrize("command", WRITING)
def test_only_update_brings_newer_templates(service, command):
    before = service.tree()
    result = service.gen(*WRITING[command], code=2)
    assert_both_ways(result, "0.1.0")
    assert service.tree() == before


@pytest.mark.parametrize("command", ["check", "diff"])
def test_what_only_looks_says_so_too(service, command):
    assert_both_ways(service.gen(command, code=2), "0.1.0")


def assert_both_ways(result: Result, version: str) -> None:
    assert f"generated by serverless-py {version}" in result.err
    assert "gen update" in result.err
    assert f"uvx --from git+https://github.com/org/serverless-py@v{version} gen ..." in result.err
    assert "gen.toml:" in result.err


@pytest.mark.parametrize("command", [*WRITING, "update"])
def test_an_older_gen_touches_nothing(service, install, command):
    service.gen("update")
    install(2)
    before = service.tree()
    result = service.gen(*WRITING.get(command, (command,)), code=2)
    assert "generated by serverless-py 0.3.0, this is 0.2.0" in result.err
    source = "git+https://github.com/org/serverless-py@v0.3.0"
    assert f"uvx --from {source} gen ..., or update serverless-py" in result.err
    assert service.tree() == before


def test_other_packs_of_the_same_version_need_an_update_too(tmp_path, install, monkeypatch):
    install(1)
    service = new(tmp_path / "old")
    install(2)
    monkeypatch.setattr("generator.render.__version__", "0.1.0")
    monkeypatch.setattr("generator.declaration.__version__", "0.1.0")
    result = service.gen("apply", code=2)
    assert "its packs differ" in result.err
    assert "gen update" in result.err and "uvx" not in result.err
    service.gen("update")
    service.gen("check")


# --- nothing of the service is run -------------------------------------------------------------


def test_an_update_runs_no_code_of_the_service(tmp_path):
    service = new_service(tmp_path, "http=api")
    digest = service.read("gen.toml").partition("+")[2].partition('"')[0]
    service.edit("gen.toml", digest, "0123456789ab")
    witness = tmp_path / "witness"
    python = f"open({str(witness)!r}, 'a').write(__file__)\n"
    for path in TRAPS:
        service.write(path, python)
    for path in ("hooks/post-update.sh", "hooks/post_gen_project.sh", ".git/hooks/post-commit"):
        service.write(path, f"#!/bin/sh\necho {path} >> '{witness}'\n")
        (service.root / path).chmod(0o755)
    launcher = tmp_path / "bin" / "gen.py"
    launcher.parent.mkdir()
    launcher.write_text("from generator.__main__ import main\nmain()\n")
    done = subprocess.run(
        [sys.executable, str(launcher), "update"],
        cwd=service.root,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert digest in service.read("gen.toml")
    assert not witness.exists()


TRAPS = (
    "hooks/pre_gen_project.py",
    "hooks/post_gen_project.py",
    "hooks/service_extension.py",
    "conftest.py",
    "tests/conftest_more.py",
    "sitecustomize.py",
    "usercustomize.py",
    "generator/__init__.py",
    "jinja2.py",
    "yaml.py",
    "typer.py",
)
"""Files of a service that some tool or import would run."""
