"""Asks one question on a screen, with questionary. The only module that imports it, with `menu`:
prompt libraries take longer to import than everything else that `gen` does.

Everything is drawn on standard error, because standard output is for results.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import questionary
from prompt_toolkit.application import AppSession, create_app_session, get_app
from prompt_toolkit.filters import Always, is_done
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent, merge_key_bindings
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import (
    ConditionalContainer,
    FormattedTextControl,
    HSplit,
    Layout,
    VerticalAlign,
    Window,
)
from prompt_toolkit.output import create_output

from generator.ask.menu import STYLE, footer_lines, menu
from generator.ask.questions import Answer, Back, Question, Step, Text
from generator.errors import Cancelled

# How long Esc waits for the rest of an arrow key's sequence; prompt_toolkit's own is half a second.
ESCAPE_SECONDS = 0.1


def ask(question: Question, step: Step) -> Answer:
    """The answer. Raises Back, Cancelled or KeyboardInterrupt."""
    with open_session():
        if isinstance(question, Text):
            return str(_run(_text(question, step), step.can_go_back))
        answer: Answer = _run(menu(question, step), step.can_go_back)
        return answer


def confirm(message: str, default: bool, can_go_back: bool) -> bool:
    """Yes or no. Raises as `ask` does."""
    with open_session():
        shown = questionary.confirm(message, default=default, qmark="?", style=STYLE)
        keys = "y yes, n no" + (", esc back" if can_go_back else "")
        _add_footer(shown, lambda: footer_lines("", "", keys))
        return bool(_run(shown, can_go_back))


def open_session() -> AbstractContextManager[AppSession]:
    """Where prompts are drawn.

    Nobody asks the terminal where its cursor is: some never answer, and a late answer ends up in
    the shell's next line.
    """
    output = create_output(stdout=sys.stderr)
    if hasattr(output, "enable_cpr"):
        output.enable_cpr = False
    return create_app_session(output=output)


def _text(question: Text, step: Step) -> questionary.Question:
    tried = False

    def problem() -> str:
        typed = get_app().current_buffer.text
        # An empty line is not wrong before it is given as the answer.
        return question.check(typed) if typed or tried else ""

    bindings = KeyBindings()

    @bindings.add(Keys.Enter, eager=True)
    def _accept(event: KeyPressEvent) -> None:
        nonlocal tried
        tried = True
        typed = event.current_buffer.text
        if not question.check(typed):
            event.app.exit(result=typed)

    shown = questionary.text(
        f"{question.message}:", default=question.default, qmark=str(step), style=STYLE
    )
    _add_bindings(shown, bindings)
    keys = "enter accepts, ctrl-u clears" + (", esc back" if step.can_go_back else "")
    _add_footer(shown, lambda: footer_lines(problem(), question.help, keys))
    return shown


def _run(question: questionary.Question, can_go_back: bool) -> Any:
    """Shows it. `ask()` would turn Ctrl-C into None."""
    _add_bindings(question, _way_back(can_go_back))
    question.application.ttimeoutlen = ESCAPE_SECONDS
    try:
        return question.unsafe_ask()
    except EOFError as error:
        raise Cancelled from error


def _way_back(can_go_back: bool) -> KeyBindings:
    """Esc and Ctrl-B leave the question, and take it off the screen."""
    bindings = KeyBindings()

    @bindings.add(Keys.Escape, eager=True)
    @bindings.add(Keys.ControlB, eager=True)
    def _back(event: KeyPressEvent) -> None:
        if can_go_back:
            event.app.erase_when_done = True
            event.app.exit(exception=Back())

    # A signal from outside, where questionary takes it for any other key and ignores it.
    @bindings.add(Keys.SIGINT, eager=True)
    def _interrupt(event: KeyPressEvent) -> None:
        event.app.exit(exception=KeyboardInterrupt())

    @bindings.add(Keys.ControlD, eager=True)
    def _end(event: KeyPressEvent) -> None:
        event.app.exit(exception=EOFError())

    return bindings


def _add_bindings(question: questionary.Question, bindings: KeyBindings) -> None:
    """Of two eager bindings of a key the later one wins: ours, over questionary's."""
    application = question.application
    application.key_bindings = merge_key_bindings(
        [existing for existing in (application.key_bindings, bindings) if existing]
    )


def _add_footer(question: questionary.Question, lines: Callable[[], StyleAndTextTuples]) -> None:
    """Puts lines below the input that go when it is answered.

    prompt_toolkit's own toolbars are one line high, cut at the window's edge, and absent where
    the terminal does not tell its cursor's place.
    """
    layout = question.application.layout
    focused = layout.current_window
    for window in layout.find_all_windows():
        window.dont_extend_height = Always()
    footer = Window(FormattedTextControl(lines), dont_extend_height=True)
    question.application.layout = Layout(
        HSplit(
            [layout.container, ConditionalContainer(footer, filter=~is_done)],
            align=VerticalAlign.TOP,
        ),
        focused_element=focused,
    )
