"""Bad answers, each with one message that names what, where and what to type next."""

from __future__ import annotations

import pytest
from unit.minipack import FILES, answers, write_pack

from generator.answers import Answers, FunctionAnswers
from generator.errors import UserError, report
from generator.packs import Packs
from generator.spec import build_spec


@pytest.fixture(scope="module")
def packs(tmp_path_factory):
    return write_pack(tmp_path_factory.mktemp("packs"))


@pytest.fixture(scope="module")
def packs_with_common_height(tmp_path_factory):
    name = "providers/sky/triggers/bell/trigger.toml"
    height = """
[options.height]
type = "integer"
default = 10
max = 100
help = "Of the tower"
[[rules]]
require = "height < 100"
message = "too high"
[source]
common = ["height"]
"""
    changes = {name: FILES[name].replace("[source]", height.strip())}
    return write_pack(tmp_path_factory.mktemp("packs"), changes)


def failing(packs, *functions, **others) -> UserError:
    with pytest.raises(UserError) as caught:
        build_spec(answers(*functions, **others), packs)
    assert caught.value.exit_code == 2
    assert "\n" not in caught.value.message
    return caught.value


def test_defaults(packs):
    spec = build_spec(answers("bell=big_ben"), packs)
    assert (spec.tool.name, spec.ci_systems[0].name, spec.python) == ("rope", "robot", "3.13")
    assert (spec.package, spec.region) == ("tin", "north-1")
    assert spec.functions[0].options["tower"] == "big-ben"
    assert spec.functions[0].declared == {}


def test_a_name_of_the_service_alone_is_shared_by_its_functions(tmp_path):
    name = "providers/sky/provider.toml"
    app = '[[names]]\nwhat = "app"\ntemplate = "app-{{ service.name }}"\nmax = 7\n[slots]'
    packs = write_pack(tmp_path, {name: FILES[name].replace("[slots]", app)})
    assert len(build_spec(answers("bell=one", "bell=two"), packs).functions) == 2
    error = failing(packs, "bell=one", name="tins")
    assert "the app name app-tins would have 8 characters, at most 7 are possible" in error.message
    assert "shorten the service's name by 1" in report(error)


def test_an_alias_leads_to_the_trigger(packs):
    spec = build_spec(answers("ding"), packs)
    assert (spec.functions[0].trigger.name, spec.functions[0].name) == ("bell", "ding")


@pytest.mark.parametrize(
    ("functions", "others", "message", "hint"),
    [
        (["bell"], {"provider": "skye"}, 'unknown provider "skye"', 'did you mean "sky"'),
        (["bell"], {"provider": ""}, "no provider is given", "sky"),
        (["bell"], {"tool": "ropes"}, 'unknown sky tool "ropes"', 'did you mean "rope"'),
        (["bell"], {"tool": "knot"}, "unknown sky tool", "known: rope, wing"),
        (["bell"], {"tool": "wing"}, "wing does not support the trigger bell", "rope"),
        (["bell"], {"ci": "robt"}, 'unknown CI system "robt"', 'did you mean "robot"'),
        (["bell"], {"python": "3.9"}, 'unknown sky Python version "3.9"', "3.12, 3.13"),
        (["bell"], {"region": "here"}, 'region cannot be "here"', "for example north-1"),
        (["bel"], {}, 'unknown sky trigger "bel"', 'did you mean "bell"'),
        (["horn"], {}, '"horn" is a trigger of sea, not of sky', 'here it is called "bell"'),
        (["bell=a", "bell=a"], {}, 'two functions are called "a"', "bell=a_2"),
        (["bell=my-fn"], {}, 'function name "my-fn" is not possible', 'write "my_fn"'),
        (["bell=MyFn"], {}, 'function name "MyFn" is not possible', 'write "my_fn"'),
        (["bell=class"], {}, 'function name "class" is a Python keyword', "class_handler"),
        (["bell=com1"], {}, "reserved file name on Windows", "com1_handler"),
        (["bell=logger"], {}, "its own module needs", "logger_handler"),
        (["bell=../x"], {}, "is not possible", 'write "x"'),
        (["bell=a_"], {}, 'tower cannot be "a-"', "follows from the name, so say another"),
        (["bell=fn_1", "bell=fn1"], {}, "fn1 and fn_1 would both be the resource Fn1", "another"),
        (["bell=" + "a" * 37], {}, "would have 41 characters, at most 40", "by 1"),
        (["bell=" + "a" * 61], {}, "has 61 characters, at most 60", "shorten"),
        (["bell"], {"package": "json"}, "module of Python's standard library", "json_service"),
        (["bell"], {"package": "skylib"}, "a package that the service depends on", "skylib_"),
        (["bell"], {"package": "tests"}, "a folder of every service", "tests_service"),
        (["bell"], {"package": "My-Pkg"}, "is not possible", 'write "my_pkg"'),
        (["bell"], {"description": "two\nlines"}, "must be one line", "for example"),
    ],
)
def test_wrong_choices(packs, functions, others, message, hint):
    error = failing(packs, *functions, **others)
    assert message in error.message
    assert hint in error.hint
    assert error.where
    assert len(report(error).splitlines()) <= 3


