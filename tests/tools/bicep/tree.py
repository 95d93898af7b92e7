"""What a Bicep file is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Expression:
    line: int

    def parts(self) -> Iterator[Expression]:
        """The expressions right below this one."""
        return iter(())

    def walk(self) -> Iterator[Expression]:
        yield self
        for part in self.parts():
            yield from part.walk()


@dataclass(frozen=True)
class Literal(Expression):
    value: int | bool | None


@dataclass(frozen=True)
class Text(Expression):
    """`pieces` are texts and what is between `${` and `}`."""

    pieces: tuple[str | Expression, ...]

    @property
    def plain(self) -> str | None:
        """The text, if nothing is put into it."""
        if any(isinstance(piece, Expression) for piece in self.pieces):
            return None
        return "".join(str(piece) for piece in self.pieces)

    def parts(self) -> Iterator[Expression]:
        return (piece for piece in self.pieces if isinstance(piece, Expression))


@dataclass(frozen=True)
class Name(Expression):
    name: str


@dataclass(frozen=True)
class Member(Expression):
    """`target.name`, `target.?name`, or `target::name`, a resource within another."""

    target: Expression
    name: str
    nested: bool = False

    def parts(self) -> Iterator[Expression]:
        yield self.target


@dataclass(frozen=True)
class Index(Expression):
    target: Expression
    index: Expression

    def parts(self) -> Iterator[Expression]:
        yield self.target
        yield self.index


@dataclass(frozen=True)
class Call(Expression):
    """`name(arguments)`, or `target.name(arguments)`."""

    name: str
    arguments: tuple[Expression, ...]
    target: Expression | None = None

    def parts(self) -> Iterator[Expression]:
        if self.target is not None:
            yield self.target
        yield from self.arguments


@dataclass(frozen=True)
class Operation(Expression):
    operator: str
    operands: tuple[Expression, ...]

    def parts(self) -> Iterator[Expression]:
        return iter(self.operands)


@dataclass(frozen=True)
class Array(Expression):
    items: tuple[Expression, ...]

    def parts(self) -> Iterator[Expression]:
        return iter(self.items)


@dataclass(frozen=True)
class Property(Expression):
    """A key of an object: a name or a text, in which something may be put."""

    key: Text
    value: Expression

    def parts(self) -> Iterator[Expression]:
        yield self.key
        yield self.value


@dataclass(frozen=True)
class Object(Expression):
    properties: tuple[Property, ...]
    resources: tuple[Declaration, ...] = ()

    def get(self, key: str) -> Expression | None:
        for each in self.properties:
            if each.key.plain == key:
                return each.value
        return None

    def parts(self) -> Iterator[Expression]:
        return iter(self.properties)


@dataclass(frozen=True)
class For(Expression):
    names: tuple[str, ...]
    source: Expression
    body: Expression

    def parts(self) -> Iterator[Expression]:
        yield self.source
        yield self.body


@dataclass(frozen=True)
class If(Expression):
    condition: Expression
    body: Expression

    def parts(self) -> Iterator[Expression]:
        yield self.condition
        yield self.body


@dataclass(frozen=True)
class Declaration:
    """A statement. `reference` is the type of a resource, or the path of a module."""

    line: int
    kind: str
    name: str
    value: Expression | None = None
    type: str = ""
    reference: Text | None = None
    existing: bool = False
    decorators: tuple[Call, ...] = ()

    @property
    def body(self) -> Object | None:
        """The object of a resource or a module, without `if` and `for` around it."""
        value = self.value
        while isinstance(value, For | If):
            value = value.body
        return value if isinstance(value, Object) else None

    def decorator(self, name: str) -> Call | None:
        return next((each for each in self.decorators if each.name == name), None)
