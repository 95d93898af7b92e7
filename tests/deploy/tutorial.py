"""Reads docs/tutorial.md as something to do, and does it.

A `console` block has commands after `$ ` and what they print, with `…` for what may differ: within
a line, or for whole lines where it stands alone. Without output nothing is promised. A `diff` block
is an edit of the file that it names.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ANYTHING = "…"


@dataclass(frozen=True)
class Command:
    text: str
    output: str

    def promises(self, printed: str) -> bool:
        """Whether that is what the tutorial says would be printed."""
        return not self.output or bool(re.fullmatch(_pattern(self.output), _tidy(printed)))


@dataclass(frozen=True)
class Edit:
    path: str
    before: str
    after: str


def steps(text: str) -> Iterator[Command | Edit]:
    """What a reader does, in its order. A block of another kind would go unchecked: ValueError."""
    for language, block in FENCE.findall(text):
        if language == "console":
            yield from _commands(block)
        elif language == "diff":
            yield _edit(block)
        else:
            raise ValueError(f"a block of kind {language!r}, which nobody follows:\n{block}")


class Reader:
    """Follows the steps from an empty folder; a shell of its own for each command."""

    def __init__(
        self, folder: Path, environment: dict[str, str], prepare: Callable[[Path], None]
    ) -> None:
        self.folder = folder
        self._environment = environment
        self._prepare = prepare
        """Called with the folder before each command."""
        self._place = folder.parent / "where"

    def do(self, step: Command | Edit) -> None:
        if isinstance(step, Edit):
            path = self.folder / step.path
            text = path.read_text("utf-8")
            assert text.count(step.before) == 1, f"{step.path} has not once:\n{step.before}"
            path.write_text(text.replace(step.before, step.after), "utf-8")
            return
        self._prepare(self.folder)
        script = f"{step.text}\nstatus=$?\npwd >&9\nexit $status"
        code, printed, folder = self._shell(script)
        assert code == 0, f"$ {step.text}\n{printed}\nexit code {code}"
        assert step.promises(printed), f"$ {step.text}\nprinted:\n{printed}\nsaid:\n{step.output}"
        self.folder = folder

    def _shell(self, script: str) -> tuple[int, str, Path]:
        """Exit code, what a terminal would show, and where the shell has gone to."""
        done = subprocess.run(
            ["bash", "-c", f"exec 9> '{self._place}'\n{script}"],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        folder = self._place.read_text("utf-8").strip() or self.folder
        return done.returncode, done.stdout, Path(folder)


def _commands(block: str) -> Iterator[Command]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        length = 1 + next(n for n, line in enumerate(lines) if not line.endswith("\\"))
        yield Command("\n".join(lines[:length]), _tidy("\n".join(lines[length:])))


def _edit(block: str) -> Edit:
    head, new, *lines = block.splitlines()
    assert head.startswith("--- ") and new.startswith("+++ "), block
    lines = [line for line in lines if not line.startswith("@@")]
    sides = ["".join(f"{line[1:]}\n" for line in lines if line[:1] != sign) for sign in "+-"]
    return Edit(head.removeprefix("--- "), sides[0], sides[1])


def _pattern(output: str) -> str:
    parts = []
    for line in output.splitlines():
        if line.strip() == ANYTHING:
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(".*".join(map(re.escape, line.split(ANYTHING))) + r"\n")
    return "".join(parts)


def _tidy(text: str) -> str:
    """Without what an eye does not see: blanks at the end of lines, empty lines around."""
    lines = [line.rstrip() for line in text.splitlines()]
    return "\n".join(lines).strip("\n") + "\n" if "".join(lines) else ""
