"""All that the matrix has for one tool, for tests that look at it at once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from matrix.services import (
    Case,
    answer,
    main_cases,
    one_each,
    option_cases,
    packed,
    supported,
    valid,
)
from matrix.test_every_combination import tree_of

from generator.answers import FunctionAnswers
from generator.metadata import Tool
from generator.packs import ProviderPack
from generator.tree import Tree
from generator.write import write_new


def cases_of(pack: ProviderPack, tool: Tool) -> list[Case]:
    """Every combination; functions of which only an option differs share services."""
    every = [
        case
        for case in [*main_cases(), *option_cases()]
        if (case.answers.provider, case.answers.tool) == (pack.name, tool.name) and valid(case)
    ]
    single = [case for case in every if [f.name for f in case.answers.functions] == ["my_fn"]]
    return [case for case in every if case not in single] + packed(single)


def twice(
    pack: ProviderPack, tool: Tool, options: Mapping[str, object], firsts: Mapping[str, object]
) -> Case:
    """Where two functions, or two sources, would have the same address.

    `options` are the service's, `firsts` those of its first two functions.
    """
    triggers = supported(pack, tool)
    functions = one_each(triggers)
    functions += [FunctionAnswers(t.name, f"other_{n}") for n, t in enumerate(triggers)]
    functions[:2] = [function._replace(options=dict(firsts)) for function in functions[:2]]
    return Case("twice", answer(pack, tool, functions, dict(options)))


def infra_of(case: Case) -> Tree:
    """The files of its `infra/`, by their paths there."""
    return {
        path.removeprefix("infra/"): entry
        for path, entry in tree_of(case).items()
        if path.startswith("infra/")
    }


def different_infra(cases: Iterable[Case]) -> dict[str, Tree]:
    """`infra/` of each case, by its name; of those with the same content the first."""
    seen: dict[tuple[tuple[str, bytes], ...], str] = {}
    found: dict[str, Tree] = {}
    for case in cases:
        infra = infra_of(case)
        content = tuple((path, entry.content) for path, entry in sorted(infra.items()))
        if seen.setdefault(content, case.name) == case.name:
            found[case.name] = infra
    return found


def modules_of_one(
    root: Path, cases: Iterable[Tree], provider: str, settings: object, variables: Mapping[str, str]
) -> Path:
    """Terraform configurations as modules of one, so that a provider's schema is read once.

    `settings` are the provider's, which its modules must not have; of `variables` each gets those
    that it declares.
    """
    block = re.compile(rf'^provider "{provider}" {{\n(.*?)^}}\n\n', re.M | re.S)
    modules = {}
    for number, infra in enumerate(cases):
        folder = root / f"case_{number}"
        write_new(folder, infra)
        main = folder / "main.tf"
        main.write_text(block.sub("", main.read_text("utf-8")), "utf-8")
        declared = re.findall(r'^variable "(\w+)"', infra["variables.tf"].content.decode(), re.M)
        given = {name: value for name, value in variables.items() if name in declared}
        modules[folder.name] = {"source": f"./{folder.name}", **given}
    whole = {"provider": {provider: settings}, "module": modules}
    (root / "main.tf.json").write_text(json.dumps(whole), "utf-8")
    return root
