"""Whether brackets, quotes and heredocs of an HCL file close: what a slip of a template breaks.

The rest is for `terraform validate`, which needs Terraform and its providers.
"""

from __future__ import annotations

import re

CLOSING = {"(": ")", "[": "]", "{": "}"}
TOKEN = re.compile(
    r"""\#[^\n]* | //[^\n]* | /\*.*?(?:\*/|\Z)
    | <<-?(?P<mark>\w+)\n(?:.*?\n)??[ \t]*(?P=mark)[ \t]*(?=\n|\Z)
    | (?P<heredoc><<-?\w+\n)
    | (?P<quote>")
    | (?P<bracket>[()\[\]{}])""",
    re.VERBOSE | re.DOTALL,
)
TEXT = re.compile(r"""\\. | \$\$\{ | %%\{ | (?P<opens>[$%]\{) | (?P<ends>") | (?P<line>\n)""", re.X)


def hcl_problem(text: str) -> str:
    """What does not close, with its line; empty where all does."""
    open_ones: list[tuple[str, int]] = []
    at, in_text = 0, False
    while found := (TEXT if in_text else TOKEN).search(text, at):
        at, line = found.end(), text.count("\n", 0, found.start()) + 1
        kind = found.lastgroup
        if in_text:
            if kind == "line":
                return f"line {line}: a text that does not end"
            if kind == "opens":  # ${ in a text: an expression, which may have texts of its own
                open_ones.append(("${", line))
                in_text = False
            elif kind == "ends":
                in_text = False
        elif kind == "heredoc":
            return f"line {line}: {found[0].strip()} does not end"
        elif kind == "quote":
            in_text = True
        elif kind == "bracket" and found[0] in CLOSING:
            open_ones.append((found[0], line))
        elif kind == "bracket":
            if not open_ones:
                return f"line {line}: {found[0]} closes nothing"
            opened, begun = open_ones.pop()
            if opened == "${" and found[0] == "}":
                in_text = True
            elif CLOSING.get(opened) != found[0]:
                return f"line {line}: {found[0]} where the {opened} of line {begun} is open"
    if open_ones:
        return f"line {open_ones[-1][1]}: {open_ones[-1][0]} is not closed"
    return "a text that does not end" if in_text else ""
