"""The order of the questions and what becomes of the answers, without a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from generator.answers import parse_setting
from generator.ask import wizard
from generator.ask.questions import Answer, Back, PickMany, Question, Step, Text, possible
from generator.errors import Cancelled, UserError
from generator.packs import Packs
from generator.request import Request, to_answers
from generator.spec import Spec, build_spec

BACK = "<back>"
OFFERED = "<what is offered>"


class Script:
    """A screen whose answers are written down: message -> answers, one each time it is asked.

    A message without an answer gets what is offered; answers are checked as on a real screen.
    """

    def __init__(self, **answers: list[Answer]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, str]] = []
        self.offered: dict[str, Answer] = {}
        self.problems: list[str] = []

    def ask(self, question: Question, step: Step) -> Answer:
        self.asked.append((str(step), question.message))
        self.offered[question.message] = question.default
        while True:
            written = self._next(question.message)
            if written == BACK:
                raise Back
            answer = question.default if written == OFFERED else written
            if not isinstance(question, Text):
                values = {choice.value for choice in possible(question)}
                assert {answer} <= values if isinstance(answer, str) else set(answer) <= values
            problem = question.check(answer)  # type: ignore[arg-type]
            if not problem:
                return answer
            assert written != OFFERED, f"{question.message}: {answer!r} is offered, but {problem}"
            self.problems.append(problem)

    def confirm(self, message: str, default: bool, can_go_back: bool) -> bool:
        answer = self._next(message)
        if answer == BACK:
            raise Back
        return default if answer == OFFERED else answer == "yes"

    def _next(self, message: str) -> Answer:
        found = [self.answers[key] for key in self.answers if key in message.replace(" ", "_")]
        return found[0].pop(0) if found and found[0] else OFFERED


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Script], Script]:
    monkeypatch.chdir(tmp_path)

    def start(script: Script) -> Script:
        monkeypatch.setattr(wizard, "screen", lambda: script)
        return script

    return start


def spec_of(request: Request, packs: Packs) -> Spec:
    return build_spec(to_answers(request), packs)


SHORT: dict[str, list[Answer]] = {"Name": ["tin"], "Where": ["sky"], "invokes": [("bell",)]}


def answers(**others: list[Answer]) -> dict[str, list[Answer]]:
    return {name: list(value) for name, value in (SHORT | others).items()}


def test_three_answers_make_a_service(play: Callable[[Script], Script], packs: Packs) -> None:
    script = play(Script(**answers()))
    request = wizard.complete(Request(), packs)
    assert request == Request(directory="tin", provider="sky", trigger=("bell",), tool="rope")
    assert [step for step, _ in script.asked] == ["[1/5]", "[2/5]", "[3/5]", "[4/5]", "[5/5]"]


def test_flags_are_not_asked_again(play: Callable[[Script], Script], packs: Packs) -> None:
    script = play(Script(Settings=["customise"]))
    flags = Request(
        directory="tin",
        provider="sky",
        trigger=("bell=ring",),
        tool="rope",
        set=("ring.tower=big", "fancy=true"),
        ci="mute",
        python="3.12",
        region="north-2",
        description="d",
        package="p",
    )
    assert wizard.complete(flags, packs) == flags
    assert [message for _, message in script.asked] == [
        "Settings",
        "Options of ring (bell) to change",
    ]


def test_customised_without_a_change_is_the_recommended(
    play: Callable[[Script], Script], packs: Packs
) -> None:
    play(Script(**answers(Settings=["customise"])))
    request = wizard.complete(Request(), packs)
    assert request.set == ()
    assert (request.package, request.region, request.ci, request.python) == ("", "", "", "")
    assert spec_of(request, packs) == spec_of(
        Request(directory="tin", provider="sky", trigger=("bell",)), packs
    )


def test_several_functions_of_one_trigger(play: Callable[[Script], Script], packs: Packs) -> None:
    chosen: list[Answer] = [("bell", "whistle")]
    names: list[Answer] = ["a, A", "a,a", "a, b"]
    other: list[Answer] = ["b", "c"]
    changed = answers(invokes=chosen, Settings=["customise"], for_bell=names, for_whistle=other)
    script = play(Script(**changed))
    request = wizard.complete(Request(), packs)
    assert request.trigger == ("bell=a", "bell=b", "whistle=c")
    assert [text.partition(";")[0] for text in script.problems] == [
        'function name "A" is not possible',
        'two functions are called "a"',
        'two functions are called "b"',
    ]


def test_options_that_depend_on_each_other_are_checked_together(
    play: Callable[[Script], Script], packs: Packs
) -> None:
    script = play(
        Script(
            **answers(
                invokes=[("whistle",)],
                Settings=["customise"],
                Options=[("loudness", "pauses")],
                loudness=["many", "101", "80"],
                pauses=["0", "2"],
            )
        )
    )
    request = wizard.complete(Request(), packs)
    assert request.set == ("whistle.loudness=80", "whistle.pauses=2")
    assert len(script.problems) == 3
    assert "must be a whole number" in script.problems[0]
    assert "at most 100" in script.problems[1]
    assert "needs pauses of at least 1" in script.problems[2]


def test_every_kind_of_option(play: Callable[[Script], Script], packs: Packs) -> None:
    script = play(
        Script(
            **answers(
                Settings=["customise"],
                Options=[("tower", "hours", "existing", "timeout")],
                tower=["Big", "big-ben"],
                hours=[(), ("one", "three")],
                existing=["true"],
                timeout=["101", "100"],
            )
        )
    )
    request = wizard.complete(Request(), packs)
    assert spec_of(request, packs).functions[0].options == {
        "tower": "big-ben",
        "hours": ("one", "three"),
        "existing": True,
        "timeout": 100,
    }
    assert "for example big-ben" in script.problems[0]
    assert "at least one" in script.problems[1]
    assert "a bell rings for 100 seconds, not 101" in script.problems[2]


def test_going_back_offers_what_was_answered(
    play: Callable[[Script], Script], packs: Packs
) -> None:
    script = play(
        Script(
            **answers(
                invokes=[("bell", "whistle"), BACK, OFFERED],
                deploys=[BACK, "rope"],
                Where=["sky", "sky"],
                Settings=["customise"],
                package=["pack", OFFERED],
                Description=[BACK, OFFERED],
            )
        )
    )
    request = wizard.complete(Request(), packs)
    assert request.package == "pack"
    assert request.trigger == ("bell=bell", "whistle=whistle")
    assert [message for _, message in script.asked].count("What invokes its functions?") == 3


def test_an_answer_that_a_new_one_rules_out_is_forgotten(
    play: Callable[[Script], Script], packs: Packs
) -> None:
    script = play(
        Script(
            **answers(
                invokes=[("whistle",), ("bell",)], deploys=["wing", BACK], Settings=[BACK, OFFERED]
            )
        )
    )
    request = wizard.complete(Request(), packs)
    assert request.trigger == ("bell",)
    assert request.tool == "rope"
    assert script.offered["What deploys it?"] == "rope"


def test_back_from_the_plan_resumes_at_the_last_question(
    play: Callable[[Script], Script], packs: Packs
) -> None:
    kept: wizard.Kept = {}
    script = play(Script(**answers()))
    first = wizard.complete(Request(), packs, kept)
    script.asked.clear()
    assert wizard.complete(Request(), packs, kept) == first
    assert [message for _, message in script.asked] == ["Settings"]


def test_functions_that_would_disagree(play: Callable[[Script], Script], packs: Packs) -> None:
    changed: dict[str, list[Answer]] = {
        **answers(Settings=["customise"], for_bell=["a, b"]),
        "Options_of_a": [("tower",)],
        "Options_of_b": [("tower",), ()],
        "a.tower": ["x"],
        "b.tower": ["x", BACK],
    }
    script = play(Script(**changed))
    request = wizard.complete(Request(), packs)
    assert request.set == ("a.tower=x",)
    assert "both ring at the same hour" in script.problems[0]


def test_wrong_names_can_be_mended(
    play: Callable[[Script], Script], packs: Packs, tmp_path: Path
) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken/file").touch()
    wrong = [
        "",
        "My Orders",
        "json",
        "taken",
        "con",
        "../up",
        "a" * 61,
        "\x00",
        "{{ x }}",
        "n\u00e9",
    ]
    script = play(Script(**answers(Name=[*wrong, "tin"])))
    assert wizard.complete(Request(), packs).directory == "tin"
    assert len(script.problems) == len(wrong)
    assert 'write "my-orders"' in script.problems[1]
    assert "module of Python's standard library" in script.problems[2]
    assert "taken is not empty" in script.problems[3]
    assert "reserved file name on Windows" in script.problems[4]


def test_a_name_that_only_some_providers_refuse(
    play: Callable[[Script], Script], pack_folder: Path
) -> None:
    """`skylib` is taken at both providers of the packs, so it is refused as a name."""
    script = play(Script(**answers(Name=["skylib", "tin"])))
    wizard.complete(Request(), Packs((pack_folder,)))
    assert "a package that the service depends on" in script.problems[0]


def test_counts_are_foreseen(play: Callable[[Script], Script], packs: Packs) -> None:
    script = play(Script(**answers(Settings=["customise"])))
    wizard.complete(Request(), packs)
    totals = [step.strip("[]").split("/")[1] for step, _ in script.asked]
    assert totals == ["5"] * 5 + ["13"] * 8


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (Request(provider="skye"), "unknown provider"),
        (Request(provider="sky", trigger=("bel",)), "unknown sky trigger"),
        (Request(trigger=("bell=A",)), "is not possible"),
        (Request(set=("x",)), "malformed option"),
        (Request(set=("ghost.tower=x",)), "there is no function"),
        (Request(provider="sky", set=("fanci=true",)), "unknown option"),
        (Request(name="json"), "standard library"),
        (Request(name=""), "is empty"),
        (Request(python="2.7"), "Python version"),
        (Request(region="?", provider="sky"), "region cannot be"),
    ],
)
def test_flags_are_checked_before_the_first_question(
    play: Callable[[Script], Script], packs: Packs, flags: Request, message: str
) -> None:
    script = play(Script())
    with pytest.raises(UserError, match=message):
        wizard.complete(flags, packs)
    assert script.asked == []


def test_settings_of_a_function_still_to_come(
    play: Callable[[Script], Script], packs: Packs
) -> None:
    flags = Request(directory="tin", provider="sky", set=("bell.tower=big",))
    script = play(Script(invokes=[("whistle",), ("bell",)]))
    request = wizard.complete(flags, packs)
    assert spec_of(request, packs).functions[0].options["tower"] == "big"
    assert 'there is no function "bell"' in script.problems[0]


def test_confirm(play: Callable[[Script], Script]) -> None:
    play(Script(Write=["yes", "no", BACK, OFFERED]))
    assert wizard.confirm(Path("tin")) is True
    with pytest.raises(Cancelled):
        wizard.confirm(Path("tin"))
    assert wizard.confirm(Path("tin"), can_go_back=True) is False
    assert wizard.confirm(Path("tin")) is True


def built_in() -> Iterator[tuple[str, str]]:
    for pack in Packs().providers.values():
        for tool in pack.tools:
            yield pack.name, tool


@pytest.mark.parametrize(("provider", "tool"), list(built_in()))
def test_built_in_packs_with_every_option_seen(
    play: Callable[[Script], Script], provider: str, tool: str
) -> None:
    """Whatever the packs offer: every option is asked for, and what is offered is accepted."""
    packs = Packs()
    pack = packs.providers[provider]
    able = tuple(t.name for t in pack.triggers.values() if tool in t.tools)

    class Everything(Script):
        def ask(self, question: Question, step: Step) -> Answer:
            if isinstance(question, PickMany) and question.message.startswith("Options of"):
                return tuple(choice.value for choice in question.choices)
            return super().ask(question, step)

    script = Everything(Name=["tin"], Where=[provider], invokes=[able], deploys=[tool])
    script.answers["Settings"] = ["customise"]
    play(script)
    request = wizard.complete(Request(), packs)
    assert script.problems == []
    assert [parse_setting(text, "") for text in request.set] == []
    options = sum(len(pack.triggers[name].options) for name in able)
    assert len(script.asked) > options
    assert [function.name for function in spec_of(request, packs).functions] == sorted(
        name.replace("-", "_") for name in able
    )


def test_the_wizard_knows_no_pack_by_name() -> None:
    modules = ["wizard", "customise", "questions", "drafts", "prompts", "menu", "plain"]
    folder = Path(wizard.__file__).parent
    code = "\n".join((folder / f"{module}.py").read_text("utf-8") for module in modules)
    for pack in Packs().providers.values():
        for name in (pack.name, *pack.tools, *pack.triggers):
            for quoted in (f'"{name}"', f"'{name}'"):
                assert quoted not in code
