"""Asks what the flags left open, and gives back a request as if all had been flags.

`interview` says what is asked in which order; it is a generator that is sent the answers, so that
going back is no more than running it again with one answer less. Nothing is kept elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from generator import terminal
from generator.ask.customise import (
    Interview,
    customise,
    pick,
    pick_many,
    text,
)
from generator.ask.drafts import STAND_IN, first_error, names_itself, only_settings_of, problem
from generator.ask.questions import (
    Answer,
    Back,
    Choice,
    Pick,
    PickMany,
    Question,
    Screen,
    Step,
    Text,
    possible,
    said,
)
from generator.create import check_around, check_place
from generator.errors import Cancelled, UserError
from generator.names import slug
from generator.packs import Packs
from generator.request import Request, to_answers

Kept = dict[str, Answer]
Asks = Callable[[Request, Packs], Interview]


def complete(request: Request, packs: Packs, kept: Kept | None = None) -> Request:
    """`gen new`'s request with every open answer asked for; as `answered`, its flags checked."""
    check_flags(request, packs)
    return answered(interview, request, packs, {} if kept is None else kept)


def answered(asks: Asks, request: Request, packs: Packs, kept: Kept) -> Request:
    """The request that the interview `asks` makes of `request`.

    `kept` collects the answers; when it has some already, the last question is asked again with
    them. Raises UserError when the flags themselves are wrong, Cancelled or KeyboardInterrupt
    when the person stops.
    """
    given = _replayed(asks(request, packs), kept)[:-1]
    while not isinstance(following := _after(asks(request, packs), given), Request):
        question = _with_kept(following, kept)
        try:
            answer = screen().ask(question, _step(asks(request, packs), given, kept))
        except Back:
            del given[-1:]
        else:
            kept[question.key] = answer
            given.append(answer)
    return following


def confirm(target: Path, can_go_back: bool = False) -> bool:
    """Asks whether to write. False: back to the questions. Raises Cancelled when declined."""
    try:
        agreed = screen().confirm(f"Write the service to {target}?", True, can_go_back)
    except Back:
        return False
    if not agreed:
        raise Cancelled
    return True


def screen() -> Screen:
    """How to ask: on a terminal that cannot move its cursor, or if wanted, line by line."""
    if terminal.is_plain():
        from generator.ask import plain

        return plain
    from generator.ask import prompts

    return prompts


def check_flags(request: Request, packs: Packs) -> None:
    """Raises UserError for a flag that no answer to a question could mend."""
    if request.directory or request.name:
        check_place(request.target)
    else:
        check_around(Path(STAND_IN))
    if not request.trigger:
        known = {t for pack in packs.providers.values() for t in pack.triggers}
        to_answers(request._replace(trigger=tuple(sorted(known))))
    error = first_error(request, packs)
    if error:
        raise error


def interview(request: Request, packs: Packs) -> Interview:
    """The questions in their order. Yields each, is sent its answer, returns the request."""
    given = request
    if not names_itself(request):
        request = yield from _name(request, packs)
    if not request.provider:
        request = yield from _provider(request, packs)
    if not request.trigger:
        request = yield from _triggers(request, packs)
    if not request.tool:
        request = yield from _tool(request, packs)
    return (yield from customise(request, given, packs))


def _name(request: Request, packs: Packs) -> Interview:
    def check(answer: str) -> str:
        named = request._replace(name=answer)
        found = problem(named, packs)
        if found or request.directory:
            return found
        try:
            check_place(Path(answer))
        except UserError as error:
            return said(error)
        return ""

    name = yield from text(
        Text(
            key="name",
            message="Name of the service",
            default=slug(request.service_name),
            help="Lower-case words joined by hyphens, for example orders or order-events",
            check=check,
        )
    )
    # Without a folder the name is one, so that the command to repeat reads `gen new orders`.
    return request._replace(name=name) if request.directory else request._replace(directory=name)


def _provider(request: Request, packs: Packs) -> Interview:
    choices = tuple(
        Choice(
            value=pack.name,
            label=pack.name,
            title=pack.provider.title,
            description=pack.provider.description,
            impossible=problem(request._replace(provider=pack.name), packs),
        )
        for pack in packs.providers.values()
    )
    name = yield from pick(Pick(key="provider", message="Where does it run?", choices=choices))
    return request._replace(provider=name)


def _triggers(request: Request, packs: Packs) -> Interview:
    def with_triggers(names: tuple[str, ...]) -> Request:
        return request._replace(trigger=names)

    def check(names: tuple[str, ...]) -> str:
        if not names:
            return "nothing is chosen: the space bar chooses the trigger that is pointed at"
        return problem(with_triggers(names), packs)

    choices = tuple(
        Choice(
            value=trigger.name,
            label=trigger.name,
            title=trigger.title,
            description=trigger.description,
            impossible=problem(
                only_settings_of(with_triggers((trigger.name,)), (trigger.name,)), packs
            ),
            words=trigger.aliases,
        )
        for trigger in packs.providers[request.provider].triggers.values()
    )
    names = yield from pick_many(
        PickMany(
            key=f"triggers of {request.provider}",
            message="What invokes its functions?",
            choices=choices,
            check=check,
        )
    )
    return with_triggers(names)


def _tool(request: Request, packs: Packs) -> Interview:
    choices = tuple(
        Choice(
            value=tool.name,
            label=tool.name,
            title=tool.title,
            description=tool.description,
            impossible=problem(request._replace(tool=tool.name), packs),
        )
        for tool in packs.providers[request.provider].tools.values()
    )
    name = yield from pick(
        Pick(key=f"tool of {request.provider}", message="What deploys it?", choices=choices)
    )
    return request._replace(tool=name)


def _after(questions: Interview, given: list[Answer]) -> Question | Request:
    """What follows the answers given so far: the next question, or the finished request."""
    try:
        question = next(questions)
        for answer in given:
            question = questions.send(answer)
    except StopIteration as end:
        finished: Request = end.value
        return finished
    return question


def _replayed(questions: Interview, kept: Kept) -> list[Answer]:
    """The answers of an earlier round, in the order of the questions."""
    given: list[Answer] = []
    with suppress(StopIteration):
        question = next(questions)
        while question.key in kept:
            given.append(kept[question.key])
            question = questions.send(given[-1])
    return given


def _step(questions: Interview, given: list[Answer], kept: Kept) -> Step:
    """Counts the questions still to come as they are if each gets the answer offered."""
    total = 0
    # An answer offered need not be a good one: then the count ends there, as a lower bound.
    with suppress(StopIteration, UserError):
        question = next(questions)
        while True:
            known = total < len(given)
            answer = given[total] if known else _with_kept(question, kept).default
            total += 1
            question = questions.send(answer)
    return Step(len(given) + 1, total, can_go_back=bool(given))


def _with_kept(question: Question, kept: Kept) -> Question:
    """The question with the answer that it got before, as far as that is still possible."""
    answer = kept.get(question.key)
    if answer is None:
        return question
    if isinstance(question, Text):
        return replace(question, default=str(answer))
    allowed = {choice.value for choice in possible(question)}
    if isinstance(question, PickMany):
        return replace(question, default=tuple(value for value in answer if value in allowed))
    return replace(question, default=str(answer)) if answer in allowed else question
