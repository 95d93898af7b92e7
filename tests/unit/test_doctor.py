"""The parts of `gen doctor`, and what it says of a service of a tiny pack that a test can age."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from unit.minipack import FILES, answers, write_pack

from generator.base import with_base
from generator.doctor import probe, pythons
from generator.doctor.examine import examine_machine, examine_service
from generator.doctor.findings import Finding, describe
from generator.doctor.knowledge import knowledge
from generator.doctor.pins import pins_of
from generator.doctor.programs import VERSION, read_requirements, requirements_of, version_of
from generator.doctor.secrets import check_secrets
from generator.errors import PackError, TargetError
from generator.evolve.disk import Disk, Found
from generator.packs import BUILT_IN, Packs
from generator.render import render
from generator.spec import build_spec
from generator.write import write_new

WING = "providers/sky/tools/wing/tool.toml"
DOCTOR = "providers/sky/doctor.toml"


def program(folder: Path, name: str, *lines: str) -> Path:
    """A program in `folder`, as a shell script."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    file.chmod(0o755)
    return file


@pytest.fixture
def bin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH: with make, and every Python that is asked for."""
    folder = tmp_path / "bin"
    program(folder, "make", "echo GNU Make 4.3")
    for version in ("3.12", "3.13", "3.14"):
        program(folder, f"python{version}", "exit 0")
    program(folder, "sh", 'exec /bin/sh "$@"')
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PYENV_ROOT", raising=False)
    return folder


def service(folder: Path, packs: Packs, **given: Any) -> Path:
    """A new service of the tiny provider."""
    spec = build_spec(answers("bell=a", **({"tool": "rope"} | given)), packs)
    write_new(folder / "tin", with_base(render(spec, packs)))
    return folder / "tin"


def found(root: Path, packs: Packs, check: str) -> list[Finding]:
    return [f for f in examine_service(root, packs).findings if f.check == check]


# Asking programs


def test_an_answer_and_an_exit_code(tmp_path: Path) -> None:
    said = program(tmp_path, "said", "echo said 1.2", "echo other 3.4 >&2", "exit 3")
    assert probe.ask({"a": [str(said)]}, tmp_path) == {"a": probe.Answer(3, "said 1.2\n")}


def test_a_program_that_hangs_is_stopped_with_what_it_started(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    hangs = program(tmp_path, "hangs", "echo 1.2", f"(sleep 2; touch {mark}) &", "sleep 60")
    begin = time.monotonic()
    answer = probe.ask({"a": [str(hangs)], "b": ["/bin/sh", "-c", "exit 0"]}, tmp_path, 0.5)
    assert time.monotonic() - begin < 10
    assert answer["a"].code is None
    assert answer["b"].code == 0
    time.sleep(2.5)
    assert not mark.exists()


def test_a_child_that_keeps_the_pipe_open_does_not_keep_the_doctor(tmp_path: Path) -> None:
    leaves = program(tmp_path, "leaves", "echo 1.2", "sleep 60 &", "exit 0")
    begin = time.monotonic()
    answer = probe.ask({"a": [str(leaves)]}, tmp_path, 30)["a"]
    assert time.monotonic() - begin < 20
    assert answer == probe.Answer(0, "1.2\n")


def test_a_flood_is_read_and_not_kept(tmp_path: Path) -> None:
    flood = program(tmp_path, "flood", "echo 1.2", "head -c 3000000 /dev/zero", "exit 0")
    answer = probe.ask({"a": [str(flood)]}, tmp_path, 60)["a"]
    assert answer.code == 0
    assert answer.out.startswith("1.2")
    assert len(answer.out) < 200_000


def test_what_cannot_be_started_is_an_answer(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no program")
    (tmp_path / "text").chmod(0o755)
    answer = probe.ask({"a": [str(tmp_path / "text")], "b": [str(tmp_path / "none")]}, tmp_path)
    assert [a.code for a in answer.values()] == [probe.CANNOT_RUN] * 2


def test_a_program_reads_nothing_and_finds_no_way_to_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("https_proxy", "http://proxy.example.org")
    asks = program(tmp_path, "asks", "cat", 'echo "$HTTPS_PROXY $https_proxy [$NO_PROXY]"')
    out = probe.ask({"a": [str(asks)]}, tmp_path)["a"].out
    assert out == f"{probe.NOWHERE} {probe.NOWHERE} []\n"


def test_the_environment_that_gen_runs_in_is_no_place_to_find_a_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`uvx` puts it first on PATH, and it may be gone tomorrow; one that is activated is meant."""
    own = tmp_path / "own"
    program(own / "bin", "python3", "exit 0")
    monkeypatch.setattr("sys.prefix", str(own))
    monkeypatch.setattr("sys.base_prefix", "/usr")
    monkeypatch.setattr("sys.executable", str(own / "bin/python3"))
    monkeypatch.setenv("PATH", f"{own}/bin/:{tmp_path}")
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    assert probe.find("python3") == ""
    monkeypatch.setenv("VIRTUAL_ENV", str(own))
    assert probe.find("python3") == f"{own}/bin/python3"


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("Terraform v1.11.4\non linux_amd64", "1.11.4"),
        ("v20.20.2", "20.20.2"),
        ("aws-cli/2.15.0 Python/3.11.6 Linux/6", "2.15.0"),
        ('{\n  "azure-cli": "2.75.0",\n  "azure-cli-core": "2.75.0"', "2.75.0"),
        ("azd version 1.23.5 (commit 0123abc)", "1.23.5"),
        ("Google Cloud SDK 548.0.0\nbq 2.1.25", "548.0.0"),
        ("Docker version 27.0.3, build 7d4bcd8", "27.0.3"),
    ],
)
def test_the_version_in_what_programs_print(text: str, version: str) -> None:
    found = VERSION.search(text)
    assert found and found[1] == version


