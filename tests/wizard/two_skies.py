"""The tiny pack with something to choose: a second provider, and tools that differ in triggers.

`rope` supports `bell` and `whistle`, `wing` only `whistle`.
"""

from __future__ import annotations

from pathlib import Path

from unit.minipack import FILES, write_pack

from generator.packs import Packs

CHANGES: dict[str, str | None] = {
    "providers/sky/triggers/whistle/trigger.toml": """
title = "Whistle"
description = "Somebody whistles for so long that a narrow window has to wrap this line"
aliases = ["blow"]
[options.loudness]
type = "integer"
default = 10
min = 1
max = 100
help = "In per cent"
[options.pauses]
type = "integer"
default = 0
help = "Seconds between two"
[[rules]]
require = "loudness <= 50 or pauses >= 1"
message = "loudness over 50 needs pauses of at least 1"
""",
    "providers/sky/triggers/whistle/rope/own.j2": "whistles\n",
    "providers/sky/triggers/whistle/wing/whistles/{{ function.name }}.txt.j2": "whistles\n",
    "providers/sea/provider.toml": FILES["providers/sky/provider.toml"].replace("Sky", "Sea"),
    "providers/sea/tools/net/tool.toml": 'title = "Net"\ndescription = "Catches"\n',
    "providers/sea/triggers/horn/trigger.toml": 'title = "Horn"\ndescription = "Fog"\n',
    "providers/sea/triggers/horn/net/horn/{{ function.name }}.txt": "horn\n",
}


def write(root: Path) -> Packs:
    """The packs, written below `root`."""
    return write_pack(root, CHANGES)