@pytest.mark.parametrize("name", ["", "a/b", "..", "a'b", 'a"b', "a\nb", "{{ x }}", "a\0b", "é"])
def test_names_that_would_hurt(packs, name):
    for others in ({"name": name}, {"package": name or "A"}):
        error = failing(packs, "bell", **others)
        assert "\0" not in report(error)
        assert "\n" not in error.message
    if name:
        failing(packs, f"bell={name}")


@pytest.mark.parametrize("name", ["con", "aux", "nul", "lpt1", "Orders", "-x", "x-", "a--b", "1a"])
def test_service_names_that_are_not_possible(packs, name):
    failing(packs, "bell", name=name)


@pytest.mark.parametrize(
    ("setting", "message", "hint"),
    [
        ("a.towr=x", 'unknown option of a "towr"', 'did you mean "tower"'),
        ("fancier=x", 'unknown option of the service "fancier"', 'did you mean "fancy"'),
        ("fancy=maybe", 'fancy must be true or false, not "maybe"', "Fancier"),
        ("a.timeout=soon", 'timeout must be a whole number, not "soon"', "1 to 900"),
        ("a.timeout=0", "timeout must be at least 1, not 0", "1 to 900"),
        ("a.timeout=901", "timeout must be at most 900, not 901", "1 to 900"),
        ("a.timeout=101", "a bell rings for 100 seconds, not 101", ""),
        ("a.tower=Big", 'tower cannot be "Big"', "for example big-ben"),
        ("a.tower=" + "x" * 51, "tower must be at most 50 characters, not 51", "big-ben"),
        ("a.hours=four", 'hours cannot be "four"', "one, two, three"),
        ("a.hours=one,one", "hours names an entry twice", "one, two, three"),
        ("a.hours=", "hours needs at least one entry", "one, two, three"),
        ("b.tower=x", 'there is no function "b"', "functions: a"),
        ("a.tower", "malformed option", "FUNCTION.OPTION=VALUE"),
        ("=x", "malformed option", "FUNCTION.OPTION=VALUE"),
    ],
)
def test_wrong_options(packs, setting, message, hint):
    error = failing(packs, "bell=a", settings=[setting])
    assert message in error.message
    assert hint in error.hint


def test_an_option_set_twice(packs):
    error = failing(packs, "bell=a", settings=["a.tower=x", "a.tower=y"])
    assert "tower is set twice" in error.message


@pytest.mark.parametrize("text", ["", "=a", "bell="])
def test_malformed_triggers(packs, text):
    assert "malformed trigger" in failing(packs, text).message