def test_versions_are_compared_as_numbers() -> None:
    assert version_of("2.9") < version_of("2.10") == version_of("2.10.0") < version_of("10")


# What packs say


def test_every_pack_says_what_it_needs_in_the_form_that_is_documented() -> None:
    for pack in Packs().providers.values():
        for tool in pack.all_tools.values():
            for requirement in requirements_of([tool]):
                assert requirement.install


@pytest.mark.parametrize(
    "table",
    [
        {"wing": {"install": "Wing", "version-by": "--delete"}},
        {"wing": {"install": "Wing", "run": "rm -r /"}},
        {"wing": {"version-by": "version"}},
        {"packs/run.sh": "Wing"},
        {"./wing": "Wing"},
        {"/bin/wing": "Wing"},
        {"..\\wing": "Wing"},
        {"--wing": "Wing"},
        {"wing x": "Wing"},
        {"": "Wing"},
    ],
)
def test_a_pack_cannot_have_the_doctor_run_what_it_likes(table: Mapping[str, object]) -> None:
    with pytest.raises(PackError, match="requires"):
        read_requirements(table, Path("tool.toml"))


@pytest.mark.parametrize(
    "text",
    ["[[pins]]\n", "x = 1\n", "[[secrets]]\nwhat = 'x'\npattern = '('\n", "[[[", "pins = 1\n"],
)
def test_a_broken_doctor_toml_is_a_mistake_of_the_pack(tmp_path: Path, text: str) -> None:
    with pytest.raises(PackError, match=r"doctor\.toml"):
        knowledge(write_pack(tmp_path, {DOCTOR: text}))


# A service: programs


BIG = "[options.big]\ntype = 'boolean'\nhelp = 'Big'\n"


def wing(requires: str) -> dict[str, str | None]:
    """The tiny pack with a tool `wing` that needs this."""
    return {
        WING: f"{FILES[WING]}[requires]\n{requires}\n{BIG}",
        "providers/sky/triggers/bell/wing/x.txt": "x\n",
    }


def test_all_is_well(tmp_path: Path, bin: Path) -> None:
    packs = write_pack(tmp_path / "packs")
    findings = examine_service(service(tmp_path, packs), packs).findings
    assert {f.status for f in findings} == {"ok"}, findings
    assert not any(f.hint for f in findings)
    assert {f.check for f in findings} >= {"programs", "python", "base", "drift", "pins", "secrets"}


