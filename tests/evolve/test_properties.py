"""What holds for any sequence of commands, whatever the developer does in between.

Files are edited as `handwork` says, commands are those of `programs`, and what they promise is in
`promises`. Each command is real, so there are few examples here; a longer search needs `EXAMPLES`
to be larger, and a few seeds (`--hypothesis-seed`).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from evolve.conftest import TOOLS, Make
from evolve.playground import Service, gen
from evolve.programs import Command, Session, rounds, spelled, untouched
from hypothesis import HealthCheck, event, example, given, settings

EXAMPLES = 40
BRIEF = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
HALF = settings(BRIEF, max_examples=EXAMPLES // 2)


@pytest.fixture(autouse=True, scope="module")
def _fast() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda file: None)  # no power fails here
        yield


@contextmanager
def session(rendered: Make, tool: str) -> Iterator[Session]:
    """A service of this tool to work on."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "orders")
        shutil.copytree(rendered(tool).root, root)
        yield Session(Service(root))


@pytest.mark.parametrize("tool", TOOLS)
@BRIEF
@given(steps=rounds)
def test_a_developers_work_is_never_lost(rendered: Make, tool: str, steps) -> None:
    with session(rendered, tool) as work:
        for edits, command in steps:
            for edit in edits:
                work.edit(edit)
            event(f"{command.what}: {work.run(command)}")


@pytest.mark.parametrize("tool", TOOLS)
@HALF
@given(steps=untouched)
@example(steps=[Command("option", 0, 0, 1, ""), Command("undo", 0, 0, 0, "")])
def test_without_edits_a_service_is_as_if_made_anew(rendered: Make, tool: str, steps) -> None:
    with session(rendered, tool) as work:
        for command in steps:
            assert work.run(command) in (0, 2), work.log
        service = work.service
        # What was typed into gen.toml stays there when its gen apply is undone.
        service.gen("apply")
        answers = service.read("gen.toml").split('tool = "')[1]
        arguments = ["new", "orders", "--provider", "aws", "--tool", answers.split('"')[0]]
        functions = work.functions() or {"api": ("http", {})}  # `gen new` makes one at least
        for name, (trigger, options) in functions.items():
            arguments += ["--trigger", f"{trigger}={name}"]
            for option, value in options.items():
                arguments += ["--set", f"{name}.{option}={spelled(value)}"]
        fresh = Path(service.root.parent, "fresh")
        fresh.mkdir()
        result = gen(fresh, *arguments, "--no-input")
        assert result.code == 0, result.err
        if not work.functions():
            Service(fresh / "orders").gen("remove-trigger", "api")
        anew, found = Service(fresh / "orders").tree(), service.tree()
        different = {path for path in {*anew, *found} if anew.get(path) != found.get(path)}
        assert not different - {"gen.toml"}, work.log
        assert Session(Service(fresh / "orders")).functions() == work.functions()
