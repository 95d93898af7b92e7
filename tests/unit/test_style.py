from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.merge.style import BOM, Style, read, write

bounded = settings(max_examples=200, deadline=None)

ENDS = [b"\n", b"\r\n", b"\r", b"\n\n", b"\x0c", b"\xe2\x80\xa8"]
pieces = st.sampled_from([b"a", b"b", *ENDS, b"\xc3\xa9", b"\xe9", BOM])
written = st.one_of(st.lists(pieces, max_size=12).map(b"".join), st.binary(max_size=30))


def text_and_style(content: bytes) -> tuple[str, Style]:
    found = read(content)
    assert found is not None
    return found


@bounded
@given(written.filter(lambda content: b"\0" not in content))
def test_what_is_read_is_written_as_it_was(content: bytes) -> None:
    text, style = text_and_style(content)
    assert write(text, style) == content
    assert text.endswith("\n") or content in (b"", BOM)


@pytest.mark.parametrize("content", [b"\0", b"a\0b\n", BOM + b"\0"])
def test_what_has_a_nul_byte_is_no_text(content: bytes) -> None:
    assert read(content) is None


@pytest.mark.parametrize(
    "content",
    [b"a\nb\n", b"a\r\nb\r\n", b"a\nb", b"a\r\nb", BOM + b"a\nb\n", BOM + b"a\r\nb", b"a\r\nb\n"],
    ids=ascii,
)
def test_the_text_is_the_same_whatever_the_style(content: bytes) -> None:
    assert text_and_style(content)[0] == "a\nb\n"


@pytest.mark.parametrize(
    ("ours", "expected"),
    [
        (b"a\nb\n", b"new\nb\nmore\n"),
        (b"a\r\nb\r\n", b"new\r\nb\r\nmore\r\n"),
        (b"a\nb", b"new\nb\nmore"),
        (BOM + b"a\r\nb", BOM + b"new\r\nb\r\nmore"),
        (b"", b"new\nb\nmore\n"),
    ],
    ids=["lf", "crlf", "no final newline", "all at once", "empty"],
)
def test_a_new_text_gets_the_style_of_ours(ours: bytes, expected: bytes) -> None:
    assert write("new\nb\nmore\n", text_and_style(ours)[1]) == expected


def test_a_lone_carriage_return_is_content() -> None:
    text, style = text_and_style(b"a\rb\nc\r")
    assert text == "a\rb\nc\r\n"
    assert write(text, style) == b"a\rb\nc\r"
    assert text_and_style(b"a\r\r\nb\r\n")[0] == "a\r\nb\n"


def test_where_line_ends_are_mixed_each_line_keeps_its_own_and_new_ones_end_as_most() -> None:
    style = text_and_style(b"a\r\nb\nc\r\nd\r\n")[1]
    assert write("new\na\nb\nmore\nc\nd\n", style) == b"new\r\na\r\nb\nmore\r\nc\r\nd\r\n"
    assert write("b\nd\n", style) == b"b\nd\r\n"
    mostly_unix = text_and_style(b"a\r\nb\nc\nd\n")[1]
    assert write("a\nnew\nb\n", mostly_unix) == b"a\r\nnew\nb\n"


def test_mixed_line_ends_of_lines_that_repeat_are_kept_too() -> None:
    style = text_and_style(b"a\r\n\r\nb\n\nc\n\nd\n")[1]
    assert write("a\n\nb\n\n\nc\n\nd\n", style) == b"a\r\n\r\nb\n\n\nc\n\nd\n"
    assert write("a\n\nb\nnew\n\nd\n", style) == b"a\r\n\r\nb\nnew\n\nd\n"


def test_a_last_line_that_is_last_no_more_gets_an_end_as_most_have() -> None:
    style = text_and_style(b"a\r\nb\nc\nd")[1]
    assert write("a\nb\nc\nd\ne\n", style) == b"a\r\nb\nc\nd\ne"


def test_bytes_that_are_not_utf8_are_kept_and_known() -> None:
    text, style = text_and_style(b"caf\xe9\nb\n")
    assert not style.utf8
    assert write(text + "c\n", style) == b"caf\xe9\nb\nc\n"
    assert text_and_style("café\n".encode())[1].utf8
