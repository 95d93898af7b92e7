"""Functions and their sources: what emits events may serve several, which share its options."""

from collections.abc import Iterable, Mapping
from itertools import combinations
from types import SimpleNamespace
from typing import NamedTuple

from generator.answers import Where
from generator.errors import InvalidValueError, printable
from generator.metadata import Rule, SourceKind, Trigger, Value
from generator.templates import Templates
from generator.values import fill

Options = dict[str, Value]


class Function(NamedTuple):
    """One deployable unit. `declared` are the options that differ from their defaults."""

    name: str
    trigger: Trigger
    options: Mapping[str, Value]
    declared: Mapping[str, Value]

    @property
    def source_key(self) -> tuple[str, str] | None:
        """(kind, key) of what emits its events; functions with the same one share it."""
        kind = self.trigger.source
        if kind is None:
            return None
        return kind.kind, kind.key if kind.constant else str(self.options[kind.key])


class Source(NamedTuple):
    """What emits events to its `users`, which agree on `options`."""

    kind: str
    key: str
    users: tuple[Function, ...]
    options: Mapping[str, Value]

    @property
    def meta(self) -> SourceKind:
        found = self.users[0].trigger.source
        assert found is not None
        return found

    @property
    def created(self) -> bool:
        """Whether the service makes it, or it is there already."""
        return not (self.meta.created_unless and self.options.get(self.meta.created_unless))


def with_common_options(functions: Iterable[Function], where: Where) -> tuple[Function, ...]:
    """The functions, each with what another user of its source has said for all of them."""
    said: dict[tuple[tuple[str, str], str], Function] = {}
    functions = tuple(functions)
    for function in functions:
        key, kind = function.source_key, function.trigger.source
        for name in kind.common if key and kind else ():
            if key is None or name not in function.declared:
                continue
            first = said.setdefault((key, name), function)
            if first.options[name] != function.options[name]:
                raise _disagreement(first, function, name, where, "say it once, for both")
    return tuple(
        function._replace(
            options={
                name: said.get((function.source_key, name), function).options[name]
                if function.source_key
                else value
                for name, value in function.options.items()
            }
        )
        for function in functions
    )


def sources_of(
    functions: Iterable[Function], templates: Templates, where: Where
) -> tuple[Source, ...]:
    groups: dict[tuple[str, str], list[Function]] = {}
    for function in functions:
        if function.source_key is not None:
            groups.setdefault(function.source_key, []).append(function)
    return tuple(
        _source(kind, key, tuple(users), templates, where)
        for (kind, key), users in sorted(groups.items())
    )


def _source(
    kind: str, key: str, users: tuple[Function, ...], templates: Templates, where: Where
) -> Source:
    meta = users[0].trigger.source
    assert meta is not None
    shared = {name: users[0].options[name] for name in (*meta.shared, *meta.common)}
    for user in users[1:]:
        for name, value in shared.items():
            if user.options.get(name) != value:
                way_out = f"give both the same {name}, or each a {meta.key} of its own"
                raise _disagreement(users[0], user, name, where, way_out)
    views = {user.name: SimpleNamespace(**user.options) for user in users}
    for first, second in combinations(users if meta.forbid else (), 2):
        pair = {"a": views[first.name], "b": views[second.name]}
        for rule in meta.forbid:
            if templates.holds(rule.expression, pair, users[0].trigger.folder):
                subject = f"{first.name} and {second.name}"
                raise broken(rule, subject, where("function", second.name), second.options)
    return Source(kind, key, users, shared)


def _disagreement(
    first: Function, second: Function, name: str, where: Where, hint: str
) -> InvalidValueError:
    kind, key = second.source_key or ("", "")
    return InvalidValueError(
        f"{first.name} and {second.name} share the {kind} {printable(key)}"
        f" but disagree about {name}",
        where=where("option", second.name, name),
        hint=hint,
    )


def broken(rule: Rule, subject: str, where: str, options: Mapping[str, Value]) -> InvalidValueError:
    return InvalidValueError(f"{subject}: {fill(rule.message, options)}", where=where)