@pytest.mark.parametrize(
    ("script", "status", "said"),
    [
        (None, "failure", "flap is not on PATH"),
        ("echo flap 1.10.1", "ok", "flap 1.10.1 (1.9 or newer is needed)"),
        ("echo flap 1.8", "failure", "flap 1.8 is too old: 1.9 or newer is needed"),
        ("exit 127", "failure", "flap cannot be run"),
        ("exit 1", "warning", "flap is on PATH, but does not say its version"),
        ("echo none", "warning", "flap is on PATH, but does not say its version"),
        ("sleep 60", "warning", "did not end within 0.5 seconds"),
    ],
)
def test_a_program_that_the_tool_requires(
    tmp_path: Path, bin: Path, monkeypatch: pytest.MonkeyPatch, script, status, said
) -> None:
    monkeypatch.setenv("PATH", f"{bin}:/bin:/usr/bin")
    packs = write_pack(tmp_path / "packs", wing('flap = "Flap 1.9 or newer, https://flap.example"'))
    root = service(tmp_path, packs, tool="wing")
    if script:
        program(bin, "flap", script)
        if "sleep" in script:
            monkeypatch.setattr(probe, "TIMEOUT", 0.5)
    [finding] = [f for f in found(root, packs, "programs") if "flap" in f.message]
    assert finding.status == status
    assert said in finding.message
    assert bool(finding.hint) == (status != "ok")
    if status == "failure":
        assert finding.hint == "install flap: Flap 1.9 or newer, https://flap.example"


def test_a_program_is_asked_as_its_pack_says(tmp_path: Path, bin: Path) -> None:
    needs = 'flap = { install = "Flap 1.9 or newer", version-by = "version" }'
    packs = write_pack(tmp_path / "packs", wing(needs))
    program(bin, "flap", '[ "$*" = version ] && echo 2.0')
    [finding] = [
        f
        for f in found(service(tmp_path, packs, tool="wing"), packs, "programs")
        if "flap" in f.message
    ]
    assert finding.status == "ok"


@pytest.mark.parametrize("big", [True, False])
def test_a_program_that_an_option_needs(tmp_path: Path, bin: Path, big: bool) -> None:
    packs = write_pack(tmp_path / "packs", wing('flap = { install = "Flap", when = "big" }'))
    root = service(tmp_path, packs, tool="wing", options={"big": big}, typed=True)
    assert any("flap" in f.message for f in found(root, packs, "programs")) == big


# A service: Python


def test_no_such_python(tmp_path: Path, bin: Path) -> None:
    packs = write_pack(tmp_path / "packs")
    root = service(tmp_path, packs)
    program(bin, "python3.13", "exit 1")
    finding = found(root, packs, "python")[0]
    assert finding.status == "failure"
    assert "no Python 3.13" in finding.message
    assert "uv python install 3.13" in finding.hint


def test_the_script_of_the_service_is_not_run(tmp_path: Path, bin: Path) -> None:
    packs = write_pack(tmp_path / "packs")
    root = service(tmp_path, packs)
    (root / "scripts/find_python.sh").write_text(f"touch {tmp_path}/ran\n")
    examine_service(root, packs)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("settings", "there", "status"),
    [
        ("version = 3.13.1\n", True, "ok"),
        ("version_info = 3.13.1\n", True, "ok"),
        ("version = 3.1.3\n", True, "warning"),
        ("version = 3.12.9\n", True, "warning"),
        ("version = 3.13.1\n", False, "failure"),
    ],
)
def test_the_virtual_environment(tmp_path: Path, bin: Path, settings, there, status) -> None:
    packs = write_pack(tmp_path / "packs")
    root = service(tmp_path, packs)
    (root / ".venv/bin").mkdir(parents=True)
    (root / ".venv/pyvenv.cfg").write_text(f"home = /usr\n{settings}")
    python = root / ".venv/bin/python"
    python.symlink_to(bin / "python3.13" if there else tmp_path / "gone")
    [finding] = [f for f in found(root, packs, "python") if ".venv" in f.where + f.message]
    assert finding.status == status
    assert (finding.hint == "rm -r .venv, then make install") == (status != "ok")


@pytest.mark.parametrize(
    ("today", "status"),
    [
        (date(2029, 4, 30), "ok"),
        (date(2029, 5, 1), "warning"),
        (date(2029, 10, 30), "warning"),
        (date(2029, 10, 31), "failure"),
        (date(2030, 1, 1), "failure"),
    ],
)
def test_the_end_of_life_of_a_python(tmp_path: Path, today: date, status: str) -> None:
    provider = write_pack(tmp_path).providers["sky"].provider
    [finding] = pythons.check_life(provider, "3.13", today)
    assert finding.status == status
    assert "2029-10-31" in finding.message
    if status != "ok":
        assert "https://example.org" in finding.message
        assert "newer ones, gen update" in finding.hint


def test_a_python_that_ends_gives_way_to_the_one_that_lives_longest(tmp_path: Path) -> None:
    provider = write_pack(tmp_path).providers["sky"].provider
    [finding] = pythons.check_life(provider, "3.12", date(2028, 10, 1))
    assert finding.hint == 'write python = "3.13" in gen.toml, then gen apply and make test'


