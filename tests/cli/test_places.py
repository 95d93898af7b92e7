"""An error says where: the line of gen.toml, and marks below what it is about."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.run import PROVIDER
from evolve.playground import gen
from wizard.player import Player

from generator.caret import with_caret

SERVICE = ["new", "orders", "--provider", PROVIDER, "--trigger", "http=api", "--trigger", "s3=up"]
FAULTS = [
    ("x = = 1", "x = = 1", "    ^", "gen.toml is not valid TOML"),
    ("  x = ", "  x = ", "", "gen.toml is not valid TOML"),
    ("timeout = 0  # seconds", "timeout = 0  # seconds", "          ^", "must be at least 1"),
    ("timeout = '1'", "timeout = '1'", "           ^", 'a whole number, not "1"'),
    ("tiemout = 3", "tiemout = 3", "^^^^^^^", 'did you mean "timeout"?'),
    ('trigger="s33"', 'trigger="s33"', "         ^^^", 'did you mean "s3"?'),
    ('trigger="s3"\nevents=["x"]', 'events=["x"]', "         ^", 'cannot be "x"'),
    ('trigger="s3"\nbucket=5', "bucket=5", "       ^", "bucket must be text"),
    ("trigger='http'\narchitecture='arm64'", "architecture='arm64'", "^" * 12, "below [service]"),
]
"""What is written below `[functions.more]`: the line shown, the marks, words of the message."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("places")
    assert gen(folder, *SERVICE).code == 0
    return folder / "orders"


@pytest.fixture
def declaration(service: Path):
    file = service / "gen.toml"
    before = file.read_text()
    yield file
    file.write_text(before)


@pytest.mark.parametrize(("wrong", "line", "marks", "words"), FAULTS)
def test_the_line_and_the_marks(
    declaration: Path, wrong: str, line: str, marks: str, words: str
) -> None:
    trigger = "" if "trigger" in wrong else 'trigger = "s3"\n'
    text = f"{declaration.read_text()}\n[functions.more]\n{trigger}{wrong}\n"
    declaration.write_text(text)
    number = text.splitlines().index(line) + 1
    result = gen(declaration.parent, "apply")
    assert (result.code, result.out) == (2, "")
    assert words in result.err
    start = f"  where: gen.toml:{number}: "
    _, where, *rest = result.err.splitlines()
    assert where == (start + line).rstrip()
    if marks:
        assert rest[0] == " " * len(start) + marks
    assert rest[-1].startswith("  help:  ")


@pytest.mark.parametrize(
    ("words", "message", "suggestion"),
    [
        (["memory=512"], '"api.memory_size" or "up.memory_size"', "api.memory_size"),
        (["bucket=x"], 'did you mean "up.bucket"? It is an option of a function', "up.bucket"),
        (["api.architecture=arm64"], "say it without api.", "architecture"),
        (["architectur=arm64"], 'did you mean "architecture"?', "architecture"),
        (["region=eu-west-1"], "has a flag of its own: --region", ""),
        (["api.auth=jwd"], 'did you mean "jwt"? allowed: ', "jwt"),
    ],
)
def test_an_option_in_the_wrong_place(
    tmp_path: Path, words: list[str], message: str, suggestion: str
) -> None:
    flags = [part for word in words for part in ("--set", word)]
    result = gen(tmp_path, *SERVICE, *flags)
    assert result.code == 2
    assert message in result.err.splitlines()[-1]
    assert f"  where: --set {words[0].partition('=')[0]}" in result.err
    assert gen(tmp_path, *SERVICE, *flags, "--json").json()["error"]["suggestion"] == suggestion


def test_the_same_in_gen_toml(declaration: Path) -> None:
    text = declaration.read_text()
    declaration.write_text(text.replace("[service]", "[service]\nbuckt = 'x'"))
    assert "below [functions.up]" in gen(declaration.parent, "apply").err
    declaration.write_text(text.replace("region = ", "regoin = "))
    assert 'did you mean "region"?' in gen(declaration.parent, "apply").err


def test_no_marks_below_a_line_that_is_wrapped(declaration: Path) -> None:
    with declaration.open("a") as file:
        file.write('secrets = ["a-secret-of-some-length"]\ntiemout = 3\n')
    for columns, marked in ((40, True), (24, False)):
        with Player(declaration.parent, "apply", columns=columns) as player:
            assert player.end() == 2
            assert 'did you mean "timeout"?' in player.words
            assert ("^" in player.text) is marked


def test_marks_stand_below_wide_characters() -> None:
    report = ['error: unknown "b"', "  where: gen.toml:3: \u8a9e\u8a9e = b"]
    assert with_caret(report, report[0])[2] == " " * (len("  where: gen.toml:3:  = ") + 4) + "^"
