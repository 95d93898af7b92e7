"""Checks the names that a service's resources derive from it: their length, and that none clash."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING

from generator.answers import Where
from generator.errors import InvalidValueError
from generator.metadata import NameRule
from generator.templates import Templates

if TYPE_CHECKING:  # `spec` calls this module
    from generator.sources import Function
    from generator.spec import Spec


def check_derived_names(spec: Spec, templates: Templates, where: Where) -> None:
    """Raises InvalidValueError for a derived name that is too long or not possible, or that two
    would have."""
    owners: dict[tuple[str, str], str] = {}
    for function in spec.functions:
        context: dict[str, object] = {"service": _service(spec), "function": _function(function)}
        place = where("function", function.name)
        for rule in (*spec.provider.names, *function.trigger.names):
            derived = templates.render_text(rule.template, context)
            if len(derived) > rule.maximum:
                raise _too_long(rule, derived, place)
            if rule.never and re.search(rule.never, derived):
                raise _impossible(rule, derived, place)
            # A trigger's name may be of a source, which is shared, and one without the function in
            # it is the service's own.
            if rule in spec.provider.names and "function." in rule.template:
                _claim(owners, rule, derived, function.name, place)
    for source in spec.sources:
        context = {"service": _service(spec), "source": source}
        for rule in spec.provider.source_names:
            derived = templates.render_text(rule.template, context)
            place = where("function", source.users[0].name)
            _claim(owners, rule, derived, f"{source.kind} {source.key}", place)


def _claim(
    owners: dict[tuple[str, str], str], rule: NameRule, derived: str, owner: str, place: str
) -> None:
    first = owners.setdefault((rule.what, derived), owner)
    if first != owner:
        raise InvalidValueError(
            f"{first} and {owner} would both be the {rule.what} {derived}",
            where=place,
            hint="give one of them another name",
        )


def _service(spec: Spec) -> SimpleNamespace:
    return SimpleNamespace(name=spec.name, package=spec.package, region=spec.region)


def _function(function: Function) -> SimpleNamespace:
    return SimpleNamespace(name=function.name, options=SimpleNamespace(**function.options))


def _too_long(rule: NameRule, derived: str, where: str) -> InvalidValueError:
    over = len(derived) - rule.maximum
    return InvalidValueError(
        f"the {rule.what} name {derived} would have {len(derived)} characters,"
        f" at most {rule.maximum} are possible",
        where=where,
        hint=f"shorten {_whose(rule)} name by {over}",
    )


def _impossible(rule: NameRule, derived: str, where: str) -> InvalidValueError:
    return InvalidValueError(
        f"the {rule.what} name {derived} is not possible: {rule.why}",
        where=where,
        hint=f"change {_whose(rule)} name",
    )


def _whose(rule: NameRule) -> str:
    return "the service's or the function's" if "function." in rule.template else "the service's"
