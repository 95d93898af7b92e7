"""YAML and TOML merged by key: what stays, what comes, what goes, and what is a conflict."""

from __future__ import annotations

from textwrap import dedent

import pytest

from generator.merge import abridge, keyed
from generator.merge.hunks import Hunk, hunks, settled

TEMPLATE = """\
# About this file.
Description: A service

Resources:
  # What tells of trouble.
  Topic:
    Type: Topic
    Properties:
      Name: !Sub orders-${Stage}

  AFunction:
    Type: Function
    Properties:
      Timeout: 10 # seconds
      Events: [!Ref Topic]

  BFunction:
    Type: Function
    Properties:
      Timeout: 10
      Text: |
        one
          two

Outputs:
  Url:
    Value: x
"""
C = """
  CFunction:
    Type: Function
    Properties:
      Timeout: 10
"""
MINE = """
  # Mine.
  Table:
    Type: Table
"""


def yaml(base: str, ours: str, theirs: str, renamed: dict[str, str] | None = None) -> str:
    """The merged text; a hunk fails the test."""
    base, ours = (keyed.renamed("yaml", text, theirs, renamed or {}) for text in (base, ours))
    merged = keyed.merge("yaml", base, ours, theirs)
    assert merged is not None
    assert not hunks(merged)
    return settled(merged) or ""


def conflicts(base: str, ours: str, theirs: str, kind: str = "yaml") -> list[Hunk]:
    merged = keyed.merge(kind, base, ours, theirs)
    assert merged is not None
    assert resolved(merged, "ours") != resolved(merged, "theirs")
    return list(hunks(merged))


def resolved(merged, side: str) -> str:
    return "".join(p if isinstance(p, str) else getattr(p, side) for p in merged)


def toml(base: str, ours: str, theirs: str, renamed: dict[str, str] | None = None) -> str:
    base, ours = (keyed.renamed("toml", text, theirs, renamed or {}) for text in (base, ours))
    merged = keyed.merge("toml", base, ours, theirs)
    assert merged is not None
    assert not hunks(merged)
    return settled(merged) or ""


def after(anchor: str, added: str, text: str = TEMPLATE) -> str:
    assert text.count(anchor) == 1
    return text.replace(anchor, anchor + added)


def without(part: str, text: str = TEMPLATE) -> str:
    assert text.count(part) == 1
    return text.replace(part, "")


def change(old: str, new: str, text: str = TEMPLATE) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


END_OF_B = "          two\n"
END_OF_A = "      Events: [!Ref Topic]\n"
A = TEMPLATE[TEMPLATE.index("\n  AFunction:") : TEMPLATE.index("\n  BFunction:")]
B = TEMPLATE[TEMPLATE.index("\n  BFunction:") : TEMPLATE.index("\nOutputs:")]
WITH_C = after(END_OF_B, C)


# What one side alone changes


def test_what_nobody_edited_is_theirs_and_what_is_not_generated_anew_is_ours():
    odd = "\tno: [yaml"
    assert keyed.merge("yaml", odd, odd, TEMPLATE) == [TEMPLATE]
    assert keyed.merge("yaml", TEMPLATE, odd, TEMPLATE) == [odd]
    assert keyed.merge("yaml", TEMPLATE, odd, odd) == [odd]


@pytest.mark.parametrize("place", [END_OF_A, "      Name: !Sub orders-${Stage}\n"])
def test_a_developers_resource_and_a_new_function_both_stay(place):
    text = yaml(TEMPLATE, after(place, MINE), WITH_C)
    assert text == after(END_OF_B, C, after(place, MINE))


def test_the_generated_comes_before_the_developers_at_the_same_place():
    assert yaml(TEMPLATE, after(END_OF_B, MINE), WITH_C) == after(END_OF_B, C + MINE)


def test_a_resource_appended_at_the_end_of_the_file_stays():
    mine = TEMPLATE + "  Mine:\n    Value: 1\n"
    theirs = change("    Value: x\n", "    Value: x\n  More:\n    Value: y\n", WITH_C)
    text = yaml(TEMPLATE, mine, theirs)
    assert text.endswith("Value: x\n  More:\n    Value: y\n  Mine:\n    Value: 1\n")


def test_a_property_of_the_last_function_and_a_new_function_after_it():
    ours = after("        one\n          two\n", "      Memory: 1 # mine\n")
    assert yaml(TEMPLATE, ours, WITH_C) == after("      Memory: 1 # mine\n", C, ours)


