"""Runs in the Azure CLI's own environment: which properties of a resource its SDK does not know.

    models.py < {"azure.mgmt.web.models.Site": [body, ...], ...}

`az resource create` sends what it is given, and Azure ignores what it does not know. So a slip in a
property's name would go unseen.
"""

from __future__ import annotations

import functools
import importlib
import json
import sys
from collections.abc import Iterator
from typing import Any


def unknown(model: Any, body: object, place: str) -> Iterator[str]:
    if isinstance(body, list):
        for item in body:
            yield from unknown(model, item, f"{place}[]")
    elif isinstance(body, dict) and model is not None:
        model()  # makes the class say what it has
        fields = {field._rest_name: field for field in model._attr_to_rest_field.values()}
        for name, value in body.items():
            if name not in fields:
                yield f"{place}.{name}"
            else:
                yield from unknown(nested(fields[name]._type), value, f"{place}.{name}")


def nested(kind: Any) -> Any:
    """The model in what is said of a property: optional, a list, ...; none in one that is not."""
    while isinstance(kind, functools.partial):
        if "dict" in kind.func.__name__:
            return None  # its keys are names of somebody's choice
        kind = kind.args[0]
    return kind if isinstance(kind, type) and hasattr(kind, "_is_model") else None


if __name__ == "__main__":
    for path, bodies in json.load(sys.stdin).items():
        module, _, name = path.rpartition(".")
        for body in bodies:
            print("\n".join(unknown(getattr(importlib.import_module(module), name), body, name)))
