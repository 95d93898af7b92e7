"""docs/own-packs.md, typed from its beginning to its end: every file and every command."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "own-packs.md").read_text("utf-8")
FILE = r"(?:`(?P<path>acme-packs/[^`\n]+)`(?P<end>, at its end)?\n\n)?"
BLOCK = re.compile(rf"^{FILE}```(?P<kind>[a-z]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def typed(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each command of a session, and the lines that are shown of what it says."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, *shown = part.splitlines()
        yield command, shown


def test_the_page_does_what_it_says(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "gen").write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -m generator "$@"\n', "utf-8"
    )
    (programs / "gen").chmod(0o755)
    (tmp_path / "serverless-py").symlink_to(ROOT)
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GEN_")}
    environment = kept | {"PYTHONPATH": str(ROOT), "PATH": f"{programs}:{os.environ['PATH']}"}
    folder, commands = tmp_path, 0
    for block in BLOCK.finditer(GUIDE):
        if block["path"]:
            target = tmp_path / block["path"]
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("a" if block["end"] else "x", encoding="utf-8") as file:
                file.write(block["text"])
        for command, shown in typed(block["text"]) if block["kind"] == "console" else ():
            commands += 1
            if command.startswith("cd "):
                folder = (folder / command.removeprefix("cd ")).resolve()
                continue
            done = subprocess.run(
                ["sh", "-c", command], cwd=folder, env=environment, capture_output=True, text=True
            )
            said = done.stdout + done.stderr
            assert done.returncode == (2 if any("error:" in line for line in shown) else 0), said
            for line in shown:
                assert line in said, f"{command}: {said}"
    assert commands > 30


def test_its_links_lead_somewhere() -> None:
    places = re.findall(r"\]\(([^)#:]+)\)", GUIDE)
    assert len(places) > 4
    for place in places:
        assert (ROOT / "docs" / place).exists(), place
