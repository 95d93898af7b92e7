"""Writes anew what is derived from the packs: `make fresh`. Tests fail where it is stale."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import tested
import why_not
from picture import picture

from generator.packs import Packs
from generator.reference.pages import pages
from generator.reference.shelf import compare, put
from generator.render import render
from generator.request import Request, to_answers
from generator.spec import build_spec
from generator.write import write_new

ROOT = Path(__file__).resolve().parent.parent
COOKIECUTTER_JSON = ROOT / "cookiecutter.json"
GOLDEN = ROOT / "tests" / "golden"
TESTED = ROOT / "docs" / "tested.md"
PICTURE = ROOT / "docs" / "picture.svg"
REFERENCE = ROOT / "docs" / "reference"


def cookiecutter_json() -> str:
    """The questions, with the choice lists that the packs give."""
    packs = Packs()
    questions = json.loads(COOKIECUTTER_JSON.read_text("utf-8"))
    questions["cloud_provider"] = list(packs.providers)
    questions["ci"] = list(packs.ci_systems)
    return json.dumps(questions, indent=2) + "\n"


def golden_requests() -> dict[str, Request]:
    """The services whose trees are kept: folder -> the request in its `request.json`."""
    return {
        path.parent.name: Request(**_frozen(json.loads(path.read_text("utf-8"))))
        for path in sorted(GOLDEN.glob("*/request.json"))
    }


def _frozen(flags: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in flags.items()}


def main() -> None:
    COOKIECUTTER_JSON.write_text(cookiecutter_json(), "utf-8")
    TESTED.write_text(tested.page(), "utf-8")
    PICTURE.write_text(picture(), "utf-8")
    why_not.PAGE.write_text(why_not.page(), "utf-8")
    packs = Packs()
    made = pages(packs)
    put(REFERENCE, made, compare(REFERENCE, made))
    for name, request in golden_requests().items():
        folder = GOLDEN / name / "service"
        shutil.rmtree(folder, ignore_errors=True)
        write_new(folder, render(build_spec(to_answers(request), packs), packs))


if __name__ == "__main__":
    main()
