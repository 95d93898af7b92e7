"""Interactive shells that the completion is tried in: `.ci/run` installs what is missing.

Where one is not there, what needs it is skipped; in CI that is a failure.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import tomllib
from pathlib import Path

import pytest
from wizard.player import ROOT, Player

from generator.help import EXAMPLES

PROMPT = "ready>"
# What a person has there before: a prompt, and no greeting.
SETTINGS = {
    "bash": (".bashrc", f"PS1='{PROMPT} '\n"),
    "zsh": (".zshrc", f"PS1='{PROMPT} '\n"),
    "fish": (
        ".config/fish/config.fish",
        f"set fish_greeting\nfunction fish_prompt; printf '{PROMPT} '; end\n",
    ),
}
KILL_LINE, CLEAR_SCREEN, TAB = "\x15", "\x0c", "\t"


def need_shell(name: str) -> str:
    """Where the shell is."""
    found = shutil.which(name)
    if not found:
        what = f"{name} is not installed: apt-get install {name}"
        if os.environ.get("CI"):
            pytest.fail(f"{what} (in CI nothing may be skipped)")
        pytest.skip(what)
    return found


def with_completion(name: str, home: Path) -> dict[str, str]:
    """A home folder in which completion is set up as the help page of `gen completion` says.

    Gives the environment of a shell there, which finds `gen` on its path.
    """
    program = home / "bin/gen"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m generator "$@"\n')
    program.chmod(0o755)
    file, settings = SETTINGS[name]
    (home / file).parent.mkdir(parents=True, exist_ok=True)
    where, _, line = _said(name).partition(": ")
    if line:
        assert where == f"in ~/{file}"
        settings += f"{line}\n"
    (home / file).write_text(settings)
    environment = {
        "HOME": str(home),
        "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "ZDOTDIR": str(home),
    }
    if not line:
        target = home / _said(name).removeprefix("> ~/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((EXAMPLES.parent / f"completion.{name}").read_bytes())
    return environment


def _said(name: str) -> str:
    """The comment of the example: what a person is to do with the script."""
    examples: list[str] = tomllib.loads(EXAMPLES.read_text("utf-8"))["completion"]
    [comment] = [e.partition("#")[2] for e in examples if e.startswith(f"gen completion {name} ")]
    return comment.strip()


class Shell:
    """A shell at its prompt, in a folder. A context manager, as its player."""

    def __init__(self, name: str, folder: Path, home: Path) -> None:
        command = shlex.join([need_shell(name), "-i"])
        environment = with_completion(name, home)
        self.player = Player(folder, instead=command, environment=environment, columns=160, rows=50)

    def __enter__(self) -> Shell:
        self.player.__enter__()
        self.player.see(PROMPT)
        return self

    def __exit__(self, *error: object) -> None:
        self.player.__exit__(*error)  # type: ignore[arg-type]

    def completes(self, typed: str, line: str) -> None:
        """Tab makes `line` of what was typed."""
        self._clear()
        self.player.type(typed + TAB)
        self.player.until(lambda: self.line() == line, line)

    def offers(self, typed: str, *names: str) -> str:
        """What is on the screen once Tab, pressed twice, shows all the names."""
        self._clear()
        self.player.type(typed + TAB + TAB).see(*names)
        return self.player.words

    def line(self) -> str:
        """What stands after the prompt."""
        lines = [text for text in self.player.text.splitlines() if text.startswith(PROMPT)]
        return lines[-1].removeprefix(PROMPT).strip() if lines else ""

    def _clear(self) -> None:
        """An empty line on an empty screen."""
        self.player.type(KILL_LINE + CLEAR_SCREEN)
        self.player.until(lambda: self.player.text.strip() == PROMPT, "an empty prompt")
