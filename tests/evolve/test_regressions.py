"""What searches with `test_properties` found, each as small as it could be made."""

from __future__ import annotations

import tomllib

import pytest
from evolve.looking import JOBS, done, refused
from evolve.playground import Service

TABLES = """
[functions.api]
trigger = "http"

[functions.jobs]
trigger = "sqs"

[functions.uploads]
trigger = "s3"
"""
INLINE = """
[functions]
api = { trigger = "http" }
jobs = { trigger = "sqs" }
uploads = { trigger = "s3" }
"""
DOTTED = """
[functions]
api.trigger = "http"
jobs.trigger = "sqs"
uploads.trigger = "s3"
"""
UPLOADS = "# mine\n[functions.uploads] # pictures\nprefix = 'in/'\ntrigger = 's3'"


def functions(service: Service) -> set[str]:
    return set(tomllib.loads(service.read("gen.toml"))["functions"])


@pytest.mark.parametrize("written", [INLINE, DOTTED], ids=["inline", "dotted"])
def test_undo_takes_a_function_out_of_a_declaration_written_anew(
    service: Service, written: str
) -> None:
    """It said "done", and gen.toml still asked for the function."""
    done(service, *JOBS)
    service.edit("gen.toml", TABLES, written)
    done(service, "undo")
    assert functions(service) == {"api", "uploads"}
    assert "\n".join(line for line in written.split("\n") if "jobs" not in line) in service.read(
        "gen.toml"
    )


def test_undo_of_a_rename_does_not_declare_a_function_twice(service: Service) -> None:
    """The old name came as a table of its own, beside the new one in a table written inline."""
    done(service, "rename", "uploads", "images")
    text = service.read("gen.toml")
    head, _, _ = text.partition("\n[functions.")
    service.write(
        "gen.toml",
        head + '\n[functions]\napi = { trigger = "http" }\n'
        'images = { trigger = "s3", bucket = "uploads" }\n',
    )
    before = service.tree()
    code = service.gen("undo", "--dry-run", "--json", code=3).code
    assert code == 3
    assert "gen.toml" in refused(service, 3, "undo").err
    service.gen("undo", "--conflict", "theirs")
    assert functions(service) == {"api", "uploads"}
    service.gen("check")
    service.gen("undo")
    assert service.tree() == before


def test_undo_keeps_what_was_written_into_the_declaration_since(service: Service) -> None:
    done(service, *JOBS)
    service.edit("gen.toml", '[functions.uploads]\ntrigger = "s3"', UPLOADS)
    service.gen("undo")
    assert functions(service) == {"api", "uploads"}
    assert UPLOADS in service.read("gen.toml")


def test_a_remark_behind_a_header_is_not_lost_by_a_rename(service: Service) -> None:
    service.edit("gen.toml", "[functions.uploads]\n", "[functions.uploads] # mine\n")
    done(service, "rename", "uploads", "images")
    assert "[functions.images] # mine\n" in service.read("gen.toml")


@pytest.mark.parametrize(
    ("written", "gone", "line"),
    [
        (
            '[functions]\napi = {trigger = "http"}\nregion = {trigger = "s3"}\n',
            "region",
            "region =",
        ),
        ('[functions]\napi.trigger = "http"\npython.trigger = "s3"\n', "python", "python ="),
        (
            '[functions]\nqueue = {trigger = "sqs"}\n\n'
            '[functions.jobs]\ntrigger = "sqs"\nqueue = "jobs"\n',
            "queue",
            'queue = "jobs"',
        ),
    ],
    ids=["region", "python", "queue"],
)
def test_a_function_with_the_name_of_a_key_takes_no_other_line_along(
    service: Service, written: str, gone: str, line: str
) -> None:
    """A line that said the default was lost: the service is the same, until that changes."""
    head, _, _ = service.read("gen.toml").partition("\n[functions.")
    service.write("gen.toml", f"{head}\n{written}")
    done(service, "apply")
    before = service.read("gen.toml")
    own = next(
        found for found in before.splitlines() if found.startswith((f"{gone} = {{", f"{gone}."))
    )
    done(service, "remove-trigger", gone)
    assert line in service.read("gen.toml")
    assert service.read("gen.toml") == before.replace(f"{own}\n", "")
