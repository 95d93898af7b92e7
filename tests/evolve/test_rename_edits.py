"""`gen rename` and edits beside the name: the rename is known, so nothing has to be decided."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from evolve.conftest import Make
from evolve.looking import done, refused

from generator.answers import Answers, FunctionAnswers
from generator.evolve.renames import forms_of, moves_between, renamed_keys
from generator.merge.contents import merge_contents
from generator.packs import Packs
from generator.render import render
from generator.spec import Spec, build_spec
from generator.tree import Tree

PACKS = Packs()
TOOLS = [(name, tool) for name, pack in PACKS.providers.items() for tool in pack.tools]
MARK = b"by-hand-0-x"


class Renamed(NamedTuple):
    """A service before and after a rename, as it is generated."""

    before: Tree
    after: Tree
    moves: dict[str, str]
    keys: dict[str, str]
    forms: dict[str, list[str]]


def spec_of(provider: str, tool: str, *functions: FunctionAnswers) -> Spec:
    return build_spec(
        Answers(name="orders", provider=provider, tool=tool, functions=functions), PACKS
    )


def renamed(provider: str, tool: str, old: str, new: str) -> Renamed:
    before = spec_of(
        provider, tool, FunctionAnswers("http", old), FunctionAnswers("schedule", "jobs")
    )
    functions = (
        FunctionAnswers(
            f.trigger.name,
            new if f.name == old else f.name,
            {n: list(v) if isinstance(v, tuple) else v for n, v in f.options.items()},
            typed=True,
        )
        for f in before.functions
    )
    after = spec_of(provider, tool, *functions)
    moves = moves_between(before, old, after, new, PACKS)
    keys = renamed_keys(before, old, after, new, PACKS, moves)
    return Renamed(render(before, PACKS), render(after, PACKS), moves, keys, forms_of(old, new))


def edits(content: bytes, theirs: bytes) -> Iterator[tuple[str, bytes]]:
    """The content with one edit in a line that the rename changes, before it, and after it."""
    lines, stay = content.split(b"\n"), {*theirs.split(b"\n")}
    for at, line in enumerate(lines[:-1]):
        if line in stay:
            continue
        indent = line[: len(line) - len(line.lstrip())]
        for what, edited in (
            ("before", [indent + b"# " + MARK, line]),
            ("after", [line, indent + b"# " + MARK]),
            ("in", [line + b"  # " + MARK]),
        ):
            yield f"{what} {at + 1}", b"\n".join([*lines[:at], *edited, *lines[at + 1 :]])


def without_mark(content: bytes) -> bytes:
    lines = [line for line in content.split(b"\n") if line.strip() != b"# " + MARK]
    return b"\n".join(line.removesuffix(b"  # " + MARK) for line in lines)


@pytest.mark.parametrize(("provider", "tool"), TOOLS)
def test_an_edit_in_any_line_is_no_conflict(provider: str, tool: str) -> None:
    """In every generated file that the rename changes; the result but for the edit is as new."""
    service = renamed(provider, tool, "web_uploads", "web_images")
    wrong, tried = [], 0
    for path, entry in service.before.items():
        target = service.moves.get(path, path)
        theirs = service.after[target].content
        if theirs == entry.content or path == "gen.toml":
            continue
        for where, ours in edits(entry.content, theirs):
            outcome = merge_contents(
                target, entry.content, ours, theirs, service.keys, service.forms
            )
            tried += 1
            if outcome.content is None or MARK not in outcome.content:
                wrong.append(f"{path}: {where}: {outcome.step}")
            elif without_mark(outcome.content) != theirs:
                wrong.append(f"{path}: {where}: merged otherwise")
    assert tried > 10
    assert not wrong, wrong[:30]


FUNCTIONS = {"cdk": "infra/functions/{}.py", "terraform": "infra/function_{}.tf"}
SAYING = {"cdk": 'handler="orders.{}.handler.handler"', "terraform": '"orders.{}.handler.handler"'}


@pytest.mark.parametrize("tool", FUNCTIONS)
def test_an_edited_function_is_renamed(copy: Make, tool: str) -> None:
    """Its own words stay, also those beside the line that says the name."""
    service, path = copy(tool), FUNCTIONS[tool]
    saying = SAYING[tool].format("uploads")
    old = path.format("uploads")
    line = next(line for line in service.read(old).splitlines() if saying in line)
    service.edit(old, f"{line}\n", f"# the uploads of the day\n{line}  # mine\n# and more\n")
    done(service, "rename", "uploads", "images")
    text = service.read(path.format("images"))
    renamed_line = line.replace("uploads", "images")
    assert f"# the uploads of the day\n{renamed_line}  # mine\n# and more\n" in text


@pytest.mark.parametrize("tool", FUNCTIONS)
def test_a_name_that_was_edited_is_a_conflict(copy: Make, tool: str) -> None:
    service, path = copy(tool), FUNCTIONS[tool].format("uploads")
    service.edit(path, "orders.uploads.handler.handler", "orders.other.handler.handler")
    said = refused(service, 3, "rename", "uploads", "images").err
    assert "orders.other.handler.handler" in said


def test_a_line_that_was_deleted_stays_deleted_and_one_that_was_moved_is_renamed(
    copy: Make,
) -> None:
    service, path = copy("terraform"), FUNCTIONS["terraform"]
    text = service.read(path.format("uploads"))
    line = next(line for line in text.splitlines() if "orders.uploads.handler" in line)
    gone = next(line for line in text.splitlines() if line.endswith('= "uploads"'))
    text = text.replace(f"{line}\n", "", 1).replace(f"{gone}\n", "", 1)
    head, _, rest = text.partition("{\n")
    service.write(path.format("uploads"), f"{head}{{\n{line}\n{rest}")
    done(service, "rename", "uploads", "images")
    after = service.read(path.format("images"))
    assert after.count(line.replace("uploads", "images")) == 1
    assert gone.replace("uploads", "images") not in after
