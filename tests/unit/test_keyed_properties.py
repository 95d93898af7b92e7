"""What holds for the merge by key whatever is written in the files."""

from __future__ import annotations

import tomllib
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matrix.services import PACKS, answer, supported, tools

from generator.answers import FunctionAnswers
from generator.merge import keyed
from generator.merge.hunks import settled
from generator.metadata import Tool
from generator.packs import ProviderPack
from generator.render import render
from generator.spec import build_spec

FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


class Tagged(yaml.SafeLoader):
    """Reads every tag as a pair of its name and what it holds."""


def _tagged(loader, suffix, node):
    if isinstance(node, yaml.MappingNode):
        return suffix, loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return suffix, loader.construct_sequence(node, deep=True)
    return suffix, node.value


Tagged.add_multi_constructor("!", _tagged)


def load(kind: str, text: str):
    return tomllib.loads(text) if kind == "toml" else yaml.load(text, Tagged)


class Clash(Exception):
    """Raised where both sides say something else of one value."""


class Unsure(Exception):
    """Raised where values alone do not say what a merge is."""


MISSING = object()


def three_way(base, ours, theirs):
    """What a merge by key means, of values; it knows nothing of texts."""
    if ours in (base, theirs):
        return theirs
    if theirs == base:
        return ours
    if not all(isinstance(one, dict) for one in (base, ours, theirs)):
        if MISSING in (base, ours, theirs) or list in map(type, (base, ours, theirs)):
            raise Unsure
        raise Clash
    keys = dict.fromkeys([*ours, *theirs])
    merged = {
        key: three_way(*(one.get(key, MISSING) for one in (base, ours, theirs))) for key in keys
    }
    return {key: value for key, value in merged.items() if value is not MISSING}


def added_lines(base: str, ours: str) -> set[str]:
    before = {line.strip() for line in base.split("\n")}
    return {line.strip() for line in ours.split("\n")} - before


def merged_whole(kind: str, base: str, ours: str, theirs: str) -> str:
    """The merged text, checked for what has to hold where the edits are elsewhere."""
    merged = keyed.merge(kind, base, ours, theirs)
    assert merged is not None
    text = settled(merged)
    assert text is not None, merged
    assert load(kind, text) == three_way(*(load(kind, one) for one in (base, ours, theirs)))
    assert added_lines(base, ours) <= {line.strip() for line in text.split("\n")}
    return text


# A service in one file: each function has a head, some have a comment, and they are sorted.


NAMES = st.sets(st.sampled_from("ABCDEF"), min_size=1)
TIMEOUTS = st.dictionaries(st.sampled_from("ABCDEF"), st.integers(1, 3))


def block(name: str, timeout: int) -> list[str]:
    comment = [f"  # About {name}."] if name in "BE" else []
    return [
        *comment,
        f"  {name}Function:",
        "    Type: Function",
        "    Properties:",
        f"      Timeout: {timeout}",
        "      Code: |",
        "        # no comment",
        f"          {name}",
        "      Events:",
        f"        - Source: !GetAtt {name}.Arn",
        "          Size: 1",
        "",
    ]


def service(names: set[str], timeouts: dict[str, int]) -> str:
    lines = ["# A service.", "Resources:", "  Topic:", "    Type: Topic", ""]
    for name in sorted(names):
        lines += block(name, timeouts.get(name, 9))
    lines += ["Outputs:", "  Url:", "    Value: x"]
    for name in sorted(names & set("BD")):
        lines += [f"  {name}Url:", f"    Value: !Ref {name}"]
    return "\n".join(lines) + "\n"


def starts(lines: list[str]) -> list[int]:
    """Where a resource begins, with its comment."""
    found = [at for at, line in enumerate(lines) if line[:2] == "  " and line[2:].endswith(":")]
    keys = [at for at in found if line_is_key(lines[at]) and at < lines.index("Outputs:")]
    return [at - 1 if lines[at - 1].startswith("  #") else at for at in keys]


def line_is_key(line: str) -> bool:
    return len(line) - len(line.lstrip()) == 2


def span(lines: list[str], name: str) -> tuple[int, int]:
    at = lines.index(f"  {name}Function:")
    at -= lines[at - 1].startswith("  # About")
    return at, lines.index("", at) + 1


def edited(draw, text: str, untouched: list[str]) -> str:
    """`text` after a developer's day: nothing is edited in functions but in `untouched`."""
    lines = text.rstrip("\n").split("\n")
    for number in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(["own", "note", "end", "output", "edit", "delete", "move"]))
        name = draw(st.sampled_from(untouched)) if untouched else ""
        here = f"  {name}Function:" in lines
        if kind in ("own", "note"):
            own = [f"  Own{number}:", "    Type: Own", ""]
            at = draw(st.sampled_from(starts(lines)))
            lines[at:at] = own if kind == "own" else [f"  # note {number}", ""]
        elif kind == "end":
            at = lines.index("Outputs:")
            lines[at:at] = [f"  Last{number}:", "    Type: Own", ""]
        elif kind == "output":
            at = lines.index("  Url:") if number % 2 else len(lines)
            lines[at:at] = [f"  Mine{number}:", f"    Value: {number} # mine"]
        elif here and kind == "edit":
            at = next(i for i in range(span(lines, name)[0], len(lines)) if "Timeout" in lines[i])
            lines[at : at + 1] = [f"      Timeout: 7{number} # mine", f"      X{number}: mine"]
        elif here and kind in ("delete", "move"):
            low, high = span(lines, name)
            moved, lines[low:high] = lines[low:high], []
            if kind == "move":
                at = draw(st.sampled_from(starts(lines)))
                lines[at:at] = moved
    return "\n".join(lines) + "\n"