def test_functions_that_disagree_about_a_shared_source(packs):
    settings = ["a.tower=t", "b.tower=t", "b.hours=two", "b.existing=true"]
    error = failing(packs, "bell=a", "bell=b", settings=settings)
    assert 'a and b share the tower "t" but disagree about existing' in error.message


def test_a_common_option_is_said_by_one_for_all(packs_with_common_height):
    settings = ["a.tower=t", "b.tower=t", "c.tower=other", "b.hours=two", "b.height=40"]
    asked = answers("bell=a", "bell=b", "bell=c", settings=settings)
    spec = build_spec(asked, packs_with_common_height)
    assert [f.options["height"] for f in spec.functions] == [40, 40, 10]
    assert [f.declared.get("height") for f in spec.functions] == [None, 40, None]
    assert [source.options["height"] for source in spec.sources] == [10, 40]


def test_functions_that_say_two_things_about_a_common_option(packs_with_common_height):
    settings = ["a.tower=t", "b.tower=t", "b.hours=two", "a.height=30", "b.height=40"]
    error = failing(packs_with_common_height, "bell=a", "bell=b", settings=settings)
    assert error.message == 'a and b share the tower "t" but disagree about height'
    assert "say it once" in error.hint


def test_rules_see_what_another_function_has_said(packs_with_common_height):
    settings = ["a.tower=t", "b.tower=t", "b.hours=two", "b.height=100"]
    error = failing(packs_with_common_height, "bell=a", "bell=b", settings=settings)
    assert error.message == "function a: too high"


def test_functions_that_get_in_each_others_way(packs):
    error = failing(packs, "bell=a", "bell=b", settings=["a.tower=t", "b.tower=t"])
    assert error.message == "a and b: both ring at the same hour"


def test_a_list_that_is_empty_by_default_may_be_said_to_be_so(tmp_path):
    name = "providers/sky/triggers/bell/trigger.toml"
    friends = '[options.friends]\ntype = "strings"\ndefault = []\nhelp = "Who else rings"\n'
    changes = {name: FILES[name].replace("[[rules]]", friends + "[[rules]]", 1)}
    packs = write_pack(tmp_path, changes)
    function = FunctionAnswers("bell", "a", {"friends": []})
    asked = answers("bell=a", typed=True)._replace(functions=(function,))
    assert build_spec(asked, packs).functions[0].options["friends"] == ()


@pytest.mark.parametrize("name", ["google-orders", "my-g00gle", "goog-orders"])
def test_a_derived_name_that_the_provider_refuses(name: str) -> None:
    """The bucket that has the code is called after the service."""
    functions = (FunctionAnswers("http", "api"),)
    given = Answers(name=name, provider="gcp", tool="gcloud", functions=functions)
    with pytest.raises(UserError, match="Google takes no bucket with google") as raised:
        build_spec(given, Packs())
    assert "change the service's name" in raised.value.hint
    build_spec(given._replace(name="my-goog"), Packs())


def test_a_rule_of_the_service_names_the_option(tmp_path):
    """What the option is by default breaks no rule, whatever the rule says."""
    name = "providers/sky/provider.toml"
    rule = """
[options.tags]
type = "strings"
default = []
help = "Marks"
[[service-rules]]
option = "tags"
require = "tags | length == 2 and not fancy"
message = "two, not {tags}"
[slots]"""
    packs = write_pack(tmp_path, {name: FILES[name].replace("[slots]", rule)})
    assert build_spec(answers("bell", settings=["fancy=true"]), packs).options["tags"] == ()
    assert build_spec(answers("bell", settings=["tags=a,b"]), packs).options["tags"] == ("a", "b")
    for settings in (["tags=a"], ["tags=a,b", "fancy=true"]):
        error = failing(packs, "bell", settings=settings)
        assert error.message.startswith("tags: two, not a")
        assert error.where == "option::tags"
