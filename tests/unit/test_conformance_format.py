"""docs/packs.md and the strict description of the format know the same keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from generator.conformance.format import FORMAT, Keys

DOCS = Path(__file__).parents[2] / "docs" / "packs.md"
HEADER = re.compile(r"\[\[?([\w-]+(?:\.[\w-]+)?)\]\]?")
KEY = re.compile(r"([\w-]+) = ")
INLINE = re.compile(r"[{,] ([\w-]+) = ")
NAMED = ("slots", "requires", "elsewhere", "service", "functions")
"""Tables whose keys are names that an author chooses."""


def tables() -> dict[str, set[str]]:
    """Every table by its name, with the keys that some file knows there; `` is the top."""
    found: dict[str, set[str]] = {"": set()}

    def add(name: str, keys: Keys) -> None:
        found.setdefault(name, set()).update(keys)
        for key, held in keys.items():
            if held.keys:
                add("options" if key == "function-options" else key, held.keys)

    for keys in FORMAT.values():
        add("", keys)
    return found


def blocks() -> Iterator[list[str]]:
    """The examples of TOML, without comments."""
    block: list[str] = []
    for line in [*DOCS.read_text("utf-8").splitlines(), "end"]:
        if line.startswith("    "):
            block.append(re.sub(r" +#.*", "", line[4:]))
        elif line:
            # What a service's gen.toml says of packs is no pack's.
            if any(KEY.match(one) for one in block) and "[packs]" not in block:
                yield block
            block = []


def written() -> set[tuple[str, str]]:
    """Each key of the examples, with its table."""
    found: set[tuple[str, str]] = set()
    for block in blocks():
        table = ""
        for line in block:
            if header := HEADER.fullmatch(line):
                found.add(("", header[1].partition(".")[0]))
                first, _, second = header[1].partition(".")
                found |= {(first, second)} if second == "forbid" else set()
                table = second if second == "forbid" else first
                table = "options" if table == "function-options" else table
            elif key := KEY.match(line):
                if table not in NAMED:
                    found.add((table, key[1]))
                if table in NAMED or key[1] not in NAMED:
                    found |= {(table, inner) for inner in INLINE.findall(line[key.end() :])}
    return found


def test_every_key_of_the_docs_is_known():
    known = tables()
    assert len(written()) > 60
    for table, key in written():
        assert key in known[table], f"{key} in [{table}]"


def test_every_known_key_is_in_the_docs():
    text = DOCS.read_text("utf-8")
    told = set(re.findall(r"`\[{0,2}([\w-]+)(?:\.\*)?\]{0,2}(?: = [^`]*)?`", text))
    examples = written()
    missing = {
        (table, key)
        for table, keys in tables().items()
        for key in keys
        if (table, key) not in examples and key not in told
    }
    assert not missing