def test_a_block_scalar_is_edited_beside_a_change():
    ours = after("          two\n", "\n        three\n")
    theirs = change("      Timeout: 10\n", "      Timeout: 20\n")
    assert yaml(TEMPLATE, ours, theirs) == change(
        "      Timeout: 10\n", "      Timeout: 20\n", ours
    )


def test_blocks_without_blank_lines_between_them():
    tight = {text: text.replace("\n\n", "\n") for text in (TEMPLATE, WITH_C)}
    text = yaml(TEMPLATE, tight[TEMPLATE], WITH_C)
    assert text == after(END_OF_B, C, tight[TEMPLATE])
    assert yaml(WITH_C, text, TEMPLATE) == tight[TEMPLATE]


def test_an_unchanged_block_that_the_developer_moved_takes_theirs_changes():
    moved = after("    Value: x\n", "", without(A))
    moved = after(END_OF_B, A, moved)
    theirs = change("10 # seconds", "20 # seconds")
    assert yaml(TEMPLATE, moved, theirs) == change("10 # seconds", "20 # seconds", moved)


def test_a_text_without_a_last_line_end():
    text = yaml(TEMPLATE, TEMPLATE.rstrip("\n") + " # mine", WITH_C)
    assert text == WITH_C.rstrip("\n") + " # mine"


# Adding and removing


def test_add_and_remove_leave_no_trace():
    ours = after(END_OF_A, MINE)
    assert yaml(WITH_C, yaml(TEMPLATE, ours, WITH_C), TEMPLATE) == ours
    first = change("Resources:\n", "Resources:\n  First:\n    Type: X\n\n")
    assert yaml(first, yaml(TEMPLATE, ours, first), TEMPLATE) == ours
    mine_first = change("Resources:\n", "Resources:\n  Own:\n    Type: X\n\n")
    assert yaml(first, yaml(TEMPLATE, mine_first, first), TEMPLATE) == mine_first


def test_three_added_and_the_middle_one_removed_is_as_if_it_had_never_been():
    added = [C.replace("CF", name) for name in ("CF", "DF", "EF")]
    ours = after(END_OF_B, MINE)
    grown = [after(END_OF_B, "".join(added[:n])) for n in (1, 2, 3)]
    base, text = TEMPLATE, ours
    steps = [*grown, after(END_OF_B, added[0] + added[2])]
    for theirs in steps:
        text, base = yaml(base, text, theirs), theirs
    assert text == yaml(TEMPLATE, ours, steps[-1]) == after(END_OF_B, added[0] + added[2] + MINE)


@pytest.mark.parametrize(
    "comment",
    ["\n  # Mine, about tables.\n", "  # Mine, right below.\n", "\n# At the very left.\n"],
)
def test_a_developers_comment_after_a_function_that_goes_stays(comment):
    for end, block in ((END_OF_A, A), (END_OF_B, B)):
        text = yaml(TEMPLATE, after(end, comment), without(block))
        assert comment.strip() in text
        assert block.strip() not in text
        assert "\n\n\n" not in text


def test_a_comment_before_a_function_that_goes_stays_with_its_blank_lines():
    ours = after(END_OF_A, "\n  # Mine.\n")
    assert yaml(TEMPLATE, ours, without(B)) == without(B, ours)


def test_a_block_that_the_developer_deleted_stays_deleted():
    assert yaml(TEMPLATE, without(A), WITH_C) == without(A, WITH_C)
    assert yaml(TEMPLATE, without(A), without(A, WITH_C)) == without(A, WITH_C)


def test_a_comment_above_the_first_key_stays_above_it():
    ours = "# Licence.\n\n" + TEMPLATE
    theirs = change("Description:", "Version: 1\nDescription:")
    assert yaml(TEMPLATE, ours, theirs).startswith("# Licence.\n\n")


def test_a_section_that_goes_keeps_what_the_developer_added_to_it():
    ours = TEMPLATE + "  Mine:\n    Value: 1\n"
    text = yaml(TEMPLATE, ours, without("\nOutputs:\n  Url:\n    Value: x\n"))
    assert text == change("  Url:\n    Value: x\n", "", ours)
    assert yaml(without("\nOutputs:\n  Url:\n    Value: x\n"), text, TEMPLATE) == ours


# Conflicts


