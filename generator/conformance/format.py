"""The format of a pack's TOML files, as data: every key, what it holds, and whether it must be.

docs/packs.md explains it to people; a test holds the two equal. The loader is lenient and fast:
only the conformance test reads strictly.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Key(NamedTuple):
    """What stands under a key.

    `kind` is text, flag, number, date, texts, value (anything), words (a table of texts), names (a
    text or some), table, tables (an array of them), or named (a table of tables, by name).
    `holds` says of a text, or of each text: regex, expression, template, link; empty: anything.
    `keys` are those of each table; `short`: a text may stand for a table of `named`.
    """

    kind: str
    needed: bool = False
    holds: str = ""
    choices: tuple[str, ...] = ()
    keys: "Mapping[str, Key]" = MappingProxyType({})
    short: bool = False


Keys = Mapping[str, Key]

OPTION: Keys = {
    "type": Key("text", choices=("string", "integer", "boolean", "strings")),
    "default": Key("value"),
    "choices": Key("texts"),
    "pattern": Key("text", holds="regex"),
    "example": Key("text"),
    "min": Key("number"),
    "max": Key("number"),
    "format": Key("text", choices=("json-filter",)),
    "help": Key("text", needed=True),
}
SLOT: Keys = {
    "scope": Key("text", choices=("service", "function", "source")),
    "join": Key("text", choices=("blocks", "lines", "union")),
}
RULE: Keys = {
    "require": Key("text", needed=True, holds="expression"),
    "message": Key("text", needed=True),
}
SERVICE_RULE: Keys = {"option": Key("text", needed=True), **RULE}
FORBID: Keys = {
    "when": Key("text", needed=True, holds="expression"),
    "message": Key("text", needed=True),
}
NAME: Keys = {
    "what": Key("text", needed=True),
    "template": Key("text", needed=True, holds="template"),
    "max": Key("number", needed=True),
}
REFUSED_NAME: Keys = {**NAME, "never": Key("text", holds="regex"), "why": Key("text")}
PERMISSION: Keys = {
    "actions": Key("texts", needed=True),
    "on": Key("text", needed=True),
    "when": Key("text", holds="expression"),
}
RENAME: Keys = {
    "from": Key("text", needed=True, holds="template"),
    "to": Key("text", needed=True, holds="template"),
}
PYTHON: Keys = {
    "version": Key("text", needed=True),
    "end-of-life": Key("date", needed=True),
    "source": Key("text", needed=True, holds="link"),
    "default": Key("flag"),
}
SOURCE: Keys = {
    "kind": Key("text", needed=True),
    "key": Key("text"),
    "constant-key": Key("text"),
    "shared": Key("texts"),
    "common": Key("texts"),
    "resources": Key("texts"),
    "holds-data": Key("flag"),
    "created-unless": Key("text"),
    "forbid": Key("tables", keys=FORBID),
}
PROGRAM: Keys = {
    "install": Key("text", needed=True),
    "version-by": Key("text", choices=("--version", "-version", "-v", "-V", "version")),
    "when": Key("text", holds="expression"),
}
PIN: Keys = {
    "what": Key("text", needed=True),
    "files": Key("texts", needed=True),
    "line": Key("text", needed=True, holds="regex"),
    "exact": Key("text", needed=True, holds="regex"),
    "within": Key("text", holds="regex"),
}
SECRET: Keys = {
    "what": Key("text", needed=True),
    "pattern": Key("text", needed=True, holds="regex"),
    "harmless": Key("text", holds="regex"),
}
SCOPE: Keys = {
    "provider": Key("names"),
    "tool": Key("names"),
    "trigger": Key("names"),
    "ci": Key("names"),
}

TITLE: Keys = {
    "title": Key("text", needed=True),
    "description": Key("text", needed=True),
}
OPTIONS = Key("named", keys=OPTION)
SLOTS = Key("named", keys=SLOT)
RENAMES = Key("tables", keys=RENAME)
GRANTS: Keys = {"resources": Key("texts"), "permissions": Key("tables", keys=PERMISSION)}
RULES: Keys = {"rules": Key("tables", keys=RULE), "names": Key("tables", keys=REFUSED_NAME)}
REQUIRES = Key("named", keys=PROGRAM, short=True)

FORMAT: Mapping[str, Keys] = {
    "pack.toml": {
        "name": Key("text", needed=True),
        **TITLE,
        "defaults": Key(
            "tables", keys={**SCOPE, "service": Key("value"), "functions": Key("value")}
        ),
        "forbid": Key(
            "tables",
            keys={
                **SCOPE,
                "when": Key("text", holds="expression"),
                "option": Key("text"),
                "message": Key("text", needed=True),
            },
        ),
    },
    "base.toml": {"slots": SLOTS, "renames": RENAMES},
    "provider.toml": {
        **TITLE,
        "default-triggers": Key("text", needed=True),
        "default-region": Key("text", needed=True),
        "region-pattern": Key("text", needed=True, holds="regex"),
        "region-example": Key("text", needed=True),
        "reserved-packages": Key("texts"),
        "reserved-functions": Key("texts"),
        "python": Key("tables", needed=True, keys=PYTHON),
        "options": OPTIONS,
        "function-options": OPTIONS,
        **RULES,
        "service-rules": Key("tables", keys=SERVICE_RULE),
        "source-names": Key("tables", keys=NAME),
        "handler": Key("text", holds="template"),
        **GRANTS,
        "slots": SLOTS,
        "renames": RENAMES,
    },
    "tool.toml": {
        **TITLE,
        "extends": Key("text"),
        "abstract": Key("flag"),
        "default": Key("flag"),
        "options": OPTIONS,
        "slots": SLOTS,
        "requires": REQUIRES,
        "renames": RENAMES,
        "migration": Key("text"),
    },
    "trigger.toml": {
        **TITLE,
        "aliases": Key("texts"),
        "elsewhere": Key("words"),
        "options": OPTIONS,
        **RULES,
        "source": Key("table", keys=SOURCE),
        **GRANTS,
        "renames": RENAMES,
    },
    "ci.toml": {
        **TITLE,
        "default": Key("flag"),
        "options": OPTIONS,
        "slots": SLOTS,
        "renames": RENAMES,
        "root": Key("text"),
        "alone": Key("flag"),
    },
    "doctor.toml": {
        "requires": REQUIRES,
        "pins": Key("tables", keys=PIN),
        "secrets": Key("tables", keys=SECRET),
    },
}
"""By the name of a file: the keys at its top."""
