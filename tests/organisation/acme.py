"""The example of an organisation's pack in `examples/`, and services made with it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from cli.run import Result, gen

from generator.answers import Answers
from generator.packs import Packs
from generator.request import Request, to_answers
from generator.search_path import packs_below

ACME = Path(__file__).resolve().parents[2] / "examples" / "acme-packs"
TRIGGER = "logs"
"""The trigger that the pack adds to a provider of ours."""
CI = "buildkite"


def packs() -> Packs:
    """Ours, and the example."""
    return packs_below((ACME,))


def request(*triggers: str, set: Iterable[str] = (), **others: str) -> Request:
    """What is asked of a service of Acme's."""
    asked = {"name": "orders", "provider": "aws", **others}
    return Request(trigger=triggers, set=tuple(set), **asked)  # type: ignore[arg-type]


def answers(*triggers: str, set: Iterable[str] = (), **others: str) -> Answers:
    return to_answers(request(*triggers, set=set, **others))


def copied(folder: Path) -> Path:
    """The pack in a folder of the test's own, which may change it."""
    return Path(shutil.copytree(ACME, folder / "platform" / "packs"))


def new(folder: Path, *flags: str, env: dict[str, str] | None = None) -> Result:
    """`gen new orders` in `folder`."""
    command = ("new", "orders", "--provider", "aws", *flags, "--no-input")
    return gen(*command, folder=folder, env=env)


def edit(path: Path, old: str, changed: str) -> None:
    """What a person does by hand: one place of a file reads otherwise."""
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {path}"
    path.write_text(text.replace(old, changed), "utf-8")