@pytest.mark.parametrize(
    ("edited", "theirs"),
    [
        (after("      Timeout: 10 # seconds\n", "      # mine\n"), without(A)),
        (change("10 # seconds", "10 # mine"), without(A)),
        (change("10 # seconds", "10 # mine"), change("10 # seconds", "20 # seconds")),
        (
            change("      Timeout: 10 #", "      # mine\n      Timeout: 10 #"),
            change("10 #", "20 #"),
        ),
        (change("  AFunction:", "  # mine\n  AFunction:"), without(A)),
        (after(END_OF_A, "      Memory: 1\n"), without(A)),
        (change("[!Ref Topic]", "[!Ref Topic, mine]"), change("[!Ref Topic]", "[!Ref T]")),
        (after("        one\n", "        mine\n"), change("        one\n", "        o\n")),
    ],
)
def test_an_edit_in_what_the_change_rewrites_or_removes_is_a_hunk(edited, theirs):
    (hunk,) = conflicts(TEMPLATE, edited, theirs)
    assert "mine" in hunk.ours or "Memory" in hunk.ours
    line = edited.split("\n")[hunk.line - 1]
    assert line and line in hunk.ours
    assert hunk.what.startswith("Resources.")


def test_a_hunk_says_where_it_is():
    ours = "# one more line\n" + change("10 # seconds", "11 # mine")
    (hunk,) = conflicts(TEMPLATE, ours, change("10 # seconds", "12 # seconds"))
    assert hunk == Hunk(
        "      Timeout: 10 # seconds\n",
        "      Timeout: 11 # mine\n",
        "      Timeout: 12 # seconds\n",
        ours.split("\n").index("      Timeout: 11 # mine") + 1,
        "Resources.AFunction.Properties.Timeout",
    )


def test_the_rest_is_merged_beside_a_hunk_and_either_side_of_it_can_be_taken():
    ours = after(END_OF_A, "      Memory: 1\n", after(END_OF_B, MINE))
    merged = keyed.merge("yaml", TEMPLATE, ours, without(A, WITH_C))
    assert merged is not None
    assert resolved(merged, "ours") == after(END_OF_B, C, ours)
    assert resolved(merged, "theirs") == without(A, after(END_OF_B, C + MINE))


def test_what_the_developer_deleted_and_theirs_changed_is_a_hunk_in_its_place():
    merged = keyed.merge("yaml", TEMPLATE, without(A), change("10 # s", "20 # s"))
    assert merged is not None
    assert resolved(merged, "ours") == without(A)
    assert resolved(merged, "theirs") == change("10 # s", "20 # s")


def test_the_same_key_added_by_both():
    assert yaml(TEMPLATE, WITH_C, change("A service", "Other", WITH_C)).count("CFunction") == 1
    mine = change("Type: Function", "Type: Mine", C)
    merged = keyed.merge("yaml", TEMPLATE, after(END_OF_B, mine), WITH_C)
    assert merged is not None
    assert resolved(merged, "ours") == after(END_OF_B, mine)
    assert resolved(merged, "theirs") == WITH_C


# How developers write


@pytest.mark.parametrize("key", ['"BFunction"', "'BFunction'"])
def test_a_quoted_key_is_the_same_key(key):
    ours = change("  BFunction:", f"  {key}:")
    assert yaml(TEMPLATE, ours, WITH_C) == after(END_OF_B, C, ours)
    assert conflicts(TEMPLATE, ours, without(B))


def four_spaces(text: str) -> str:
    """As a formatter would write it: twice the indentation."""
    lines = text.split("\n")
    return "\n".join(" " * (len(line) - len(line.lstrip())) + line for line in lines)


def test_a_file_with_four_spaces_takes_additions_changes_and_removals():
    ours = four_spaces(TEMPLATE).replace(
        "                one\n                    two", 16 * " " + "one\n" + 18 * " " + "two"
    )
    grown = yaml(TEMPLATE, ours, change("10 # s", "20 # s", WITH_C))
    assert "    CFunction:\n      Type: Function\n" in grown
    assert "            Timeout: 20 # seconds\n" in grown
    assert keyed.parses("yaml", grown)
    assert yaml(change("10 # s", "20 # s", WITH_C), grown, TEMPLATE) == ours


def test_flow_style_instead_of_a_block_is_a_hunk_only_where_it_changes():
    ours = TEMPLATE[: TEMPLATE.index("Outputs:")] + "Outputs: {Url: {Value: x}, Mine: {Value: 1}}\n"
    assert yaml(TEMPLATE, ours, WITH_C) == after(END_OF_B, C, ours)
    (hunk,) = conflicts(TEMPLATE, ours, TEMPLATE + "  More:\n    Value: y\n")
    assert hunk.what == "Outputs"


