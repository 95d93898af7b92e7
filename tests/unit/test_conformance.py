"""`gen packs check` on a tiny pack: a sound one is clean, and each mistake is told where it is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from unit.minipack import FILES, write_pack

from generator.conformance.check import examine
from generator.doctor.findings import FAILURE, OK, WARNING, Finding
from generator.packs import Packs

SKY = "providers/sky"
BELL = f"{SKY}/triggers/bell/trigger.toml"
PROVIDER = f"{SKY}/provider.toml"
KNOT = f"{SKY}/tools/knot/tool.toml"
ROPE = f"{SKY}/tools/rope/tool.toml"
PACK = 'name = "sky-high"\ntitle = "Sky"\ndescription = "All that is up there"\n'
SOUND: Mapping[str, str | None] = {
    "pack.toml": PACK,
    f"{SKY}/project/plain.bin": "{{ not a template }}\n",
    KNOT: FILES[KNOT].replace('"Knot"\n', '"Knot"\ndescription = "What tools share"\n'),
    f"{SKY}/tools/knot/project/rope.txt.j2": "parts:\n{{ slot('parts') }}\nend\n",
    f"{SKY}/tools/wing/tool.toml": None,
    f"{SKY}/project/words.txt.j2": "words\n{{ slot('words') }}\nend\n",
    "ci/mute/ci.toml": 'title = "Mute"\ndescription = "No CI"\n',
}


def found(root: Path, changes: Mapping[str, str | None]) -> list[Finding]:
    """What is told about the sound pack with these files instead."""
    return examine(write_pack(root, {**SOUND, **changes}), root)


def wrong(findings: list[Finding]) -> list[tuple[str, str, str]]:
    """All that is not well, without the line that says what was left out for it."""
    left_out = "no service was rendered"
    return [
        (f.status, f.where, f.message) for f in findings if f.status != OK and f.message != left_out
    ]


def edited(path: str, old: str, new: str) -> dict[str, str | None]:
    """The file with one text for another, which has to be there once."""
    text = SOUND.get(path) or FILES[path]
    assert text.count(old) == 1
    return {path: text.replace(old, new)}


def more(path: str, text: str) -> dict[str, str | None]:
    return {path: (SOUND.get(path) or FILES[path]) + text}


def test_a_sound_pack_is_clean(tmp_path):
    findings = found(tmp_path, {})
    assert wrong(findings) == []
    assert [finding.check for finding in findings] == [
        "paths",
        "metadata",
        "rendering",
        "determinism",
    ]


METADATA = [
    # The format of one file.
    (edited(BELL, "aliases", "alias"), f"{BELL}:4 alias", 'unknown key "alias"'),
    (edited(BELL, "[options.tower]\n", '[options.tower]\npatern = "x"\n'),
     f"{BELL}:8 options.tower.patern", 'unknown key "patern"'),
    (edited(BELL, 'aliases = ["ding"]', 'aliases = "ding"'),
     f"{BELL}:4 aliases", 'aliases must be a list of texts, not "ding"'),
    (edited(BELL, "max = 50", "max = true"),
     f"{BELL}:12 options.tower.max", 'max must be a whole number, not "True"'),
    (edited(BELL, 'help = "Which tower"\n', ""), f"{BELL}:7 options.tower", "help is missing"),
    (edited(BELL, 'title = "Bell"\n', ""), f"{BELL}:1", "title is missing"),
    (edited(BELL, 'title = "Bell"', 'title = ""'), f"{BELL}:2 title", "title is missing"),
    (edited(BELL, 'title = "Bell"', 'title = "Bell'), f"{BELL}:1",
     "is not TOML: Illegal character '\\n' (at line 2, column 14)"),
    (edited(BELL, 'type = "boolean"', 'type = "bool"'),
     f"{BELL}:20 options.existing.type", 'type cannot be "bool"'),
    (edited(BELL, '"[a-z][a-z0-9]*(-[a-z0-9]+)*"', '"[a-z"'),
     f"{BELL}:10 options.tower.pattern",
     "pattern is no regular expression: unterminated character set at position 0"),
    (edited(BELL, '"timeout <= 100"', '"timeout <="'), f"{BELL}:24 rules[0].require",
     "require is no expression of Jinja: unexpected 'end of statement block'"),
    (edited(PROVIDER, "end-of-life = 2028-10-31\n", ""),
     f"{PROVIDER}:11 python[0]", "end-of-life is missing"),
    (edited(PROVIDER, "end-of-life = 2028-10-31", 'end-of-life = "soon"'),
     f"{PROVIDER}:13 python[0].end-of-life",
     'end-of-life must be a date, as in 2029-06-30, not "soon"'),
    (more(KNOT, 'here = { join = "line" }\n'),
     f"{KNOT}:8 slots.here.join", 'join cannot be "line"'),
    ({"pack.toml": None}, "", "has no pack.toml"),
    ({"pack.toml": f'{PACK}abuot = "x"\n'}, "pack.toml:4 abuot", 'unknown key "abuot"'),
    # An option against itself.
    (edited(BELL, 'default = ["one"]', 'default = ["four"]'), f"{BELL}:17 options.hours.default",
     'its own default is refused: hours cannot be "four"'),
    (edited(BELL, '"{function-kebab}"', '"{function}"'), f"{BELL}:9 options.tower.default",
     'its own default is refused: tower cannot be "my_fn"'),
    (edited(BELL, "max = 50", "max = 5"), f"{BELL}:11 options.tower.example",
     'its own example is refused: tower must be at most 5 characters, not 7 ("big-ben")'),
    (edited(BELL, 'example = "big-ben"', 'example = "Big Ben"'),
     f"{BELL}:11 options.tower.example",
     'its own example is refused: tower cannot be "Big Ben"'),
    (edited(BELL, "default = false", 'default = "no"'),
     f"{BELL}:21 options.existing.default", 'default is "no", and the type boolean'),
    (edited(PROVIDER, "min = 1\n", "min = 1000\n"),
     f"{PROVIDER}:27 function-options.timeout.min", "min is 1000, more than max, which is 900"),
    (more(ROPE, '[options.region]\nhelp = "Where"\n'), f"{ROPE}:6 options.region",
     'an option cannot be called "region": gen.toml has a key of that name'),
    # Names that are not there.
    (edited(BELL, 'require = "timeout <= 100"', 'require = "timeot <= 100"'),
     f"{BELL}:24 rules[0].require", 'there is no option "timeot"'),
    (edited(BELL, "not {timeout}", "not {timeot}"),
     f"{BELL}:25 rules[0].message", 'there is no option "timeot"'),
    (edited(BELL, "tower {tower}\"\n[source]", "tower {steeple}\"\n[source]"),
     f"{BELL}:28 permissions[0].on", 'there is no option "steeple"'),
    (edited(BELL, 'key = "tower"', 'key = "spire"'),
     f"{BELL}:31 source.key", 'there is no option "spire"'),
    (edited(BELL, 'key = "tower"\n', ""),
     f"{BELL}:29 source", "needs key or constant-key, one of them"),
    (edited(BELL, 'shared = ["existing"]', 'shared = ["existing", "age"]'),
     f"{BELL}:32 source.shared", 'there is no option "age"'),
    (edited(BELL, 'created-unless = "existing"', 'created-unless = "exists"'),
     f"{BELL}:34 source.created-unless", 'there is no option "exists"'),
    (edited(BELL, "b.hours", "b.hour"), f"{BELL}:36 source.forbid[0].when",
     'there is no option "hour"'),
    (edited(PROVIDER, "function.name | kebab }}", "function.nam_ | kebab }}{{ x }}"),
     f"{PROVIDER}:32 names[0].template", 'there is no variable "x"'),
    (edited(PROVIDER, "bell=bell", "gong=bell"),
     f"{PROVIDER}:4 default-triggers", 'there is no trigger "gong"'),
    (edited(PROVIDER, 'region-example = "north-1"', 'region-example = "north"'),
     f"{PROVIDER}:7 region-example", 'region-example "north" does not match region-pattern'),
    (edited(ROPE, '"knot"', '"know"'), f"{ROPE}:5 extends", 'there is no tool "know"'),
    (edited(ROPE, '"knot"', '"rope"'), f"{ROPE}:5 extends", 'there is no tool "rope"'),
    # Two that do not go together.
    ({f"{SKY}/triggers/gong/trigger.toml": 'title = "G"\ndescription = "G"\naliases = ["ding"]\n',
      f"{SKY}/triggers/gong/rope/own.j2": "gong\n"},
     f"{SKY}/triggers/gong/trigger.toml:3 aliases", 'the alias "ding" is one of bell, too'),
    ({f"{SKY}/triggers/gong/trigger.toml": 'title = "G"\ndescription = "G"\n'},
     f"{SKY}/triggers/gong/trigger.toml:1", "no tool supports this trigger"),
    ({"ci/mute/ci.toml": f"{SOUND['ci/mute/ci.toml']}default = true\n"},
     "ci/robot/ci.toml:4 default", "mute is the default, too"),
    (more(ROPE, '[slots]\nwords = {}\n'), f"{ROPE}:7 slots.words",
     "the slot words is declared elsewhere, otherwise"),
    # Policies.
    ({"pack.toml": f'{PACK}[[defaults]]\nprovider = "skye"\nservice = {{ fancy = true }}\n'},
     "pack.toml:5 defaults[0].provider", 'there is no provider "skye"'),
    ({"pack.toml": f'{PACK}[[defaults]]\ntrigger = "bell"\nfunctions = {{ timeout = 901 }}\n'},
     "pack.toml:6 defaults[0].functions", "timeout must be at most 900, not 901"),
    ({"pack.toml": f"{PACK}[[defaults]]\nservice = {{ fancier = true }}\n"},
     "pack.toml:5 defaults[0].service", 'there is no option of the service "fancier"'),
    ({"pack.toml": f'{PACK}[[defaults]]\nprovider = "sky"\n'},
     "pack.toml:4 defaults[0]", "sets nothing"),
    ({"pack.toml": f'{PACK}[[forbid]]\ntool = "roap"\nmessage = "no"\n'},
     "pack.toml:5 forbid[0].tool", 'there is no tool "roap"'),
    ({"pack.toml": f'{PACK}[[forbid]]\ntrigger = "bell"\nwhen = "not exsting"\nmessage = "no"\n'},
     "pack.toml:6 forbid[0].when", 'there is no option "exsting"'),
    ({"pack.toml": f'{PACK}[[forbid]]\nmessage = "no"\n'},
     "pack.toml:4 forbid[0]", "forbids everything"),
]  # fmt: skip
LAYOUT = [
    ({f"{SKY}/triggers/bell/roap/own.j2": "x"}, f"{SKY}/triggers/bell/roap",
     'no folder is called "roap"'),
    ({f"{SKY}/triggers/bell/source/roap/parts.j2": "x"}, f"{SKY}/triggers/bell/source/roap",
     'no folder is called "roap"'),
    ({f"{SKY}/projekt/x.txt.j2": "x"}, f"{SKY}/projekt", 'no folder is called "projekt"'),
    ({"provider/sky/x.txt": "x"}, "provider", 'no folder is called "provider"'),
    ({f"{SKY}/triggers/gong/rope/own.j2": "x"}, f"{SKY}/triggers/gong",
     'there is no trigger of sky "gong", and the folder has no trigger.toml'),
    ({f"{SKY}/project+fancier/x.txt.j2": "x"}, f"{SKY}/project+fancier",
     'no option is called "fancier"'),
    ({f"{SKY}/triggers/bell/function+hours/words.j2": "x"},
     f"{SKY}/triggers/bell/function+hours",
     "hours is no boolean option, so this is never used"),
    ({f"{SKY}/triggers/bell/function+hours=four/words.j2": "x"},
     f"{SKY}/triggers/bell/function+hours=four",
     'hours cannot be "four", so this is never used'),
    ({f"{SKY}/project/wordz.j2": "x"}, f"{SKY}/project/wordz.j2", 'no slot is called "wordz"'),
    ({f"{SKY}/ci/robota.j2": "x"}, f"{SKY}/ci/robota.j2", 'no CI system is called "robota"'),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "where", "message"), [*METADATA, *LAYOUT])
def test_a_mistake_in_what_a_pack_says_is_told_where_it_is(tmp_path, changes, where, message):
    assert wrong(found(tmp_path, changes)) == [(FAILURE, where, message)]


TEMPLATES = [
    # What cannot be rendered.
    (edited(f"{SKY}/project/run.sh.j2", "service.name", "servce.name"), FAILURE,
     f"{SKY}/project/run.sh.j2:2", "UndefinedError: 'servce' is undefined"),
    ({f"{SKY}/project/x.txt.j2": "a\n{% if %}\n"}, FAILURE, f"{SKY}/project/x.txt.j2:2",
     "TemplateSyntaxError: Expected an expression, got 'end of statement block'"),
    ({f"{SKY}/triggers/bell/function+existing/x.txt.j2": "{{ 1 + 'a' }}\n"}, FAILURE,
     f"{SKY}/triggers/bell/function+existing/x.txt.j2:1",
     "TypeError: unsupported operand type(s) for +: 'int' and 'str'"),
    ({"ci/robot/project/run.sh.j2": "twice\n"}, FAILURE, f"{SKY}/project/run.sh.j2",
     "run.sh is given by another layer too"),
    (edited(BELL, 'require = "timeout <= 100"', 'require = "timeout <= 5"'), FAILURE, "",
     "the defaults do not fit together: function my_bell: a bell rings for 100 seconds, not 10"),
    # What comes out.
    ({f"{SKY}/project/x.yml.j2": "a: 1\nb: [\n"}, FAILURE, f"{SKY}/project/x.yml.j2",
     "x.yml cannot be read: line 3: did not find expected node content"),
    ({f"{SKY}/project/x.yml.j2": "a: 1\na: 2\n"}, FAILURE, f"{SKY}/project/x.yml.j2",
     "x.yml cannot be read: line 1: the key a is there twice"),
    ({f"{SKY}/project/x.toml.j2": "a = 1\na = 2\n"}, FAILURE, f"{SKY}/project/x.toml.j2",
     "x.toml cannot be read: Cannot overwrite a value (at line 2, column 6)"),
    ({f"{SKY}/project/x.json.j2": "[1,]\n"}, FAILURE, f"{SKY}/project/x.json.j2", None),
    ({f"{SKY}/project/x.py.j2": "def f(:\n", PROVIDER: FILES[PROVIDER].replace('"3.13"', '"3.11"')},
     FAILURE, f"{SKY}/project/x.py.j2", "x.py cannot be read: line 1: invalid syntax"),
    ({f"{SKY}/project/x.py.j2": "def f(:\n", PROVIDER: FILES[PROVIDER].replace('"3.13"', '"3.99"')},
     WARNING, f"{SKY}/project/x.py.j2",
     "x.py cannot be read: line 1: invalid syntax, as this Python reads it"),
    ({f"{SKY}/project/x.sh.j2": "if true; then\n"}, FAILURE, f"{SKY}/project/x.sh.j2", None),
    ({f"{SKY}/project/x.tf.j2": 'a = {\n  b = "${c["d"]}"\n'}, FAILURE,
     f"{SKY}/project/x.tf.j2", "x.tf cannot be read: line 1: { is not closed"),
    ({f"{SKY}/project/x.txt.j2": "{{ '{{' }} x }}\n"}, WARNING, f"{SKY}/project/x.txt.j2",
     "x.txt:1 has what Jinja should have rendered: {{ x }}"),
    ({f"{SKY}/project/x.txt.j2": "a \n"}, WARNING, f"{SKY}/project/x.txt.j2",
     "x.txt:1 ends with blanks"),
    ({f"{SKY}/project/x.txt.j2": "a"}, WARNING, f"{SKY}/project/x.txt.j2",
     "x.txt begins with an empty line, or does not end with one line's end"),
    ({f"{SKY}/project/requirements.txt.j2": "boto3\n"}, WARNING,
     f"{SKY}/project/requirements.txt.j2", "requirements.txt:1 does not pin the package boto3"),
    ({f"{SKY}/project/x.txt.j2": "-----BEGIN PRIVATE KEY-----\n"}, FAILURE,
     f"{SKY}/project/x.txt.j2", "x.txt:1: this looks like a private key"),
    ({f"{SKY}/shared/unused.j2": "x"}, WARNING, f"{SKY}/shared/unused.j2",
     "no service has a part of it"),
    # Where it comes to lie.
    ({f"{SKY}/project/{{{{ '..' }}}}/x.txt.j2": "x\n"}, FAILURE,
     f"{SKY}/project/{{{{ '..' }}}}/x.txt.j2", "'../x.txt' is no path inside a service"),
    ({f"{SKY}/project/{{{{ 'con' }}}}.txt.j2": "x\n"}, FAILURE,
     f"{SKY}/project/{{{{ 'con' }}}}.txt.j2", '"con.txt" is a reserved file name on Windows'),
    ({f"{SKY}/project/{{{{ 'RUN.sh' }}}}.j2": "#!/bin/sh\n"}, FAILURE,
     f"{SKY}/project/run.sh.j2", "RUN.sh and run.sh are one file where case does not count"),
    # The same each time.
    ({f"{SKY}/project/x.txt.j2": "{{ provider.reserved_functions | join(' ') }} {{ folder }}.\n",
      PROVIDER: FILES[PROVIDER].replace('["logger"]', '["logger", "handler"]')},
     FAILURE, f"{SKY}/project/x.txt.j2", "x.txt is another each time, line 1"),
    ({f"{SKY}/project/x.txt.j2": "x\n{{ [1, 2, 3] | random }}\n"}, FAILURE,
     f"{SKY}/project/x.txt.j2:2", "random gives something else each time"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "status", "where", "message"), TEMPLATES)
def test_a_mistake_in_a_template_is_told_once(tmp_path, changes, status, where, message):
    told = wrong(found(tmp_path, changes))
    # Of what a parser of this Python says, the words are its own.
    assert told == [(status, where, message or told[0][2])]


def test_tools_that_extend_each_other_are_told_of_both(tmp_path):
    changes = edited(KNOT, "abstract = true", 'abstract = true\nextends = "rope"')
    told = wrong(found(tmp_path, changes))
    assert told == [
        (FAILURE, f"{KNOT}:5 extends", "extends rope, which extends it"),
        (FAILURE, f"{ROPE}:5 extends", "extends knot, which extends it"),
    ]


def test_a_link_is_no_file_of_a_pack(tmp_path):
    write_pack(tmp_path, SOUND)
    (tmp_path / SKY / "project" / "link.txt").symlink_to("/etc/passwd")
    (tmp_path / SKY / "project" / "folder").symlink_to("/etc")
    told = wrong(examine(Packs((tmp_path,)), tmp_path))
    place = f"{SKY}/project"
    assert told == [
        (FAILURE, f"{place}/folder", "is a symbolic link"),
        (FAILURE, f"{place}/link.txt", "is a symbolic link"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "status", "message"),
    [
        ("aux.txt", b"x\n", FAILURE, '"aux.txt" is a reserved file name on Windows'),
        ("a:b.txt", b"x\n", FAILURE, '"a:b.txt" is no file name on Windows'),
        (".git/config", b"x\n", FAILURE, '".git" is no name for a file of a service'),
        (".gen/base", b"x\n", FAILURE, '".gen" is no name for a file of a service'),
        ("big.txt", b"x" * 1_000_001, FAILURE, "has 1000 kB, at most 1000 are possible"),
        ("latin.txt.j2", b"\xe4\n", FAILURE, "is not UTF-8: invalid continuation byte"),
        ("__pycache__/x.pyc", b"x", WARNING, "no part of a pack"),
    ],
)
def test_a_file_that_not_every_machine_can_have(tmp_path, name, content, status, message):
    packs = write_pack(tmp_path, SOUND)
    path = tmp_path / SKY / "project" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    told = wrong(examine(packs, tmp_path))
    top = name.split("/")[0]
    assert told[0] == (status, f"{SKY}/project/{top}", message)
    assert len(told) == 1


@pytest.mark.skipif(os.path.normcase("A") == "a", reason="a file system that folds case")
def test_two_files_that_differ_in_case_only(tmp_path):
    extra = {f"{SKY}/project/x.txt.j2": "x\n", f"{SKY}/project/X.txt.j2": "x\n"}
    told = wrong(found(tmp_path, extra))
    message = "X.txt.j2 and x.txt.j2 are one file where case does not count"
    assert told == [(FAILURE, f"{SKY}/project", message)]


def test_a_policy_of_its_own_is_no_mistake(tmp_path):
    """What is forbidden is rendered in the way that is allowed."""
    policy = """
