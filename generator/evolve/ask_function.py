"""Asks for a function that is to be added: its name, and the options that are to change."""

from __future__ import annotations

from generator.answers import FunctionAnswers
from generator.ask.customise import Interview, function_options, text
from generator.ask.drafts import draft_spec, problem
from generator.ask.questions import Text
from generator.ask.wizard import answered
from generator.evolve.project import Project
from generator.packs import Packs
from generator.request import Request, function_answers


def ask_function(service: Project, given: FunctionAnswers, packs: Packs) -> FunctionAnswers:
    """`given` with a name and options as the person wants them.

    Raises UserError for a trigger that the service's provider does not have, KeyboardInterrupt
    when the person stops.
    """
    spec = service.spec
    taken = {function.name for function in spec.functions}
    request = Request(
        name=spec.name,
        provider=spec.provider.name,
        tool=spec.tool.name,
        trigger=(f"{given.trigger}={free_name(given.name, taken)}",),
        ci=tuple(ci.name for ci in spec.ci_systems),
        python=spec.python,
        region=spec.region,
    )
    draft_spec(request, packs)

    def asks(request: Request, packs: Packs) -> Interview:
        return _interview(request, packs, taken)

    found = answered(asks, request, packs, {})
    trigger, _, name = found.trigger[0].partition("=")
    return function_answers(trigger, name, [item.partition(".")[2] for item in found.set])


def free_name(name: str, taken: set[str]) -> str:
    """`name`, or the first of `name_2`, `name_3` that no function has."""
    number = 1
    free = name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free


def _interview(request: Request, packs: Packs, taken: set[str]) -> Interview:
    trigger, _, name = request.trigger[0].partition("=")

    def with_name(answer: str) -> Request:
        return request._replace(trigger=(f"{trigger}={answer}",))

    def check(answer: str) -> str:
        if answer in taken:
            return f"there is a function {answer} already"
        return problem(with_name(answer), packs)

    answer = yield from text(
        Text(
            key="function",
            message="Name of the function",
            default=name,
            help="snake_case, for example order_intake",
            check=check,
        )
    )
    request = with_name(answer)
    function = draft_spec(request, packs).functions[0]
    return (yield from function_options(request, function, packs))
