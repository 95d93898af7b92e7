"""What a newcomer ran into in the first months with a service."""

from __future__ import annotations

import shutil

import pytest
from evolve.looking import done, refused


def test_the_ci_system_is_changed_by_apply(service):
    service.edit("gen.toml", 'ci = "github"', 'ci = "none"')
    done(service, "apply")
    assert not (service.root / ".github").exists()
    service.edit("gen.toml", 'ci = "none"', 'ci = "github"')
    done(service, "apply")
    assert (service.root / ".github/workflows/ci.yml").is_file()


@pytest.mark.parametrize("choice", ["", "ours", "theirs", "markers"])
def test_markers_of_an_earlier_conflict_are_decided_first(sam, choice):
    sam.edit("template.yaml", "MemorySize: 256", "MemorySize: 512 # mine")
    sam.edit("gen.toml", "[functions.api]\n", "[functions.api]\nmemory_size = 1024\n")
    sam.gen("apply", "--conflict", "markers")
    how = ("--conflict", choice) if choice else ()
    result = refused(sam, 3, "add-trigger", "sqs", "--name", "more", *how)
    assert "has the markers of an earlier conflict" in result.err


@pytest.mark.parametrize("command", [["apply"], ["diff"], ["diff", "--mine"], ["update"]])
def test_without_a_base_nothing_is_said_to_be_well(service, command):
    shutil.rmtree(service.root / ".gen/base")
    assert "gen repair" in refused(service, 2, *command).err


def test_what_is_left_of_a_function_is_named(sam):
    sam.gen("add-trigger", "sqs", "--name", "more")
    sam.write("src/orders/more/own.py", "X = 1\n")
    sam.edit("template.yaml", "Outputs:\n", "Outputs:\n  Own:\n    Value: !Ref MoreFunction\n")
    said = done(sam, "remove-trigger", "more").err
    assert "!Ref MoreFunction" in said
    assert "files of yours stay where they are: src/orders/more/own.py" in said


@pytest.mark.parametrize(
    ("old", "new", "note"),
    [
        ('name = "orders"', 'name = "shop"', "is called shop instead of orders"),
        ('region = "eu-west-1"', 'region = "eu-north-1"', "the region changes from eu-west-1"),
    ],
)
def test_what_leaves_deployed_data_behind_is_said(service, old, new, note):
    service.edit("gen.toml", old, new)
    assert note in service.gen("apply", "--dry-run").err
