"""Every trigger in every tool, discovered from the packs: it comes, changes and goes, its tool too.

The developer has edited every file that can hold a comment; nothing of that may be lost.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest
from evolve.looking import done
from evolve.playground import Result, Service, gen
from evolve.witness import copy_of
from matrix.services import PACKS, other_values, supported

from generator.answers import Answers, FunctionAnswers
from generator.metadata import Option, Tool, Trigger
from generator.packs import ProviderPack
from generator.render import render
from generator.spec import build_spec
from generator.tree import Tree

MARK = "a remark of its developer"
HASHES = (".py", ".toml", ".yml", ".yaml", ".sh", ".tf", ".txt", ".tfvars", "")
COMMENTS = {
    ".md": f"<!-- {MARK} -->",
    ".js": f"// {MARK}",
    **dict.fromkeys(HASHES, f"# {MARK}"),
}
KINDS = [(pack, tool) for pack in PACKS.providers.values() for tool in pack.tools.values()]
PAIRS = [
    (pack, old, new)
    for pack in PACKS.providers.values()
    for old, new in permutations(pack.tools.values(), 2)
]


def named(value: object) -> str:
    return getattr(value, "name", "")


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda file: None)  # no power fails here


def make(folder: Path, pack: ProviderPack, tool: Tool, *triggers: str) -> Service:
    """A new service `orders` with these triggers."""
    words = [word for trigger in triggers for word in ("--trigger", trigger)]
    folder.mkdir(parents=True, exist_ok=True)
    asked = ["--provider", pack.name, "--tool", tool.name, *words, "--no-input"]
    result = gen(folder, "new", "orders", *asked)
    assert result.code == 0, result.err
    return Service(folder / "orders")


def function_of(trigger: Trigger) -> str:
    return f"on_{trigger.name.replace('-', '_')}"


def remark(service: Service, *, only: str = "") -> list[str]:
    """A comment near the top of every file that can have one; the files' paths."""
    marked = []
    for path in service.tree(with_base=False):
        ending = Path(path).suffix
        if path.startswith((".gen", only or ".gen")) == bool(only) and ending in COMMENTS:
            service.write(path, with_remark(service.read(path), COMMENTS[ending]))
            marked.append(path)
    assert marked
    return marked


def with_remark(text: str, comment: str) -> str:
    """After what has to come first: an interpreter's line, a module's docstring and futures."""
    futures = "from __future__ import annotations\n"
    head, found, rest = text.partition(futures)
    if found:
        return f"{head}{found}{comment}\n{rest}"
    if text.startswith("#!"):
        return text.replace("\n", f"\n{comment}\n", 1)
    return f"{comment}\n{text}"


def unremarked(service: Service) -> Tree:
    """The files without the developer's lines."""
    return {
        path: entry._replace(
            content=b"".join(
                line
                for line in entry.content.splitlines(keepends=True)
                if MARK.encode() not in line
            )
        )
        for path, entry in service.tree(with_base=False).items()
    }


@pytest.mark.parametrize(("pack", "tool"), KINDS, ids=named)
def test_every_trigger_comes_and_goes(pack: ProviderPack, tool: Tool, tmp_path: Path) -> None:
    triggers = supported(pack, tool)
    pristine = make(tmp_path / "pristine", pack, tool, f"{triggers[0].name}=first")
    for trigger in triggers:
        service = copy_of(pristine, tmp_path / trigger.name)
        marked = remark(service)
        before = service.tree()
        done(service, "add-trigger", trigger.name, "--name", "second")
        fresh = make(
            tmp_path / f"fresh-{trigger.name}",
            pack,
            tool,
            f"{triggers[0].name}=first",
            f"{trigger.name}=second",
        )
        assert unremarked(service) == fresh.tree(with_base=False), trigger.name
        assert all(MARK in service.read(path) for path in marked), trigger.name
        done(service, "remove-trigger", "second")
        assert service.tree() == before, trigger.name


@pytest.mark.parametrize(("pack", "tool"), KINDS, ids=named)
def test_every_option_of_a_trigger_changes(pack: ProviderPack, tool: Tool, tmp_path: Path) -> None:
    for trigger in supported(pack, tool):
        service = make(tmp_path / trigger.name, pack, tool, f"{trigger.name}=first")
        marked = [path for path in remark(service) if path != "gen.toml"]
        declared = service.read("gen.toml")
        changed = 0
        for option, value in changes(trigger):
            service.write("gen.toml", f"{declared.rstrip()}\n{option.name} = {toml(value)}\n")
            result = gen(service.root, "apply")
            if result.code == 2 or only_ends_edited_files(result):  # rules want another option, too
                service.write("gen.toml", declared)
                continue
            assert result.code == 0, f"{trigger.name}.{option.name}: {result.err}"
            changed += 1
            gone = [path for path in marked if not (service.root / path).exists()]
            assert not gone, f"{trigger.name}.{option.name}"
            assert all(MARK in service.read(path) for path in marked), option.name
            service.write("gen.toml", declared)
            done(service, "apply")
        assert changed, trigger.name


def only_ends_edited_files(result: Result) -> bool:
    """Whether all that stops the change is an edited file which it would take away."""
    stops = [line for line in result.err.splitlines() if re.match(r"  \S.*: ", line)]
    ends = "no longer generated, but you changed it"
    return result.code == 3 and all(ends in line for line in stops if "help:" not in line)


def changes(trigger: Trigger) -> Iterator[tuple[Option, object]]:
    for option in trigger.options.values():
        values = other_values(option)
        if values:
            yield option, values[0]


def toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(toml(item) for item in value)}]"
    return str(value) if isinstance(value, int) else f"'{value}'"


@pytest.mark.parametrize(("pack", "old", "new"), PAIRS, ids=named)
def test_every_tool_becomes_every_other(
    pack: ProviderPack, old: Tool, new: Tool, tmp_path: Path
) -> None:
    both = [t for t in supported(pack, old) if new.name in t.tools]
    words = [f"{trigger.name}={function_of(trigger)}" for trigger in both]
    service = make(tmp_path / "old", pack, old, *words)
    marked = remark(service, only="src/") + remark(service, only="tests/")
    service.edit("gen.toml", f'tool = "{old.name}"', f'tool = "{new.name}"')
    result = done(service, "apply")
    assert tomllib.loads(service.read("gen.toml"))["service"]["tool"] == new.name
    assert all(MARK in service.read(path) for path in marked)
    fresh = make(tmp_path / "new", pack, new, *words)
    assert unremarked(service) == fresh.tree(with_base=False)
    assert "destroy" in result.out + result.err  # what is to be done with deployed stages


@pytest.mark.parametrize("pack", PACKS.providers.values(), ids=named)
def test_what_another_tool_has_left_stays_ignored_and_is_cleaned(pack: ProviderPack) -> None:
    """It still lies on disk after a change of the tool: `git add .` must not take it along."""
    function = FunctionAnswers("http", "api")
    found = []
    for tool in pack.tools:
        answers = Answers(name="orders", provider=pack.name, tool=tool, functions=(function,))
        tree = render(build_spec(answers, PACKS), PACKS)
        ignored = {*tree[".gitignore"].content.decode().splitlines()}
        makefile = tree["Makefile"].content.decode()
        lines = re.findall(r"^CLEAN .?= (.*)$", makefile, re.MULTILINE)
        found.append((ignored, {word for line in lines for word in line.split()}))
    assert all(one == found[0] for one in found)
    assert "/infra/.terraform/" in found[0][0]
    assert "infra/.terraform" in found[0][1]
