"""The names of a Bicep file: what declares them, what uses them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tools.bicep import known
from tools.bicep.tree import Call, Declaration, Expression, For, Name, Object, Property, Text

Problem = tuple[int, str]
Symbols = Mapping[str, Declaration]


def target_scope(file: list[Declaration]) -> str:
    for each in file:
        if each.kind == "targetScope" and isinstance(each.value, Text):
            return each.value.plain or ""
    return "resourceGroup"


def symbols_of(file: list[Declaration]) -> dict[str, Declaration]:
    return {d.name: d for d in file if d.kind in ("module", "param", "resource", "var")}


def outputs_of(file: list[Declaration]) -> dict[str, Declaration]:
    return {d.name: d for d in file if d.kind == "output"}


def parameters_of(file: list[Declaration]) -> dict[str, Declaration]:
    return {d.name: d for d in file if d.kind == "param"}


def expressions(declaration: Declaration) -> Iterator[Expression]:
    """All that a statement has, of nested resources too; not the parts of each."""
    yield from declaration.decorators
    if declaration.reference is not None:
        yield declaration.reference
    if declaration.value is not None:
        yield declaration.value
    for nested in declaration.body.resources if declaration.body else ():
        yield from expressions(nested)


def used_by(declaration: Declaration, without: str = "") -> set[str]:
    """The names that a statement mentions."""
    left_out: set[int] = set()
    if without and declaration.body:
        ignored = declaration.body.get(without)
        left_out = {id(part) for part in ignored.walk()} if ignored else set()
    return {
        part.name
        for expression in expressions(declaration)
        for part in expression.walk()
        if isinstance(part, Name) and id(part) not in left_out
    }


def duplicates(file: list[Declaration]) -> Iterator[Problem]:
    for group in (lambda d: d.kind == "output", lambda d: d.kind != "output"):
        seen: set[str] = set()
        for each in filter(group, file):
            if each.name in seen:
                yield each.line, f"{each.name} is declared twice"
            seen.add(each.name)
    for each in file:
        for expression in expressions(each):
            for part in expression.walk():
                if isinstance(part, Object):
                    yield from duplicate_keys(part)


def duplicate_keys(part: Object) -> Iterator[Problem]:
    keys = [p.key.plain for p in part.properties if p.key.plain is not None]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield part.line, f"key {key} is there twice"


def undefined(expression: Expression, symbols: Symbols, local: frozenset[str]) -> Iterator[Problem]:
    """Names and functions that nothing declares. A loop declares its own."""
    match expression:
        case Name(name=name) if name not in {*symbols, *local, *known.NAMESPACES}:
            yield expression.line, f"{name} is not declared"
        case Call(name=name, target=None) if name not in known.FUNCTIONS | known.DECORATORS:
            yield expression.line, f"there is no function {name}"
    if isinstance(expression, For):
        yield from undefined(expression.source, symbols, local)
        yield from undefined(expression.body, symbols, local | set(expression.names))
        return
    for part in expression.parts():
        yield from undefined(part, symbols, local)


def hidden_functions(file: list[Declaration]) -> Iterator[Problem]:
    """A symbol hides the function, or the decorator, that has its name."""
    symbols = symbols_of(file)
    for each in file:
        for expression in expressions(each):
            for part in expression.walk():
                if isinstance(part, Call) and part.target is None and part.name in symbols:
                    yield part.line, f"{part.name} is no function here: it is declared"


def of_loops(file: list[Declaration]) -> Iterator[Problem]:
    """A loop is the whole value of a statement or of a property."""
    for each in file:
        for expression in expressions(each):
            for part in expression.walk():
                whole = isinstance(part, Property)
                for inner in () if whole else part.parts():
                    if isinstance(inner, For):
                        yield inner.line, f"{each.name}: a loop cannot be here"


def unused(file: list[Declaration]) -> Iterator[Problem]:
    used: dict[str, set[str]] = {each.name: used_by(each) for each in file if each.kind != "output"}
    everywhere = [*used.items()]
    everywhere += [("", used_by(each)) for each in file if each.kind == "output"]
    for each in file:
        idle = each.kind in ("param", "var") or (each.kind == "resource" and each.existing)
        if idle and not any(each.name in names for by, names in everywhere if by != each.name):
            nested = each.body.resources if each.kind == "resource" and each.body else ()
            if not any(not inner.existing for inner in nested):
                yield each.line, f"{each.name} is not used"


def cycles(symbols: Symbols) -> Iterator[Problem]:
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> Iterator[Problem]:
        if name in path:
            circle = " -> ".join([*path[path.index(name) :], name])
            yield symbols[name].line, f"a circle: {circle}"
        elif name not in done:
            for each in sorted(used_by(symbols[name]) & symbols.keys() - {name}):
                yield from visit(each, (*path, name))
            done.add(name)

    for name in symbols:
        yield from visit(name, ())
