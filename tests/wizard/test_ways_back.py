"""Back from every question and out of every question, on a screen and line by line."""

from __future__ import annotations

import re
import termios
from pathlib import Path

import pytest
from wizard.player import CTRL_C, DOWN, ENTER, ESC, UP, Player
from wizard.test_terminal import NOTHING_WRITTEN, go

CUSTOMISED = [
    "Python package",
    "Description",
    "Region",
    "Python version",
    "CI system",
    "fancy",
    "Functions for bell",
    "Options of bell (bell) to change",
]
"""What is asked from the sixth question on."""
LINE_BY_LINE = ["tin", "2", "1", "", "2", *[""] * len(CUSTOMISED)]
"""An answer to each question, customised without a change."""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "place"
    folder.mkdir()
    return folder


def test_back_from_every_question_of_the_customised_part(place: Path, pack_folder: Path) -> None:
    with Player(place, "new", packs=pack_folder, columns=120, rows=60) as player:
        go(player, 4).type(DOWN + ENTER)
        for number, message in enumerate(CUSTOMISED, 6):
            player.see(f"[{number}/13] {message}", "esc back").type(ESC)
            player.see_no(f"[{number}/13]").see(f"[{number - 1}/", "esc back").type(ENTER)
            player.see(f"[{number}/13] {message}", "esc back").type(ENTER)
        player.see("Write the service to tin?", "esc back").type(ESC)
        player.see_no("Write the service").see(f"[13/13] {CUSTOMISED[-1]}", "esc back")
        player.type(" " + ENTER).see("[14/14] bell.tower: bell", "esc back").type(ESC)
        player.see_no("[14/14]").see("[13/1", "esc back").type(" " + ENTER)
        player.see("Write the service to tin?").type("y")
        assert player.end() == 0
        assert (place / "tin/gen.toml").is_file()


@pytest.mark.parametrize("steps", [5, 9, 12])
def test_ctrl_c_in_the_customised_part(place: Path, pack_folder: Path, steps: int) -> None:
    with Player(place, "new", packs=pack_folder, columns=120, rows=60) as player:
        before = termios.tcgetattr(player.child.child_fd)
        go(player, 4).type(DOWN + ENTER)
        for number in range(6, steps + 1):
            player.see(f"[{number}/13]", "esc back").type(ENTER)
        player.see(f"[{steps + 1}/13]", "esc back").type(CTRL_C).see(NOTHING_WRITTEN)
        after = termios.tcgetattr(player.child.child_fd)
        assert player.end() == 130
        assert after[:4] == before[:4]
        assert not player.screen.cursor.hidden
        assert not list(place.iterdir())


PLAIN = [{"TERM": "dumb"}, {"GEN_PLAIN": "1"}]


def line_by_line(player: Player, steps: int) -> Player:
    """Answers that many questions, and waits for the next one."""
    for number, answer in enumerate(LINE_BY_LINE[:steps], 1):
        asked(player, number).type(answer + "\n")
    return asked(player, steps + 1) if steps < len(LINE_BY_LINE) else player.see("Write the")


def asked(player: Player, number: int, times: int = 1) -> Player:
    """Waits for the prompt of that question, which was asked before or not."""

    def is_asked() -> bool:
        parts = player.raw.split(f"[{number}/")
        return len(parts) > times and ":\r\n" in parts[-1].split("]", 1)[1].partition("\r\n")[2]

    player.until(is_asked, f"question {number}")
    return player


@pytest.mark.parametrize("environment", PLAIN, ids=str)
def test_back_line_by_line_from_every_question(
    place: Path, pack_folder: Path, environment: dict[str, str]
) -> None:
    with Player(
        place, "new", packs=pack_folder, columns=120, rows=300, environment=environment
    ) as player:
        for number, answer in enumerate(LINE_BY_LINE, 1):
            asked(player, number)
            if number > 1:
                player.type("<\n")
                asked(player, number - 1, 3 if number > 2 else 2).type("\n")
                asked(player, number, 2)
            player.type(answer + "\n")
        player.see("Write the service to tin? Y/n, < for back:").type("<\n")
        asked(player, len(LINE_BY_LINE), 3).type("\n")
        player.until(lambda: player.raw.count("Write the service") == 2, "the plan again")
        player.type("y\n")
        assert player.end() == 0
        # Colours are no harm to a screen reader; what moves the cursor is.
        assert "\x1b" not in re.sub(r"\x1b\[[0-9;]*m", "", player.raw)
        assert (place / "tin/gen.toml").is_file()


@pytest.mark.parametrize("steps", [2, 4, 8, len(LINE_BY_LINE)])
@pytest.mark.parametrize("environment", PLAIN, ids=str)
def test_ctrl_c_line_by_line(
    place: Path, pack_folder: Path, environment: dict[str, str], steps: int
) -> None:
    with Player(
        place, "new", packs=pack_folder, columns=120, rows=300, environment=environment
    ) as player:
        before = termios.tcgetattr(player.child.child_fd)
        # Enter, because a signal that comes just before the read is seen only after it.
        line_by_line(player, steps).type(CTRL_C).type(ENTER).see(NOTHING_WRITTEN)
        after = termios.tcgetattr(player.child.child_fd)
        assert player.end() == 130
        assert after[:4] == before[:4]
        assert not list(place.iterdir())


@pytest.mark.parametrize(
    "environment",
    [{"PYTHONIOENCODING": "cp1252"}, {"LC_ALL": "C"}, {"LC_ALL": "POSIX"}],
    ids=str,
)
def test_signs_of_a_terminal_that_has_none(
    place: Path, pack_folder: Path, environment: dict[str, str]
) -> None:
    with Player(place, "new", packs=pack_folder, environment=environment) as player:
        go(player, 2).see("> [ ] bell").type(" ").see("> [x] bell").type(UP).see("> [ ] whistle")
        player.type(ENTER).see("What invokes its functions? bell", "[4/5]").type(CTRL_C)
        assert player.end() == 130
        assert player.raw.isascii()
