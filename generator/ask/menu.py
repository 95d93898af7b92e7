"""A list to choose from, one or many, with a filter: a questionary Question.

questionary's own `select` and `checkbox` cannot be used. Under a filter, 2.1.1 looks a choice up
by its place in the unfiltered list: a disabled one can be ticked, the arrow keys hang where only
disabled ones match, Ctrl-A ticks what is hidden, Tab turns every tick around, and no match at all
shows everything.
"""

from __future__ import annotations

import textwrap

import questionary
from prompt_toolkit.application import Application, get_app
from prompt_toolkit.filters import is_done
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import (
    ConditionalContainer,
    Dimension,
    FormattedTextControl,
    HSplit,
    Layout,
    VerticalAlign,
    Window,
)

from generator.ask.questions import Answer, Choice, Pick, PickMany, Step, labels
from generator.ask.symbols import sign

# The sixteen colours that the person's own theme defines, so that they can be read on it.
STYLE = questionary.Style(
    [
        ("qmark", "fg:ansicyan"),
        ("question", "bold"),
        ("answer", "fg:ansicyan"),
        ("pointed", "bold"),
        ("chosen", "fg:ansicyan"),
        ("problem", "fg:ansired"),
        ("help", "italic"),
        ("keys", ""),
    ]
)


class Menu:
    """What is pointed at, ticked and filtered. Places count among the choices that match."""

    def __init__(self, question: Pick | PickMany) -> None:
        self.question = question
        self.filter = ""
        self.problem = ""
        self.answered: Answer | None = None
        self.many = isinstance(question, PickMany)
        self.ticked = list(question.default) if isinstance(question, PickMany) else []
        values = [choice.value for choice in question.choices]
        default = question.default if isinstance(question, Pick) else ""
        self.place = values.index(default) if default in values else 0
        self._settle()

    @property
    def matching(self) -> list[Choice]:
        """The choices with the filter's text in their label, or at the start of another word."""
        wanted = self.filter.lower()
        return [c for c in self.question.choices if wanted in c.label.lower() or _has(c, wanted)]

    @property
    def pointed(self) -> Choice | None:
        """The choice pointed at; none where nothing that matches can be chosen."""
        matching = self.matching
        found = matching[self.place] if self.place < len(matching) else None
        return None if found is None or found.impossible else found

    def move(self, distance: int) -> None:
        """To the next choice in that direction that can be chosen, around the ends."""
        matching = self.matching
        for _ in matching:
            self.place = (self.place + distance) % len(matching)
            if not matching[self.place].impossible:
                return

    def narrow(self, filter: str) -> None:
        self.filter = filter
        self.place = 0
        self.problem = ""
        self._settle()

    def toggle(self) -> None:
        if self.pointed and self.many:
            self._tick([self.pointed.value], self.pointed.value not in self.ticked)

    def toggle_all(self) -> None:
        """All that match and can be chosen; none of them if all are ticked already."""
        values = [choice.value for choice in self.matching if not choice.impossible]
        if self.many:
            self._tick(values, not set(values) <= set(self.ticked))

    def answer(self) -> Answer | None:
        """The answer as it stands; None, and a problem to show, where it will not do."""
        if isinstance(self.question, PickMany):
            order = [choice.value for choice in self.question.choices]
            many = tuple(value for value in order if value in self.ticked)
            self.problem = self.question.check(many)
            return None if self.problem else many
        if not self.pointed:
            self.problem = "nothing that matches can be chosen"
            return None
        self.problem = self.question.check(self.pointed.value)
        return None if self.problem else self.pointed.value

    def _tick(self, values: list[str], on: bool) -> None:
        self.ticked = [v for v in self.ticked if v not in values] + (values if on else [])
        self.problem = ""

    def _settle(self) -> None:
        """Off a choice that cannot be chosen."""
        if not self.pointed:
            self.move(1)


def menu(question: Pick | PickMany, step: Step) -> questionary.Question:
    """The question, ready to be shown."""
    state = Menu(question)
    heading = Window(
        FormattedTextControl(lambda: _heading(state, step)),
        wrap_lines=True,
        dont_extend_height=True,
        height=Dimension(min=1),
    )
    choices = Window(
        FormattedTextControl(lambda: _choices(state), focusable=True, show_cursor=False),
        dont_extend_height=True,
    )
    footer = Window(
        FormattedTextControl(lambda: _footer(state, step)),
        dont_extend_height=True,
        height=Dimension(min=1),
    )
    asking = ConditionalContainer(HSplit([choices, footer]), filter=~is_done)
    layout = Layout(HSplit([heading, asking], align=VerticalAlign.TOP), focused_element=choices)
    return questionary.Question(
        Application(layout=layout, key_bindings=_bindings(state), style=STYLE)
    )


