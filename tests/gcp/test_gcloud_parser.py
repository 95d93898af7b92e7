"""The real gcloud understands every call of the scripts: each gets past its parser.

Nobody is logged in, so a call ends where gcloud wants to begin with it: what Google would say of a
value is not known. The calls are those that the stand-in gets while a service with all triggers and
options is deployed, changed and removed; gcloud has the files that they name. A release of gcloud
that is older than a command is asked for its alpha.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import tools.gcloud_cli
from gcp.test_gcloud import COMBINATIONS, EVERYTHING, Stage, add_secret, orders, stage
from gcp.test_gcloud import there_already as make_existing
from tools.gcloud import NOBODY, Answer, need_gcloud, parsed, run
from tools.gcloud_cli import Gcloud, gcloud_cli
from tools.gcloud_cli.arguments import Call, parse
from tools.gcloud_cli.output import written

from generator.answers import FunctionAnswers

# Commands that gcloud has since a release, by its release notes: until then its alpha has them.
SINCE = {("monitoring", "policies"): 549}
# With nobody logged in it fails to say so: it takes any error for one of Google's answers.
SAID_OTHERWISE = {("artifacts", "repositories", "list"): "'NoActiveAccountException' object has no"}


REFUSED = [
    ["pubsub", "topic", "list"],
    ["pubsub", "topics", "create", "jobs", "--label=a=b"],
    ["functions", "deploy", "api", "--region=r", "--trigger-http", "--ingress-settings=none"],
    ["functions", "deploy", "api", "--region=r", "--trigger-http", "--set-env-vars=A"],
    ["pubsub", "subscriptions", "create", "jobs"],
    ["pubsub", "subscriptions", "create", "jobs", "--topic=jobs", "--message-filter="],
    ["monitoring", "policies", "create", "--policy-from-file=missing.json"],
]
LABELS = {"service": "orders", "stage": "dev", "deployed-by": "infra-deploy"}
COMMANDS = json.loads(
    (Path(tools.gcloud_cli.__file__).with_name("commands.json")).read_text("utf-8")
)["commands"]


class Recorder:
    """What the scripts call, with files in place of those that they soon remove."""

    def __init__(self, gcloud: Gcloud, folder: Path) -> None:
        self.calls: dict[tuple[str, ...], None] = {}
        self._folder = folder
        self._answer = gcloud.answer

    def answer(self, arguments: list[str], folder: Path) -> tuple[int, str, str]:
        self.calls[tuple(self._kept(argument, folder) for argument in arguments)] = None
        return self._answer(arguments, folder)

    def _kept(self, argument: str, folder: Path) -> str:
        flag, equals, value = argument.partition("=")
        if not equals or not flag.endswith(("-file", "--policy")):
            return argument
        content = (folder / value).read_bytes()
        same = [file for file in self._folder.iterdir() if file.read_bytes() == content]
        copy = same[0] if same else self._folder / f"{len(list(self._folder.iterdir()))}.json"
        copy.write_bytes(content)
        return f"{flag}={copy}"


class Asked(NamedTuple):
    call: list[str]
    answer: Answer


@pytest.fixture(scope="module")
def calls() -> Iterator[list[list[str]]]:
    """All different calls of the scripts."""
    need_gcloud()
    with (
        tempfile.TemporaryDirectory(prefix="gc-") as folder,
        gcloud_cli(Path(folder)) as gcloud,
        pytest.MonkeyPatch.context() as patch,
    ):
        sleep = gcloud.programs / "sleep"
        sleep.write_text("#!/bin/sh\n", "utf-8")
        sleep.chmod(0o755)
        files = Path(folder) / "files"
        files.mkdir()
        recorder = Recorder(gcloud, files)
        patch.setattr(gcloud, "answer", recorder.answer)
        lives(Path(folder), gcloud)
        assert gcloud.refused == []
        yield [list(call) for call in recorder.calls]


def lives(folder: Path, gcloud: Gcloud) -> None:
    """Every option's value once, and a service's whole life."""
    options = COMBINATIONS["all options"]
    others = COMBINATIONS["not in the matrix"].functions
    every_option = options._replace(functions=(*options.functions, *others))
    make_existing(gcloud, every_option)
    stage(folder, gcloud, every_option).deploy()
    gcloud.cloud.__init__()  # type: ignore[misc]
    theirs = {"bucket": "theirs", "existing": True, "prefix": "in/"}
    several = (
        FunctionAnswers("http", "status", {"secrets": ["mail"], "public": True}),
        FunctionAnswers("storage", "pictures", theirs),
    )
    add_secret(gcloud, "orders-mail-dev")
    gcloud.cloud.create("buckets", "theirs", {"name": "theirs", "objects": {}})
    all_of_it = orders(*EVERYTHING, *several, vpc_connector=True, labels=["owner=a"])
    here = stage(folder, gcloud, all_of_it)
    for address in ("a@example.com", "b@example.com"):
        here.set("ALERT_EMAIL", address)
        here.deploy()
    with_a_changed_archive(here)
    here.destroy("--data")


def with_a_changed_archive(here: Stage) -> None:
    (here.folder / "build/api.zip").write_bytes(b"changed")
    for alert in here.gcloud.cloud.alerts.values():
        alert["mutationRecord"] = {"mutateTime": here.gcloud.cloud.time()}
    here.deploy()


@pytest.fixture(scope="module")
def answers(calls: list[list[str]], tmp_path_factory: pytest.TempPathFactory) -> list[Asked]:
    release = need_gcloud("beta", "alpha").release
    folder = tmp_path_factory.mktemp("gcloud")
    known = [in_its_track(call, release) for call in calls]
    return [Asked(*one) for one in zip(known, parsed(known, folder), strict=True)]


def in_its_track(call: list[str], release: int) -> list[str]:
    return ["alpha", *call] if SINCE.get((call[0], call[1]), 0) > release else call


def understood(asked: Asked) -> bool:
    """It wanted to begin with it."""
    call, (code, said) = asked
    exception = next(
        (text for words, text in SAID_OTHERWISE.items() if tuple(call[: len(words)]) == words), None
    )
    return code == 1 and (exception or NOBODY) in said


def test_every_call_of_the_scripts_gets_past_the_parser_of_the_real_gcloud(
    answers: list[Asked],
) -> None:
    """Commands, flags and what flags take, for all triggers and options, deployed to removed."""
    not_understood = [asked for asked in answers if not understood(asked)]
    assert not_understood == []
    assert len(answers) > 500


def test_no_command_that_the_stand_in_knows_is_left_out(calls: list[list[str]]) -> None:
    """Else some of a service's life would not be among these calls."""
    called = {parse(call, Path()).command for call in calls}
    assert called == {*COMMANDS}