def test_anchors_merge_keys_and_tags_with_lists():
    mine = dedent("""\
        x-common: &common
          Memory: 1
        list: &l
        - &first a
        - *first
        - !If [a, b,
            c]
        """)
    ours = mine + after(
        "    Type: Table\n", "    <<: *common\n    Copy: *l\n", after(END_OF_B, MINE)
    )
    assert yaml(TEMPLATE, ours, WITH_C) == after(END_OF_B, C, ours)


def test_an_anchor_that_goes_but_is_used_elsewhere_is_for_another_step():
    base = change("Timeout: 10 # seconds", "Timeout: &t 10")
    ours = TEMPLATE.replace("Timeout: 10 # seconds", "Timeout: &t 10") + "  Mine:\n    Value: *t\n"
    gone = base[: base.index("\n  AFunction")] + base[base.index("\n  BFunction") :]
    assert keyed.merge("yaml", base, ours, gone) is None


def test_comments_with_odd_indentation_stay():
    ours = after(
        "    Type: Function\n    Properties:\n      Timeout: 10\n", "# left\n         # right\n"
    )
    assert yaml(TEMPLATE, ours, WITH_C) == after(END_OF_B, C, ours)


def test_names_that_look_like_values_are_keys():
    base = "on:\n  push:\n\njobs:\n  a:\n    steps:\n      - run: x\n"
    ours = base.replace("  push:\n", "  push:\n  pull_request:\n")
    theirs = base.replace("      - run: x\n", "      - run: x\n      - run: y\n")
    assert yaml(base, ours, theirs) == ours + "      - run: y\n"


@pytest.mark.parametrize(
    "ours",
    [
        TEMPLATE + "Outputs: again\n",
        TEMPLATE + "  Url: again\n",
        TEMPLATE + "  Mine: [\n",
        TEMPLATE + "  Mine:\n\t- tab\n",
        TEMPLATE + "---\nanother: document\n",
        "[flow, style]\n",
        "{flow: style}\n",
        "just text\n",
        "",
        "# nothing\n",
    ],
)
def test_odd_files_are_for_another_step(ours):
    assert keyed.merge("yaml", TEMPLATE, ours, WITH_C) is None


# Items


ITEMS = "functions:\n  - ${a}\n  - ${b}\n\nlast: 1\n"


def test_items_that_both_sides_add_and_remove():
    ours = ITEMS.replace("  - ${a}\n", "  - ${a}\n  - mine # 1\n")
    theirs = ITEMS.replace("  - ${b}\n", "  - ${c}\n")
    assert yaml(ITEMS, ours, theirs) == "functions:\n  - ${a}\n  - ${c}\n  - mine # 1\n\nlast: 1\n"
    grown = yaml(ITEMS, ours, theirs)
    assert yaml(theirs, grown, ITEMS) == grown.replace("${c}", "${b}")


def test_dashes_at_the_column_of_their_key():
    ours = "functions:\n- ${a}\n- ${b}\n- mine\n\nlast: 1\n"
    theirs = ITEMS.replace("  - ${b}\n", "  - ${b}\n  - ${c}\n")
    assert yaml(ITEMS, ours, theirs) == "functions:\n- ${a}\n- ${b}\n- ${c}\n- mine\n\nlast: 1\n"


def test_an_item_that_both_sides_change_is_a_hunk():
    ours, theirs = ITEMS.replace("${b}", "${mine}"), ITEMS.replace("${b}", "${c}")
    (hunk,) = conflicts(ITEMS, ours, theirs)
    assert (hunk.ours, hunk.theirs, hunk.line) == ("  - ${mine}\n", "  - ${c}\n", 3)


def test_items_that_occur_twice_are_merged_by_lines():
    base = "l:\n  - a\n  - b\n  - a\nm: 1\n"
    ours, theirs = base.replace("l:\n", "l:\n  - mine\n"), base.replace("m:", "  - c\nm:")
    assert yaml(base, ours, theirs) == "l:\n  - mine\n  - a\n  - b\n  - a\n  - c\nm: 1\n"


