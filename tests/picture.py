"""`docs/picture.svg`, the README's picture: the real `gen new` in a pseudo-terminal, drawn.

`make fresh` draws it anew; a test fails where it is stale. What is left out is marked, and nothing
is in it that changes with every release: no version, no digest.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from io import StringIO
from itertools import groupby
from pathlib import Path

from pyte.screens import Char
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from rich.text import Text
from wizard.player import CTRL_U, ENTER, Player

COLUMNS, ROWS = 90, 120
FRAME = (Path(__file__).parent / "picture.svg.frame").read_text("utf-8")
# Bright enough on the dark ground to be read by everyone.
THEME = TerminalTheme(
    (13, 17, 23),
    (230, 237, 243),
    [
        (110, 118, 129),
        (255, 123, 114),
        (86, 211, 100),
        (227, 179, 65),
        (121, 192, 255),
        (210, 168, 255),
        (86, 212, 221),
        (230, 237, 243),
    ],
)
YELLOW = {"brown": "yellow", "brightbrown": "bright_yellow"}
PROMPT = Text.assemble(("$ ", Style(color="green")), ("gen new", Style(bold=True)))
LEFT_OUT = Text.assemble("  ", ("⋮", Style(color="bright_black")))
FILES = "src/orders/s3/"


def picture() -> str:
    """The SVG, byte for byte the same each time."""
    with tempfile.TemporaryDirectory() as folder:
        rows = [_trimmed(row) for row in played(Path(folder))]
    console = Console(
        record=True, file=StringIO(), width=COLUMNS, force_terminal=True, color_system="truecolor"
    )
    for row in shown(rows):
        console.print(row, no_wrap=True, crop=False)
    svg = console.export_svg(title="gen new", theme=THEME, code_format=FRAME, unique_id="gen")
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def played(folder: Path) -> list[Text]:
    """The screen at the end: a newcomer's answers, the plan, the result."""
    with Player(folder, "new", columns=COLUMNS, rows=ROWS) as player:
        player.see("[1/5] Name of the service:").type("orders" + ENTER)
        player.see("[2/5]", "❯ aws", "esc back").type(ENTER)
        player.see("[3/5]", "space chooses")
        for name in ("http", "s3"):
            player.type(name).see(f"filter: {name}", f"❯ ◯ {name}").type(" ").see(f"❯ ◉ {name}")
            player.type(CTRL_U).see_no("filter:")
        player.type(ENTER).see("[4/5]", "❯ sam", "esc back").type(ENTER)
        player.see("[5/5]", "❯ recommended", "esc back").type(ENTER)
        player.see("Write the service to orders?").type("y")
        assert player.end() == 0, player.text
        return [_row(player, number) for number in range(player.screen.lines)]


def shown(rows: list[Text]) -> Iterator[Text]:
    """The rows for the picture: of the files those of a function, and one function for all."""
    while not rows[-1].plain:
        rows.pop()
    files = _place(rows, "Files to create")
    functions = [n for n, row in enumerate(rows) if row.plain.startswith("Function ")]
    yield PROMPT
    yield from rows[: files + 1]
    yield LEFT_OUT
    yield from (row for row in rows[files:] if FILES in row.plain and "__init__" not in row.plain)
    yield LEFT_OUT
    yield from rows[functions[-1] :]


def _place(rows: list[Text], start: str) -> int:
    return next(number for number, row in enumerate(rows) if row.plain.startswith(start))


def _row(player: Player, number: int) -> Text:
    row = player.screen.buffer[number]
    cells = [row[column] for column in range(max(row, default=-1) + 1)]
    text = Text()
    for style, same in groupby(cells, _style):
        part = "".join(cell.data for cell in same)
        words = part.lstrip()
        # A span that begins with a blank is drawn without it by some.
        text.append(part[: len(part) - len(words)], Style()).append(words, style)
    return text


def _style(cell: Char) -> Style:
    colour = YELLOW.get(cell.fg, cell.fg)
    is_hex = len(colour) == 6 and set(colour) <= set("0123456789abcdefABCDEF")
    return Style(color=f"#{colour}" if is_hex else colour, bold=cell.bold, italic=cell.italics)


def _trimmed(row: Text) -> Text:
    row.rstrip()
    return row
