"""docs/tutorial.md, followed literally: from an empty folder to a removed service.

What is not as on a reader's machine is in the environment alone: the cloud is the local one, `pipx`
installs this checkout, `curl` asks the local API's function, and `.venv` is shared between tests.
"""

from __future__ import annotations

import shlex
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from deploy.tools import sam
from deploy.tutorial import Command, Edit, Reader, steps
from tools.aws_cli import aws_cli
from tools.aws_local import LocalAws, local_aws
from tools.provision import python_interpreter
from tools.workbench import clean_environment, link_up_to_date, shared_venv

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "docs" / "tutorial.md"
# What it is a tutorial of: each of these is done, and what it prints is said.
DONE = (
    *("pipx install", "gen new", "make install", "make test", "make invoke", "make deploy", "curl"),
    *("gen add-trigger", "gen diff", "gen apply", "gen undo", "gen status", "gen check"),
    *("gen remove-trigger", "make destroy"),
)


def test_the_tutorial_works_as_it_says(tmp_path: Path) -> None:
    with local_aws() as aws, programs(aws, tmp_path) as environment:
        work = tmp_path / "work"
        work.mkdir()
        reader = Reader(work, environment, provide)
        for step in steps(TUTORIAL.read_text("utf-8")):
            reader.do(step)
        assert left(aws) == []


def test_the_tutorial_does_what_it_is_about() -> None:
    found = list(steps(TUTORIAL.read_text("utf-8")))
    said = "\n".join(step.text for step in found if isinstance(step, Command) and step.output)
    assert [words for words in DONE if words not in said] == []
    assert {step.path for step in found if isinstance(step, Edit)} >= {"gen.toml"}


def test_a_promise_that_is_not_kept_is_seen() -> None:
    [said] = steps("```console\n$ go\nstarted\n…\ndone in … s\n```\n")
    assert isinstance(said, Command)
    assert said.promises("started\ndone in 3 s\n")
    assert said.promises("started \none\n\ntwo\ndone in 3 s")
    assert not said.promises("started\ndone in 3 m\n")
    assert not said.promises("done in 3 s\n")
    assert not said.promises("started\ndone in 3 s\nand more\n")
    assert not said.promises("")


def test_a_block_that_nobody_would_follow_is_refused() -> None:
    with pytest.raises(ValueError, match="'sh'"):
        list(steps("```sh\nrm x\n```\n"))


@contextmanager
def programs(aws: LocalAws, folder: Path) -> Iterator[dict[str, str]]:
    """The environment of a reader who has pipx, curl and the AWS CLI, and is logged in."""
    bin = folder / "bin"
    bin.mkdir()
    python = shlex.quote(sys.executable)
    gen = f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {python} -m generator "$@"\n'
    write(bin / "gen.installed", gen)
    source = "git+https://github.com/org/serverless-py"
    install = f'[ "$*" = "install {source}" ] && mv {bin}/gen.installed {bin}/gen'
    write(bin / "pipx", f"#!/bin/sh\n{install} && echo '  installed package serverless-py'\n")
    write(bin / "curl", f'#!/bin/sh\nexec {python} {Path(__file__).with_name("curl.py")} "$@"\n')
    with tempfile.TemporaryDirectory(prefix="cli-") as short, aws_cli(Path(short)) as cli:
        environment = aws.child_env(clean_environment())
        yield {
            **{name: value for name, value in environment.items() if not name.startswith("GEN_")},
            "PATH": f"{bin}:{cli}:{environment['PATH']}",
            "HOME": str(folder),
            "GIT_AUTHOR_NAME": "Reader",
            "GIT_AUTHOR_EMAIL": "reader@example.com",
            "GIT_COMMITTER_NAME": "Reader",
            "GIT_COMMITTER_EMAIL": "reader@example.com",
            "GEN_CACHE_DIR": str(folder / "cache"),
        }


def write(path: Path, script: str) -> None:
    path.write_text(script, "utf-8")
    path.chmod(0o755)


def provide(folder: Path) -> None:
    """What `make` would install into a service, where there is one: shared with other tests."""
    if not (folder / "gen.toml").exists():
        return
    for name in (".venv", ".venv-deploy"):
        (folder / name).unlink(missing_ok=True)
    python = python_interpreter("3.13")
    assert python is not None
    link_up_to_date(folder, ".venv", shared_venv(folder, python))
    sam.provide(folder)


def left(aws: LocalAws) -> list[str]:
    """What the reader would go on paying for."""
    tagged = aws.client("resourcegroupstaggingapi").get_resources()["ResourceTagMappingList"]
    return [
        *(found["ResourceARN"] for found in tagged),
        *(stack["StackName"] for stack in aws.client("cloudformation").describe_stacks()["Stacks"]),
        *(bucket["Name"] for bucket in aws.client("s3").list_buckets()["Buckets"]),
        *aws.client("sqs").list_queues().get("QueueUrls", []),
        *(group["logGroupName"] for group in aws.client("logs").describe_log_groups()["logGroups"]),
    ]