def test_items_that_both_sides_change_stay_in_their_order():
    base = "l:\n  - E: 1\n    a: 1\n  - x\n  - E: 1\n    b: 1\n"
    ours, theirs = base.replace("a: 1", "a: mine"), base.replace("b: 1", "b: 2")
    assert yaml(base, ours, theirs) == ours.replace("b: 1", "b: 2")


def test_an_item_that_both_sides_add_differently_is_there_once():
    base = "l:\n  - a\n\nm: 1\n"
    ours, theirs = (base.replace("- a\n", f"- a\n  - b # {name}\n") for name in ("mine", "new"))
    (hunk,) = conflicts(base, ours, theirs)
    assert hunk.what == "l"


def test_what_is_inside_of_an_item_is_merged_by_key():
    base = "r:\n  - Id: a\n    X: 1\n    Y: 1\n  - Id: b\n    X: 1\n"
    ours = base.replace("  - Id: b\n    X: 1\n", "  - Id: b\n    X: 2\n    Mine: 1\n")
    theirs = base.replace("    Y: 1\n", "    Y: 2\n").replace(
        "b\n    X: 1\n", "b\n    New: 1\n    X: 1\n"
    )
    text = yaml(base, ours, theirs)
    assert (
        text == "r:\n  - Id: a\n    X: 1\n    Y: 2\n  - Id: b\n    New: 1\n    X: 2\n    Mine: 1\n"
    )


def test_the_first_key_of_an_item_holds_more():
    base = "r:\n  - A:\n      x: 1\n    B:\n      y: 1\n"
    ours, theirs = base.replace("x: 1", "x: 1\n      mine: 1"), base + "      z: 1\n"
    assert yaml(base, ours, theirs) == ours + "      z: 1\n"
    theirs = base.replace("      x: 1\n", "      w: 0\n      x: 1\n")
    assert yaml(base, ours, theirs) == ours.replace("      x: 1\n", "      w: 0\n      x: 1\n")


# Renaming


def test_edits_follow_a_block_to_its_new_name():
    ours = after(END_OF_A, "      Memory: 1 # AFunction\n", after(END_OF_B, MINE))
    theirs = change("  AFunction:", "  ZFunction:")
    text = yaml(TEMPLATE, ours, theirs, renamed={"AFunction": "ZFunction"})
    assert text == change("  AFunction:", "  ZFunction:", ours)
    assert hunks(keyed.merge("yaml", TEMPLATE, ours, theirs) or ())


def test_a_key_of_that_name_elsewhere_keeps_it():
    base = "a:\n  x: 1\nb:\n  x: 1\n"
    ours = base.replace("x: 1\nb", "x: 1\n  mine: 1\nb")
    assert yaml(base, ours, "a:\n  y: 1\nb:\n  x: 1\n", renamed={"x": "y"}) == (
        "a:\n  y: 1\n  mine: 1\nb:\n  x: 1\n"
    )


def test_a_table_with_a_new_name():
    base = '[functions.old]\ntrigger = "a"\n\n[functions.old.more]\nx = 1\n'
    ours = base.replace("x = 1", "x = 2 # old")
    theirs = base.replace("old", "new")
    assert toml(base, ours, theirs, renamed={"old": "new"}) == theirs.replace("1", "2 # old")


# TOML


DECLARATION = """\
# The answers.

[service]
name = "orders"
digest = "1"

[functions.a]
trigger = "x"

[functions.b]
trigger = "y"
"""
FUNCTION = '\n[functions.c]\ntrigger = "z"\n'


def test_tables_and_keys_of_both_sides():
    ours = (
        DECLARATION.replace('"x"\n', '"x"\ntimeout = 3 # mine\n# more\n') + "\n[tool.mine]\na = 1\n"
    )
    theirs = DECLARATION.replace('"1"', '"2"') + FUNCTION
    text = toml(DECLARATION, ours, theirs)
    assert text == ours.replace('"1"', '"2"').replace("\n[tool.mine]", FUNCTION + "\n[tool.mine]")
    assert toml(theirs, text, DECLARATION) == ours


def test_a_table_that_goes_takes_its_edits_to_a_hunk():
    ours = DECLARATION.replace('"x"\n', '"x"\ntimeout = 3\n')
    theirs = DECLARATION.replace('[functions.a]\ntrigger = "x"\n\n', "")
    (hunk,) = conflicts(DECLARATION, ours, theirs, "toml")
    assert (hunk.what, hunk.line, hunk.theirs) == ("functions.a", 7, "")


