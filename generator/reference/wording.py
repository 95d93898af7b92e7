"""How what packs say is worded in Markdown."""

import re

from generator.metadata import Option, Rule, Value

SPECIAL = re.compile(r"([\\`*\[\]<>|]|(?<!\w)_|_(?!\w))")
PLACEHOLDER = re.compile(r"\{[a-z_-]+\}")
TYPES = {"string": "text", "integer": "number", "boolean": "true or false", "strings": "list"}


def plain(text: str) -> str:
    """A text that stands for itself, in a table too; what is in backticks already stays code."""
    parts = " ".join(text.split()).split("`")
    if len(parts) % 2 == 0:
        return SPECIAL.sub(r"\\\1", "`".join(parts))
    for place, part in enumerate(parts):
        parts[place] = code(part) if place % 2 else SPECIAL.sub(r"\\\1", part)
    return "".join(parts)


def code(text: str) -> str:
    """A text as code, in a table too; nothing for nothing."""
    if not text:
        return ""
    fence = "``" if "`" in text else "`"
    inner = text.replace("|", r"\|")
    return f"{fence} {inner} {fence}" if fence == "``" else f"`{inner}`"


def codes(texts: tuple[str, ...]) -> str:
    return ", ".join(code(text) for text in texts)


def value(given: Value) -> str:
    """A default as it is written in gen.toml, or in words where it is nothing."""
    if isinstance(given, bool):
        return code(str(given).lower())
    if given in ("", ()):
        return "none"
    return codes(given) if isinstance(given, tuple) else code(str(given))


def kind(option: Option) -> str:
    return "JSON" if option.format else TYPES[option.type]


def allowed(option: Option) -> str:
    """What an option may be: its choices or, else, its bounds and its pattern."""
    if option.choices:
        return codes(option.choices)
    unit = "" if option.type == "integer" else " characters"
    low, high = option.minimum, option.maximum
    said = []
    if low is not None and high is not None:
        said.append(f"{low} to {high}{unit}")
    elif low is not None:
        said.append(f"at least {low}{unit}")
    elif high is not None:
        said.append(f"at most {high}{unit}")
    if option.pattern:
        said.append(code(option.pattern))
    each = "each " if option.type == "strings" and said else ""
    return each + ", ".join(said)


def rule(given: Rule) -> str:
    """What is said where a rule is broken, with dots for what was given."""
    return plain(PLACEHOLDER.sub("…", given.message))


FILTERS = {
    "plain": plain,
    "code": code,
    "codes": codes,
    "value": value,
    "kind": kind,
    "allowed": allowed,
    "rule": rule,
}