def test_every_provider_says_when_its_pythons_end() -> None:
    for pack in Packs().providers.values():
        for python in pack.provider.pythons:
            [finding] = pythons.check_life(pack.provider, python.version, date(2099, 1, 1))
            assert finding.status == "failure"
            assert python.source.startswith("https://")


# A service: templates, pins

PINNED = {
    "providers/sky/project/requirements.txt.j2": (
        "left==2.9.0\nright[all]==1.0 ; python_version < '4'\n"
    ),
    "providers/sky/project/package.json.j2": (
        '{\n  "name": "tin",\n  "engines": {\n    "node": ">=20"\n  },\n'
        '  "devDependencies": {\n    "lib": "1.2.3"\n  }\n}\n'
    ),
}


def test_pins_that_are_opened(tmp_path: Path, bin: Path) -> None:
    packs = write_pack(tmp_path / "packs", PINNED)
    root = service(tmp_path, packs)
    assert [f.status for f in found(root, packs, "pins")] == ["ok"]
    (root / "requirements.txt").write_text(
        "left>=2.9.0\nright==1.*\nmine\n# comment\n-r x.txt\n"
        "own @ https://example.org/own-1.0.whl\ngit+https://example.org/x@1\n"
    )
    package = root / "package.json"
    package.write_text(package.read_text().replace('"1.2.3"', '"^1.2.3"'))
    said = {f.where: (f.status, f.message, f.hint) for f in found(root, packs, "pins")}
    assert said == {
        "requirements.txt:1": (
            "warning",
            "package left is not pinned",
            "say which one: the templates have 2.9.0",
        ),
        "requirements.txt:2": (
            "warning",
            "package right is not pinned (1.*)",
            "say which one: the templates have 1.0",
        ),
        "requirements.txt:3": ("warning", "package mine is not pinned", "say which one"),
        "package.json:7": (
            "warning",
            "package lib is not pinned (^1.2.3)",
            "say which one: the templates have 1.2.3",
        ),
    }


def test_pins_that_newer_templates_have_newer(tmp_path: Path, bin: Path) -> None:
    root = service(tmp_path, write_pack(tmp_path / "packs", PINNED))
    newer = {
        path: text.replace("2.9.0", "2.10.0").replace("1.2.3", "1.1.0")
        for path, text in PINNED.items()
    }
    packs = write_pack(tmp_path / "newer", newer)
    [finding] = found(root, packs, "pins")
    assert finding.where == "requirements.txt:1"
    assert finding.message == "package left 2.9.0: the templates have 2.10.0"
    assert finding.hint == "gen update"
    [templates] = found(root, packs, "templates")
    assert (templates.status, templates.where) == ("warning", "gen.toml:11")
    assert "gen update" in templates.hint


def test_a_newer_pin_of_ones_own_is_no_matter(tmp_path: Path, bin: Path) -> None:
    packs = write_pack(tmp_path / "packs", PINNED)
    root = service(tmp_path, packs)
    (root / "requirements.txt").write_text("left==3.0\nright==1.0.0\nown==0.1\n")
    assert [f.status for f in found(root, packs, "pins")] == ["ok"]


def test_the_version_of_an_action_is_in_its_comment() -> None:
    sha = "3d3c42e5aac5ba805825da76410c181273ba90b1"
    lines = [
        f"      - uses: actions/checkout@{sha} # v7.0.1",
        "        uses: some/action@v4",
        f"      - uses: own/one/sub@{sha}",
        "      - uses: ./local",
    ]
    texts = {".github/workflows/ci.yml": "\n".join(lines)}
    pins = [(p.name, p.label, p.exact) for p in pins_of(texts, knowledge(Packs()).pins)]
    assert pins == [
        ("actions/checkout", "v7.0.1", True),
        ("some/action", "v4", False),
        ("own/one/sub", sha, True),
    ]


def test_the_version_of_an_image_is_in_its_tag() -> None:
    digest = "sha256:" + "0123456789abcdef" * 4
    lines = [
        f"  image: ghcr.io/astral-sh/uv:0.12.5-trixie@{digest}",
        "  image: registry.example.org/own/one:latest",
        "    - uv tool install thing==1.2.3",
        "    - uv tool install other",
    ]
    texts = {".gitlab-ci.yml": "\n".join(lines)}
    pins = [(p.name, p.label, p.exact) for p in pins_of(texts, knowledge(Packs()).pins)]
    assert pins == [
        ("ghcr.io/astral-sh/uv", "0.12.5-trixie", True),
        ("registry.example.org/own/one", "latest", False),
        ("thing", "1.2.3", True),
        ("other", "", False),
    ]