def wider(text: str) -> str:
    """`text` with twice the indentation, and the texts in it as they were."""
    lines, deep = [], False
    for line in text.split("\n"):
        width = len(line) - len(line.lstrip())
        deep = (deep and width > 6) or line.strip() == "Code: |"
        # What is beside a dash, and lines of a text, move along with what they belong to.
        add = 6 if deep and width > 6 else 8 if line.lstrip().startswith("Size") else width
        lines.append(" " * add + line)
    return "\n".join(lines)


@st.composite
def evolutions(draw):
    """base, ours, theirs: what is edited is left alone by the change."""
    before, after = draw(NAMES), draw(NAMES)
    timeouts = draw(TIMEOUTS)
    base, theirs = service(before, {}), service(after, timeouts)
    untouched = sorted((before & after) - timeouts.keys())
    ours = edited(draw, base, untouched)
    return base, wider(ours) if draw(st.booleans()) else ours, theirs


@FEW
@given(evolutions())
def test_an_edit_elsewhere_is_never_a_conflict_and_never_lost(case):
    base, ours, theirs = case
    text = merged_whole("yaml", base, ours, theirs)
    assert "\n\n\n" not in text
    assert merged_whole("yaml", theirs, text, theirs) == text


@FEW
@given(NAMES, NAMES, TIMEOUTS, st.data())
def test_adding_and_removing_leaves_what_the_developer_wrote(names, more, timeouts, data):
    base = service(names, {})
    grown = service(names | more, {})
    ours = edited(data.draw, base, sorted(names))
    text = merged_whole("yaml", base, ours, grown)
    assert merged_whole("yaml", grown, text, base) == ours


# Any mapping of mappings, lists and words, with comments


WORDS = st.sampled_from(["1", "x y", "!Ref a", "[a, b]", '"q: #"', "'s'", "~", ""])
KEYS = st.sampled_from(["a", "b", "c", "'d'", "on", "e f"])
LISTS = st.lists(st.sampled_from(["- a", "- b: 1", "- !Ref c", "- {x: 1}", "- |\n  t\n\n   u"]))
VALUES = st.recursive(
    WORDS | LISTS, lambda inner: st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
FILES = st.dictionaries(KEYS, VALUES, min_size=1, max_size=4)


@st.composite
def written(draw, value: dict[str, Any]):
    """The lines of a mapping."""
    lines: list[str] = []
    for key, held in value.items():
        lines += draw(st.sampled_from([[], [], [], [""], ["# c"], ["", "# d", ""], ["  # odd"]]))
        if isinstance(held, str):
            lines.append(f"{key}: {held}{draw(st.sampled_from(['', '', ' # e']))}")
            continue
        inner = draw(written(held)) if isinstance(held, dict) else "\n".join(held).split("\n")
        if not held:
            lines.append(f"{key}:")
            continue
        width = draw(st.sampled_from([2, 2, 4] if isinstance(held, dict) else [0, 2, 2]))
        lines += [f"{key}:", *(" " * width + line if line else "" for line in inner)]
    return lines


@st.composite
def changed(draw, lines: list[str]):
    """`lines` with a few of them changed, added or gone."""
    lines = list(lines)
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(lines)))
        width = len(lines[at]) - len(lines[at].lstrip()) if at < len(lines) else 0
        word = draw(st.sampled_from(["n: 1", "m:", "# new", "- new", "", "b: 2", "- a"]))
        gone = draw(st.sampled_from([0, 0, 1, 2]))
        lines[at : at + gone] = [" " * width + word] if gone < 2 else []
    return lines


@st.composite
def three_files(draw):
    lines = draw(written(draw(FILES)))
    sides = (lines, draw(changed(lines)), draw(changed(lines)))
    return ["\n".join(side) + "\n" for side in sides]


@settings(FEW, max_examples=200)
@given(three_files())
def test_any_merge_is_what_its_values_say_or_a_conflict(case):
    base, ours, theirs = case
    merged = keyed.merge("yaml", base, ours, theirs)
    if merged is None or ours == base or theirs in (ours, base):
        return
    text = settled(merged)
    values = [load("yaml", one) for one in case]
    try:
        expected = three_way(*values)
    except Unsure:
        return
    except Clash:
        assert text is None
        return
    if text is not None:
        # A file without entries has no value at all.
        assert (load("yaml", text) or {}) == (expected or {})
        comments = {line for line in added_lines(base, ours) if line.startswith("# ")}
        assert comments <= {line.strip() for line in text.split("\n")}


# Real services: every tool that there is


def rendered(pack: ProviderPack, tool: Tool, count: int) -> dict[str, str]:
    """The YAML and TOML files of a service with that many functions."""
    triggers = supported(pack, tool)
    named = [(triggers[at % len(triggers)].name, f"fun{at}") for at in range(count)]
    functions = [FunctionAnswers(*one) for one in named]
    tree = render(build_spec(answer(pack, tool, functions), PACKS), PACKS)
    kinds = (".yml", ".yaml", ".toml")
    return {path: entry.content.decode() for path, entry in tree.items() if path.endswith(kinds)}


def test_generated_files_grow_and_shrink_around_what_the_developer_added():
    for pack, tool in tools():
        few, many = rendered(pack, tool, 2), rendered(pack, tool, 5)
        for path in few.keys() & many.keys():
            kind = "toml" if path.endswith(".toml") else "yaml"
            mine = (
                "\n# mine\n[tool.mine]\na = [\n  1,\n]\n" if kind == "toml" else "\nx-mine: 1 # x\n"
            )
            ours = few[path] + mine
            text = merged_whole(kind, few[path], ours, many[path])
            assert text == many[path] + mine
            assert merged_whole(kind, many[path], text, few[path]) == ours
