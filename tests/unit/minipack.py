"""A search path with one tiny provider, written inline, so that a test shows all that it uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from generator.answers import Answers, parse_setting, parse_trigger, with_settings
from generator.packs import Packs

FILES = {
    "ci/robot/ci.toml": """
title = "Robot"
description = "Builds"
default = true
[slots]
login = {}
""",
    "ci/robot/project/robot.yml.j2": "login: |\n  {{ slot('login') | indent(2) }}\n",
    "ci/mute/ci.toml": 'title = "Mute"\ndescription = "No CI"\n',
    "providers/sky/provider.toml": """
title = "Sky"
description = "Functions in the sky"
default-triggers = "bell=bell"
default-region = "north-1"
region-pattern = "[a-z]+-[0-9]"
region-example = "north-1"
reserved-packages = ["skylib"]
reserved-functions = ["logger"]
resources = ["Function {service}-{function-kebab}"]
[[python]]
version = "3.12"
end-of-life = 2028-10-31
source = "https://example.org"
[[python]]
version = "3.13"
end-of-life = 2029-10-31
source = "https://example.org"
default = true
[options.fancy]
type = "boolean"
default = false
help = "Fancier"
[function-options.timeout]
type = "integer"
default = 10
min = 1
max = 900
help = "Seconds"
[[names]]
what = "function"
template = "{{ service.name }}-{{ function.name | kebab }}"
max = 40
[[names]]
what = "resource"
template = "{{ function.name | pascal }}"
max = 99
[slots]
words = { join = "union" }
""",
    "providers/sky/ci/robot.j2": "login to {{ service.region }}",
    "providers/sky/project/words.txt.j2": "{{ slot('words') }}\n",
    "providers/sky/project/run.sh.j2": "#!/bin/sh\necho {{ service.name }}\n",
    "providers/sky/project/plain.bin": "{{ not a template }}",
    "providers/sky/project+fancy/fancy.txt.j2": "fancy\n",
    "providers/sky/function/{{ function.name }}/code.py.j2": "NAME = {{ function.name | py }}\n",
    "providers/sky/tools/rope/tool.toml": """
title = "Rope"
description = "Pulls it up"
default = true
extends = "knot"
""",
    "providers/sky/tools/knot/tool.toml": """
title = "Knot"
abstract = true
[slots]
parts = {}
own = { scope = "function", join = "lines" }
""",
    "providers/sky/tools/knot/project/rope.txt.j2": "parts:\n  {{ slot('parts') | indent(2) }}\n",
    "providers/sky/tools/knot/function/parts.j2": (
        "{{ function.name }}:\n  {{ slot('own') | indent(2) }}\n"
    ),
    "providers/sky/tools/wing/tool.toml": 'title = "Wing"\ndescription = "Flies"\n',
    "providers/sky/triggers/bell/trigger.toml": """
title = "Bell"
description = "A bell rings"
aliases = ["ding"]
elsewhere = { sea = "horn" }
resources = ["Rope to {tower}"]
[options.tower]
type = "string"
default = "{function-kebab}"
pattern = "[a-z][a-z0-9]*(-[a-z0-9]+)*"
example = "big-ben"
max = 50
help = "Which tower"
[options.hours]
type = "strings"
choices = ["one", "two", "three"]
default = ["one"]
help = "When"
[options.existing]
type = "boolean"
default = false
help = "There already"
[[rules]]
require = "timeout <= 100"
message = "a bell rings for 100 seconds, not {timeout}"
[[permissions]]
actions = ["bell:Ring"]
on = "tower {tower}"
[source]
kind = "tower"
key = "tower"
shared = ["existing"]
resources = ["Tower {tower}"]
created-unless = "existing"
[[source.forbid]]
when = 'a.hours | select("in", b.hours) | list'
message = "both ring at the same hour"
""",
    "providers/sky/triggers/bell/function/words.j2": "bell\nword of {{ function.name }}\n",
    "providers/sky/triggers/bell/function+existing/words.j2": "old bell\n",
    "providers/sky/triggers/bell/rope/own.j2": "rings: {{ function.source.key }}\n",
    "providers/sky/triggers/bell/source/knot/parts.j2": (
        "tower {{ source.key }}: {{ source.users | map(attribute='name') | join(' ') }}\n"
    ),
}


def write_pack(root: Path, changes: Mapping[str, str | None] | None = None) -> Packs:
    """The tiny provider below `root`; `changes` replaces, adds or (None) leaves out files."""
    for name, content in (FILES | dict(changes or {})).items():
        if content is not None:
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
    return Packs((root,))


def answers(*functions: str, settings: Iterable[str] = (), **others: object) -> Answers:
    """Answers for the tiny provider: `bell=a` is a function `a` triggered by `bell`, and
    `a.tower=big` among the settings sets an option of it."""
    named, options = with_settings(
        [parse_trigger(text, text) for text in functions],
        [parse_setting(text, text) for text in settings],
        place,
    )
    values: dict[str, object] = {
        "name": "tin",
        "provider": "sky",
        "functions": named,
        "options": options,
        "where": place,
    }
    return Answers(**values | others)  # type: ignore[arg-type]


def place(*path: str) -> str:
    """Where an answer was given."""
    return ":".join(path)