def test_a_command_newer_than_this_gcloud_is_one_that_it_has_no_other_way(
    answers: list[Asked], tmp_path: Path
) -> None:
    """The list of them holds nothing that this release knows already."""
    release = need_gcloud().release
    newer = [asked.call[1:] for asked in answers if asked.call[0] == "alpha"]
    assert {(*call[:2],) for call in newer} == {
        words for words, since in SINCE.items() if since > release
    }
    for code, said in parsed(newer, tmp_path):
        assert (code, "Invalid choice: " in said) == (2, True)


@pytest.mark.parametrize("call", REFUSED, ids=" ".join)
def test_a_call_that_the_real_gcloud_does_not_understand_is_seen(
    call: list[str], tmp_path: Path
) -> None:
    """A wrong command, flag, choice or value; a flag that is missing; a file that is not there."""
    need_gcloud()
    [answer] = parsed([[*call, "--project=p", "--quiet"]], tmp_path)
    assert not understood(Asked(call, answer))
    assert "Traceback" not in answer.said


def test_many_calls_of_one_start_are_answered_as_each_by_itself(
    calls: list[list[str]], tmp_path: Path
) -> None:
    """One that is understood, and one that is not, after others and alone."""
    need_gcloud()
    deploy = next(call for call in calls if call[:2] == ["functions", "deploy"])
    asked = [deploy, REFUSED[1], deploy]
    for call, answer in zip(asked, parsed(asked, tmp_path), strict=True):
        alone = run(call, tmp_path)
        assert (alone.returncode, alone.stdout + alone.stderr) == answer


def test_every_format_and_filter_is_one_that_the_real_gcloud_prints_by(
    calls: list[list[str]], tmp_path: Path
) -> None:
    """Given a resource, it prints what the stand-in prints."""
    need_gcloud()
    resource = {
        "name": "projects/p/things/orders-api-dev", "labels": LABELS, "userLabels": LABELS,
        "displayName": "orders-api-dev fails", "state": "ACTIVE", "updateTime": "2026-01-01",
        "serviceConfig": {"uri": "https://a"}, "projectNumber": "1", "config": {"name": "a"},
        "email": "a@b", "description": "infra-deploy, orders dev", "topic": "t", "filter": "",
        "mutationRecord": {"mutateTime": "2026-01-01"},
        "bindings": [{"role": "r", "members": ["a", "b"], "condition": {"expression": "c"}}],
    }  # fmt: skip
    file = tmp_path / "resources.json"
    others = {**resource, "labels": {"service": "shop"}}
    file.write_text(json.dumps([resource, others]), "utf-8")
    printing = ("--format=", "--filter=", "--flatten=")
    found = {tuple(word for word in call if word.startswith(printing)) for call in calls}
    wanted = sorted(flags for flags in found - {()} if flags != ("--format=value(.)",))
    asked = [["meta", "list-from-json", str(file), *flags] for flags in wanted]
    for flags, answer in zip(wanted, parsed(asked, tmp_path), strict=True):
        values = {flag: [value] for flag, _, value in (word.partition("=") for word in flags)}
        stand_in = written([resource, others], Call("", (), tmp_path, values))
        assert answer == (0, stand_in), flags
    assert len(wanted) > 10
