"""What is printed on a terminal of any width, and on each stream by itself."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from cli.run import PROVIDER, TRIGGER, gen, new
from schema import published
from wizard.player import Player

from generator.terminal import REFERENCE

NEW = ["new", "shop", "--provider", PROVIDER, "--trigger", TRIGGER, "--no-input", "--dry-run"]
WRONG = ["new", "shop", "--provider", PROVIDER, "--trigger", f"{TRIGGER}x"]
COLOUR = "\x1b[3"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("looks")
    new("--trigger", f"{TRIGGER}=api", folder=folder)
    with (folder / "orders/gen.toml").open("a") as file:
        file.write(f'\n[functions.more]\ntrigger = "{TRIGGER}"\n')
    return folder / "orders"


WRAPPED = {
    "list": ["list"],
    "triggers": ["list", "triggers"],
    "plan": NEW,
    "change": ["add-trigger", TRIGGER, "--name", "other", "--dry-run"],
    "error": WRONG,
    "status": ["status"],
    "check": ["check"],
}


@pytest.fixture(scope="module")
def whole(service: Path) -> dict[str, list[str]]:
    """What each prints to a pipe, where nothing is wrapped: people's lines, then results."""
    found = {}
    for name, words in WRAPPED.items():
        result = gen(*words, folder=service if "new" not in words else service.parent)
        # The diff of a dry run is not wrapped: it is to be applied.
        found[name] = (result.err + ("" if name == "change" else result.out)).splitlines()
    return found


@pytest.mark.parametrize(("name", "columns"), [*product(WRAPPED, (40, 80, 120))])
def test_every_width_says_the_same(
    service: Path, whole: dict[str, list[str]], name: str, columns: int
) -> None:
    """Nothing is cut off, and a line goes on further in than it began."""
    words = WRAPPED[name]
    folder = service if "new" not in words else service.parent
    through = "> /dev/null" if name == "change" else ""
    with Player(folder, *words, columns=columns, through=through) as player:
        player.end()
        shown = player.raw.replace("\r\n", "\n").splitlines()
    # Where to read more of it is for people alone.
    shown = [line for line in shown if REFERENCE not in line]
    plain = [line for line in map(without_colour, shown) if line.strip(" ^")]
    lines = [line for line in whole[name] if line.strip(" ^")]
    for line in lines:
        parts = [plain.pop(0)]
        while " ".join(parts).split() != line.split():
            assert plain, f"{line!r} is not whole: {parts}"
            parts.append(plain.pop(0))
        assert line.startswith(parts[0])
        indent = len(line) - len(line.lstrip())
        assert all(part.startswith(" " * (indent + 2)) for part in parts[1:])
        assert all(len(part) < columns or " " not in part.strip() for part in parts)
    assert plain == []


def without_colour(line: str) -> str:
    for code in ("31", "32", "33", "0"):
        line = line.replace(f"\x1b[{code}m", "")
    assert "\x1b" not in line
    return line


HELP = ["--help", "new --help", "add-trigger --help", "help environment"]


@pytest.mark.parametrize(("page", "columns"), [*product(HELP, (40, 80, 120))])
def test_help_of_every_width(tmp_path: Path, page: str, columns: int) -> None:
    words = page.split()
    with Player(tmp_path, *words, columns=columns, rows=120) as player:
        assert player.end() == 0
        shown = player.raw.replace("\r\n", "\n")
    wide = gen(*words, env={"COLUMNS": "80"}).out
    assert " ".join(shown.split()) == " ".join(wide.split())
    commands = {line.strip() for line in wide.split("Examples:")[1].split("\n\n")[0].splitlines()}
    for line in shown.splitlines():
        assert len(line) < columns or line.strip() in commands or line.startswith("Usage:")


ON = {"plan": NEW, "doctor": ["doctor"]}
"""One that writes for people on standard error, one whose result is on standard output."""


@pytest.mark.parametrize("name", ON)
def test_colours_are_for_the_stream_that_is_a_terminal(service: Path, name: str) -> None:
    folder = service if name == "doctor" else service.parent
    seen = {}
    for through in ("", "> kept", "2> kept"):
        with Player(folder, *ON[name], through=through, rows=200) as player:
            player.end()
            seen[through] = player.raw
        if through:
            assert "\x1b" not in (folder / "kept").read_text()
            (folder / "kept").unlink()
    terminal = {"plan": ("", "> kept"), "doctor": ("", "2> kept")}[name]
    assert [through for through, raw in seen.items() if COLOUR in raw] == [*terminal]


@pytest.mark.parametrize("name", ON)
@pytest.mark.parametrize("how", ["NO_COLOR=1", "TERM=dumb", "--no-color"])
def test_no_colour_where_none_is_wanted(service: Path, name: str, how: str) -> None:
    variable, _, value = how.partition("=")
    settings, flags = ({variable: value}, []) if value else ({}, [how])
    folder = service if name == "doctor" else service.parent
    with Player(folder, *ON[name], *flags, environment=settings, rows=200) as player:
        player.end()
        assert "\x1b" not in player.raw


@pytest.mark.parametrize("through", ["> kept", "2> kept"])
def test_what_goes_to_a_file_is_not_wrapped(
    service: Path, whole: dict[str, list[str]], through: str
) -> None:
    name = "list" if through.startswith(">") else "plan"
    with Player(service.parent, *WRAPPED[name], through=through, columns=40) as player:
        player.end()
        assert player.raw == ""
    kept = service.parent / "kept"
    assert kept.read_text().splitlines() == whole[name]
    kept.unlink()


def test_json_is_never_asked_for(tmp_path: Path) -> None:
    """Not even with a person at the keyboard: standard output is a program's, all of it."""
    with Player(tmp_path, "new", "--json", through="> kept") as player:
        assert player.end() == 2
        assert player.raw == ""
    assert published((tmp_path / "kept").read_text())["error"]["kind"] == "missing-answer"