def test_a_list_with_an_item_on_each_line_is_merged_by_lines():
    base = 'a = [\n  "Stage=dev",\n  "Level=INFO", # ] x\n  "Days=1",\n]\nb = """\n# ]\n"""\n'
    ours = base.replace('  "Stage', '  "Mine=1",\n  "Stage')
    theirs = base.replace("Days=1", "Days=2")
    assert toml(base, ours, theirs) == ours.replace("Days=1", "Days=2")
    (hunk,) = conflicts(base, base.replace("Days=1", "Days=3"), theirs, "toml")
    assert (hunk.what, hunk.line) == ("a", 4)


def test_a_key_before_the_tables_stays_before_them():
    base = "[a]\nx = 1\n"
    text = toml(base, base + "\n[mine]\ny = 1\n", "v = 1\n\n[a]\nx = 1\n")
    assert text.startswith("v = 1\n")
    assert keyed.parses("toml", text)


def test_arrays_of_tables_by_place():
    base = "[[t]]\na = 1\n\n[[t]]\na = 2\n\n[end]\n"
    ours = base.replace("a = 1\n", "a = 1\nmine = 1\n")
    assert toml(base, ours, base.replace("a = 2", "a = 3")) == ours.replace("a = 2", "a = 3")
    assert toml(base, ours, base + "x = 1\n") == ours + "x = 1\n"
    mine = base.replace("\n[end]", "\n[[t]]\na = 9\n\n[end]")
    assert toml(base, mine, base + "x = 1\n") == mine + "x = 1\n"
    assert keyed.merge("toml", base, mine, base.replace("a = 2", "a = 3")) is None


@pytest.mark.parametrize("ours", ["a = 1\na = 2\n", "a = [\n", "# nothing\n", "[a]\n[a]\n"])
def test_odd_toml_is_for_another_step(ours):
    assert keyed.merge("toml", "a = 1\n", ours, "a = 3\n") is None


# Reading


@pytest.mark.parametrize(
    ("kind", "text", "does"),
    [
        ("yaml", TEMPLATE, True),
        ("yaml", "a: !GetAtt b.c\nd: !If [e, !Own {f: 1}]\ng: &x {a: 1}\nh:\n  <<: *x\n", True),
        ("yaml", "a: 2020-99-99\nb: !!int x\n", True),
        ("yaml", "", True),
        ("yaml", "a: 1\n---\nb: 1\n", True),
        ("yaml", "a: 1\n'a': 1\n", False),
        ("yaml", "l:\n  - {a: 1, a: 2}\n", False),
        ("yaml", "a: *nobody\n", False),
        ("yaml", "a: [\n", False),
        ("yaml", "a:\n\t- b\n", False),
        ("toml", DECLARATION, True),
        ("toml", "a = 1\na.b = 2\n", False),
        ("toml", "<<<<<<< ours\n", False),
        ("yaml", "a: 1\n<<<<<<< ours\nb: 1\n=======\n", False),
    ],
)
def test_what_parses(kind, text, does):
    assert keyed.parses(kind, text) is does


def test_large_files_are_merged_alike(monkeypatch):
    ours = change("        one\n", "        mine\n", after(END_OF_A, MINE))
    theirs = change("        one\n", "        o\n", without(A, WITH_C))
    cases = [(TEMPLATE, ours, theirs), (TEMPLATE, after(END_OF_A, MINE), WITH_C)]
    small = [keyed.merge("yaml", *case) for case in cases]
    monkeypatch.setattr(abridge, "LARGE", 0)
    large = [keyed.merge("yaml", *case) for case in cases]
    assert [resolved(one, "ours") for one in large] == [resolved(one, "ours") for one in small]
    assert [hunks(one or ()) for one in large] == [hunks(one or ()) for one in small]


def test_what_is_odd_in_a_large_file_is_found(monkeypatch):
    monkeypatch.setattr(abridge, "LARGE", 0)
    twice = after("      Timeout: 10 # seconds\n", "      Timeout: 10\n")
    assert (
        keyed.merge("yaml", twice, after(END_OF_B, MINE, twice), change("A s", "S", twice)) is None
    )


@pytest.mark.parametrize("text", ["[" * 6000 + "]" * 6000, "- " * 3000 + "a\n", "[" * 6000])
def test_nesting_without_end_ends_no_process(text):
    assert not keyed.parses("yaml", text)


def test_brackets_in_texts_are_not_nesting():
    assert keyed.parses("yaml", "".join(f'k{n}: "[{{"\n' for n in range(500)))
