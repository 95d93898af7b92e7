"""Every service that packs can make, as far as one differs from another: discovered, not listed.

Nothing here knows a provider, a tool, a trigger or an option by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from generator.answers import Answers, FunctionAnswers
from generator.errors import PackError, UserError
from generator.metadata import Option, Tool, Trigger
from generator.packs import Packs, ProviderPack
from generator.spec import build_spec


class Case(NamedTuple):
    """One service: `name` is readable and unique. `must`: rules of packs may not refuse it."""

    name: str
    answers: Answers
    must: bool = False


def all_cases(packs: Packs) -> Iterator[Case]:
    """Every provider x tool x trigger x CI system, with every option changed."""
    yield from main_cases(packs)
    yield from option_cases(packs)
    yield from function_cases(packs)
    yield from packaging_cases(packs)


def answer(
    pack: ProviderPack,
    tool: Tool,
    functions: Sequence[FunctionAnswers],
    options: Mapping[str, object] | None = None,
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


def supported(pack: ProviderPack, tool: Tool) -> list[Trigger]:
    return [trigger for trigger in pack.triggers.values() if tool.name in trigger.tools]


def one_each(triggers: Sequence[Trigger]) -> list[FunctionAnswers]:
    """A function a trigger, named so that both forms of a name occur: `my_s3`."""
    return [FunctionAnswers(t.name, f"my_{t.name.replace('-', '_')}") for t in triggers]


def tools(packs: Packs) -> Iterator[tuple[ProviderPack, Tool]]:
    for pack in packs.providers.values():
        for tool in pack.tools.values():
            yield pack, tool


def main_cases(packs: Packs) -> Iterator[Case]:
    """Every provider x tool: all triggers together, each alone, and each twice."""
    for pack, tool in tools(packs):
        prefix = f"{pack.name}-{tool.name}"
        triggers = supported(pack, tool)
        yield Case(f"{prefix}-all", answer(pack, tool, one_each(triggers)), must=True)
        for trigger in triggers:
            one = one_each([trigger])
            yield Case(f"{prefix}-{trigger.name}", answer(pack, tool, one), must=True)
            two = [*one, FunctionAnswers(trigger.name, "other_2")]
            yield Case(f"{prefix}-{trigger.name}-twice", answer(pack, tool, two), must=True)


def option_cases(packs: Packs) -> Iterator[Case]:
    """Every provider x tool with all triggers: each option of the service changed, and of each
    trigger alone."""
    for pack, tool in tools(packs):
        everything = answer(pack, tool, one_each(supported(pack, tool)))
        prefix = f"{pack.name}-{tool.name}"
        tool_options = [option for part in pack.chain(tool) for option in part.options.values()]
        for option in [*pack.provider.options.values(), *tool_options]:
            for value in other_values(option):
                changed = everything._replace(options={option.name: value})
                yield Case(f"{prefix}-{option.name}={value}", changed)
        for version in pack.provider.pythons:
            changed = everything._replace(python=version.version)
            yield Case(f"{prefix}-python{version.version}", changed)
        yield from _ci_cases(packs, prefix, everything)
        yield Case(f"{prefix}-long-names", _long_names(pack, tool))
        for trigger in supported(pack, tool):
            yield from _trigger_options(packs, pack, tool, trigger)


def function_cases(packs: Packs) -> Iterator[Case]:
    """Every provider x tool with all triggers that allow it: each option of every function.

    And without any function: that is what is left when the last one goes.
    """
    for pack, tool in tools(packs):
        yield Case(f"{pack.name}-{tool.name}-none", answer(pack, tool, []))
        for option in pack.provider.function_options.values():
            for value in other_values(option):
                named = [f._replace(options={option.name: value}) for f in _functions(pack, tool)]
                fit = [f for f in named if refusal(answer(pack, tool, [f]), packs) is None]
                name = f"{pack.name}-{tool.name}-every-{option.name}={value}"
                if fit:
                    yield Case(name, answer(pack, tool, fit))


def packaging_cases(packs: Packs) -> Iterator[Case]:
    """Every tool with each of its options, in every CI system: it installs what that needs."""
    for pack, tool in tools(packs):
        for option in (o for part in pack.chain(tool) for o in part.options.values()):
            for value in other_values(option):
                everything = answer(pack, tool, _functions(pack, tool), {option.name: value})
                for ci in packs.ci_systems:
                    name = f"{pack.name}-{tool.name}-{option.name}={value}-ci-{ci}"
                    yield Case(name, everything._replace(ci=ci))


def _functions(pack: ProviderPack, tool: Tool) -> list[FunctionAnswers]:
    return one_each(supported(pack, tool))


def _ci_cases(packs: Packs, prefix: str, everything: Answers) -> Iterator[Case]:
    """Every CI system: as it is, each of its options changed, and all that are off switched on."""
    for ci in packs.ci_systems.values():
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


def _trigger_options(
    packs: Packs, pack: ProviderPack, tool: Tool, trigger: Trigger
) -> Iterator[Case]:
    booleans = [name for name, option in pack.provider.options.items() if option.type == "boolean"]
    for option in trigger.options.values():
        for value in other_values(option):
            changed = {option.name: value}
            function = with_what_it_needs(packs, pack, tool, trigger, changed)
            name = f"{pack.name}-{tool.name}-{trigger.name}-{option.name}={value}"
            yield Case(name, answer(pack, tool, [function]))
            for service_option in booleans:
                answers = answer(pack, tool, [function], {service_option: True})
                yield Case(f"{name}-{service_option}", answers)


def with_what_it_needs(
    packs: Packs,
    pack: ProviderPack,
    tool: Tool,
    trigger: Trigger,
    changed: Mapping[str, object],
) -> FunctionAnswers:
    """A switch that is not valid alone gets examples of the options that are empty: `existing` has
    to be told where what exists is."""
    alone = FunctionAnswers(trigger.name, "my_fn", changed)
    switched = any(value is True for value in changed.values())
    if not switched or refusal(answer(pack, tool, [alone]), packs) is None:
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
        limits = dict.fromkeys((option.minimum, option.maximum))
        return [value for value in limits if value not in (None, option.default)]
    return [option.example] if option.example and option.example != option.default else []


def refusal(answers: Answers, packs: Packs) -> UserError | None:
    """What the packs' rules have against the combination, or None.

    None as well where a rule itself is wrong: whoever renders the service is told of it.
    """
    try:
        build_spec(answers, packs)
    except UserError as error:
        return error
    except PackError:
        return None
    return None


def without_policies(packs: Packs) -> Packs:
    """The same packs, with nothing forbidden and no default changed."""
    found = Packs(packs.roots)
    found.__dict__["infos"] = ()
    return found


def permitted(answers: Answers, packs: Packs) -> Answers | None:
    """The nearest service that the policies of packs allow: each function as it is, or with one of
    its switches on. None where there is none, since the tool or each of the triggers is forbidden.
    """
    pack = packs.providers[answers.provider]
    tool = pack.tools[answers.tool]
    found: list[FunctionAnswers] = []
    for function in answers.functions:
        trigger = pack.triggers[function.trigger]
        switches = [o for o in trigger.options.values() if o.type == "boolean"]
        ways = [function] + [
            with_what_it_needs(packs, pack, tool, trigger, {o.name: not o.default})._replace(
                name=function.name
            )
            for o in switches
        ]
        allowed = (way for way in ways if not refusal(answers._replace(functions=(way,)), packs))
        found += [way for way in [next(allowed, None)] if way]
    while found and refusal(answers._replace(functions=tuple(found)), packs):
        found.pop()  # two of them do not go together
    return answers._replace(functions=tuple(found)) if found else None
