"""The matrix, discovered from the packs: every service that a test should look at.

Nothing here knows a provider, a tool, a trigger or an option by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from generator.answers import Answers, FunctionAnswers
from generator.errors import UserError
from generator.metadata import Option, Tool, Trigger
from generator.packs import Packs, ProviderPack
from generator.spec import build_spec

PACKS = Packs()


@dataclass(frozen=True)
class Case:
    """One service: `name` is readable and unique, and pytest's id."""

    name: str
    answers: Answers


def answer(
    pack: ProviderPack,
    tool: Tool,
    functions: list[FunctionAnswers],
    options: dict[str, object] | None = None,
    **others: Any,
) -> Answers:
    """Answers with typed options, for a service called `orders`."""
    return Answers(
        name="orders",
        provider=pack.name,
        tool=tool.name,
        functions=tuple(functions),
        options=options or {},
        where=lambda *path: " ".join(path),
        typed=True,
        packs={},
        **others,
    )


def pairs(option: object) -> dict[str, str]:
    """Tags or labels, an option's `KEY=VALUE`s, by key."""
    assert isinstance(option, list | tuple)
    return dict(text.split("=", 1) for text in option)


def supported(pack: ProviderPack, tool: Tool) -> list[Trigger]:
    return [trigger for trigger in pack.triggers.values() if tool.name in trigger.tools]


def one_each(triggers: list[Trigger]) -> list[FunctionAnswers]:
    """A function a trigger, named so that both forms of a name occur: `my_s3`."""
    return [FunctionAnswers(t.name, f"my_{t.name.replace('-', '_')}") for t in triggers]


def tools() -> Iterator[tuple[ProviderPack, Tool]]:
    for pack in PACKS.providers.values():
        for tool in pack.tools.values():
            yield pack, tool


def main_cases() -> list[Case]:
    """Every provider x tool: all triggers together, each alone, and each twice."""
    cases = []
    for pack, tool in tools():
        prefix = f"{pack.name}-{tool.name}"
        triggers = supported(pack, tool)
        cases.append(Case(f"{prefix}-all", answer(pack, tool, one_each(triggers))))
        for trigger in triggers:
            one = one_each([trigger])
            cases.append(Case(f"{prefix}-{trigger.name}", answer(pack, tool, one)))
            two = [*one, FunctionAnswers(trigger.name, "other_2")]
            cases.append(Case(f"{prefix}-{trigger.name}-twice", answer(pack, tool, two)))
    return cases


def few_cases() -> list[Case]:
    """Of `main_cases`, each tool with all its triggers, and each trigger alone with one tool."""
    firsts = {pack.name: next(iter(pack.tools)) for pack in PACKS.providers.values()}
    return [
        case
        for case in main_cases()
        if case.name.endswith("-all")
        or (firsts[case.answers.provider] == case.answers.tool and len(case.answers.functions) == 1)
    ]


def option_cases() -> list[Case]:
    """Every provider x tool with all triggers: each option of service and function changed."""
    cases = []
    for pack, tool in tools():
        everything = answer(pack, tool, one_each(supported(pack, tool)))
        prefix = f"{pack.name}-{tool.name}"
        tool_options = [option for part in pack.chain(tool) for option in part.options.values()]
        for option in [*pack.provider.options.values(), *tool_options]:
            for value in other_values(option):
                changed = everything._replace(options={option.name: value})
                cases.append(Case(f"{prefix}-{option.name}={value}", changed))
        for version in pack.provider.pythons:
            changed = everything._replace(python=version.version)
            cases.append(Case(f"{prefix}-python{version.version}", changed))
        cases += _ci_cases(prefix, everything)
        cases.append(Case(f"{prefix}-long-names", _long_names(pack, tool)))
        for trigger in supported(pack, tool):
            cases += _trigger_options(pack, tool, trigger)
    return cases