def footer_lines(problem: str, help: str, keys: str) -> StyleAndTextTuples:
    """Below a question: what is wrong, else what helps; and the keys."""
    width = _width() - 2
    lines: StyleAndTextTuples = []
    for style, text in (
        ("class:problem", f"Not yet: {problem}" if problem else ""),
        ("class:help", "" if problem else help),
        ("class:keys", f"({keys})"),
    ):
        lines += [
            (style, f"  {line}\n") for line in textwrap.wrap(text, width, break_on_hyphens=False)
        ]
    return [*lines[:-1], (lines[-1][0], lines[-1][1].rstrip("\n"))]


def _has(choice: Choice, start: str) -> bool:
    """Whether a word of the title, or one of the other words, starts so."""
    return any(word.lower().startswith(start) for word in (*choice.title.split(), *choice.words))


def _width() -> int:
    """Columns to write in: the last one stays free, where some terminals wrap early."""
    return max(get_app().output.get_size().columns - 1, 20)


def _heading(state: Menu, step: Step) -> StyleAndTextTuples:
    """The question; and the answer, once there is one."""
    width = _width()
    lines = textwrap.wrap(f"{step} {state.question.message}", width, subsequent_indent="  ")
    number, rest = str(step), "\n".join(lines).removeprefix(str(step))
    tokens: StyleAndTextTuples = [("class:qmark", number), ("class:question", rest)]
    if state.answered is not None:
        answered = labels(state.question, state.answered)
        space = width - len(lines[-1])
        start = " " if len(answered) < space else "\n  "
        tokens.append(("class:answer", start + "\n  ".join(textwrap.wrap(answered, width - 2))))
    return tokens


def _choices(state: Menu) -> StyleAndTextTuples:
    """One choice a line, or more where the window is narrow."""
    encoding = get_app().output.encoding()
    column = max(len(choice.label) for choice in state.question.choices)
    tokens: StyleAndTextTuples = []
    if state.filter:
        count = f"{len(state.matching)} of {len(state.question.choices)}"
        tokens.append(("class:keys", f"   filter: {state.filter} ({count})\n"))
    for choice in state.matching:
        here = choice is state.pointed
        lead = f" {sign('pointer', encoding) if here else ' '} {_tick(state, choice)}"
        words = f"{choice.label:<{column}}  {choice.title}".rstrip()
        if choice.impossible:
            words += f" (not possible: {choice.impossible})"
        chosen = "class:chosen" if choice.value in state.ticked else ""
        style = "class:pointed" if here else chosen
        if here:
            tokens.append(("[SetCursorPosition]", ""))
        lines = textwrap.wrap(
            words,
            _width(),
            initial_indent=lead,
            subsequent_indent=" " * (len(lead) + 2),
            break_on_hyphens=False,
        )
        tokens += [(style, f"{line}\n") for line in lines]
    return tokens


def _tick(state: Menu, choice: Choice) -> str:
    encoding = get_app().output.encoding()
    if not state.many:
        return ""
    name = "ticked" if choice.value in state.ticked else "unticked"
    name = "impossible" if choice.impossible else name
    return sign(name, encoding).ljust(len(sign("ticked", encoding))) + " "


def _footer(state: Menu, step: Step) -> StyleAndTextTuples:
    keys = ["arrows move"]
    keys += ["space chooses", "enter accepts"] if state.many else ["enter chooses"]
    keys += ["type to filter", *(["esc back"] if step.can_go_back else [])]
    description = state.pointed.description if state.pointed else ""
    return footer_lines(state.problem, description, ", ".join(keys))


def _bindings(state: Menu) -> KeyBindings:
    bindings = KeyBindings()

    @bindings.add(Keys.Up, eager=True)
    @bindings.add(Keys.ControlP, eager=True)
    def _up(event: KeyPressEvent) -> None:
        state.move(-1)

    @bindings.add(Keys.Down, eager=True)
    @bindings.add(Keys.ControlN, eager=True)
    def _down(event: KeyPressEvent) -> None:
        state.move(1)

    @bindings.add(Keys.ControlA, eager=True)
    def _all(event: KeyPressEvent) -> None:
        state.toggle_all()

    @bindings.add(" ", eager=True)
    def _toggle(event: KeyPressEvent) -> None:
        state.toggle()

    @bindings.add(Keys.Backspace, eager=True)
    def _widen(event: KeyPressEvent) -> None:
        state.narrow(state.filter[:-1])

    @bindings.add(Keys.ControlU, eager=True)
    def _clear(event: KeyPressEvent) -> None:
        state.narrow("")

    @bindings.add(Keys.Enter, eager=True)
    def _accept(event: KeyPressEvent) -> None:
        state.answered = state.answer()
        if state.answered is not None:
            event.app.exit(result=state.answered)

    @bindings.add(Keys.ControlC, eager=True)
    def _interrupt(event: KeyPressEvent) -> None:
        event.app.exit(exception=KeyboardInterrupt())

    @bindings.add(Keys.Any)
    def _type(event: KeyPressEvent) -> None:
        if len(event.data) == 1 and event.data.isprintable():
            state.narrow(state.filter + event.data)

    return bindings