[[defaults]]
provider = "sky"
functions = { timeout = 20 }
[[forbid]]
trigger = "bell"
when = "not existing"
option = "existing"
message = "towers are built by the city"
"""
    write_pack(tmp_path / "sky", SOUND)
    own = tmp_path / "own"
    write(own, {"pack.toml": PACK.replace("sky-high", "own") + policy})
    [*_, rendering, same] = examine(Packs((tmp_path / "sky", own)), own)
    assert (rendering.status, same.status) == (OK, OK)
    assert "are refused by rules" in rendering.message


@pytest.mark.parametrize("variable", ["function", "functon"])
def test_an_extension_is_checked_with_what_it_extends(tmp_path, variable):
    """A pack without a provider of its own: only services that it has a part in are rendered."""
    write_pack(tmp_path / "sky", SOUND)
    own, piece = tmp_path / "own", f"{SKY}/triggers/gong/rope/own.j2"
    files = {
        "pack.toml": PACK.replace("sky-high", "own"),
        f"{SKY}/triggers/gong/trigger.toml": 'title = "Gong"\ndescription = "A gong is struck"\n',
        piece: f"strikes {{{{ {variable}.name }}}}\n",
    }
    write(own, files)
    expected = [(FAILURE, f"{piece}:1", "UndefinedError: 'functon' is undefined")]
    told = wrong(examine(Packs((tmp_path / "sky", own)), own))
    assert told == ([] if variable == "function" else expected)


def write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")


def test_two_packs_with_one_provider_are_named(tmp_path):
    write_pack(tmp_path / "a", SOUND)
    write_pack(tmp_path / "b", SOUND)
    told = wrong(examine(Packs((tmp_path / "a", tmp_path / "b")), tmp_path / "b"))
    [(status, where, message)] = told
    assert (status, where) == (FAILURE, PROVIDER)
    assert str(tmp_path / "a" / PROVIDER) in message
