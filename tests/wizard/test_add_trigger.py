"""`gen add-trigger` on a terminal: it asks for what no flag says, and only then."""

from __future__ import annotations

from pathlib import Path

import pytest
from wizard.player import CTRL_C, CTRL_U, ENTER, ESC, Player
from wizard.test_terminal import run

from generator.tree import read_tree

NAME, OPTIONS = "[1/2] Name of the function:", "Options of lift (bell) to change"


@pytest.fixture
def service(tmp_path: Path, pack_folder: Path) -> Path:
    run(tmp_path, "gen new tin --provider sky --trigger bell=door --no-input", pack_folder)
    return tmp_path / "tin"


def test_it_asks_for_the_name_and_for_options(service, pack_folder):
    with Player(service, "add-trigger", "bell", packs=pack_folder) as player:
        player.see(NAME).type(CTRL_U + "lift" + ENTER)
        player.see(OPTIONS, "esc back").type(ESC)
        player.see(NAME, "lift").type(ENTER)
        player.see(OPTIONS).type(" " + ENTER)
        player.see("[3/3]").type(CTRL_U + "high" + ENTER)
        assert player.end() == 0
        assert "Function lift (bell) is new:" in player.words
        command = player.text.split("The same without questions:\n")[1].strip()
    declared = (service / "gen.toml").read_text()
    assert "[functions.lift]" in declared and '"high"' in declared
    before = read_tree(service)
    run(service, "gen undo", pack_folder)
    assert "lift" not in (service / "gen.toml").read_text()
    run(service, command, pack_folder)
    written = {path: entry for path, entry in read_tree(service).items() if ".gen/undo" not in path}
    assert written == {path: e for path, e in before.items() if ".gen/undo" not in path}


def test_a_name_that_is_taken_is_not_accepted(service, pack_folder):
    with Player(service, "add-trigger", "bell", packs=pack_folder) as player:
        player.see(NAME).type(CTRL_U + "door" + ENTER)
        player.see("there is a function door already")


def test_control_c_leaves_nothing(service, pack_folder):
    before = read_tree(service)
    with Player(service, "add-trigger", "bell", packs=pack_folder) as player:
        player.see(NAME).type(CTRL_C)
        assert player.end() == 130
        assert "Nothing was written" in player.words
    assert read_tree(service) == before


@pytest.mark.parametrize("flags", [["--name", "lift"], ["--set", "tower=high"], ["--no-input"]])
def test_with_flags_it_never_asks(service, pack_folder, flags):
    with Player(service, "add-trigger", "bell", *flags, packs=pack_folder) as player:
        assert player.end() == 0
        assert "Name of the function" not in player.words


def test_a_wrong_trigger_is_told_before_the_first_question(service, pack_folder):
    with Player(service, "add-trigger", "bel", packs=pack_folder) as player:
        assert player.end() == 2
        assert 'did you mean "bell"?' in player.words
