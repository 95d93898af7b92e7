"""A Bicep file in words and signs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field


class BicepSyntaxError(Exception):
    """Raised where a file is no Bicep, or has something that this parser does not know."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Token:
    kind: str  # name, number, text, sign, newline, end
    text: str
    line: int
    pieces: tuple[str | list[Token], ...] = field(default=())


SIGNS = re.compile(r"::|\.\?|\?\?|==|!=|=~|!~|<=|>=|&&|\|\||=>|[-+*/%!<>?:=.,()\[\]{}@|]")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
NUMBER = re.compile(r"\d+")
SKIPPED = re.compile(r"[ \t\r]+|//[^\n]*|/\*.*?\*/|#disable-next-line[^\n]*", re.S)
ESCAPES = {"'": "'", "\\": "\\", "n": "\n", "r": "\r", "t": "\t", "$": "$"}


class Lexer:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line = 1

    def tokens(self, closing: str = "") -> list[Token]:
        """Up to the end, or to the brace that ends what is put into a text."""
        found: list[Token] = []
        depth = 0
        while self.at < len(self.text):
            skipped = SKIPPED.match(self.text, self.at)
            if skipped:
                self.line += skipped.group().count("\n")
                self.at = skipped.end()
                continue
            if closing and depth == 0 and self.text[self.at] == closing:
                return [*found, Token("end", "", self.line)]
            token = self._token()
            depth += {"{": 1, "}": -1}.get(token.text, 0) if token.kind == "sign" else 0
            found.append(token)
        if closing:
            raise BicepSyntaxError(self.line, "a text that has no end")
        return [*found, Token("newline", "\n", self.line), Token("end", "", self.line)]

    def _token(self) -> Token:
        line = self.line
        if self.text[self.at] == "\n":
            self.at += 1
            self.line += 1
            return Token("newline", "\n", line)
        if self.text.startswith("'''", self.at):
            end = self.text.find("'''", self.at + 3)
            if end < 0:
                raise BicepSyntaxError(line, "a text that has no end")
            content = self.text[self.at + 3 : end].removeprefix("\n")
            self.line += self.text.count("\n", self.at, end)
            self.at = end + 3
            return Token("text", content, line, (content,))
        if self.text[self.at] == "'":
            return self._string()
        for kind, pattern in (("name", NAME), ("number", NUMBER), ("sign", SIGNS)):
            match = pattern.match(self.text, self.at)
            if match:
                self.at = match.end()
                return Token(kind, match.group(), line)
        raise BicepSyntaxError(line, f"{self.text[self.at]!r} means nothing here")

    def _string(self) -> Token:
        line = self.line
        pieces: list[str | list[Token]] = []
        plain = ""
        self.at += 1
        while True:
            here = self.text[self.at : self.at + 1]
            if here in ("", "\n"):
                raise BicepSyntaxError(line, "a text that has no end")
            if here == "'":
                self.at += 1
                return Token("text", "", line, (*pieces, plain) if plain else tuple(pieces))
            if here == "\\":
                escape = self.text[self.at + 1 : self.at + 2]
                if escape not in ESCAPES:
                    raise BicepSyntaxError(line, f"\\{escape} in a text means nothing")
                plain += ESCAPES[escape]
                self.at += 2
            elif self.text.startswith("${", self.at):
                self.at += 2
                pieces += [plain] if plain else []
                pieces.append(self.tokens(closing="}"))
                plain = ""
                self.at += 1
            else:
                plain += here
                self.at += 1
