"""Whether a service is the same each time, and does not depend on the order of its functions.

Python keeps a set in another order in each run: here each set is read from one end, then from the
other. What is random is found in the templates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import nodes

from generator.conformance.cases import Case, refusal
from generator.conformance.files import failure
from generator.conformance.strict import jinja
from generator.conformance.told import Told
from generator.doctor.findings import Finding
from generator.errors import PackError
from generator.packs import Packs
from generator.render import Rendering
from generator.spec import Spec, build_spec
from generator.tree import Tree

CHECK = "determinism"
RANDOM = ("random", "lipsum")
"""A filter and a function of Jinja that give something else each time."""
HINT = "sort what has no order of its own: {{ ... | sort }}"


class Forwards(frozenset[Any]):
    """A set in its order."""

    def __iter__(self) -> Iterator[Any]:
        return iter(sorted(super().__iter__()))


class Backwards(frozenset[Any]):
    """The same set from its end."""

    def __iter__(self) -> Iterator[Any]:
        return iter(sorted(super().__iter__(), reverse=True))


def check_order(packs: Packs, root: Path, cases: Iterable[Case]) -> Iterator[Finding]:
    """Renders each of the services twice, and compares."""
    told = Told(root)
    for case in cases:
        if len(case.answers.functions) > 1 and refusal(case.answers, packs) is None:
            _compare(packs, case, told)
    yield from told.findings()


def _compare(packs: Packs, case: Case, told: Told) -> None:
    turned = case.answers._replace(functions=case.answers.functions[::-1])
    try:
        first = Rendering(_with(build_spec(case.answers, packs), Forwards), packs)
        second = Rendering(_with(build_spec(turned, packs), Backwards), packs)
        one, other = first.tree(), second.tree()
    except PackError:
        return  # a rendering has told
    for path in sorted(one.keys() | other.keys()):
        if one.get(path) != other.get(path):
            where = first.origins.get(path, (path, ("", "")))[0]
            message = f"{path} is another each time{_line(one, other, path)}"
            told.add(case, failure(CHECK, message, where, HINT))


def _line(one: Tree, other: Tree, path: str) -> str:
    if path not in one or path not in other:
        return ""
    pairs = zip(one[path].content.split(b"\n"), other[path].content.split(b"\n"), strict=False)
    number = next((n for n, (a, b) in enumerate(pairs, 1) if a != b), 0)
    return f", line {number}" if number else ""


def _with(spec: Spec, kind: type[frozenset[Any]]) -> Spec:
    """The spec with all sets that templates see in an order of their own."""
    provider = spec.provider._replace(
        reserved_packages=kind(spec.provider.reserved_packages),
        reserved_functions=kind(spec.provider.reserved_functions),
    )
    functions = tuple(
        f._replace(trigger=f.trigger._replace(tools=kind(f.trigger.tools))) for f in spec.functions
    )
    return spec._replace(provider=provider, functions=functions)


def check_random(root: Path) -> Iterator[Finding]:
    """Filters and functions of Jinja that give something else each time."""
    environment = jinja()
    for path in sorted(root.rglob("*.j2")):
        try:
            tree = environment.parse(path.read_text("utf-8"))
        except (OSError, ValueError, jinja2.TemplateError):
            continue  # told elsewhere
        for node in tree.find_all((nodes.Filter, nodes.Name)):
            name = getattr(node, "name", "")
            if name in RANDOM:
                where = f"{path.relative_to(root).as_posix()}:{node.lineno}"
                message = f"{name} gives something else each time"
                yield failure(CHECK, message, where, "leave it out")
