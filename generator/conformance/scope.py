"""Which services a pack has a part in: those that are to be rendered when it is checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from generator.answers import Answers
from generator.conformance.files import location_of
from generator.packs import BUILT_IN, PACK, Packs
from generator.policies import FACETS, read_pack

SHARED_BY_ALL = ("project", "function", "shared", "provider.toml", "doctor.toml")


class Facets(NamedTuple):
    """A part that a pack has: in every service that has all of these. None: whichever."""

    provider: str | None = None
    tool: str | None = None
    trigger: str | None = None
    ci: str | None = None

    def holds(self, answers: Answers, tools: tuple[str, ...], ci: tuple[str, ...]) -> bool:
        """`tools` are the service's tool and its parents; `ci` are its CI systems."""
        triggers = [function.trigger for function in answers.functions]
        return (
            self.provider in (None, answers.provider)
            and (self.tool is None or self.tool in tools)
            and (self.trigger is None or self.trigger in triggers)
            and (self.ci is None or self.ci in ci)
        )


class Scope:
    """The services that a pack has a part in."""

    def __init__(self, packs: Packs, root: Path) -> None:
        self.packs = packs
        self.parts = [Facets()] if root == BUILT_IN else [*dict.fromkeys(_parts(root))]

    def covers(self, answers: Answers) -> bool:
        """Whether the pack has a part in the service that these answers ask for."""
        pack = self.packs.providers[answers.provider]
        tools = tuple(tool.name for tool in pack.chain(pack.tools[answers.tool]))
        named = (answers.ci,) if isinstance(answers.ci, str) else answers.ci
        ci = tuple(filter(None, named)) or tuple(self.packs.ci_systems)[:1]
        return any(part.holds(answers, tools, ci) for part in self.parts)


def _parts(root: Path) -> Iterator[Facets]:
    """What a pack's folders and its policies are about."""
    for path in sorted(root.glob("providers/*/triggers/*/*")):
        own = location_of(path.relative_to(root).as_posix())
        name = path.name.partition("+")[0]
        if name == "source":
            for folder in path.iterdir():
                tool = folder.name.partition("+")[0]
                yield Facets(own.provider, tool, own.trigger)
        elif name in ("function", "trigger.toml"):
            yield Facets(own.provider, None, own.trigger)
        else:
            yield Facets(own.provider, name, own.trigger)
    for path in sorted(root.glob("providers/*/tools/*")):
        yield Facets(path.parts[-3], path.name)
    for path in sorted(root.glob("providers/*/*")):
        if path.name.partition("+")[0] in SHARED_BY_ALL:
            yield Facets(path.parent.name)
    for path in sorted(root.glob("providers/*/ci/*")):
        yield Facets(path.parts[-3], ci=path.name.removesuffix(".j2"))
    for path in sorted(root.glob("ci/*")):
        yield Facets(ci=path.name)
    if (root / "base").is_dir():
        yield Facets()
    if (root / PACK).is_file():
        info = read_pack(root)
        for default in info.defaults:
            yield from _of_policy(default.scope)
        for forbid in info.forbids:
            yield from _of_policy(forbid.scope)


def _of_policy(scope: Mapping[str, Any]) -> Iterator[Facets]:
    found = [Facets()]
    for facet in FACETS:
        if facet in scope:
            found = [part._replace(**{facet: name}) for part in found for name in scope[facet]]
    yield from found
