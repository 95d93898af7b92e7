"""What can be said of a Bicep file without the files around it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tools.bicep import known
from tools.bicep.names import (
    Problem,
    Symbols,
    cycles,
    duplicates,
    expressions,
    hidden_functions,
    of_loops,
    symbols_of,
    target_scope,
    undefined,
    unused,
    used_by,
)
from tools.bicep.tree import (
    Array,
    Call,
    Declaration,
    Expression,
    For,
    If,
    Index,
    Member,
    Name,
    Object,
)

RESOURCE_TYPE = re.compile(r"[A-Z][A-Za-z]+\.[A-Z][A-Za-z]+(/[A-Za-z]+)+@\d{4}-\d\d-\d\d")
NESTED_TYPE = re.compile(r"[A-Za-z]+")


def problems_of(file: list[Declaration]) -> Iterator[Problem]:
    symbols = symbols_of(file)
    yield from duplicates(file)
    for each in file:
        yield from of_decorators(each)
        yield from of_type(each)
        for expression in expressions(each):
            yield from undefined(expression, symbols, frozenset())
        if each.kind == "resource":
            yield from of_resource(each, symbols, target_scope(file))
        if each.kind in ("module", "resource"):
            yield from of_dependencies(each, symbols)
            yield from late(each, symbols)
        if each.kind == "output":
            yield from of_output(each, symbols)
    yield from hidden_functions(file)
    yield from of_loops(file)
    yield from unused(file)
    yield from cycles(symbols)


def of_decorators(declaration: Declaration) -> Iterator[Problem]:
    for each in declaration.decorators:
        if each.name not in known.DECORATORS:
            yield each.line, f"there is no decorator {each.name}"


def of_type(declaration: Declaration) -> Iterator[Problem]:
    if declaration.kind not in ("param", "output"):
        return
    for word in declaration.type.split(" | "):
        plain = word.rstrip("[]?")
        if plain not in known.TYPES and not plain.startswith("'"):
            yield declaration.line, f"there is no type {plain}"


def of_resource(
    resource: Declaration, symbols: Symbols, scope: str, nested: bool = False
) -> Iterator[Problem]:
    line, body = resource.line, resource.body
    reference = resource.reference.plain if resource.reference else None
    if reference is None or body is None:
        yield line, f"{resource.name} has no type or no body"
        return
    if not (NESTED_TYPE if nested else RESOURCE_TYPE).fullmatch(reference):
        yield line, f"{reference!r} is no type with a stable version"
        return
    keys = {p.key.plain for p in body.properties}
    for key in sorted(str(key) for key in keys - known.RESOURCE_KEYS):
        yield line, f"{resource.name}: a resource has no {key}"
    if "name" not in keys:
        yield line, f"{resource.name} has no name"
    if not nested:
        yield from of_parent(resource, body, symbols)
        yield from of_resource_scope(resource, body, symbols, scope)
    for each in body.resources:
        yield from of_resource(each, symbols, scope, nested=True)


def of_parent(resource: Declaration, body: Object, symbols: Symbols) -> Iterator[Problem]:
    kind = type_of(resource)
    parent = without_index(body.get("parent"))
    if parent is None:
        if kind.count("/") > 1:
            yield resource.line, f"{resource.name} has no parent, and {kind} needs one"
        return
    above = symbols.get(parent.name) if isinstance(parent, Name) else None
    if above is None or above.kind != "resource":
        yield parent.line, f"{resource.name}: its parent is no resource"
    elif kind.rpartition("/")[0] != type_of(above):
        yield parent.line, f"{kind} is no child of {type_of(above)}"


def without_index(expression: Expression | None) -> Expression | None:
    """`parents` of `parents[number]`."""
    while isinstance(expression, Index):
        expression = expression.target
    return expression


def type_of(resource: Declaration) -> str:
    return (resource.reference.plain or "").partition("@")[0] if resource.reference else ""


def of_resource_scope(
    resource: Declaration, body: Object, symbols: Symbols, target: str
) -> Iterator[Problem]:
    scope = without_index(body.get("scope"))
    kind = type_of(resource)
    if scope is None:
        if (target == "subscription") != (kind in known.SUBSCRIPTION_TYPES) and not (
            target == "resourceGroup" and kind == "Microsoft.Authorization/roleAssignments"
        ):
            yield resource.line, f"{kind} cannot be deployed to a {target}"
    elif isinstance(scope, Call):
        if not resource.existing:
            yield scope.line, f"{resource.name}: what is deployed elsewhere is in a module"
    elif not isinstance(scope, Name) or (
        scope.name in symbols and symbols[scope.name].kind != "resource"
    ):
        yield scope.line, f"{resource.name}: a scope is a resource, or resourceGroup(...)"


def of_dependencies(declaration: Declaration, symbols: Symbols) -> Iterator[Problem]:
    depends = declaration.body.get("dependsOn") if declaration.body else None
    if depends is None:
        return
    if not isinstance(depends, Array):
        yield depends.line, "dependsOn is a list"
        return
    for item in depends.items:
        name = item.name if isinstance(item, Name) else ""
        if name not in symbols or symbols[name].kind not in ("module", "resource"):
            yield item.line, f"{declaration.name}: dependsOn names what is no resource or module"
        elif name in used_by(declaration, without="dependsOn"):
            yield item.line, f"{declaration.name} depends on {name} anyway"


def late(declaration: Declaration, symbols: Symbols) -> Iterator[Problem]:
    """What Azure must know before it deploys anything cannot come from what is deployed."""
    value = declaration.value
    while isinstance(value, For | If):
        decides = value.source if isinstance(value, For) else value.condition
        yield from late_parts(
            decides, symbols, f"{declaration.name}: whether, and how often, it is"
        )
        value = value.body
    for part in declaration.body.walk() if declaration.body else ():
        if isinstance(part, For):
            yield from late_parts(part.source, symbols, f"{declaration.name}: how long a list is")
    for key in ("name", "scope"):
        found = declaration.body.get(key) if declaration.body else None
        if found is not None:
            yield from late_parts(found, symbols, f"{declaration.name}: its {key}")


def late_parts(
    expression: Expression, symbols: Symbols, what: str, seen: frozenset[str] = frozenset()
) -> Iterator[Problem]:
    for part in expression.walk():
        why = ""
        if isinstance(part, Call) and (part.name == "reference" or part.name.startswith("list")):
            why = f"{part.name}()"
        elif isinstance(part, Member) and isinstance(part.target, Name):
            of = symbols.get(part.target.name)
            if of and of.kind == "module" and part.name != "name":
                why = f"{of.name}.{part.name}"
            elif of and of.kind == "resource" and not part.nested:
                why = "" if part.name in known.AT_START else f"{of.name}.{part.name}"
        elif isinstance(part, Name) and part.name not in seen:
            of = symbols.get(part.name)
            if of and of.kind == "var" and of.value is not None:
                yield from late_parts(of.value, symbols, what, seen | {part.name})
        if why:
            yield part.line, f"{what} cannot follow from {why}, which is known too late"


def of_output(output: Declaration, symbols: Symbols) -> Iterator[Problem]:
    if output.value is None or output.decorator("secure"):
        return
    for part in output.value.walk():
        match part:
            case Call(name=name) if name.startswith("list"):
                yield part.line, f"output {output.name} shows the secret of {name}()"
            case Name(name=name) if name in symbols and symbols[name].decorator("secure"):
                yield part.line, f"output {output.name} shows the secret {name}"
