"""Options that a CI system declares: as good as those of a provider or a tool."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from unit.minipack import FILES, answers, write_pack

from generator.ask import wizard
from generator.ask.questions import Answer, Pick, Question, Step, Text
from generator.catalogue import catalogue, describe_catalogue
from generator.errors import PackError, UserError
from generator.packs import Packs
from generator.render import render
from generator.request import Request
from generator.spec import build_spec
from generator.tree import Tree

OPTIONS = """
[options.polish]
type = "boolean"
default = false
help = "Shinier"
[options.speed]
type = "string"
choices = ["slow", "fast"]
default = "slow"
help = "How fast"
"""
CHANGES = {
    "ci/robot/ci.toml": FILES["ci/robot/ci.toml"].replace("[slots]", f"{OPTIONS}[slots]"),
    "ci/robot/project/speed.txt.j2": "{{ service.speed }}\n",
    "ci/robot/project+polish/polish.txt.j2": "polished\n",
    "ci/robot/project+polish/robot.yml.j2": "polished: true\n",
    "ci/robot/project+speed=fast/fast.txt.j2": "fast\n",
}


@pytest.fixture
def packs(tmp_path: Path) -> Packs:
    return write_pack(tmp_path, CHANGES)


def rendered(packs: Packs, *settings: str) -> Tree:
    return render(build_spec(answers("bell", settings=settings), packs), packs)


def test_an_option_left_alone_has_its_default_and_is_not_written_down(packs):
    tree = rendered(packs)
    assert tree["speed.txt"].content == b"slow\n"
    assert not {"polish.txt", "fast.txt"} & set(tree)
    assert not {"polish", "speed"} & set(
        tomllib.loads(tree["gen.toml"].content.decode())["service"]
    )


def test_an_option_that_is_set_is_written_to_gen_toml(packs):
    tree = rendered(packs, "polish=true", "speed=fast")
    service = tomllib.loads(tree["gen.toml"].content.decode())["service"]
    assert (service["polish"], service["speed"]) == (True, "fast")
    assert tree["speed.txt"].content == b"fast\n"


def test_overlays_of_the_ci_system_follow_its_options(packs):
    tree = rendered(packs, "polish=true")
    assert tree["polish.txt"].content == b"polished\n"
    assert tree["robot.yml"].content == b"polished: true\n"
    assert "fast.txt" not in tree
    assert "fast.txt" in rendered(packs, "speed=fast")


@pytest.mark.parametrize(
    ("others", "setting", "message", "hint"),
    [
        ({}, "polsh=true", 'unknown option of the service "polsh"', 'did you mean "polish"'),
        ({"ci": "mute"}, "polish=true", 'unknown option of the service "polish"', "known: fancy"),
        ({}, "polish=maybe", 'polish must be true or false, not "maybe"', "Shinier"),
        ({}, "speed=fasst", 'speed cannot be "fasst"', 'did you mean "fast"'),
    ],
)
def test_a_wrong_option_is_told_as_any_other(packs, others, setting, message, hint):
    with pytest.raises(UserError) as caught:
        build_spec(answers("bell", settings=[setting], **others), packs)
    assert caught.value.exit_code == 2
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert "option" in caught.value.where


def test_a_default_of_another_type_is_the_packs_fault(tmp_path):
    wrong = CHANGES["ci/robot/ci.toml"].replace("default = false", 'default = "no"')
    packs = write_pack(tmp_path, {"ci/robot/ci.toml": wrong})
    with pytest.raises(PackError, match="option polish"):
        build_spec(answers("bell"), packs)


def test_the_list_shows_them(packs):
    data = catalogue(packs, "ci")
    options = {row["name"]: row["options"] for row in data["ci"]}
    assert [option["name"] for option in options["robot"]] == ["polish", "speed"]
    assert options["mute"] == []
    lines = [line.strip() for line in describe_catalogue(data, with_options=True)]
    assert "polish=false: Shinier" in lines
    assert "speed=slow (slow, fast): How fast" in lines


class Script:
    """Answers for the wizard by the question's message; the default where there is none."""

    def __init__(self, **answers: str) -> None:
        self.answers = answers
        self.questions: dict[str, Question] = {}

    def ask(self, question: Question, step: Step) -> Answer:
        self.questions[question.message] = question
        answer = self.answers.get(question.message.split()[0], question.default)
        if isinstance(question, Pick | Text):
            assert question.check(str(answer)) == ""
        return answer


