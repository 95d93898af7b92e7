"""The second half of the wizard: everything that has a good default, asked only on demand."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from typing import NamedTuple

from generator.answers import parse_setting, parse_trigger
from generator.ask.drafts import draft_spec, problem
from generator.ask.questions import Answer, Choice, Pick, PickMany, Question, Text, said
from generator.errors import UserError
from generator.metadata import Option, Value
from generator.packs import Packs
from generator.request import Request
from generator.sources import Function
from generator.spec import Spec, service_options
from generator.values import parse_text

Interview = Generator[Question, Answer, Request]
RECOMMENDED, CUSTOMISE = "recommended", "customise"


def text(question: Text) -> Generator[Question, Answer, str]:
    answer = yield question
    assert isinstance(answer, str)
    return answer


def pick(question: Pick) -> Generator[Question, Answer, str]:
    """Asks with the first possible choice as the default where the question names none."""
    first = next((c.value for c in question.choices if not c.impossible), "")
    answer = yield replace(question, default=question.default or first)
    assert isinstance(answer, str)
    return answer


def pick_many(question: PickMany) -> Generator[Question, Answer, tuple[str, ...]]:
    answer = yield question
    assert isinstance(answer, tuple)
    return answer


def customise(request: Request, given: Request, packs: Packs) -> Interview:
    """Asks whether the defaults will do, and for each of them if not.

    `given` is the request as the flags made it: what they set is not asked again.
    """
    if (yield from pick(_how(draft_spec(request, packs)))) == RECOMMENDED:
        return request
    for ask in (_package, _description, _region, _python, _ci, _service_options):
        request = yield from ask(request, packs)
    if not given.trigger:
        request = yield from _functions(request, packs)
    for function in draft_spec(request, packs).functions:
        request = yield from function_options(request, function, packs)
    return request


def _how(spec: Spec) -> Pick:
    defaults = [f"Python {spec.python}", spec.region, f"CI {_ci_names(spec)}"]
    defaults += [f"{name} {shown(value)}" for name, value in spec.options.items()]
    return Pick(
        key="settings",
        message="Settings",
        choices=(
            Choice(RECOMMENDED, "recommended", description=", ".join(defaults)),
            Choice(
                CUSTOMISE,
                "customise",
                description="Asks for the package, region, Python, CI, options, function names",
            ),
        ),
    )


def _package(request: Request, packs: Packs) -> Interview:
    if request.package:
        return request
    return (
        yield from _field(
            request, packs, "package", "Python package", "snake_case, for example order_events"
        )
    )


def _description(request: Request, packs: Packs) -> Interview:
    if request.description:
        return request
    return (
        yield from _field(
            request, packs, "description", "Description", "One line, for example Takes orders"
        )
    )


def _region(request: Request, packs: Packs) -> Interview:
    if request.region:
        return request
    example = draft_spec(request, packs).provider.region_example
    return (yield from _field(request, packs, "region", "Region", f"For example {example}"))


def _field(request: Request, packs: Packs, name: str, message: str, help: str) -> Interview:
    """A line of text that is the request's field `name`; the default leaves the field empty."""
    default = getattr(draft_spec(request, packs), name)

    def with_answer(answer: str) -> Request:
        return request if answer == default else request._replace(**{name: answer})  # type: ignore[arg-type]

    answer = yield from text(
        Text(
            key=f"{name} of {request.provider} {request.service_name}",
            message=message,
            default=default,
            help=help,
            # An empty flag means the default, so an empty line would not be what it seems.
            check=lambda answer: (
                problem(with_answer(answer), packs) if answer else f"the {name} is empty; {help}"
            ),
        )
    )
    return with_answer(answer)


def _python(request: Request, packs: Packs) -> Interview:
    if request.python:
        return request
    spec = draft_spec(request, packs)
    choices = tuple(
        Choice(
            value=python.version,
            label=python.version,
            title=f"until {python.end_of_life}",
            description=f"{spec.provider.title} supports it until {python.end_of_life}",
        )
        for python in spec.provider.pythons
    )
    question = Pick(
        key=f"python of {request.provider}",
        message="Python version",
        choices=choices,
        default=spec.python,
    )
    version = yield from pick(question)
    return request if version == spec.python else request._replace(python=version)


def _ci(request: Request, packs: Packs) -> Interview:
    if request.ci:
        return request
    default = draft_spec(request, packs).ci_systems[0].name
    choices = tuple(
        # A flag may have set an option that only another CI system has.
        Choice(
            ci.name, ci.name, ci.title, ci.description, problem(request._replace(ci=ci.name), packs)
        )
        for ci in packs.ci_systems.values()
    )
    name = yield from pick(Pick(key="ci", message="CI system", choices=choices, default=default))
    return request if name == default else request._replace(ci=name)


