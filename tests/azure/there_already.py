"""A service of Azure whose sources are all there already, in accounts, namespaces and topics."""

from __future__ import annotations

import re

from matrix.services import PACKS, Case, answer, supported

from generator.answers import FunctionAnswers
from generator.metadata import Tool

PACK = PACKS.providers["azure"]


def existing(tool: Tool) -> Case:
    """All that is there already: each trigger's options are those that it gives as examples."""
    functions = []
    for trigger in supported(PACK, tool):
        options = {
            name: option.example
            for name, option in trigger.options.items()
            if re.fullmatch(r"(account|namespace|topic)(_group)?", name) and name != trigger.name
        }
        if "existing" in trigger.options:
            name = f"my_{trigger.name}"
            functions.append(FunctionAnswers(trigger.name, name, {**options, "existing": True}))
    return Case("existing", answer(PACK, tool, functions))
