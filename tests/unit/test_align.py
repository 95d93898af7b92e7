"""A gen.toml written by hand differs from a rendered one only where it says something else."""

from __future__ import annotations

import tomllib

from generator.evolve.align import aligned_base, aligned_theirs, split_tables

RENDERED = """# Written by gen.

[service]
name = "orders"
tool = "sam"

[functions.api]
trigger = "http"
path = "/orders"

[functions.work]
trigger = "sqs"
"""
BY_HAND = """# Written by gen.
# Ask Ada before you change the tool.

[service]
tool = 'sam'
name = "orders"   # for now

# The one that customers see.
[functions.api]
path = '/orders'
trigger = "http"
[functions.work]
trigger = "sqs"
"""


def test_a_table_that_says_the_same_is_taken_as_it_was_written():
    aligned = aligned_theirs(RENDERED, BY_HAND)
    assert "tool = 'sam'" in aligned and "path = '/orders'" in aligned
    assert tomllib.loads(aligned) == tomllib.loads(RENDERED)


def test_a_table_that_says_something_else_is_as_rendered():
    changed = RENDERED.replace("/orders", "/baskets")
    aligned = aligned_theirs(changed, BY_HAND)
    assert 'path = "/baskets"' in aligned and "tool = 'sam'" in aligned


def test_a_comment_of_the_developer_is_an_edit_and_a_quote_is_none():
    base = split_tables(aligned_base(RENDERED, BY_HAND, RENDERED))
    ours = split_tables(BY_HAND)
    assert base["functions.work"] == ours["functions.work"]
    assert base["functions.api"] != ours["functions.api"]  # its comment would be lost with it
    assert base[""] == split_tables(RENDERED)[""]


def test_a_header_in_a_text_of_several_lines_is_none():
    text = '[a]\nx = """\n[b]\n"""\n# of c\n[c]\n'
    assert split_tables(text) == {"": "", "a": '[a]\nx = """\n[b]\n"""\n', "c": "# of c\n[c]\n"}


def test_nothing_is_lost_in_splitting():
    for text in (RENDERED, BY_HAND, "", "# only\n", "[a]\n[a]\n"):
        assert "".join(split_tables(text).values()) == text
