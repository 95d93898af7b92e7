"""Whatever is typed: a documented exit code, a message in its three parts, and no traceback."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from cli.run import PACK, PROVIDER, TRIGGER
from evolve.playground import Result, gen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schema import published
from typer._completion_classes import BashComplete
from typer.main import get_command

from generator.cli import app
from generator.errors import EXIT_BUG, EXIT_CANCELLED
from generator.help import COMMANDS
from generator.topics import topics

DOCUMENTED = set(
    map(int, re.findall(r"^  (\d+) ", topics()["exit-codes"].read_text("utf-8"), re.MULTILINE))
)
# The doctor asks a dozen programs for their version: that takes seconds each time.
TRIED = [name for name in COMMANDS if name != "doctor"]
WRITES = {"new", "add-trigger", "remove-trigger", "rename", "apply", "update", "undo", "repair"}


def parameters(name: str) -> list[object]:
    group = get_command(app)
    context = BashComplete(group, {}, "gen", "")
    command = group.get_command(context, name)  # type: ignore[attr-defined]
    return list(command.params)


def flags(name: str) -> list[str]:
    """The long flags of a command, as it declares them."""
    found = [flag for parameter in parameters(name) for flag in parameter.opts]  # type: ignore[attr-defined]
    return [flag for flag in found if flag.startswith("--")]


FLAGS = {name: flags(name) for name in TRIED}
WORDS = st.sampled_from(
    [
        *("api", "gen.toml", ".", "..", "/", "docs", "nowhere", "", "-", "--", "=", "a.b=c", "x=y"),
        *(
            "api.timeout=5",
            "timeout=0",
            "markers",
            "json",
            "bash",
            "sam",
            "github",
            "3.13",
            "{{x}}",
        ),
        *(PROVIDER, TRIGGER, *PACK.tools, "*.toml", "~", "orders", "My Orders", "../up", "a" * 300),
    ]
)
# What a program can be given: any bytes but NUL, as Python hands them over.
ANY = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=8)
RAW = st.binary(max_size=6).map(lambda b: b.replace(b"\0", b"").decode("utf-8", "surrogateescape"))
VALUES = WORDS | ANY | RAW


@st.composite
def command_lines(draw: st.DrawFn) -> list[str]:
    name = draw(st.sampled_from(TRIED))
    known = st.sampled_from(FLAGS[name])
    broken = known.map(lambda flag: flag[:-1]) | ANY.map(lambda text: f"--{text}")
    part = st.one_of(
        known.map(lambda flag: [flag]),
        st.tuples(known, VALUES).map(list),
        st.tuples(known, VALUES).map(lambda pair: ["=".join(pair)]),
        broken.map(lambda flag: [flag]),
        VALUES.map(lambda value: [value]),
    )
    words = [word for words in draw(st.lists(part, max_size=5)) for word in words]
    # What would be written is planned all the same, and each example finds the service as it was.
    return [name, *(["--dry-run"] if name in WRITES else []), *words]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("any")
    done = gen(folder, "new", "orders", "--provider", PROVIDER, "--trigger", f"{TRIGGER}=api")
    assert done.code == 0
    return folder / "orders"


def check(words: list[str], result: Result) -> None:
    assert result.code in DOCUMENTED - {EXIT_BUG, EXIT_CANCELLED}, result.err
    assert "Traceback" not in result.err
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", result.err)
    if "--json" in words and not {"--help", "-h", "--version"} & {*words} and result.out:
        if words[0] not in ("completion", "help", "merge-file") or result.code == 2:
            published(result.out)
    elif result.code == 2 and "--json" not in words:
        several = words[0] in ("status", "check") and result.err.endswith("looked at.\n")
        assert "error: " in result.err
        assert several or result.err.startswith("error: ")
        assert several or (len(result.err.splitlines()) <= 4 and result.out == "")


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(words=command_lines())
def test_any_command_line(service: Path, words: list[str]) -> None:
    check(words, gen(service, *words))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_flag_with_a_letter_too_few_is_known(tmp_path: Path, name: str) -> None:
    for flag in flags(name):
        if len(flag) < 6:
            continue
        result = gen(tmp_path, name, f"{flag[:-2]}{flag[-1]}")
        assert result.code == 2
        assert f'did you mean "{flag}"?' in result.err


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(text=st.text(max_size=40) | st.lists(WORDS, max_size=6).map("\n".join))
def test_any_gen_toml(tmp_path_factory: pytest.TempPathFactory, service: Path, text: str) -> None:
    """What is below the service's own lines, or in their place."""
    folder = tmp_path_factory.getbasetemp() / "any-toml"
    if not folder.exists():
        shutil.copytree(service, folder)
    declared = (service / "gen.toml").read_text()
    for whole in (text, f"{declared}\n{text}", f"{declared}\n[functions.x]\n{text}"):
        (folder / "gen.toml").write_bytes(whole.encode("utf-8", "surrogatepass"))
        check(["check"], gen(folder, "check"))