def _ci_names(spec: Spec) -> str:
    return ", ".join(ci.name for ci in spec.ci_systems)


def _service_options(request: Request, packs: Packs) -> Interview:
    spec = draft_spec(request, packs)
    declared = service_options(spec.provider, spec.tools, spec.ci_systems, packs)
    for option in _unset(declared.values(), request, ""):
        setting = Setting(f"{spec.provider.name} {spec.tool.name} {_ci_names(spec)}", "", option)
        request = yield from _option(request, packs, setting, spec.options[option.name])
    return request


def _functions(request: Request, packs: Packs) -> Interview:
    """Names the functions of each trigger, of which there may be several."""
    for trigger in request.trigger:
        request = yield from _functions_of(request, trigger, packs)
    return request


def _functions_of(request: Request, trigger: str, packs: Packs) -> Interview:
    def with_names(answer: str) -> Request:
        items = [f"{trigger}={name.strip()}" for name in answer.split(",")]
        place = request.trigger.index(trigger)
        chosen = (*request.trigger[:place], *items, *request.trigger[place + 1 :])
        return request._replace(trigger=chosen)

    title = packs.providers[request.provider].triggers[trigger].title
    answer = yield from text(
        Text(
            key=f"functions of {request.provider} {trigger}",
            message=f"Functions for {trigger}",
            default=parse_trigger(trigger, "").name,
            help=f"{title}: one name or several, in snake_case, for example intake, refunds",
            check=lambda answer: problem(with_names(answer), packs),
        )
    )
    return with_names(answer)


def function_options(request: Request, function: Function, packs: Packs) -> Interview:
    """Offers the options of a function, and asks for those that are to change."""
    spec = draft_spec(request, packs)
    declared = {**function.trigger.options, **spec.provider.function_options}
    options = {option.name: option for option in _unset(declared.values(), request, function.name)}
    owner = f"{spec.provider.name} {function.trigger.name} {function.name}"
    names = yield from pick_many(
        PickMany(
            key=f"options of {owner}",
            message=f"Options of {function.name} ({function.trigger.name}) to change",
            choices=tuple(
                Choice(
                    value=name,
                    label=name,
                    title=shown(function.options[name]),
                    description=option.help,
                )
                for name, option in options.items()
            ),
        )
    )
    for name in names:
        setting = Setting(owner, function.name, options[name])
        last = name == names[-1]
        request = yield from _option(request, packs, setting, function.options[name], last)
    return request


class Setting(NamedTuple):
    """An option of a function, or of the service; `owner` tells its question from others."""

    owner: str
    function: str
    option: Option

    @property
    def name(self) -> str:
        return f"{self.function}.{self.option.name}" if self.function else self.option.name


def _option(
    request: Request, packs: Packs, setting: Setting, default: Value, last: bool = True
) -> Interview:
    """Asks for one option.

    Rules that concern several options are checked with the `last` one: until then each alone.
    """

    def with_answer(answer: Answer) -> Request:
        value = answer if isinstance(answer, str) else ",".join(answer)
        if value == shown(default):
            return request
        return request._replace(set=(*request.set, f"{setting.name}={value}"))

    def check(answer: Answer) -> str:
        try:
            parse_text(setting.option, answer if isinstance(answer, str) else ",".join(answer), "")
        except UserError as error:
            return said(error)
        return problem(with_answer(answer), packs) if last else ""

    answer = yield _option_question(setting, default, check)
    return with_answer(answer)


def _option_question(setting: Setting, default: Value, check: Callable[[Answer], str]) -> Question:
    option = setting.option
    key = f"{setting.owner}: {setting.name}"
    values = ("true", "false") if option.type == "boolean" else option.choices
    choices = tuple(Choice(value=value, label=value, description=option.help) for value in values)
    if choices and isinstance(default, tuple):
        return PickMany(
            key=key, message=setting.name, choices=choices, default=default, check=check
        )
    if choices:
        return Pick(
            key=key, message=setting.name, choices=choices, default=shown(default), check=check
        )
    listed = "; several with commas" if option.type == "strings" else ""
    example = f"; for example {option.example}" if option.example else ""
    return Text(
        key=key,
        message=setting.name,
        default=shown(default),
        help=f"{option.help}{example}{listed}",
        check=check,
    )


def _unset(options: Iterable[Option], request: Request, function: str) -> list[Option]:
    """Those that no `--set` has set already."""
    settings = [parse_setting(item, "") for item in request.set]
    taken = {setting.option for setting in settings if setting.function == function}
    return [option for option in options if option.name not in taken]


def shown(value: Value) -> str:
    """A value as `--set` takes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, tuple) else str(value)
