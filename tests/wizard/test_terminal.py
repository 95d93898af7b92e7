"""The whole program in a pseudo-terminal, key by key."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest
from wizard.player import (
    CTRL_A,
    CTRL_B,
    CTRL_C,
    CTRL_D,
    CTRL_U,
    DOWN,
    ENTER,
    ESC,
    ROOT,
    UP,
    WITH_PACKS,
    Player,
)

from generator.packs import Packs
from generator.terminal import REFERENCE
from generator.tree import Tree, read_tree

NOTHING_WRITTEN = "Nothing was written"
# Each question of the mini packs' recommended path, and the keys that answer it.
PATH = [
    ("[1/5] Name of the service:", "tin" + ENTER),
    ("[2/5] Where does it run?", DOWN + ENTER),
    ("[3/5] What invokes its functions?", " " + ENTER),
    ("[4/5] What deploys it?", ENTER),
    ("[5/5] Settings", ENTER),
    ("Write the service to tin?", "y"),
]


def go(player: Player, steps: int) -> Player:
    """Answers the first `steps` questions, and waits for the next one."""
    for place, keys in PATH[:steps]:
        player.see(place, "esc back" if place != PATH[0][0] else "").type(keys)
    return player.see(PATH[steps][0]) if steps < len(PATH) else player


def run(folder: Path, command: str, packs: Path | None = None) -> None:
    """Runs a `gen` command line as it was shown to be pasted."""
    words = shlex.split(command)
    assert words[0] == "gen"
    start = ["-c", WITH_PACKS, str(packs)] if packs else ["-m", "generator"]
    subprocess.run(
        [sys.executable, *start, *words[1:]],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
    )


def repeated(player: Player, folder: Path, packs: Path | None = None) -> Tree:
    """What the command shown at the end makes, in another folder."""
    command = player.text.split("The same service again:")[1].replace("\n", "").strip()
    folder.mkdir()
    run(folder, command, packs)
    return read_tree(folder)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "place"
    folder.mkdir()
    return folder


@pytest.fixture
def player(place: Path, pack_folder: Path) -> Iterator[Player]:
    with Player(place, "new", packs=pack_folder, columns=120) as played:
        yield played


def test_built_in_packs_from_the_first_question_to_the_service(place: Path, tmp_path: Path) -> None:
    pack = next(iter(Packs().providers.values()))
    first = next(iter(pack.triggers))
    with Player(place, "new", columns=200, rows=120) as player:
        player.see("[1/5]").type("orders" + ENTER)
        player.see("[2/5]", pack.name, "esc back").type(ENTER)
        player.see("[3/5]", *pack.triggers).type(" " + ENTER)
        player.see("[4/5]", *pack.tools).type(ENTER)
        player.see("[5/5]", "recommended").type(ENTER)
        player.see("+ gen.toml", f"Function {first}", "To create:", "Write the service to orders?")
        assert not list(place.iterdir())
        player.type("y")
        assert player.end() == 0
        assert "cd orders" in player.text
        assert f"make invoke FUNCTION={first}" in player.text
        assert "Traceback" not in player.raw
        written = read_tree(place)
        assert "orders/gen.toml" in written
        assert repeated(player, tmp_path / "again") == written


def test_customised_service_is_repeated_by_its_command(
    place: Path, tmp_path: Path, pack_folder: Path
) -> None:
    with Player(place, "new", packs=pack_folder, columns=200, rows=60) as player:
        go(player, 4).type(DOWN + ENTER)
        player.see("Python package: tin").type(CTRL_U + "can" + ENTER)
        player.see("Description: Sky service tin").type(CTRL_U + 'It\'s "thin"' + ENTER)
        player.see("Region: north-1").type(CTRL_U + "south-2" + ENTER)
        player.see("Python version").type(UP + ENTER)
        player.see("CI system").type(DOWN + ENTER)
        player.see("fancy").type(UP + ENTER)
        player.see("Functions for bell: bell").type(CTRL_U + "low, high" + ENTER)
        player.see("Options of high (bell) to change", "Which tower").type(" " + DOWN + DOWN)
        player.see("There already").type(" " + ENTER)
        player.see("high.tower: high").type(CTRL_U + "big-ben" + ENTER)
        player.see("high.existing").type(UP + ENTER)
        player.see("Options of low (bell) to change", "❯ ◯ tower low").type(ENTER)
        player.see("Write the service to tin?").type("y")
        assert player.end() == 0
        declared = (place / "tin/gen.toml").read_text()
        for line in ('package = "can"', 'region = "south-2"', 'python = "3.12"', 'ci = "mute"'):
            assert line in declared
        for line in ("fancy = true", "[functions.low]", 'tower = "big-ben"', "existing = true"):
            assert line in declared
        assert 'description = "It\'s \\"thin\\""' in declared
        assert repeated(player, tmp_path / "again", pack_folder) == read_tree(place)


@pytest.mark.parametrize("steps", range(len(PATH)))
def test_ctrl_c_at_each_question_leaves_nothing_behind(
    player: Player, place: Path, steps: int
) -> None:
    before = termios.tcgetattr(player.child.child_fd)
    go(player, steps).type(CTRL_C)
    player.see(NOTHING_WRITTEN)
    after = termios.tcgetattr(player.child.child_fd)
    assert player.end() == 130
    assert not list(place.iterdir())
    assert after[:4] == before[:4]
    assert not player.screen.cursor.hidden
    assert "Traceback" not in player.raw


@pytest.mark.parametrize("steps", [0, 2, 5])
def test_a_signal_from_outside_does_the_same(player: Player, place: Path, steps: int) -> None:
    go(player, steps).child.kill(signal.SIGINT)
    player.see(NOTHING_WRITTEN)
    assert player.end() == 130
    assert not list(place.iterdir())


@pytest.mark.parametrize("steps", [0, 2, 5])
def test_the_end_of_the_input_does_the_same(player: Player, place: Path, steps: int) -> None:
    go(player, steps).type(CTRL_D)
    assert player.end() == 130
    assert NOTHING_WRITTEN in player.words
    assert not list(place.iterdir())


def test_declined(player: Player, place: Path) -> None:
    go(player, 5).type("n")
    assert player.end() == 130
    assert NOTHING_WRITTEN in player.words
    assert not list(place.iterdir())


@pytest.mark.parametrize("key", [ESC, CTRL_B])
def test_going_back_keeps_the_answers(player: Player, place: Path, key: str) -> None:
    go(player, 3).see("rope", "esc back").type(key)
    player.see("◉ bell").type(key)
    player.see("[2/5] Where does it run? sea Sea ❯ sky").type(key)
    player.see("Name of the service: tin", "ctrl-u clears")
    player.type("ned" + ENTER)
    player.see("[2/5]", "❯ sky", "esc back").type(ENTER)
    player.see("[3/5]", "◉ bell").type(ENTER)
    player.see("[4/5]", "esc back").type(ENTER)
    player.see("[5/5]", "esc back").type(ENTER)
    player.see("Write the service to tinned?").type("y")
    assert player.end() == 0
    assert [path.name for path in place.iterdir()] == ["tinned"]


def test_back_from_the_plan_to_the_questions(player: Player, place: Path) -> None:
    go(player, 5).see("esc back").type(ESC)
    player.see("[5/5] Settings ❯ recommended", "type to filter").type(ESC)
    player.see("[4/5] What deploys it? ❯ rope", "type to filter").type(ENTER)
    player.see("[5/5] Settings ❯ recommended", "type to filter").type(ENTER)
    player.see("Write the service to tin?", "y yes").type(ENTER)
    assert player.end() == 0
    assert (place / "tin/gen.toml").is_file()


def test_there_is_nothing_before_the_first_question(player: Player) -> None:
    player.see("[1/5] Name", "ctrl-u clears")
    assert "esc" not in player.words
    player.type(ESC).type("tin").see("service: tin").type(ENTER).see("[2/5]")


def test_filter_while_typing(player: Player) -> None:
    go(player, 2).see("bell", "whistle", "esc back")
    player.type("blo").see("filter: blo (1 of 2)", "❯ ◯ whistle").see_no("bell")
    player.type("\x7f\x7f\x7f").see_no("filter:").see("bell")
    player.type("zzz").see("filter: zzz (0 of 2)").see_no("whistle")
    player.type(" " + ENTER).see("nothing is chosen")
    player.type(CTRL_U).see("bell", "whistle")
    player.type("WH").see("filter: WH (1 of 2)").type(" ").see("◉ whistle")
    player.type(ENTER).see("[3/5] What invokes its functions? whistle", "[4/5]")


def test_ctrl_a_chooses_only_what_is_seen(player: Player) -> None:
    go(player, 2).type("whi").see("filter: whi").type(CTRL_A).see("◉ whistle")
    player.type(CTRL_U).see("◯ bell", "◉ whistle")
    player.type(CTRL_A).see("◉ bell", "◉ whistle").type(CTRL_A).see("◯ bell", "◯ whistle")


@pytest.mark.parametrize("way", ["arrows", "filter", "all"])
def test_what_is_impossible_is_seen_with_its_reason_but_not_chosen(
    place: Path, pack_folder: Path, way: str
) -> None:
    flags = ["new", "tin", "--provider", "sky", "--tool", "wing"]
    with Player(place, *flags, packs=pack_folder, columns=120) as player:
        player.see("bell", "not possible: wing does not support the trigger bell", "❯ ◯ whistle")
        if way == "arrows":
            player.type(UP + " ").see("❯ ◉ whistle").type(DOWN + " ").see("❯ ◯ whistle")
        elif way == "filter":
            player.type("bell").see("filter: bell (1 of 2)").type(UP + DOWN + " " + CTRL_A)
            player.type(CTRL_U).see("❯ ◯ whistle")
        else:
            player.type(CTRL_A).see("◉ whistle").type(CTRL_A).see("◯ whistle")
        player.see_no("◉")
        player.type(ENTER).see("nothing is chosen")


def test_impossible_tools(player: Player) -> None:
    go(player, 3).see("wing", "not possible: wing does not support the trigger bell", "❯ rope")
    player.type(DOWN + ENTER).see("[4/5] What deploys it? rope", "[5/5]")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("My Orders", 'write "my-orders"'),
        ("taken", "is not empty"),
    ],
)
def test_a_wrong_name_is_said_while_typing_and_can_be_mended(
    place: Path, pack_folder: Path, wrong: str, message: str
) -> None:
    (place / "taken").mkdir()
    (place / "taken/file").touch()
    with Player(place, "new", packs=pack_folder) as player:
        player.see("[1/5]", "for example orders").type(wrong).see("Not yet:", message)
        player.type(ENTER).type(CTRL_U).see("is empty")
        player.type("tin").see_no("Not yet").type(ENTER).see("service: tin", "[2/5]")


def test_an_empty_name_is_no_answer(player: Player) -> None:
    player.see("[1/5]", "ctrl-u clears")
    assert "Not yet" not in player.words
    player.type(ENTER).see("Not yet: service name is empty").type("tin" + ENTER).see("[2/5]")


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_widths(place: Path, pack_folder: Path, columns: int) -> None:
    with Player(place, "new", packs=pack_folder, columns=columns, rows=50) as player:
        go(player, 1).see("❯ sea", "Functions in the sky", "esc back").type(DOWN + ENTER)
        player.see("What invokes its functions?", "esc back").type(" " + DOWN)
        player.see("Somebody whistles for so long that a narrow window has to wrap this line")
        player.type(ENTER).see("What invokes its functions? bell")
        player.see("not possible: wing does not support the trigger bell; tools that do: rope)")
        player.type(ENTER).see("[5/5] Settings", "esc back").type(ENTER)
        player.see("To create:", "Write the service to tin?", "esc back").type("y")
        assert player.end() == 0


def test_a_low_window_scrolls_to_what_is_pointed_at(place: Path, pack_folder: Path) -> None:
    with Player(place, "new", packs=pack_folder, columns=40, rows=8) as player:
        go(player, 2).type(DOWN).see("❯ ◯ whistle").type(UP).see("❯ ◯ bell").type(CTRL_C)
        assert player.end() == 130


def test_flags_leave_only_what_is_open(place: Path, pack_folder: Path) -> None:
    flags = ["new", "tin", "--provider", "sky", "--trigger", "bell=ring"]
    with Player(place, *flags, packs=pack_folder, rows=60) as player:
        player.see("[1/2] What deploys it?", "enter chooses").type(ENTER)
        player.see("[2/2] Settings", "esc back").type(ENTER)
        player.see("Write the service to tin?").type(ENTER)
        assert player.end() == 0
        assert "Name of the service" not in player.raw
        assert "What invokes" not in player.raw


def test_a_folder_that_is_no_name_is_asked_for_one(place: Path, pack_folder: Path) -> None:
    flags = ["new", "My Orders", "--provider", "sky", "--trigger", "bell", "--tool", "rope"]
    with Player(place, *flags, packs=pack_folder, rows=60) as player:
        player.see("[1/2] Name of the service: my-orders", "ctrl-u clears").type(ENTER)
        player.see("[2/2] Settings", "esc back").type(ENTER)
        player.see("Write the service to My Orders?").type("y")
        assert player.end() == 0
        assert 'name = "my-orders"' in (place / "My Orders/gen.toml").read_text()


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--provider", "skye"], 'did you mean "sky"?'),
        (["full"], "is not empty"),
    ],
)
def test_wrong_flags_are_said_before_anything_is_asked(
    place: Path, pack_folder: Path, flags: list[str], message: str
) -> None:
    (place / "full").mkdir()
    (place / "full/file").touch()
    with Player(place, "new", *flags, packs=pack_folder) as player:
        assert player.end() == 2
        assert message in player.words
        assert "[1/" not in player.text


def test_in_a_service_nothing_is_asked_for_another(place: Path, pack_folder: Path) -> None:
    (place / "gen.toml").touch()
    (place / "docs").mkdir()
    for flags in ([], ["tin"]):
        with Player(place / "docs", "new", *flags, packs=pack_folder, columns=200) as player:
            assert player.end() == 2
            assert "would be a service inside of the service" in player.words
            assert "gen add-trigger TRIGGER adds a function" in player.words
            assert "[1/" not in player.text


def test_a_dry_run_asks_and_writes_nothing(place: Path, pack_folder: Path) -> None:
    with Player(place, "new", "--dry-run", packs=pack_folder, rows=60) as player:
        go(player, 4).type(ENTER)
        assert player.end() == 0
        assert "Dry run: nothing was written." in player.words
        assert "Write the service" not in player.raw
        assert not list(place.iterdir())


@pytest.mark.parametrize("how", ["NO_COLOR", "--no-color"])
def test_without_colour(place: Path, pack_folder: Path, how: str) -> None:
    flags = ["--no-color"] if how == "--no-color" else []
    settings = {"NO_COLOR": "1"} if how == "NO_COLOR" else {}
    with Player(
        place, "new", *flags, packs=pack_folder, columns=120, environment=settings
    ) as player:
        go(player, 5).type("y")
        assert player.end() == 0
        assert not [colour for colour in ("\x1b[3", "\x1b[9", ";3") if colour + "6m" in player.raw]
        assert "\x1b[32m" not in player.raw


def test_in_colour(player: Player) -> None:
    go(player, 5).type("y")
    assert player.end() == 0
    assert "\x1b[32m+" in player.raw


@pytest.mark.parametrize("settings", [{"TERM": "dumb"}, {"GEN_PLAIN": "1", "NO_COLOR": "1"}])
def test_line_by_line(place: Path, pack_folder: Path, settings: dict[str, str]) -> None:
    with Player(place, "new", packs=pack_folder, columns=120, environment=settings) as player:
        player.see("[1/5] Name of the service", "Text:").type("Tin\n")
        player.see('Not yet: service name "Tin" is not possible; write "tin"').type("tin\n")
        player.see("[2/5]", "1. sea", "2. sky", "Number (enter for 1), < for back:").type("2\n")
        player.see("[3/5]", "1. bell", "Numbers with commas").type("7\n")
        player.see("type numbers of the list").type("<\n")
        player.see("Number (enter for 2)").type("\n")
        player.see("[3/5]", "(enter for none)").type("\n").see("nothing is chosen").type("1,2\n")
        player.see("[4/5]", "-. wing (not possible: wing does not support").type("\n")
        player.see("[5/5] Settings", "Number (enter for 1), < for back").type("\n")
        player.see("Write the service to tin? Y/n, < for back:").type("y\n")
        assert player.end() == 0
        assert "\x1b" not in player.raw
        assert (place / "tin/gen.toml").is_file()


def test_line_by_line_ctrl_c(place: Path, pack_folder: Path) -> None:
    with Player(place, "new", packs=pack_folder, environment={"TERM": "dumb"}) as player:
        # Enter, because a signal that comes just before the read is seen only after it.
        player.see("Text:").type(CTRL_C).type(ENTER)
        assert player.end() == 130
        assert NOTHING_WRITTEN in player.words


def test_where_the_encoding_has_no_signs(place: Path, pack_folder: Path) -> None:
    with Player(
        place, "new", packs=pack_folder, environment={"PYTHONIOENCODING": "ascii"}
    ) as player:
        go(player, 2).see("> [ ] bell").type(" ").see("> [x] bell").type(ENTER)
        player.see("wing", "> rope").type(ENTER).see("[5/5]", "esc back").type(ENTER)
        player.see("Write the service").type("y")
        assert player.end() == 0
        assert player.raw.isascii()


def test_questions_go_to_standard_error(place: Path, pack_folder: Path) -> None:
    with Player(place, "new", packs=pack_folder, through="> out") as player:
        go(player, 5).type("y")
        assert player.end() == 0
        assert (place / "out").read_text() == ""


def test_a_list_on_a_terminal_says_where_more_is(tmp_path: Path) -> None:
    with Player(tmp_path, "list", "providers", columns=120) as player:
        assert player.end() == 0
        assert player.text.splitlines()[-1] == f"A page about each: {REFERENCE}"
