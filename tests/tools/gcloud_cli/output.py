"""What a call prints: the few formats and filters of the CLI that the scripts use."""

from __future__ import annotations

import re
from typing import Any

from tools.gcloud_cli.arguments import Call, Refused

Resource = dict[str, Any]


def written(answer: Any, call: Call) -> str:
    """An answer by `--flatten`, `--filter` and `--format`."""
    if isinstance(answer, str):
        return answer
    resources = answer if isinstance(answer, list) else [answer]
    if call.get("--flatten"):
        resources = [one for each in resources for one in _flat(each, call.get("--flatten"))]
    if call.get("--filter"):
        resources = [each for each in resources if _fits(each, call.get("--filter"))]
    form = call.get("--format")
    if not form:
        return ""  # what it prints then is not for a script
    if (match := re.fullmatch(r"value\((.*)\)", form)) is None:
        raise Refused(f"argument --format: {form}")
    keys = [key.strip() for key in match[1].split(",")]
    for key in keys:  # what is asked of a key once, the CLI does wherever it prints it
        if f"{key}.basename()" in keys:
            raise Refused(f"argument --format: {key}, and {key}.basename()")
    return "".join("\t".join(_text(each, key) for key in keys) + "\n" for each in resources)


def _flat(resource: Resource, path: str) -> list[Resource]:
    """`a[].b`: one for each b of each a."""
    match = re.fullmatch(r"(\w+)\[\]\.(\w+)", path)
    if match is None:
        raise Refused(f"argument --flatten: {path}")
    outer, inner = match.groups()
    return [
        {**resource, outer: {**one, inner: value}}
        for one in resource.get(outer, [])
        for value in one[inner]
    ]


def _fits(resource: Resource, text: str) -> bool:
    for term in text.split(" AND "):
        match = re.fullmatch(r'([\w.()-]+)=("?)([^"]*)\2', term)
        if match is None:
            raise Refused(f"argument --filter: {text}")
        if _text(resource, match[1]) != match[3]:
            return False
    return True


def _text(resource: Any, key: str) -> str:
    path, last, _ = key.partition(".basename()")
    for part in path.split("."):
        if not re.fullmatch(r"[A-Za-z][\w-]*", part):
            raise Refused(f"argument --format: {key}")
        resource = resource.get(part) if isinstance(resource, dict) else None
    text = "" if resource is None else str(resource)
    return text.rpartition("/")[2] if last else text
