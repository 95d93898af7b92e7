"""One value against its option, where no pack is needed to see it."""

from __future__ import annotations

import tomllib

import pytest

from generator.answers import split_settings
from generator.errors import InvalidValueError, nearest
from generator.metadata import Option
from generator.templates import to_toml
from generator.values import parse_text

FILTER = Option("filter", "string", "", "What comes", example='{"a": ["b"]}', format="json-filter")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"a":' * 2000, "at most 2048 characters, not 10000"),
        ('{"a":' + "[" * 2000, "is nested too deep: 50 levels at most"),
        ('{"a":' * 50 + "[1]" + "}" * 50, "is nested too deep"),
        ('{"a":' + "[" * 50 + "]" * 50 + "}", "is nested too deep"),
        ('{"a": ' + "9" * 2000 + "}", "where a list is due"),
    ],
    ids=["long", "open", "objects", "lists", "digits"],
)
def test_a_filter_that_no_parser_ends(text, problem):
    with pytest.raises(InvalidValueError, match=problem):
        parse_text(FILTER._replace(maximum=2048), text, "here")


def test_a_filter_as_deep_as_it_may_be():
    text = '{"a":' * 49 + "[1]" + "}" * 49
    assert parse_text(FILTER, text, "here") == text


def test_a_text_that_is_empty_by_default_may_be_said_to_be_so():
    option = Option("sort_key", "string", "", "An attribute", pattern="[a-z]+", minimum=3)
    assert parse_text(option, "", "here") == ""
    with pytest.raises(InvalidValueError):
        parse_text(option, "X", "here")
    with pytest.raises(InvalidValueError):
        parse_text(option._replace(default="id"), "", "here")


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"a": ["b"]}',
        '{"a": {"b": [1, null]}, "$or": [{"c": ["d"]}]}',
        '{"a": [{"prefix": ""}]}',
    ],
)
def test_a_filter(text):
    assert parse_text(FILTER, text, "here") == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{a: [b]}", "filter must be JSON: Expecting property name"),
        ('["a"]', "filter must be a JSON object"),
        ("{}", "filter has an empty object"),
        ('{"a": {"b": {}}}', "filter has an empty object at a.b"),
        ('{"a": "b"}', 'filter has "b" at "a", where a list is due'),
        ('{"a": {"b": []}}', 'filter has [] at "a.b", where a list is due'),
        ('{"a": ["b"], "a": ["c"]}', 'the key "a" is there twice'),
        ('{"a": [NaN]}', "NaN is no JSON"),
    ],
)
def test_what_is_no_filter(text, message):
    with pytest.raises(InvalidValueError) as caught:
        parse_text(FILTER, text, "here")
    assert message in caught.value.message
    assert caught.value.hint == 'for example {"a": ["b"]}'


def test_toml_keeps_a_filter_readable():
    assert to_toml('{"a": ["b"]}') == """'{"a": ["b"]}'"""
    for text in ('{"a": ["b\'s"]}', '"\t', "\\", '"\\"'):
        assert tomllib.loads(f"x = {to_toml(text)}") == {"x": text}


def test_settings_in_one_line_may_hold_json():
    text = 'a.filter={"b": ["c", {"numeric": ["=", 5]}]},a.tower=x,a.hours=one,two,fancy=true'
    assert split_settings(text) == [
        'a.filter={"b": ["c",{"numeric": ["=",5]}]}',
        "a.tower=x",
        "a.hours=one,two",
        "fancy=true",
    ]


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("s4", ["s3", "sqs"], "s3"),
        ("trigers", ["tools", "triggers"], "triggers"),
        ("maybe", ["markers", "ours", "theirs"], ""),
        ("3.7", ["3.13", "3.14"], ""),
    ],
)
def test_only_a_word_that_is_near_is_offered(word, known, meant):
    assert nearest(word, known) == meant
