"""The published JSON schema of what `gen --json` prints; the tests hold every output against it."""

from __future__ import annotations

import functools
import json
from typing import Any

from jsonschema import Draft202012Validator

from generator.topics import SCHEMA


@functools.cache
def validator() -> Draft202012Validator:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def published(text: str) -> Any:
    """What the text says, which is one object of the schema and nothing else."""
    data = json.loads(text)
    problems = [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
        for found in validator().iter_errors(data)
        for error in [found, *(found.context or [])]
    ]
    assert not problems, "\n".join(problem[:500] for problem in problems)
    return data
