"""The line merge, held against `git merge-file`: what we settle, git settles in the same way."""

from __future__ import annotations

import random
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.merge.hunks import Hunk, Merged, hunks, settled
from generator.merge.lines import marker_lines, markers, merge, one_hunk, split

GOLDEN = Path(__file__).parent.parent / "golden"
REAL = [
    lines
    for path in sorted(GOLDEN.glob("*/service/**/*"))
    if path.is_file() and path.suffix in (".py", ".yml", ".yaml", ".toml", ".md", ".sh")
    and len(lines := split(path.read_text())) >= 20
]  # fmt: skip
KNOWN = [line for lines in REAL for line in lines]
SHARE_OF_FALSE_CONFLICTS = 0.01

bounded = settings(max_examples=200, deadline=None)


def git(base: str, ours: str, theirs: str) -> str | None:
    """What `git merge-file` makes of it; None where it finds a conflict."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("base", base), ("ours", ours), ("theirs", theirs)):
            (Path(folder) / name).write_bytes(text.encode())
        command = ["git", "merge-file", "-p", "--diff3", "ours", "base", "theirs"]
        done = subprocess.run(command, cwd=folder, capture_output=True)
    return done.stdout.decode() if done.returncode == 0 else None


def agrees_with_git(base: str, ours: str, theirs: str) -> None:
    result = settled(merge(base, ours, theirs))
    if result is not None:
        assert git(base, ours, theirs) == result


# Texts


def texts(alphabet: str, most: int = 12) -> st.SearchStrategy[str]:
    lines = st.lists(st.sampled_from(alphabet).map("{}\n".format), max_size=most)
    return st.tuples(lines, st.booleans()).map(
        lambda drawn: "".join(drawn[0]).removesuffix("\n" if drawn[1] else "-")
    )


@st.composite
def edits(draw: st.DrawFn, lines: Sequence[str], new: st.SearchStrategy[str], most: int = 5) -> str:
    """`lines` with one to three places changed, each by up to `most` lines."""
    edited = list(lines)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(edited)))
        edited[at : at + draw(st.integers(0, most))] = draw(st.lists(new, max_size=most))
    return "".join(edited)


@st.composite
def three(
    draw: st.DrawFn,
    bases: st.SearchStrategy[list[str]],
    new: st.SearchStrategy[str],
    most: int = 5,
) -> tuple[str, str, str]:
    lines = draw(bases)
    return "".join(lines), draw(edits(lines, new, most)), draw(edits(lines, new, most))


known_or_new = st.one_of(st.sampled_from(KNOWN), st.integers(0, 20).map("new {}\n".format))
frequent = st.sampled_from(["\n", "}\n"])
seldom = st.integers(0, 100).map("line {}\n".format)
of_new = st.one_of(frequent, st.integers(0, 300).map("new {}\n".format))
passages = st.lists(st.one_of(seldom, seldom, frequent), min_size=20, max_size=60)


@bounded
@given(texts("abc"), texts("abc"), texts("abc"))
def test_what_is_settled_of_any_texts_is_what_git_says(base: str, ours: str, theirs: str) -> None:
    agrees_with_git(base, ours, theirs)


@bounded
@given(three(st.lists(st.sampled_from(["a\n", "b\n", "c\n", "\n"]), max_size=15), frequent, 2))
def test_what_is_settled_of_repeated_lines_is_what_git_says(sides: tuple[str, str, str]) -> None:
    agrees_with_git(*sides)


@bounded
@given(three(st.sampled_from(REAL), known_or_new))
def test_what_is_settled_of_real_files_is_what_git_says(sides: tuple[str, str, str]) -> None:
    agrees_with_git(*sides)


@bounded
@given(three(passages, of_new, 20))
def test_what_is_settled_of_rewritten_passages_is_what_git_says(
    sides: tuple[str, str, str],
) -> None:
    agrees_with_git(*sides)


def test_frequent_lines_amid_new_ones_decide_nothing() -> None:
    """The shortest diff keeps `a`; git leaves those dots out, finds another, and a conflict."""
    end = "f 1 . 2 g . 3 4 5 6 7 4 8 9 f 9 10 11 12 . . 13 14"
    new = "21 22 23 24 25 26 27 28 29 30 31 32"
    base = "a . . . b c . . . . . d e f g"
    ours = f"s . t a . 20 . . {new} c 33 . . d e {end}"
    theirs = f"s . t a . . . b c . . . . . {end}"
    agrees_with_git(lined(base), lined(ours), lined(theirs))
    assert git(lined(base), lined(ours), lined(theirs)) is None


def randomly_edited(lines: Sequence[str], chance: random.Random) -> str:
    """One to three places of 1 to 5 lines inserted, deleted, replaced or changed a little."""
    edited = list(lines)
    for _ in range(chance.randint(1, 3)):
        at, count = chance.randrange(len(edited) + 1), chance.randint(1, 5)
        source = chance.randrange(len(KNOWN) - count)
        copied, kind = KNOWN[source : source + count], chance.randrange(4)
        if kind == 0:
            edited[at:at] = copied
        elif kind == 1:
            del edited[at : at + count]
        elif kind == 2:
            edited[at : at + count] = copied
        else:
            changed = [line.replace("e", "E", 1) for line in edited[at : at + count]]
            edited[at : at + count] = changed
    return "".join(edited)


def test_hardly_any_real_edit_is_a_conflict_that_git_does_not_see() -> None:
    chance = random.Random(7)
    clean = false = 0
    for _ in range(400):
        lines = chance.choice(REAL)
        ours, theirs = randomly_edited(lines, chance), randomly_edited(lines, chance)
        if git("".join(lines), ours, theirs) is not None:
            clean += 1
            false += settled(merge("".join(lines), ours, theirs)) is None
    assert clean > 200
    assert false <= clean * SHARE_OF_FALSE_CONFLICTS


@bounded
@given(three(st.sampled_from(REAL), known_or_new))
def test_a_merge_decided_for_one_side_has_what_only_that_side_changed(
    sides: tuple[str, str, str],
) -> None:
    base, ours, theirs = sides
    other_way = merge(base, theirs, ours)
    assert decided(merge(base, ours, theirs), "ours") == decided(other_way, "theirs")
    assert decided(merge(base, ours, base), "theirs") == ours
    assert decided(one_hunk(base, ours, theirs), "ours") == ours
    assert decided(one_hunk(base, ours, theirs), "theirs") == theirs


def decided(merged: Merged, side: str) -> str:
    return "".join(piece if isinstance(piece, str) else getattr(piece, side) for piece in merged)


# What a person would expect


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "expected"),
    [
        ("a b c d e", "A b c d e", "a b c d E", "A b c d E"),
        ("a b c", "A b c", "a b C", "A b C"),
        ("a b c", "x a b c", "a b c y", "x a b c y"),
        ("a b c d e", "a c d e", "a b c d", "a c d"),
        ("a b c", "a X c", "a X c", "a X c"),
        ("a b c d e", "a X c d e", "a X c d E", "a X c d E"),
        ("a b", "a b", "a c", "a c"),
        ("a b", "a c", "a b", "a c"),
        ("", "", "a", "a"),
    ],
    ids=lambda value: value.replace(" ", "") or "-",
)
def test_changes_with_an_unchanged_line_between_are_both_taken(
    base: str, ours: str, theirs: str, expected: str
) -> None:
    assert settled(merge(lined(base), lined(ours), lined(theirs))) == lined(expected)


def lined(words: str) -> str:
    return "".join(f"{word}\n" for word in words.split())


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "hunk"),
    [
        ("a b c", "a O c", "a T c", ("b", "O", "T", 2)),
        ("a b c d", "a O c d", "a b T d", ("b c", "O c", "b T", 2)),
        ("a b", "a O b", "a T b", ("", "O", "T", 2)),
        ("a b c", "a c", "a T c", ("b", "", "T", 2)),
        ("a b c", "a x O c", "a x T c", ("b", "O", "T", 3)),
        ("a b", "a b O", "a b T", ("", "O", "T", 3)),
        ("", "O", "T", ("", "O", "T", 1)),
    ],
    ids=["same line", "neighbours", "same place", "deleted", "one in common", "at the end", "all"],
)
def test_changes_that_touch_are_a_hunk(
    base: str, ours: str, theirs: str, hunk: tuple[str, str, str, int]
) -> None:
    found = hunks(merge(lined(base), lined(ours), lined(theirs)))
    assert found == (Hunk(lined(hunk[0]), lined(hunk[1]), lined(hunk[2]), hunk[3]),)


def test_the_line_of_a_hunk_counts_what_else_ours_has_above_and_from_the_given_number() -> None:
    base, ours, theirs = lined("a b c d"), lined("new new a b O d"), lined("a b T d")
    assert hunks(merge(base, ours, theirs))[0].line == 5
    assert hunks(merge(base, ours, theirs, first_line=40))[0].line == 44


def test_a_function_added_after_one_whose_end_changed_is_no_conflict() -> None:
    base = "def one():\n    return 1\n\n\ndef two():\n    return 2\n"
    ours = base.replace("def two", "def mine():\n    return 0\n\n\ndef two")
    theirs = base.replace("return 1", "return 11")
    assert settled(merge(base, ours, theirs)) == ours.replace("return 1", "return 11")


@pytest.mark.parametrize("end", ["\r", "\f", "\x85", "\u2028", "\x1c"], ids=ascii)
def test_only_a_newline_ends_a_line(end: str) -> None:
    base = f"a{end}b\nc\nd\n"
    assert hunks(merge(base, f"A{end}b\nc\nd\n", f"a{end}B\nc\nd\n"))
    assert settled(merge(base, f"A{end}b\nc\nd\n", f"a{end}b\nc\nD\n")) == f"A{end}b\nc\nD\n"


def test_a_last_line_without_a_newline_is_kept_so() -> None:
    assert settled(merge("a\nb\nc", "A\nb\nc", "a\nb\nc")) == "A\nb\nc"
    assert settled(merge("a\nb\nc", "A\nb\nc", "a\nb\nC")) == "A\nb\nC"
    assert hunks(merge("a\nb\nc", "a\nb\nc\n", "a\nb\nC"))


# Large files


def numbered(count: int) -> list[str]:
    return [f"line {number}\n" if number % 4 else "\n" for number in range(count)]


def test_few_changes_far_apart_in_a_large_file_are_settled() -> None:
    base, ours, theirs = numbered(20_000), numbered(20_000), numbered(20_000)
    ours[10], ours[10_001:10_003], ours[19_990] = "mine\n", ["mine\n"], "mine\n"
    theirs[20], theirs[12_001:12_001], theirs[19_980] = "new\n", ["\n", "new\n"], "new\n"
    result = settled(merge("".join(base), "".join(ours), "".join(theirs)))
    assert result is not None
    assert (result.count("mine\n"), result.count("new\n")) == (3, 3)


@pytest.mark.parametrize(
    "ours",
    [numbered(4_000)[::-1], numbered(4_000)[2_000:] + numbered(4_000)[:2_000], ["\n"] * 3_000],
    ids=["reversed", "moved", "blank"],
)
def test_what_is_too_different_is_a_hunk(ours: list[str]) -> None:
    base = numbered(4_000)
    theirs = [*base[:2_001], "new\n", *base[2_001:]]
    assert hunks(merge("".join(base), "".join(ours), "".join(theirs)))


def test_what_is_too_different_can_still_begin_and_end_alike() -> None:
    base = ["first\n", *numbered(3_000), "second to last\n", "last\n"]
    ours = ["first\n", *numbered(3_000)[::-1], "second to last\n", "last\n"]
    theirs = [*base[:-1], "at the end\n"]
    result = settled(merge("".join(base), "".join(ours), "".join(theirs)))
    assert result == "".join([*ours[:-1], "at the end\n"])


# Marks


def test_markers_show_all_three_sides() -> None:
    merged = merge(lined("a b c"), lined("a O c"), lined("a T c"))
    assert markers(merged) == (
        "a\n<<<<<<< yours\nO\n||||||| generated before\nb\n=======\nT\n>>>>>>> generated now\nc\n"
    )
    assert "<<<<<<< me\n" in markers(merged, ours_label="me")


def test_each_mark_has_a_line_of_its_own_without_a_final_newline_too() -> None:
    text = markers(merge("a", "b", "c"))
    marks = ["<<<<<<< yours", "||||||| generated before", "=======", ">>>>>>> generated now"]
    assert [line for line in text.split("\n") if len(line) > 1] == marks


@bounded
@given(texts("abc"), texts("abc"), texts("abc"))
def test_markers_are_found_where_a_hunk_is(base: str, ours: str, theirs: str) -> None:
    merged = merge(base, ours, theirs)
    text = markers(merged)
    assert len(marker_lines(text)) == len(hunks(merged))
    assert marker_lines(text.replace("\n", "\r\n")) == marker_lines(text)


@pytest.mark.parametrize(
    "text",
    [
        "# <<<<<<< yours\n=======\n# >>>>>>> now\n",
        "    <<<<<<< yours\n    =======\n    >>>>>>> now\n",
        "<<<<<<<\n=======\n>>>>>>>\n",
        "cat <<<<<<< yours\n=======\n>>>>>>> now\n",
        "<<<<<<< yours\na\n>>>>>>> now\n",
        "<<<<<<< yours\na\n========\n>>>>>>> now\n",
        "=======\n<<<<<<< yours\n>>>>>>> now\n",
        "Title\n=======\n\n>>>>>>> quoted\n",
        "",
    ],
    ids=[
        "comment", "indented", "bare", "in a line", "not divided", "underline", "order", "heading",
        "empty",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_mark_is_none(text: str) -> None:
    assert marker_lines(text) == ()


def test_marker_lines_are_those_that_open_a_conflict() -> None:
    conflict = "<<<<<<< yours\na\n=======\nb\n>>>>>>> now\n"
    assert marker_lines(f"x\n{conflict}y\n{conflict}") == (2, 8)
    assert marker_lines(f"<<<<<<< unfinished\n{conflict}") == (2,)
