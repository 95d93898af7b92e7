"""A Bicep file as data: enough of the language for what is generated, and an error for the rest."""

from __future__ import annotations

from tools.bicep.tokens import BicepSyntaxError, Lexer, Token
from tools.bicep.tree import (
    Array,
    Call,
    Declaration,
    Expression,
    For,
    If,
    Index,
    Literal,
    Member,
    Name,
    Object,
    Operation,
    Property,
    Text,
)

KINDS = ("metadata", "module", "output", "param", "resource", "targetScope", "type", "var")

BINARY = (
    ("??",),
    ("||",),
    ("&&",),
    ("==", "!=", "=~", "!~"),
    ("<", "<=", ">", ">="),
    ("+", "-"),
    ("*", "/", "%"),
)


class Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0

    # Tokens

    @property
    def here(self) -> Token:
        return self.tokens[self.at]

    def is_sign(self, *texts: str) -> bool:
        return self.here.kind == "sign" and self.here.text in texts

    def is_name(self, *texts: str) -> bool:
        return self.here.kind == "name" and self.here.text in texts

    def take(self) -> Token:
        token = self.here
        self.at += 1
        return token

    def need_sign(self, text: str) -> Token:
        if not self.is_sign(text):
            raise self.unexpected(f"{text!r} is missing")
        return self.take()

    def need_name(self) -> str:
        if self.here.kind != "name":
            raise self.unexpected("a name is missing")
        return self.take().text

    def need_text(self) -> Text:
        if self.here.kind != "text":
            raise self.unexpected("a text is missing")
        return self.text(self.take())

    def skip_newlines(self) -> None:
        while self.here.kind == "newline":
            self.take()

    def unexpected(self, why: str) -> BicepSyntaxError:
        found = "the end" if self.here.kind in ("newline", "end") else repr(self.here.text)
        return BicepSyntaxError(self.here.line, f"{why}, where {found} is")

    # Statements

    def file(self) -> list[Declaration]:
        found = []
        self.skip_newlines()
        while self.here.kind != "end":
            found.append(self.statement())
            if self.here.kind != "newline":
                raise self.unexpected("a statement ends with its line")
            self.skip_newlines()
        return found

    def decorators(self) -> tuple[Call, ...]:
        found = []
        while self.is_sign("@"):
            self.take()
            call = self.postfix()
            if not isinstance(call, Call):
                raise BicepSyntaxError(call.line, "a decorator is a call")
            found.append(call)
            self.skip_newlines()
        return tuple(found)

    def statement(self) -> Declaration:
        decorators = self.decorators()
        line = self.here.line
        kind = self.need_name()
        if kind not in KINDS:
            raise BicepSyntaxError(line, f"{kind} is no statement")
        if kind == "targetScope":
            self.need_sign("=")
            return Declaration(line, kind, kind, self.expression())
        name = self.need_name()
        made = {"line": line, "kind": kind, "name": name, "decorators": decorators}
        if kind in ("resource", "module"):
            return self.resource(line, kind, name, decorators)
        type_ = self.type() if kind in ("param", "output") or not self.is_sign("=") else ""
        if kind == "param" and not self.is_sign("="):
            return Declaration(**made, type=type_)  # type: ignore[arg-type]
        self.need_sign("=")
        value = None if kind == "type" else self.expression()
        if kind == "type":
            type_ = self.type()
        return Declaration(**made, type=type_, value=value)  # type: ignore[arg-type]

    def resource(
        self, line: int, kind: str, name: str, decorators: tuple[Call, ...]
    ) -> Declaration:
        reference = self.need_text()
        existing = self.is_name("existing")
        if existing:
            self.take()
        self.need_sign("=")
        return Declaration(
            line,
            kind,
            name,
            self.resource_value(),
            reference=reference,
            existing=existing,
            decorators=decorators,
        )

    def resource_value(self) -> Expression:
        if self.is_name("if"):
            line = self.take().line
            self.need_sign("(")
            condition = self.expression()
            self.need_sign(")")
            return If(line, condition, self.object())
        if self.is_sign("["):
            return self.array()
        return self.object()

    def type(self) -> str:
        """`string`, `string[]`, `'a' | 'b'`: as text."""
        words = []
        while True:
            if self.here.kind == "text":
                words.append(repr(self.text(self.take()).plain))
            elif self.is_sign("("):
                self.take()
                words.append(f"({self.type()})")
                self.need_sign(")")
            else:
                words.append(self.need_name())
            while self.is_sign("[", "?"):
                if self.take().text == "[":
                    self.need_sign("]")
                    words[-1] += "[]"
                else:
                    words[-1] += "?"
            if not self.is_sign("|"):
                return " | ".join(words)
            self.take()

    # Expressions

    def expression(self) -> Expression:
        condition = self.binary(0)
        start = self.at
        self.skip_newlines()
        if not self.is_sign("?"):
            self.at = start
            return condition
        self.take()
        self.skip_newlines()
        yes = self.expression()
        self.skip_newlines()
        self.need_sign(":")
        self.skip_newlines()
        return Operation(condition.line, "?:", (condition, yes, self.expression()))

    def binary(self, level: int) -> Expression:
        if level == len(BINARY):
            return self.unary()
        left = self.binary(level + 1)
        while self.is_sign(*BINARY[level]):
            operator = self.take().text
            left = Operation(left.line, operator, (left, self.binary(level + 1)))
        return left

    def unary(self) -> Expression:
        if self.is_sign("!", "-"):
            token = self.take()
            return Operation(token.line, token.text, (self.unary(),))
        return self.postfix()

    def postfix(self) -> Expression:
        found = self.primary()
        while True:
            if self.is_sign(".", ".?", "::"):
                sign = self.take()
                name = self.need_name()
                if self.is_sign("("):
                    found = Call(sign.line, name, self.arguments(), found)
                else:
                    found = Member(sign.line, found, name, sign.text == "::")
            elif self.is_sign("["):
                line = self.take().line
                found = Index(line, found, self.expression())
                self.need_sign("]")
            elif self.is_sign("!") and self.tokens[self.at + 1].text != "=":
                self.take()  # "it is not null"
            else:
                return found

    def primary(self) -> Expression:
        token = self.here
        if token.kind == "text":
            return self.text(self.take())
        if token.kind == "number":
            return Literal(token.line, int(self.take().text))
        if token.kind == "name":
            return self.name()
        if self.is_sign("("):
            self.take()
            self.skip_newlines()
            found = self.expression()
            self.skip_newlines()
            self.need_sign(")")
            return found
        if self.is_sign("["):
            return self.array()
        if self.is_sign("{"):
            return self.object()
        raise self.unexpected("a value is missing")

    def name(self) -> Expression:
        token = self.take()
        if token.text in ("true", "false", "null"):
            return Literal(token.line, {"true": True, "false": False, "null": None}[token.text])
        if self.is_sign("("):
            return Call(token.line, token.text, self.arguments())
        return Name(token.line, token.text)

    def arguments(self) -> tuple[Expression, ...]:
        self.need_sign("(")
        self.skip_newlines()
        found = []
        while not self.is_sign(")"):
            found.append(self.expression())
            self.skip_newlines()
            if self.is_sign(","):
                self.take()
                self.skip_newlines()
            elif not self.is_sign(")"):
                raise self.unexpected("')' is missing")
        self.take()
        return tuple(found)

    def text(self, token: Token) -> Text:
        pieces: list[str | Expression] = []
        for piece in token.pieces:
            if isinstance(piece, str):
                pieces.append(piece)
                continue
            inner = Parser(piece)
            pieces.append(inner.expression())
            if inner.here.kind != "end":
                raise inner.unexpected("'}' is missing")
        return Text(token.line, tuple(pieces))

    def array(self) -> Expression:
        line = self.need_sign("[").line
        self.skip_newlines()
        if self.is_name("for"):
            return self.loop(line)
        found = []
        while not self.is_sign("]"):
            found.append(self.expression())
            self.separator("]")
        self.take()
        return Array(line, tuple(found))

    def loop(self, line: int) -> For:
        self.take()
        if self.is_sign("("):
            self.take()
            names = [self.need_name()]
            self.need_sign(",")
            names.append(self.need_name())
            self.need_sign(")")
        else:
            names = [self.need_name()]
        if self.need_name() != "in":
            raise self.unexpected("'in' is missing")
        source = self.expression()
        self.need_sign(":")
        body = self.resource_value() if self.is_name("if") else self.expression()
        self.skip_newlines()
        self.need_sign("]")
        return For(line, tuple(names), source, body)

    def object(self) -> Object:
        line = self.need_sign("{").line
        self.skip_newlines()
        properties: list[Property] = []
        resources: list[Declaration] = []
        while not self.is_sign("}"):
            if self.is_nested_resource():
                resources.append(self.statement())
            else:
                properties.append(self.property())
            self.separator("}")
        self.take()
        return Object(line, tuple(properties), tuple(resources))

    def is_nested_resource(self) -> bool:
        following = self.tokens[self.at + 1]
        return self.is_sign("@") or (self.is_name("resource") and following.kind == "name")

    def property(self) -> Property:
        line = self.here.line
        key = self.need_text() if self.here.kind == "text" else Text(line, (self.need_name(),))
        self.need_sign(":")
        return Property(line, key, self.expression())

    def separator(self, closing: str) -> None:
        """Items are apart by lines or commas."""
        if self.is_sign(","):
            self.take()
        elif self.here.kind != "newline" and not self.is_sign(closing):
            raise self.unexpected("items are apart by a comma or a line")
        self.skip_newlines()


def parse(text: str) -> list[Declaration]:
    return Parser(Lexer(text).tokens()).file()
