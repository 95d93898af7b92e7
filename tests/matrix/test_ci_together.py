"""CI systems side by side: each writes what it would write alone."""

from __future__ import annotations

from itertools import combinations

import pytest
from matrix.services import PACKS, answer, one_each, other_values, supported, tools

from generator.metadata import CiSystem
from generator.packs import ProviderPack
from generator.render import Rendering
from generator.spec import build_spec
from generator.tree import Tree

SYSTEMS = [ci for ci in PACKS.ci_systems.values() if not ci.alone]
GROUPS = [*combinations(SYSTEMS, 2), tuple(SYSTEMS)]
# What belongs to the whole service: every system adds to it.
SHARED = {"README.md", "docs/deployment.md", "gen.toml", ".gitignore"}
TOOLS = list(tools())


def trees(
    pack: ProviderPack, tool: object, systems: tuple[CiSystem, ...], options: dict[str, object]
) -> tuple[Tree, Tree]:
    """The service, and what the root of a repository around it needs."""
    functions = one_each(supported(pack, tool)[:1])  # type: ignore[arg-type]
    names = tuple(ci.name for ci in systems)
    spec = build_spec(answer(pack, tool, functions, options, ci=names), PACKS)  # type: ignore[arg-type]
    service = Rendering(spec, PACKS).tree()
    return service, Rendering(spec, PACKS, folder="services/orders").root_tree()


def switched(systems: tuple[CiSystem, ...]) -> dict[str, object]:
    return {o.name: True for ci in systems for o in ci.options.values() if o.default is False}


def test_there_are_systems_to_put_together():
    assert len(SYSTEMS) >= 2
    assert len(GROUPS) > len(SYSTEMS) - 1


@pytest.mark.parametrize(("pack", "tool"), TOOLS, ids=[f"{p.name}-{t.name}" for p, t in TOOLS])
def test_each_system_has_the_files_that_it_has_alone(pack, tool):
    choices: list[dict[str, object]] = [{}]
    choices += [{o.name: v} for o in tool.options.values() for v in other_values(o)]
    for options in choices:
        alone = {ci.name: trees(pack, tool, (ci,), options) for ci in SYSTEMS}
        for group in GROUPS:
            check_together(group, trees(pack, tool, group, options), alone)
        everything = trees(pack, tool, tuple(SYSTEMS), options | switched(tuple(SYSTEMS)))
        alone = {ci.name: trees(pack, tool, (ci,), options | switched((ci,))) for ci in SYSTEMS}
        check_together(tuple(SYSTEMS), everything, alone)


def check_together(
    group: tuple[CiSystem, ...], together: tuple[Tree, Tree], alone: dict[str, tuple[Tree, Tree]]
) -> None:
    for number, own in enumerate(together):
        parts = [alone[ci.name][number] for ci in group]
        assert set(own) == {path for part in parts for path in part}
        for part in parts:
            for path in set(part) - SHARED:
                assert own[path] == part[path], path
    service = together[0]
    headings = [
        line
        for path in ("README.md", "docs/deployment.md")
        for line in service[path].content.decode().splitlines()
        if line.startswith("## ")
    ]
    assert len(headings) == len(set(headings))
    for ci in group:
        lets = f"## Let {ci.name}".lower().replace("-", " ")
        assert any(heading.lower().replace("-", " ").startswith(lets) for heading in headings)
        lines = alone[ci.name][0][".gitignore"].content.decode().splitlines()
        assert set(lines) <= set(service[".gitignore"].content.decode().splitlines())


def test_the_order_in_which_they_are_said_changes_no_file_of_theirs():
    pack, tool = TOOLS[0]
    one, _ = trees(pack, tool, tuple(SYSTEMS), {})
    other, _ = trees(pack, tool, tuple(reversed(SYSTEMS)), {})
    assert {p for p in one if one[p] != other.get(p)} <= SHARED
    assert set(one) == set(other)