# A service: secrets

SECRETS = {
    "an AWS access key": "AKIA" + "ABCDEFGH234567QR",
    "a GitLab token": "glpat-" + "a1B2_" * 4,
    "a private key": "-----BEGIN RSA PRIVATE" + " KEY-----",
    "a GitHub token": "ghp_" + "a1B2" * 9,
    "the key of a storage or Cosmos DB account": "AccountKey=" + "aB3/" * 21 + "aB==",
    "the key of a namespace (Service Bus, Event Hubs)": "SharedAccessKey=" + "aB3/" * 10 + "aB3=",
    "a shared access signature": "https://x.example/c?sv=1&sig=" + "aB3f" * 11 + "%3D",
    "a client secret of Entra ID": "abc8Q~" + "a.B_" * 8,
    "a URL with a password in it": "postgres://app:" + "hunter2x" + "@db.example.org/orders",
    "a Slack token": "xoxb-" + "123456789012-" + "abcdefghijklmnop1234",
    "a Stripe key": "sk_live_" + "a1B2" * 6,
    "a PyPI token": "pypi-AgEIcHlwaS5vcmc" + "a1B2" * 13,
    "an npm token": "npm_" + "a1B2" * 9,
}
HARMLESS = [
    "AKIAIOSFODNN7EXAMPLE",
    "https://user:password@example.org",
    "https://x-access-token:${TOKEN}@github.com/o/r",
    "arn:aws:iam::123456789012:role/orders-dev",
    "sha256:" + "0123456789abcdef" * 4,
    "https://example.org/a:b/c@d",
    "AccountKey=${key}",
    "-----BEGIN CERTIFICATE-----",
    '"resolved": "https://registry.npmjs.org/a/-/a-1.0.0.tgz"',
    "npm_config_cache",
]


@pytest.mark.parametrize("what", SECRETS)
def test_what_looks_like_a_secret(what: str) -> None:
    text = f"line\nvalue = '{SECRETS[what]}'\n"
    [finding] = check_secrets({"gen.toml": text}, knowledge(Packs()).secrets)
    assert (finding.status, finding.where) == ("failure", "gen.toml:2")
    assert finding.message == f"this looks like {what}"
    assert SECRETS[what] not in str(finding)


def test_every_pattern_of_ours_is_tried() -> None:
    assert {kind.what for kind in knowledge(Packs((BUILT_IN,))).secrets} >= set(SECRETS)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_looks_like_one(text: str) -> None:
    [finding] = check_secrets({"README.md": text}, knowledge(Packs()).secrets)
    assert finding.status == "ok"


# What keeps a check from looking


def test_a_file_that_cannot_be_read_is_told_and_the_rest_goes_on(
    tmp_path: Path, bin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packs = write_pack(tmp_path / "packs")
    root = service(tmp_path, packs)
    look = Disk.look

    def closed(disk: Disk, path: str) -> Found:
        if path == "words.txt":  # root, who may run this, can read everything
            raise TargetError("cannot read words.txt", where=path, hint="chmod u+r words.txt")
        return look(disk, path)

    monkeypatch.setattr(Disk, "look", closed)
    findings = examine_service(root, packs).findings
    told = [f for f in findings if f.status == "failure"]
    assert [(f.message, f.hint) for f in told] == [("cannot read words.txt", "chmod u+r words.txt")]
    assert [f.status for f in findings if f.check == "secrets"] == ["ok"]


# Outside a service, and how it is said


def test_outside_a_service_nothing_fails(tmp_path: Path, bin: Path) -> None:
    found = examine_machine(Packs(), tmp_path).findings
    assert {f.status for f in found} == {"ok", "warning"}
    assert any(f.message.startswith("make 4.3, for every service") for f in found)
    missing = [f.message for f in found if "not on PATH" in f.message]
    assert missing and len({m.split()[0] for m in missing}) == len(missing)


def test_a_report_reads_like_a_list() -> None:
    lines = describe(
        [
            Finding("a", "ok", "one"),
            Finding("b", "warning", "two", "f.txt:3", "do it"),
            Finding("c", "failure", "three", hint="mend it"),
        ]
    )
    assert list(lines) == [
        "[ok] one",
        "[!]  f.txt:3: two",
        "       help: do it",
        "[x]  three",
        "       help: mend it",
        "",
        "3 checks: 1 ok, 1 warning, 1 failure.",
    ]
