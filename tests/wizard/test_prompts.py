"""One question at a time, in process: a pipe for the keyboard and no screen."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput
from wizard.player import CTRL_A, CTRL_B, CTRL_C, CTRL_D, CTRL_U, DOWN, ENTER, ESC, UP

from generator.ask import plain, prompts
from generator.ask.menu import Menu
from generator.ask.questions import Answer, Back, Choice, Pick, PickMany, Question, Step, Text
from generator.ask.symbols import SIGNS, sign
from generator.errors import Cancelled

FIRST, LATER = Step(1, 3, can_go_back=False), Step(2, 3, can_go_back=True)
CHOICES = (
    Choice("apple", "apple", "A red fruit", "It grows on trees", words=("pome",)),
    Choice("leek", "leek", "A green plant", impossible="out of season"),
    Choice("pear", "pear", "A green fruit"),
)
ONE = Pick(key="one", message="Which?", choices=CHOICES, default="pear")
MANY = PickMany(
    key="many",
    message="Which ones?",
    choices=CHOICES,
    check=lambda chosen: "" if chosen else "choose one",
)
WORD = Text(
    key="word",
    message="Word",
    help="For example abc",
    check=lambda typed: "" if typed.islower() else "use small letters",
)


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[PipeInput]:
    with create_pipe_input() as pipe:
        monkeypatch.setattr(
            prompts, "open_session", lambda: create_app_session(input=pipe, output=DummyOutput())
        )
        yield pipe


@pytest.mark.parametrize(
    ("question", "keys", "answer"),
    [
        (WORD, "abc" + ENTER, "abc"),
        (WORD, ENTER + "ABC" + ENTER + CTRL_U + "abc" + ENTER, "abc"),
        (ONE, ENTER, "pear"),
        (ONE, DOWN + ENTER, "apple"),
        (ONE, UP + ENTER, "apple"),
        (ONE, "app" + ENTER, "apple"),
        (ONE, "pome" + ENTER, "apple"),
        (ONE, "leek" + ENTER + UP + DOWN + " " + ENTER + CTRL_U + ENTER, "apple"),
        (MANY, ENTER + " " + ENTER, ("apple",)),
        (MANY, " " + DOWN + " " + ENTER, ("apple", "pear")),
        (MANY, DOWN + " " + DOWN + " " + ENTER, ("apple", "pear")),
        (MANY, " " + " " + DOWN + " " + ENTER, ("pear",)),
        (MANY, CTRL_A + ENTER, ("apple", "pear")),
        (MANY, "green" + CTRL_A + ENTER, ("pear",)),
        (MANY, "\t\x1b[15~" + " " + ENTER, ("apple",)),
    ],
)
def test_keys(keyboard: PipeInput, question: Question, keys: str, answer: Answer) -> None:
    keyboard.send_text(keys)
    assert prompts.ask(question, FIRST) == answer


@pytest.mark.parametrize("question", [WORD, ONE, MANY])
@pytest.mark.parametrize(
    ("key", "error"),
    [(CTRL_B, Back), (ESC, Back), (CTRL_C, KeyboardInterrupt), (CTRL_D, Cancelled)],
)
def test_ways_out(
    keyboard: PipeInput, question: Question, key: str, error: type[BaseException]
) -> None:
    keyboard.send_text(key)
    with pytest.raises(error):
        prompts.ask(question, LATER)


@pytest.mark.parametrize(
    ("keys", "answer"), [(ENTER, True), ("y", True), ("Y", True), ("n", False), ("x" + "n", False)]
)
def test_confirm(keyboard: PipeInput, keys: str, answer: bool) -> None:
    keyboard.send_text(keys)
    assert prompts.confirm("Really?", True, can_go_back=False) is answer


@pytest.mark.parametrize(
    ("key", "error"),
    [(CTRL_B, Back), (ESC, Back), (CTRL_C, KeyboardInterrupt), (CTRL_D, Cancelled)],
)
def test_ways_out_of_confirm(keyboard: PipeInput, key: str, error: type[BaseException]) -> None:
    keyboard.send_text(key)
    with pytest.raises(error):
        prompts.confirm("Really?", True, can_go_back=True)


def test_nothing_to_go_back_to(keyboard: PipeInput) -> None:
    keyboard.send_text(CTRL_B + "abc" + ENTER)
    assert prompts.ask(WORD, FIRST) == "abc"


def test_the_filter_counts_and_never_points_at_the_impossible() -> None:
    menu = Menu(MANY)
    menu.narrow("GREEN")
    assert [choice.value for choice in menu.matching] == ["leek", "pear"]
    assert menu.pointed and menu.pointed.value == "pear"
    menu.narrow("leek")
    assert menu.pointed is None
    menu.move(1)
    menu.toggle()
    menu.toggle_all()
    assert menu.ticked == []
    menu.narrow("no such thing")
    menu.move(-1)
    assert menu.matching == []
    assert menu.answer() is None
    assert menu.problem == "choose one"


def test_what_is_hidden_by_a_filter_stays_chosen() -> None:
    menu = Menu(MANY)
    menu.toggle()
    menu.narrow("pear")
    menu.toggle()
    assert menu.answer() == ("apple", "pear")


@pytest.mark.parametrize(
    ("question", "typed", "answer"),
    [
        (WORD, "ABC\nabc\n", "abc"),
        (ONE, "\n", "pear"),
        (ONE, "1\n", "apple"),
        (ONE, "3\n1,2\nleek\n2\n", "pear"),
        (MANY, "\n1\n", ("apple",)),
        (MANY, "2 1\n", ("apple", "pear")),
        (MANY, "1,1\n", ("apple",)),
        (MANY, "none\n2\n", ("pear",)),
    ],
)
def test_line_by_line(
    monkeypatch: pytest.MonkeyPatch, question: Question, typed: str, answer: Answer
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    assert plain.ask(question, FIRST) == answer


@pytest.mark.parametrize(("typed", "error"), [("<\n", Back), ("\x1b\n", Back), ("", Cancelled)])
@pytest.mark.parametrize("question", [WORD, ONE, MANY])
def test_ways_out_line_by_line(
    monkeypatch: pytest.MonkeyPatch, question: Question, typed: str, error: type[Exception]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    with pytest.raises(error):
        plain.ask(question, LATER)


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1252", "latin-1", None, "no-such"])
@pytest.mark.parametrize("name", SIGNS)
def test_every_encoding_can_write_its_signs(name: str, encoding: str | None) -> None:
    text = sign(name, encoding)
    assert text == SIGNS[name][0 if encoding == "utf-8" else 1]
    if encoding not in (None, "no-such"):
        text.encode(encoding or "")
