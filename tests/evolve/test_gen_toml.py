"""gen.toml is written by people, too: what it says counts, and how they wrote it stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from evolve.conftest import TOOLS, Make
from evolve.looking import JOBS, MAIN, done, main_of, refused, resources
from evolve.playground import Service, new_service

API = '[functions.api]\ntrigger = "http"\n'
UPLOADS = '[functions.uploads]\ntrigger = "s3"\n'
BOTH = f"{API}\n{UPLOADS}"


@pytest.fixture
def tool(request: pytest.FixtureRequest) -> str:
    """The tool matters little here: each test takes one of them, and always the same."""
    return TOOLS[len(request.node.name) % len(TOOLS)]


def _replace(old: str, new: str) -> Callable[[str], str]:
    def edited(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return edited


STYLES: dict[str, Callable[[str], str]] = {
    "a comment above a table": _replace(API, f"# mine\n{API}"),
    "a comment above the last table": _replace(UPLOADS, f"# mine\n{UPLOADS}"),
    "a comment after a value": _replace('trigger = "http"', 'trigger = "http" # mine'),
    "a comment after a header": _replace("[functions.api]", "[functions.api] # mine"),
    "a comment below a table": _replace(API, f"{API}# mine\n"),
    "a comment at the end": lambda text: text + "\n# mine\n",
    "a comment at the top": lambda text: "# mine\n\n" + text,
    "a comment in [service]": _replace('tool = "', '# mine\ntool = "'),
    "single quotes": _replace('trigger = "http"', "trigger = 'http'"),
    "single quotes everywhere": lambda text: text.replace('"', "'"),
    "no spaces around =": lambda text: text.replace(" = ", "="),
    "aligned values": lambda text: text.replace("name =", "name        ="),
    "indented values": lambda text: text.replace("\ntrigger", "\n  trigger"),
    "a quoted key": _replace("[functions.api]", '[functions."api"]'),
    "spaces in a header": _replace("[functions.api]", "[ functions . api ]"),
    "functions in another order": _replace(BOTH, f"{UPLOADS}\n{API}"),
    "functions before the service": lambda text: text.replace(f"\n{BOTH}", "").replace(
        "[service]", f"{BOTH}\n[service]"
    ),
    "keys of [service] in another order": _replace(
        'name = "orders"\ndescription = "AWS service orders"\n',
        'description = "AWS service orders"\nname = "orders"\n',
    ),
    "an option at its default": _replace(API, f"{API}timeout = 10\n"),
    "several options at their defaults": _replace(
        API, f'{API}path = ["/api"]\nmethods = ["GET", "POST"]\nmemory_size = 256\n'
    ),
    "a list of several lines at its default": _replace(
        API, f'{API}methods = [\n  "GET", # mine\n  "POST",\n]\n'
    ),
    "a text for a list": _replace(API, f"{API}path = '/api'\n"),
    "a table for all functions": _replace(API, f"[functions]\n\n{API}"),
    "inline tables": _replace(
        BOTH, '[functions]\napi = { trigger = "http" }\nuploads = { trigger = "s3" }\n'
    ),
    "dotted keys": _replace(BOTH, '[functions]\napi.trigger = "http"\nuploads.trigger = "s3"\n'),
    "one inline table for all": _replace(
        BOTH, "functions = { api = { trigger = 'http' }, uploads = { trigger = 's3' } }\n"
    ),
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "trailing spaces": lambda text: text.replace('"\n', '"  \n'),
    "trailing spaces after headers": lambda text: text.replace("]\n", "]  \n"),
    "no final newline": lambda text: text.removesuffix("\n"),
    "blank lines at the end": lambda text: text + "\n\n",
    "no blank lines": lambda text: text.replace("\n\n", "\n"),
    "more blank lines": lambda text: text.replace("\n\n", "\n\n\n"),
    "a byte order mark": lambda text: "\ufeff" + text,
}
# One key holds all functions: there is no place for one more that the merge could tell.
CLOSED = {"one inline table for all"}
OPEN = [style for style in STYLES if style not in CLOSED]


def _styled(service: Service, style: str) -> str:
    text = (service.root / "gen.toml").read_bytes().decode()
    if style == "one inline table for all":  # it cannot be a key of the table [service]
        inline = STYLES[style](text).rpartition("functions = ")
        head, _, rest = inline[0].partition("[service]")
        styled = f"{head}functions = {inline[2]}\n[service]{rest}"
    else:
        styled = STYLES[style](text)
    assert styled != text
    service.write("gen.toml", styled)
    return styled


def _now(service: Service) -> str:
    return (service.root / "gen.toml").read_bytes().decode()


@pytest.mark.parametrize("style", STYLES)
def test_how_it_is_written_is_no_change(copy: Make, style: str) -> None:
    service = copy("sam")
    styled = _styled(service, style)
    files = service.tree(with_base=False)
    service.gen("check")
    assert "Nothing would change." in service.gen("diff").err
    done(service, "apply")
    assert _now(service) == styled
    assert service.tree(with_base=False) == files


@pytest.mark.parametrize("style", OPEN)
def test_adding_and_removing_keep_how_it_is_written(copy: Make, style: str) -> None:
    service = copy("sam")
    styled = _styled(service, style)
    done(service, *JOBS)
    added = _now(service)
    assert "functions.jobs" in added or "\njobs" in added
    assert set(styled.splitlines()) <= set(added.splitlines())
    assert "\n" not in added.replace("\r\n", "") or style != "CRLF"
    done(service, "apply")
    assert _now(service) == added
    done(service, "remove-trigger", "jobs")
    assert _now(service) == styled


@pytest.mark.parametrize(
    "style", [style for style in OPEN if style != "a comment above the last table"]
)
def test_removing_a_function_keeps_how_the_rest_is_written(copy: Make, style: str) -> None:
    service = copy("sam")
    styled = _styled(service, style)
    done(service, "remove-trigger", "uploads")
    text = _now(service)
    assert "uploads" not in text
    own = [line for line in styled.splitlines() if line.strip() and "uploads" not in line]
    gone = [line for line in own if line not in text.splitlines()]
    assert all("s3" in line for line in gone), gone
    assert ("# mine" in styled) == ("# mine" in text)


def test_a_comment_beside_a_function_of_one_line_is_a_conflict(service: Service) -> None:
    service.edit(
        "gen.toml",
        BOTH,
        '[functions]\napi = { trigger = "http" }\nuploads = { trigger = "s3" } # kept\n',
    )
    said = refused(service, 3, "remove-trigger", "uploads").err
    assert "gen.toml: it is written in a way that gen cannot change" in said
    done(service, "remove-trigger", "uploads", "--conflict", "theirs")
    assert "uploads" not in service.read("gen.toml")


def test_a_comment_in_the_table_that_is_removed_is_a_conflict(service: Service) -> None:
    service.edit("gen.toml", UPLOADS, f"# kept for the archive\n{UPLOADS}")
    said = refused(service, 3, "remove-trigger", "uploads").err
    assert "gen.toml:16 (functions.uploads)" in said
    assert "# kept for the archive" in said
    assert "edit it yourself, then gen apply; --conflict theirs" in said
    before = service.tree()
    done(service, "remove-trigger", "uploads", "--conflict", "theirs")
    assert "uploads" not in service.read("gen.toml")
    done(service, "undo")
    assert service.tree() == before


@pytest.mark.parametrize(
    "commented",
    [
        UPLOADS.replace("]\n", "] # kept\n"),
        UPLOADS.replace('"s3"\n', '"s3" # kept\n'),
        UPLOADS.replace('"s3"\n', "'s3' # kept\n"),
        f'{UPLOADS}prefix = "in/" # kept\n',
        f"{UPLOADS}# kept\n",
        f'{UPLOADS}events = [\n  "s3:ObjectCreated:*", # kept\n]\n',
    ],
)
def test_no_comment_goes_silently(service: Service, commented: str) -> None:
    service.edit("gen.toml", UPLOADS, commented)
    done(service, "apply")
    result = service.gen("remove-trigger", "uploads", "--dry-run", code=3)
    assert "gen.toml" in result.err
    assert "# kept" in result.err


@pytest.mark.parametrize("choice", ["ours", "markers"])
def test_what_would_make_it_say_something_else_is_no_decision(
    service: Service, choice: str
) -> None:
    service.edit("gen.toml", UPLOADS, f"# kept for the archive\n{UPLOADS}")
    said = refused(service, 3, "remove-trigger", "uploads", "--conflict", choice).err
    assert f"with --conflict {choice}, it would not say what the service is" in said


@pytest.mark.parametrize("style", sorted(CLOSED))
def test_what_cannot_be_added_to_is_a_conflict_that_says_so(copy: Make, style: str) -> None:
    service = copy("sam")
    styled = _styled(service, style)
    result = refused(service, 3, *JOBS)
    assert "gen.toml" in result.err
    assert _now(service) == styled


@pytest.mark.parametrize(
    "style", ["CRLF", "a comment after a value", "dotted keys", "aligned values"]
)
def test_a_style_and_an_option_at_once(copy: Make, tool: str, style: str) -> None:
    """An edit of what it says, in a file with a style of its own, lands and stays as written."""
    service = copy(tool)
    _styled(service, style)
    if style == "dotted keys":
        service.append("gen.toml", "uploads.timeout = 77\n")
    else:
        service.append("gen.toml", "timeout = 77 # mine\n")
    styled = _now(service)
    done(service, "apply")
    assert _now(service) == styled
    path = MAIN["sam"] if tool == "sam" else "infra/uploads.yml"
    assert "imeout: 77\n" in service.read(path)
    done(service, *JOBS)
    assert all(line in _now(service).splitlines() for line in styled.splitlines())


# What gen.toml asks for is done everywhere

OPTIONS = {
    "memory and timeout": ("api", "memory_size = 1024\ntimeout = 25\n"),
    "another path": ("api", 'path = ["/orders", "/orders/{id}"]\n'),
    "another bucket": ("uploads", 'bucket = "incoming"\n'),
    "a prefix": ("uploads", 'prefix = "in/"\nsuffix = ".csv"\n'),
    "a timeout that a queue goes by": ("jobs", "timeout = 100\n"),
    "a batch": ("jobs", "batch_size = 3\nmax_receive_count = 2\n"),
    "a schedule": ("nightly", 'schedule = "cron(0 3 * * ? *)"\ntimezone = "Europe/Rome"\n'),
}


@pytest.mark.parametrize("what", OPTIONS)
@pytest.mark.parametrize("tool", TOOLS)
def test_an_option_lands_in_every_place(copy: Make, tool: str, what: str) -> None:
    """`gen apply` gives what `gen new` would have given with this option."""
    function, options = OPTIONS[what]
    service = copy(tool)
    triggers = {"jobs": "sqs", "nightly": "schedule"}
    more = [f"{triggers[function]}={function}"] if function in triggers else []
    if more:
        done(service, "add-trigger", triggers[function], "--name", function)
    _option(service, function, options)
    before = service.tree()
    service.gen("check", code=1)
    done(service, "apply")
    settings = [f"{function}.{_as_flag(line)}" for line in options.splitlines()]
    folder = service.root.parent / "fresh"
    fresh = new_service(folder, "http=api", "s3=uploads", *more, tool=tool, settings=settings)
    assert {p: e for p, e in service.tree().items() if "gen.toml" not in p} == {
        p: e for p, e in fresh.tree().items() if "gen.toml" not in p
    }
    service.gen("undo")
    assert service.tree() == before


def _option(service: Service, function: str, options: str) -> None:
    text = service.read("gen.toml")
    head, table, rest = text.partition(f"[functions.{function}]\n")
    trigger, _, rest = rest.partition("\n")
    service.write("gen.toml", f"{head}{table}{trigger}\n{options}{rest}")


def _as_flag(line: str) -> str:
    name, _, value = line.partition(" = ")
    return f"{name}={value.strip('[]').replace(chr(34), '').replace(', ', ',')}"


@pytest.mark.parametrize("tool", TOOLS)
def test_an_option_of_the_service_lands(service: Service) -> None:
    service.edit("gen.toml", 'python = "3.13"', 'python = "3.12"')
    done(service, "apply")
    assert "ython3.12" in service.read(main_of(service))


def test_another_name_of_the_service_lands_in_every_place(service: Service) -> None:
    service.edit("gen.toml", 'name = "orders"', 'name = "shop"')
    done(service, "apply")
    assert (service.root / "src/shop/api/handler.py").exists()
    assert not (service.root / "src/orders").exists()


def test_another_name_of_a_service_with_edits_is_asked_about(service: Service) -> None:
    service.append("src/orders/api/logic.py", "# mine\n")
    service.edit("gen.toml", 'name = "orders"', 'name = "shop"')
    assert "src/orders/api/logic.py" in refused(service, 3, "apply").err


def test_an_option_of_the_service_and_back(service: Service) -> None:
    service.append("src/orders/api/logic.py", "\n\nMINE = 1\n")
    before = service.tree()
    service.edit("gen.toml", 'region = "eu-west-1"\n', 'region = "eu-west-1"\npowertools = true\n')
    done(service, "apply")
    assert "powertools" in service.read("src/requirements.txt")
    service.edit("gen.toml", "powertools = true\n", "")
    done(service, "apply")
    assert service.tree() == before


def test_an_option_and_an_edit_of_the_same_value_is_a_conflict(service: Service) -> None:
    path = "template.yaml" if (service.root / "template.yaml").exists() else "infra/api.yml"
    old = "MemorySize: 256" if path == "template.yaml" else "memorySize: 256"
    service.edit(path, old, old.replace("256", "2048"))
    done(service, *JOBS)
    _option(service, "api", "memory_size = 1024\n")
    result = refused(service, 3, "apply")
    assert "2048" in result.err
    assert "1024" in result.err
    done(service, "apply", "--conflict", "theirs")
    assert "emory" + "Size: 1024" in service.read(path)


def test_an_option_that_the_template_says_already_is_no_conflict(service: Service) -> None:
    """The developer changed the value first, and then wrote it into gen.toml."""
    path = "template.yaml" if (service.root / "template.yaml").exists() else "infra/api.yml"
    service.edit(path, "emorySize: 256", "emorySize: 1024")
    _option(service, "api", "memory_size = 1024\n")
    done(service, "apply")
    assert "emorySize: 1024" in service.read(path)


@pytest.mark.parametrize("tool", TOOLS)
def test_a_function_that_is_added_by_hand_is_generated(copy: Make, tool: str) -> None:
    service, other = copy(tool), copy(tool)
    service.edit("gen.toml", UPLOADS, f'[functions.jobs]\ntrigger = "sqs"\n\n{UPLOADS}')
    done(service, "apply")
    done(other, *JOBS)
    assert service.tree() == other.tree()


@pytest.mark.parametrize("tool", TOOLS)
def test_a_function_that_is_taken_out_by_hand_is_removed(copy: Make, tool: str) -> None:
    service, other = copy(tool), copy(tool)
    service.edit("gen.toml", f"\n{UPLOADS}", "")
    done(service, "apply")
    done(other, "remove-trigger", "uploads")
    assert service.tree() == other.tree()


def test_pending_edits_of_it_go_along_with_another_command(copy: Make, tool: str) -> None:
    service, other = copy(tool), copy(tool)
    _option(service, "api", "memory_size = 512\n")
    done(service, *JOBS)
    _option(other, "api", "memory_size = 512\n")
    done(other, "apply")
    done(other, *JOBS)
    assert service.tree() == other.tree()


# Mistakes in it

MISTAKES: dict[str, tuple[Callable[[str], str], str, str]] = {
    "an unknown option": (
        _replace(API, f"{API}tiemout = 20\n"),
        'unknown option of api "tiemout"',
        'did you mean "timeout"?',
    ),
    "an unknown option of the service": (
        _replace('tool = "', 'architectur = "arm64"\ntool = "'),
        'unknown option of the service "architectur"',
        'did you mean "architecture"?',
    ),
    "a text for a number": (
        _replace(API, f'{API}timeout = "20"\n'),
        "timeout must be a whole number",
        "gen.toml:15",
    ),
    "a number for a text": (_replace(UPLOADS, f"{UPLOADS}prefix = 3\n"), "prefix must be text", ""),
    "a number out of bounds": (_replace(API, f"{API}timeout = 0\n"), "timeout must be", ""),
    "options that do not fit": (
        _replace(API, f"{API}timeout = 60\n"),
        "the API gives up on a function after 29 seconds",
        "gen.toml:13",
    ),
    "an unknown trigger": (
        _replace('"http"', '"htp"'),
        'unknown aws trigger "htp"',
        'did you mean "http"?',
    ),
    "an unknown tool": (
        _replace('tool = "serverless"', 'tool = "serverles"'),
        'unknown aws tool "serverles"',
        'did you mean "serverless"?',
    ),
    "an unknown provider": (
        _replace('"aws"', '"awz"'),
        'unknown provider "awz"',
        'did you mean "aws"?',
    ),
    "no trigger": (_replace(API, "[functions.api]\n"), "names no trigger", "[functions.api]"),
    "no [service]": (_replace("[service]", "[services]"), "gen.toml", "service"),
    "an unknown table": (
        _replace(API, f"[function.x]\na = 1\n{API}"),
        'unknown table "function"',
        "",
    ),
    "an impossible name": (
        _replace("[functions.api]", "[functions.My-Api]"),
        'function name "My-Api" is not possible',
        "my_api",
    ),
    "not TOML": (_replace('"http"', '"http'), "gen.toml is not valid TOML", "gen.toml:14"),
    "a key twice": (_replace(API, f'{API}trigger = "http"\n'), "gen.toml is not valid TOML", ""),
    "a table twice": (_replace(API, f"{API}\n{API}"), "gen.toml is not valid TOML", ""),
    "conflict markers": (
        _replace(
            API,
            f"<<<<<<< HEAD\n{API}=======\n[functions.api]\ntrigger = 'sqs'\n>>>>>>> branch\n",
        ),
        "gen.toml has conflict markers",
        "take out the lines <<<<<<<, ======= and >>>>>>>",
    ),
    "no version": (
        lambda text: "\n".join(line for line in text.splitlines() if "generated-by" not in line),
        "generated-by",
        "take it back from version control",
    ),
    "an empty file": (lambda text: "", "gen.toml has no [service] table", ""),
    "another function's source": (
        _replace(
            UPLOADS,
            f'{UPLOADS}\n[functions.more]\ntrigger = "s3"\nbucket = "uploads"\nexisting = true\n',
        ),
        "uploads",
        "more",
    ),
}
COMMANDS = (
    ("apply",),
    JOBS,
    ("remove-trigger", "uploads"),
    ("rename", "uploads", "images"),
    ("check",),
    ("diff",),
    ("status",),
    ("update",),
    ("apply", "--conflict", "theirs"),
)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_clear_message(copy: Make, mistake: str) -> None:
    service = copy("serverless" if mistake == "an unknown tool" else "sam")
    edit, message, hint = MISTAKES[mistake]
    service.write("gen.toml", edit(service.read("gen.toml")))
    for command in COMMANDS:
        said = refused(service, 2, *command).err
        assert said.startswith("error: ")
        assert said.count("error: ") == 1
        assert message in said
        assert hint in said
        assert "gen.toml" in said


def test_a_deleted_gen_toml(service: Service) -> None:
    (service.root / "gen.toml").unlink()
    for command in COMMANDS:
        said = refused(service, 2, *command).err
        assert "error: gen.toml is missing" in said
        assert "git checkout -- gen.toml" in said


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00[", "name = \u201cx\u201d".encode("cp1252"), b"\x00"]
)
def test_a_gen_toml_that_is_no_text(service: Service, content: bytes) -> None:
    service.write("gen.toml", content)
    assert "gen.toml" in refused(service, 2, "apply").err


def test_a_gen_toml_that_is_a_folder(service: Service) -> None:
    (service.root / "gen.toml").unlink()
    (service.root / "gen.toml").mkdir()
    assert "gen.toml is a folder" in refused(service, 2, "apply").err


# Another tool

OTHER = {"sam": "serverless", "serverless": "sam"}


def _switch(service: Service, old: str, new: str) -> None:
    service.edit("gen.toml", f'tool = "{old}"', f'tool = "{new}"')


@pytest.mark.parametrize("tool", TOOLS)
def test_another_tool_and_back_is_as_before(service: Service, tool: str) -> None:
    before = service.tree()
    _switch(service, tool, OTHER[tool])
    result = done(service, "apply")
    assert f"the tool changes from {tool} to {OTHER[tool]}" in result.err
    assert (service.root / MAIN[OTHER[tool]]).exists()
    assert not (service.root / MAIN[tool]).exists()
    _switch(service, OTHER[tool], tool)
    done(service, "apply")
    assert service.tree() == before


@pytest.mark.parametrize("tool", TOOLS)
def test_edits_of_what_all_tools_share_move_along(service: Service, tool: str) -> None:
    service.append("src/orders/api/logic.py", "\n\nMINE = 1\n")
    service.append("README.md", "\nMine.\n")
    service.append("gen.toml", "# mine\n")
    before = service.tree()
    _switch(service, tool, OTHER[tool])
    done(service, "apply")
    assert service.read("src/orders/api/logic.py").endswith("MINE = 1\n")
    assert service.read("README.md").endswith("\nMine.\n")
    _switch(service, OTHER[tool], tool)
    done(service, "apply")
    assert service.tree() == before


@pytest.mark.parametrize("tool", TOOLS)
def test_edited_files_of_the_old_tool_are_asked_about(service: Service, tool: str) -> None:
    path = MAIN[tool]
    service.append(path, "# mine\n")
    edited = service.read(path)
    _switch(service, tool, OTHER[tool])
    result = refused(service, 3, "apply")
    assert f"{path}: no longer generated, but you changed it" in result.err
    done(service, "apply", "--conflict", "ours")
    assert service.read(path) == edited
    assert (service.root / MAIN[OTHER[tool]]).exists()
    # and back: the file is the developer's own now, and in the way of a new one
    _switch(service, OTHER[tool], tool)
    result = refused(service, 3, "apply")
    assert f"{path}: a new file is to come, and one of yours is there" in result.err
    done(service, "apply", "--conflict", "ours")
    assert service.read(path) == edited
    assert not (service.root / MAIN[OTHER[tool]]).exists()
    assert resources(service) >= {"ApiRole", "UploadsRole"}


@pytest.mark.parametrize("tool", TOOLS)
def test_edited_files_of_the_old_tool_come_back_with_undo(service: Service, tool: str) -> None:
    service.append(MAIN[tool], "# mine\n")
    _switch(service, tool, OTHER[tool])
    before = service.tree()
    done(service, "apply", "--conflict", "theirs")
    assert not (service.root / MAIN[tool]).exists()
    service.gen("undo")
    assert service.tree() == before
