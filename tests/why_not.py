"""`docs/why-not.md`: what is said of the peers, with the tables of benchmarks/results.md.

`make fresh` writes the page anew; a test fails where it is stale.
"""

from __future__ import annotations

import re
from pathlib import Path

import jinja2

HERE = Path(__file__).parent
ROOT = HERE.parent
PAGE = ROOT / "docs" / "why-not.md"
RESULTS = ROOT / "benchmarks" / "results.md"
PEERS = ("cookiecutter", "copier", "cruft", "aws-sam-cli")
TABLE = re.compile(r"(?:^\|.*\n)+", re.MULTILINE)


def page() -> str:
    """The text of the page."""
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    environment.filters["anchor"] = anchor
    template = environment.from_string((HERE / "why_not.md.j2").read_text("utf-8"))
    text: str = template.render(table=table, measured=measured, missed=missed(), pins=pins())
    return text.rstrip("\n") + "\n"


def sections() -> dict[str, str]:
    """The text of each section of the results by its title."""
    parts = re.split(r"^## (.*)\n", RESULTS.read_text("utf-8") + "\n", flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def table(title: str) -> str:
    """The first table of a section: what was measured. The second says what was wanted."""
    found = TABLE.search(sections()[title])
    assert found
    return found[0].rstrip("\n")


def measured(title: str, module: str) -> str:
    """Where the numbers come from, to be read and to be run."""
    program = ROOT / "benchmarks" / f"{module}.py"
    assert title in sections()
    assert program.is_file(), program
    method = f"[method](../benchmarks/results.md#{anchor(title)})"
    return f"({method}, [program](../benchmarks/{program.name}))"


def missed() -> list[tuple[str, str, str, str]]:
    """Section, what, wanted and measured of each target that `gen` misses."""
    return [
        (title, *row)
        for title, text in sections().items()
        for row in re.findall(r"^\| (.*?) +\| +(.*?) +\| +(.*?) +\| +MISSED +\|$", text, re.M)
    ]


def pins() -> str:
    """The peers and their versions."""
    text = (ROOT / "benchmarks" / "requirements.txt").read_text("utf-8")
    versions = dict(re.findall(r"^([\w-]+)==(\S+)$", text, re.MULTILINE))
    return "The peers: " + ", ".join(f"{name} {versions[name]}" for name in PEERS)


def anchor(title: str) -> str:
    return title.lower().replace(" ", "-")
