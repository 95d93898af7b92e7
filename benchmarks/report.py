"""Tables of figures, for the terminal and for results.md."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """One comparison: what was measured and how, the figures, and the targets."""

    title: str
    method: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    targets: Sequence[Target] = ()

    def text(self) -> str:
        """As Markdown that reads as well on a terminal."""
        parts = [f"## {self.title}", self.method, grid(self.header, self.rows)]
        if self.targets:
            rows = [target.row() for target in self.targets]
            parts.append(grid(("target", "wanted", "measured", ""), rows))
        return "\n\n".join(parts) + "\n"


@dataclass(frozen=True)
class Target:
    """A figure that must not be exceeded."""

    what: str
    most: float
    measured: float
    unit: str

    @property
    def met(self) -> bool:
        return self.measured <= self.most

    def row(self) -> tuple[str, str, str, str]:
        verdict = "met" if self.met else "MISSED"
        return (
            self.what,
            f"<= {self.most:g} {self.unit}",
            f"{self.measured:.3g} {self.unit}",
            verdict,
        )


def replaced(document: str, tables: Sequence[Table]) -> str:
    """A document of sections with these tables in it: instead of those they had, or at its end."""
    head, *sections = re.split(r"(?m)^(?=## )", document)
    found = {section.partition("\n")[0]: section.rstrip("\n") for section in sections}
    for table in tables:
        found[f"## {table.title}"] = table.text().rstrip("\n")
    return "\n\n".join([head.rstrip("\n"), *found.values()]) + "\n"


def grid(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with aligned columns: text to the left, figures to the right."""
    table = [header, *rows]
    widths = [max(len(row[n]) for row in table) for n in range(len(header))]

    def line(row: Sequence[str]) -> str:
        first, *rest = (
            cell.rjust(width) if n else cell.ljust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        return f"| {' | '.join([first, *rest])} |"

    rule = "|".join(f"{'-' * (w + 1)}:" if n else "-" * (w + 2) for n, w in enumerate(widths))
    return "\n".join([line(header), f"|{rule}|", *map(line, rows)])


def machine() -> str:
    """What the figures were measured on, in general words."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{os.cpu_count()} cores, {platform.system()} on {platform.machine()}, {python}"
