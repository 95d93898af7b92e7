"""One path's contents: which way of merging decides, and that no line of the developer's goes."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from generator.merge import contents, keyed
from generator.merge.contents import Outcome, Texts, decide, keeps_lines, merge_contents
from generator.merge.hunks import Hunk, Merged
from generator.merge.lines import marker_lines
from generator.merge.style import BOM

bounded = settings(max_examples=200, deadline=None)


def merged(path: str, base: str, ours: str, theirs: str) -> Outcome:
    return merge_contents(path, base.encode(), ours.encode(), theirs.encode())


# One side is taken as it is


@pytest.mark.parametrize("path", ["a.txt", "a.yml", "a.toml", "a.py", "a.json", "image.png"])
@pytest.mark.parametrize("content", [b"x", b"{", b"\0", b"<<<<<<< a\n=======\n>>>>>>> b\n"])
def test_where_only_one_side_changed_it_is_taken_unread(path: str, content: bytes) -> None:
    assert merge_contents(path, b"base", b"base", content).content == content
    assert merge_contents(path, b"base", content, b"base").content == content
    assert merge_contents(path, b"base", content, content).content == content
    assert merge_contents(path, None, content, content).content == content


STYLES = {
    "crlf": lambda text: text.replace(b"\n", b"\r\n"),
    "byte order mark": lambda text: BOM + text,
    "no final newline": lambda text: text.removesuffix(b"\n"),
    "all of them": lambda text: BOM + text.removesuffix(b"\n").replace(b"\n", b"\r\n"),
}
styles = pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)


@styles
def test_a_file_saved_in_another_style_takes_what_is_new_in_that_style(style) -> None:
    base, theirs = b"a\nb\nc\n", b"a\nB\nc\nd\n"
    outcome = merge_contents("a.txt", base, style(base), theirs)
    assert outcome == outcome._replace(step="same", content=style(theirs))


@styles
def test_a_style_alone_is_no_difference(style) -> None:
    base, theirs = b"a\nb\nc\n", b"a\nB\nc\nd\n"
    assert merge_contents("a.txt", base, style(theirs), theirs).content == style(theirs)
    assert merge_contents("a.txt", base, style(theirs), style(base)).content == style(theirs)
    assert merge_contents("a.txt", None, style(theirs), theirs).content == style(theirs)


# The ways


def test_yaml_and_toml_are_merged_by_key() -> None:
    base = "a:\n  x: 1\n"
    outcome = merged("a.yml", base, base + "mine:\n  x: 2\n", base + "new:\n  x: 3\n")
    assert (outcome.step, outcome.hunks) == ("keyed", ())
    assert outcome.content is not None
    assert {b"mine:", b"new:"} < set(outcome.content.split(b"\n"))
    base = '[a]\nx = "1"\n'
    outcome = merged("a.toml", base, base + "\n[mine]\nx = 2\n", base + "\n[new]\nx = 3\n")
    assert (outcome.step, outcome.hunks) == ("keyed", ())


def test_other_files_are_merged_by_lines() -> None:
    outcome = merged("Makefile", "a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n")
    assert (outcome.step, outcome.content) == ("lines", b"A\nb\nC\n")


def test_yaml_that_is_odd_is_merged_by_lines() -> None:
    base = "a: [\nb: 1\nc: 2\nd: 3\n"
    outcome = merged("a.yml", base, base.replace("1", "10"), base.replace("3", "30"))
    assert (outcome.step, outcome.content) == ("lines", b"a: [\nb: 10\nc: 2\nd: 30\n")


def test_a_conflict_by_key_is_not_hidden_by_a_merge_of_lines(monkeypatch) -> None:
    base = "a:\n  x: 1\n  y: 1\n  z: 1\n"
    ours, theirs = base.replace("x: 1", "x: 2"), base.replace("z: 1", "z: 2")
    hunk = Hunk(base, ours, theirs, 1, "a")
    monkeypatch.setattr(keyed, "merge", lambda *_: [hunk])
    outcome = merged("a.yml", base, ours, theirs)
    assert (outcome.step, outcome.content, outcome.hunks) == ("keyed", None, (hunk,))


def test_both_sides_changing_one_key_is_a_conflict_whose_sides_can_be_chosen() -> None:
    base, ours, theirs = (f"a: 0\nb: {value}\nc: 0\n" for value in (1, 2, 3))
    outcome = merged("a.yml", base, ours, theirs)
    assert (outcome.content, len(outcome.hunks)) == (None, 1)
    assert (outcome.hunks[0].line, outcome.hunks[0].ours) == (2, "b: 2\n")
    assert decide(outcome, "ours") == ours.encode()
    assert decide(outcome, "theirs") == theirs.encode()
    marked = decide(outcome, "markers")
    assert marked is not None
    assert marker_lines(marked.decode())


@styles
def test_what_is_decided_or_marked_has_the_style_of_ours(style) -> None:
    base, ours, theirs = b"a\nb\nc\nd\n", b"a\nO\nc\nd\n", b"a\nT\nc\nD\n"
    outcome = merge_contents("a.txt", base, style(ours), theirs)
    assert decide(outcome, "ours") == style(b"a\nO\nc\nD\n")
    assert decide(outcome, "theirs") == style(theirs)
    marks = b"<<<<<<< yours\nO\n||||||| generated before\nb\n=======\nT\n>>>>>>> generated now\n"
    assert decide(outcome, "markers") == style(b"a\n" + marks + b"c\nD\n")


# What is never merged


@pytest.mark.parametrize("sides", [(b"\0", b"a", b"b"), (b"a", b"\0", b"b"), (b"a", b"b", b"\0")])
def test_a_binary_changed_by_both_can_only_be_chosen(sides: tuple[bytes, bytes, bytes]) -> None:
    outcome = merge_contents("a.bin", *sides)
    assert (outcome.step, outcome.content, outcome.hunks) == ("binary", None, ())
    assert decide(outcome, "markers") is None
    assert decide(outcome, "ours") == sides[1]
    assert decide(outcome, "theirs") == sides[2]


def test_two_encodings_are_never_mixed() -> None:
    base, ours = b"a\nb\nc\n", b"caf\xe9\nb\nc\n"
    outcome = merge_contents("a.txt", base, ours, "a\nb\nç\n".encode())
    assert (outcome.step, outcome.content, outcome.hunks) == ("encoding", None, ())
    assert decide(outcome, "markers") is None
    assert decide(outcome, "ours") == ours
    assert decide(outcome, "theirs") == "a\nb\nç\n".encode()
    assert merge_contents("a.txt", base, "ç\nb\nc\n".encode(), b"a\nb\n\xe9\n").step == "encoding"


def test_another_encoding_is_kept_where_what_is_new_is_ascii() -> None:
    outcome = merge_contents("a.txt", b"a\nb\nc\n", b"caf\xe9\nb\nc\n", b"a\nb\nC\n")
    assert outcome.content == b"caf\xe9\nb\nC\n"


def test_a_file_with_marks_left_in_it_is_not_merged() -> None:
    base, theirs = "a\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\n"
    ours = "a\n<<<<<<< yours\nB\n=======\nb\n>>>>>>> now\nc\nd\ne\n"
    outcome = merged("a.txt", base, ours, theirs)
    assert (outcome.step, outcome.content) == ("markers", None)
    assert [hunk.line for hunk in outcome.hunks] == [2]
    assert decide(outcome, "markers") is None
    assert decide(outcome, "ours") == ours.encode()
    assert decide(outcome, "theirs") == theirs.encode()


def test_a_file_of_the_developers_is_not_overwritten_by_a_new_one() -> None:
    outcome = merge_contents("a.txt", None, b"mine\r\n", b"new\n")
    assert (outcome.step, outcome.content, len(outcome.hunks)) == ("new", None, 1)
    assert decide(outcome, "ours") == b"mine\r\n"
    assert decide(outcome, "theirs") == b"new\r\n"
    marked = decide(outcome, "markers")
    assert marked is not None
    assert marker_lines(marked.decode())


# The check that follows each way


@pytest.mark.parametrize(
    ("path", "base", "ours", "theirs"),
    [
        (
            "a.json",
            '{\n"a": 1,\n"b": 1,\n"c": 1\n}\n',
            '{\n"x": 1,\n"a": 1,\n"b": 1,\n"c": 1\n}\n',
            '{\n"a": 1,\n"b": 1,\n"c": 1,\n"x": 2\n}\n',
        ),
        (
            "a.json",
            '{\n"a": 1,\n"b": 1,\n"c": 1\n}\n',
            '{\n"b": 1,\n"c": 1\n}\n'.replace('"b"', '"a": [1,\n2], "b"'),
            '{\n"a": 1,\n"b": 1}\n',
        ),
        (
            "a.py",
            "if a:\n    b\n    c\nd\n",
            "if a:\n    b\nd\n",
            "if a:\n    c\nd\n",
        ),
    ],
    ids=["a key twice", "a comma", "an empty block"],
)
def test_a_clean_merge_that_does_not_parse_is_a_conflict(
    path: str, base: str, ours: str, theirs: str
) -> None:
    outcome = merged(path, base, ours, theirs)
    assert outcome.content is None
    assert outcome.hunks
    assert decide(outcome, "ours") is not None


def test_what_did_not_parse_before_need_not_parse_afterwards() -> None:
    base = "def f(:\nx\ny\nz\n"
    outcome = merged("a.py", base, base.replace("x", "X"), base.replace("z", "Z"))
    assert (outcome.step, outcome.content) == ("lines", b"def f(:\nX\ny\nZ\n")


def test_an_odd_escape_warns_nobody(recwarn) -> None:
    base = 'a = "\\d"\nb\nc\n'
    assert merged("a.py", base, "x\n" + base, base + "y\n").content is not None
    assert not recwarn.list


@pytest.mark.parametrize(
    "result",
    ["a: 1\nnew: 1\n", "a: 1\nmine: 1\nnew: 1\nmine: 1\n:", "[", "a: 1\nmine: 2\nnew: 1\n"],
    ids=["a line gone", "a key twice", "does not parse", "a line changed"],
)
def test_a_keyed_result_that_does_not_stand_is_left_to_the_next_way(monkeypatch, result) -> None:
    def wrong(*_: object) -> Merged:
        return [result]

    base = "b: 1\na: 1\nc: 1\n"
    ours, theirs = "mine: 1\n" + base, base + "new: 1\n"
    monkeypatch.setattr(keyed, "merge", wrong)
    outcome = merged("a.yml", base, ours, theirs)
    assert (outcome.step, outcome.content) == ("lines", ("mine: 1\n" + theirs).encode())


def test_a_keyed_conflict_that_lost_a_line_is_a_conflict_of_the_whole_file(monkeypatch) -> None:
    base, ours, theirs = "b: 1\na: 1\n", "mine: 1\nb: 1\na: 1\n", "b: 1\na: 1\nnew: 1\n"
    monkeypatch.setattr(keyed, "merge", lambda *_: ["b: 1\n", Hunk("", "", "", 2)])
    outcome = merged("a.yml", base, ours, theirs)
    assert (outcome.step, outcome.content) == ("check", None)
    assert decide(outcome, "ours") == ours.encode()


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "result", "kept"),
    [
        ("a", "a b", "a", "a b", True),
        ("a", "a b", "a", "a", False),
        ("a a", "a a a", "a a", "a a", False),
        ("a a", "a a a", "a", "a a", True),
        ("a", "a b", "a b", "a b", True),
        ("a", "a b b", "a b", "a b b", True),
        ("a", "a b b", "a b", "a b", False),
        ("a x", "a x a", "x a", "x a", True),
        ("a b", "a", "a b", "a", True),
    ],
)
def test_a_line_counts_as_kept_as_often_as_the_sides_account_for(
    base: str, ours: str, theirs: str, result: str, kept: bool
) -> None:
    sides = (text.replace(" ", "\n") + "\n" for text in (base, ours, theirs))
    assert keeps_lines(Texts(*sides), result.replace(" ", "\n")) == kept


# Properties

Blocks = dict[str, dict[str, int]]
names = st.sampled_from(["a", "b", "c", "d", "e", "f"])
values = st.dictionaries(names, st.integers(0, 2), min_size=1, max_size=3)
blocks = st.dictionaries(names, values, max_size=5)


@st.composite
def changed(draw: st.DrawFn, base: Blocks) -> Blocks:
    """`base` with blocks dropped, replaced and added."""
    kept = {name: block for name, block in base.items() if draw(st.integers(0, 4))}
    return kept | draw(st.dictionaries(names, values, max_size=2))


@st.composite
def evolved(draw: st.DrawFn) -> tuple[Blocks, Blocks, Blocks]:
    base = draw(blocks)
    return base, draw(changed(base)), draw(changed(base))


def as_yaml(data: Blocks, comment: str = "") -> str:
    lines = []
    for name, block in data.items():
        lines += [f"{name}:", *(f"  {key}: {value}{comment}" for key, value in block.items())]
    return "".join(f"{line}\n" for line in lines) or "# nothing\n{}\n"


def as_toml(data: Blocks, comment: str = "") -> str:
    lines = ["# tables", "# of numbers"]
    for name, block in data.items():
        lines += ["", f"[{name}]", *(f"{key} = {value}{comment}" for key, value in block.items())]
    return "".join(f"{line}\n" for line in lines)


def as_json(data: Blocks, _: str = "") -> str:
    blocks = (
        f'"{name}": {{\n'
        + ",\n".join(f'  "{key}": {value}' for key, value in block.items())
        + "\n}"
        for name, block in data.items()
    )
    return "{\n" + ",\n".join(blocks) + "\n}\n"


def as_python(data: Blocks, comment: str = "") -> str:
    lines = ["if x:", "    pass"]
    for name, block in data.items():
        lines += ["", f"def {name}():"]
        lines += [f"    {key} = {value}{comment}" for key, value in block.items()]
    return "".join(f"{line}\n" for line in lines)


WRITERS = {"a.yml": as_yaml, "a.toml": as_toml, "a.json": as_json, "a.py": as_python}
paths = st.sampled_from(sorted(WRITERS))


@bounded
@given(paths, evolved(), st.sampled_from(["", "  # mine"]))
@example("a.json", ({"a": {"a": 1}}, {"a": {"a": 1}, "b": {"a": 1}}, {"a": {"a": 2}}), "")
def test_no_line_of_the_developers_goes_and_what_parsed_still_parses(
    path: str, data: tuple[Blocks, Blocks, Blocks], comment: str
) -> None:
    base, ours, theirs = (WRITERS[path](side) for side in data)
    if comment:
        ours = WRITERS[path](data[1], comment)
    outcome = merged(path, base, ours, theirs)
    for content in (outcome.content, decide(outcome, "ours")):
        assert outcome.hunks or content is not None
        if content is None:
            continue
        mine = counted(ours) - counted(base)
        assert not mine - counted(content.decode()), content.decode()
    if outcome.content is not None:
        assert parses(path, outcome.content.decode())


def counted(text: str) -> Counter[str]:
    return Counter(line.strip() for line in text.splitlines() if line.strip())


def parses(path: str, text: str) -> bool:
    kind = contents.KINDS["." + path.split(".")[1]]
    return contents._parser(kind)(text)


@bounded
@given(paths, evolved(), st.sampled_from(sorted(STYLES)))
def test_the_style_of_ours_changes_nothing_else(
    path: str, data: tuple[Blocks, Blocks, Blocks], name: str
) -> None:
    style = STYLES[name]
    base, ours, theirs = (WRITERS[path](side).encode() for side in data)
    plain = merge_contents(path, base, ours, theirs)
    outcome = merge_contents(path, base, style(ours), theirs)
    assume(base not in (ours, theirs))
    assert (outcome.content is None) == (plain.content is None)
    assert outcome.hunks == plain.hunks
    for how in ("ours", "theirs", "markers"):
        expected = decide(plain, how)
        assert decide(outcome, how) == (None if expected is None else style(expected))