def asked(packs: Packs, monkeypatch: pytest.MonkeyPatch, script: Script, *settings: str) -> Request:
    monkeypatch.setattr(wizard, "screen", lambda: script)
    flags = Request(directory="tin", provider="sky", trigger=("bell",), tool="rope", set=settings)
    return wizard.complete(flags, packs)


def test_the_wizard_asks_for_them_when_all_is_customised(packs, monkeypatch):
    script = Script(Settings="customise", polish="true", speed="fast")
    request = asked(packs, monkeypatch, script)
    assert request.set == ("polish=true", "speed=fast")


def test_the_wizard_asks_only_for_those_of_the_chosen_system(packs, monkeypatch):
    script = Script(Settings="customise", CI="mute")
    request = asked(packs, monkeypatch, script)
    assert (request.ci, request.set) == ("mute", ())
    assert not {"polish", "speed"} & set(script.questions)
    assert "fancy" in script.questions


def test_a_system_without_an_option_that_a_flag_has_set_cannot_be_chosen(packs, monkeypatch):
    script = Script(Settings="customise")
    request = asked(packs, monkeypatch, script, "polish=true")
    assert request.set == ("polish=true",)
    question = script.questions["CI system"]
    assert isinstance(question, Pick)
    impossible = {choice.value: choice.impossible for choice in question.choices}
    assert impossible["robot"] == ""
    assert "unknown option" in impossible["mute"]


TWO = {
    "ci/robot/ci.toml": f"{FILES['ci/robot/ci.toml']}setup = {{}}\n",
    "ci/robot/project/robot.yml.j2": "{{ slot('login') }}\n{{ slot('setup') }}\n",
    "ci/robot/project/setup.j2": "robot's own, {{ slot('login') }}",
    "ci/robot/project/words.j2": "word of {{ ci.name }}",
    "ci/drone/ci.toml": (
        'title = "Drone"\ndescription = "Flies"\n'
        '[slots]\nlogin = {}\nsetup = { join = "lines" }\nwings = {}\n'
    ),
    "ci/drone/project/drone.yml.j2": "{{ slot('login') }}\n{{ slot('setup') }}\n",
    "ci/drone/project/words.j2": "word of {{ ci.name }}",
    "providers/sky/ci/drone.j2": "fly in",
    "providers/sky/tools/rope/project/setup.j2": "rope for {{ ci.title }}",
    "providers/sky/triggers/bell/function/setup.j2": "{{ function.name }} on {{ ci.name }}",
}


def test_a_slot_of_a_ci_system_is_filled_apart_for_each(tmp_path):
    packs = write_pack(tmp_path, TWO)
    tree = render(build_spec(answers("bell=b", "bell=a", ci=("robot", "drone")), packs), packs)
    assert tree["robot.yml"].content.decode() == (
        "login to north-1\n"
        "robot's own, login to north-1\n\nrope for Robot\n\na on robot\n\nb on robot\n"
    )
    assert tree["drone.yml"].content == b"fly in\nrope for Drone\na on drone\nb on drone\n"
    # Any other slot is the whole service's: all fill it.
    assert {b"word of drone", b"word of robot"} <= {*tree["words.txt"].content.splitlines()}
    for name in ("robot", "drone"):
        alone = render(build_spec(answers("bell=b", "bell=a", ci=name), packs), packs)
        assert alone[f"{name}.yml"] == tree[f"{name}.yml"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ci/robot/project/wings.j2": "none of its own"}, "no slot is called 'wings'"),
        ({"ci/robot/project/x.j2.txt.j2": "{{ slot('wings') }}"}, "no slot is called 'wings'"),
        ({"providers/sky/project/x.txt.j2": "{{ ci.name }}"}, "'ci' is undefined"),
        ({"providers/sky/project/x.txt.j2": "{{ slot('setup') }}"}, "no slot is called 'setup'"),
    ],
)
def test_what_is_one_systems_is_nobody_elses(tmp_path, changes, message):
    packs = write_pack(tmp_path, TWO | changes)
    with pytest.raises(PackError, match=message):
        render(build_spec(answers("bell", ci=("robot", "drone")), packs), packs)