def _ci_cases(prefix: str, everything: Answers) -> Iterator[Case]:
    """Every CI system: as it is, each of its options changed, and all that are off switched on."""
    for ci in PACKS.ci_systems.values():
        chosen = everything._replace(ci=ci.name)
        yield Case(f"{prefix}-ci-{ci.name}", chosen)
        for option in ci.options.values():
            for value in other_values(option):
                changed = chosen._replace(options={option.name: value})
                yield Case(f"{prefix}-ci-{ci.name}-{option.name}={value}", changed)
        switches: dict[str, object] = {
            o.name: True for o in ci.options.values() if o.default is False
        }
        if len(switches) > 1:
            yield Case(f"{prefix}-ci-{ci.name}-all-options", chosen._replace(options=switches))


def _long_names(pack: ProviderPack, tool: Tool) -> Answers:
    """Names that would make a line too long, if one had them beside much else."""
    functions = [
        FunctionAnswers(trigger.name, f"a_rather_long_name_{number}")
        for number, trigger in enumerate(supported(pack, tool))
    ]
    package = "the_package_of_a_service_whose_owners_like_long_names"
    return answer(pack, tool, functions, package=package)


def _trigger_options(pack: ProviderPack, tool: Tool, trigger: Trigger) -> Iterator[Case]:
    booleans = [name for name, option in pack.provider.options.items() if option.type == "boolean"]
    for option in trigger.options.values():
        for value in other_values(option):
            function = _with_what_it_needs(pack, tool, trigger, {option.name: value})
            name = f"{pack.name}-{tool.name}-{trigger.name}-{option.name}={value}"
            yield Case(name, answer(pack, tool, [function]))
            for service_option in booleans:
                answers = answer(pack, tool, [function], {service_option: True})
                yield Case(f"{name}-{service_option}", answers)


def _with_what_it_needs(
    pack: ProviderPack, tool: Tool, trigger: Trigger, changed: dict[str, object]
) -> FunctionAnswers:
    """A switch that is not valid alone gets examples of the options that are empty: `existing` has
    to be told where what exists is."""
    alone = FunctionAnswers(trigger.name, "my_fn", changed)
    switched = any(value is True for value in changed.values())
    if not switched or valid(Case("", answer(pack, tool, [alone]))):
        return alone
    empty = [option for option in trigger.options.values() if option.default == ""]
    examples = {option.name: option.example for option in empty if option.example}
    return FunctionAnswers(trigger.name, "my_fn", {**examples, **changed})


def other_values(option: Option) -> Sequence[object]:
    """Values that differ from the default: enough to take every branch of a template."""
    if option.type == "boolean":
        return [not option.default]
    if option.type == "strings":
        others = [choice for choice in option.choices if (choice,) != option.default]
        examples = [option.example] if option.example and not option.choices else others
        return [[value] for value in examples] + [list(option.choices)] * bool(option.choices)
    if option.choices:
        return [choice for choice in option.choices if choice != option.default]
    if option.type == "integer":
        return [v for v in {option.minimum, option.maximum} if v not in (None, option.default)]
    return [option.example] if option.example and option.example != option.default else []


def valid(case: Case) -> bool:
    """Whether the packs' rules allow the combination."""
    try:
        build_spec(case.answers, PACKS)
    except UserError:
        return False
    return True


def packed(cases: Sequence[Case]) -> list[Case]:
    """The same functions in few services: as many of one trigger in each as can be together."""
    groups: dict[tuple[object, ...], list[Case]] = {}
    for case in cases:
        answers = case.answers
        [function] = answers.functions
        key = (answers.provider, answers.tool, function.trigger, *answers.options.items())
        groups.setdefault(key, []).append(case)
    return [
        Case(f"{'-'.join(str(part) for part in key)}-{number}".replace("'", ""), answers)
        for key, members in groups.items()
        for number, answers in enumerate(_fill([case.answers for case in members]))
    ]


def _fill(services: Sequence[Answers]) -> list[Answers]:
    """First fit: a function goes to the first service that its options do not contradict."""
    filled: list[Answers] = []
    for answers in services:
        [function] = answers.functions
        for place, there in enumerate(filled):
            named = function._replace(name=f"my_fn_{len(there.functions)}")
            together = there._replace(functions=(*there.functions, named))
            if valid(Case("", together)):
                filled[place] = together
                break
        else:
            filled.append(answers)
    return filled
