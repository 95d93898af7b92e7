"""The matrix of the built-in packs: every service that a test should look at.

Nothing here knows a provider, a tool, a trigger or an option by name. What is general, for packs of
somebody else's too, is in `generator.conformance.cases`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generator.answers import Answers
from generator.conformance import cases
from generator.conformance.cases import Case, answer, one_each, other_values, supported
from generator.metadata import Tool
from generator.packs import Packs, ProviderPack

__all__ = ["PACKS", "Case", "answer", "one_each", "other_values", "supported"]

PACKS = Packs()


def pairs(option: object) -> dict[str, str]:
    """Tags or labels, an option's `KEY=VALUE`s, by key."""
    assert isinstance(option, list | tuple)
    return dict(text.split("=", 1) for text in option)


def tools() -> Iterator[tuple[ProviderPack, Tool]]:
    yield from cases.tools(PACKS)


def main_cases() -> list[Case]:
    """Every provider x tool: all triggers together, each alone, and each twice."""
    return list(cases.main_cases(PACKS))


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
    return list(cases.option_cases(PACKS))


def valid(case: Case) -> bool:
    """Whether the packs' rules allow the combination."""
    return cases.refusal(case.answers, PACKS) is None


def packed(singles: Sequence[Case]) -> list[Case]:
    """The same functions in few services: as many of one trigger in each as can be together."""
    groups: dict[tuple[object, ...], list[Case]] = {}
    for case in singles:
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
