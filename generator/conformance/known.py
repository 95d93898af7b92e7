"""Which names a pack's expressions and texts may use where they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce

from jinja2 import meta, nodes

from generator.conformance.files import Location
from generator.conformance.strict import jinja
from generator.metadata import Option, Tool, Trigger
from generator.packs import Packs, ProviderPack

Offers = dict[str, list[Option]]
"""Options by name: two packs may each have one that is called so."""
NAMES = ("function", "function-kebab", "function-pascal", "service")
"""What a line of the plan may name beside options."""


class Known:
    """The options of all packs in use, by whose they are."""

    def __init__(self, packs: Packs) -> None:
        self.packs = packs

    def pack(self, location: Location) -> ProviderPack | None:
        return self.packs.providers.get(location.provider)

    def trigger(self, location: Location) -> Trigger | None:
        pack = self.pack(location)
        return pack.triggers.get(location.trigger) if pack else None

    def service_everywhere(self, location: Location) -> dict[str, Option]:
        """Options of the service that every service with this provider (and tool) has."""
        pack = self.pack(location)
        if pack is None:
            return {}
        tools = [pack.all_tools[location.tool]] if location.tool else [*pack.tools.values()]
        each = [
            {name: o for part in pack.chain(tool) for name, o in part.options.items()}
            for tool in tools
        ]
        return {**pack.provider.options, **_in_all(each)}

    def service_anywhere(self, location: Location) -> Offers:
        """Options that some service has which a folder at `location` is a part of."""
        tables: list[Mapping[str, Option]] = [
            ci.options for ci in self.packs.ci_systems.values() if location.ci in ("", ci.name)
        ]
        for name, pack in self.packs.providers.items():
            if location.provider in ("", name):
                tables.append(pack.provider.options)
                tables += [part.options for part in _users(pack, location.tool)]
        return _offers(tables)

    def function_everywhere(self, location: Location) -> dict[str, Option]:
        """Options that every function has which a text at `location` is about."""
        pack = self.pack(location)
        if pack is None:
            return {}
        trigger = self.trigger(location)
        triggers = [trigger] if trigger else [*pack.triggers.values()]
        return {**_in_all(t.options for t in triggers), **pack.provider.function_options}

    def function_anywhere(self, location: Location) -> Offers:
        """Options that some function has which a folder at `location` is rendered for."""
        tables: list[Mapping[str, Option]] = []
        for name, pack in self.packs.providers.items():
            if location.provider in ("", name):
                tables.append(pack.provider.function_options)
                tables += [
                    trigger.options
                    for trigger in pack.triggers.values()
                    if location.trigger in ("", trigger.name)
                ]
        return _offers(tables)


def _users(pack: ProviderPack, tool: str) -> list[Tool]:
    """The tools that a service may have whose files are this tool's, too: it and its children."""
    chains = [pack.chain(one) for one in pack.all_tools.values()]
    return [part for chain in chains for part in chain if tool in ("", *(t.name for t in chain))]


def _offers(tables: Iterable[Mapping[str, Option]]) -> Offers:
    found: Offers = {}
    for table in tables:
        for name, option in table.items():
            found.setdefault(name, []).append(option)
    return found


def _in_all(tables: Iterable[Mapping[str, Option]]) -> dict[str, Option]:
    """What each of the tables has."""
    each = list(tables)
    if not each:
        return {}
    names = reduce(set.intersection, (set(table) for table in each))
    return {name: each[0][name] for name in each[0] if name in names}


def variables(expression: str) -> list[str]:
    """The variables that an expression reads, sorted."""
    return sorted(meta.find_undeclared_variables(_parsed(expression)))


def template_variables(template: str) -> list[str]:
    return sorted(meta.find_undeclared_variables(jinja().parse(template)))


def attributes(expression: str, of: str) -> Iterator[str]:
    """The attributes that an expression reads of the variable `of`: `a.prefix`."""
    for node in _parsed(expression).find_all(nodes.Getattr):
        if isinstance(node.node, nodes.Name) and node.node.name == of:
            yield node.attr


def options_read(template: str, of: str) -> Iterator[str]:
    """The options that a template reads of a function or a source: `function.options.prefix`."""
    for node in jinja().parse(template).find_all(nodes.Getattr):
        inner = node.node
        if not isinstance(inner, nodes.Getattr) or inner.attr != "options":
            continue
        if isinstance(inner.node, nodes.Name) and inner.node.name == of:
            yield node.attr


def _parsed(expression: str) -> nodes.Template:
    return jinja().parse(f"{{% if {expression} %}}1{{% endif %}}")
