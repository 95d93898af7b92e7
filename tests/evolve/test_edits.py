"""What a developer writes into a generated service stays, whatever `gen` does next to it."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from evolve.conftest import Make
from evolve.looking import (
    JOBS,
    MAIN,
    done,
    main_of,
    own_of,
    parsed,
    refused,
    resources,
    stamps,
)
from evolve.playground import Service, new_service

REPORT = """\
  ReportFunction: # mine
    Type: AWS::Serverless::Function
    Properties:
      # It needs the whole day's orders.
      Handler: orders.report.handler
      Timeout: 900
"""
LAMBDA = """\
    ReportTable:
      Type: AWS::DynamoDB::Table # mine
      Properties:
        # orders by day
        BillingMode: PAY_PER_REQUEST
"""
# tool, file, the text before which the developer writes ("" is the end), what is written
OWN = {
    "sam, before Outputs": ("sam", "template.yaml", "\nOutputs:\n", "\n" + REPORT),
    "sam, right before Outputs": ("sam", "template.yaml", "Outputs:\n", REPORT + "\n"),
    "sam, between functions": ("sam", "template.yaml", "  UploadsFunction:\n", REPORT + "\n"),
    "sam, first of Resources": (
        "sam",
        "template.yaml",
        "  # Not encrypted: CloudWatch",
        REPORT + "\n",
    ),
    "sam, end of the file": ("sam", "template.yaml", "", "  ReportUrl: # mine\n    Value: none\n"),
    "sam, a section at the end": (
        "sam",
        "template.yaml",
        "",
        "\nMetadata:\n  # mine\n  Team: orders\n",
    ),
    "serverless, last function": (
        "serverless",
        "serverless.yml",
        "\nresources:\n",
        "  - ${file(mine/report.yml):function} # mine\n",
    ),
    "serverless, between functions": (
        "serverless",
        "serverless.yml",
        "  - ${file(infra/uploads.yml):function}",
        "  # mine\n  - ${file(mine/report.yml):function}\n",
    ),
    "serverless, last resources": (
        "serverless",
        "serverless.yml",
        "",
        "  - Resources:\n" + LAMBDA.replace("\n    ", "\n      ").replace("    R", "      R", 1),
    ),
    "serverless, end of the outputs": (
        "serverless",
        "serverless.yml",
        "",
        "      ReportUrl: # mine\n        Value: none\n",
    ),
    "serverless, a section at the end": (
        "serverless",
        "serverless.yml",
        "",
        "\n# mine\ncustom:\n  team: orders\n",
    ),
    "serverless, resources of a function": ("serverless", "infra/uploads.yml", "", "\n" + LAMBDA),
    "serverless, between resources": (
        "serverless",
        "infra/uploads.yml",
        "    UploadsLogGroup:\n",
        LAMBDA + "\n",
    ),
}


@pytest.fixture(params=OWN)
def with_own(request: pytest.FixtureRequest, copy: Make) -> tuple[Service, str, str]:
    """A service, the file with a developer's own block, and the block."""
    tool, path, before, text = OWN[request.param]
    service = copy(tool)
    if before:
        service.edit(path, before, text + before)
    else:
        service.append(path, text)
    parsed(service.read(path))
    service.gen("check")
    return service, path, text


def test_a_block_of_the_developers_stays_when_a_function_is_added(
    with_own: tuple[Service, str, str],
) -> None:
    service, path, text = with_own
    before, had = service.tree(), resources(service)
    done(service, *JOBS)
    assert text.strip("\n") in service.read(path)
    assert resources(service) > had | {"JobsQueue", "JobsRole"}
    parsed(service.read(path))
    done(service, "remove-trigger", "jobs")
    assert service.tree() == before


def test_a_block_of_the_developers_stays_when_its_neighbours_are_removed(
    with_own: tuple[Service, str, str],
) -> None:
    service, path, text = with_own
    if path == "infra/uploads.yml":  # it goes with its function, so that is asked
        result = refused(service, 3, "remove-trigger", "uploads")
        assert f"{path}: no longer generated, but you changed it" in result.err
        return
    for function in ("uploads", "api"):
        before = service.tree()
        done(service, "remove-trigger", function)
        assert text.strip("\n") in service.read(path)
        assert f"{function.title()}Role" not in resources(service)
        done(service, "undo")
        assert service.tree() == before


def test_a_block_at_the_very_end_of_resources_without_outputs(copy: Make, tool: str) -> None:
    service = copy(tool)
    done(service, "add-trigger", "schedule", "--name", "nightly")
    done(service, "remove-trigger", "uploads")
    done(service, "remove-trigger", "api")
    path = own_of(service, "nightly")
    text = "\n" + (REPORT if tool == "sam" else LAMBDA)
    service.append(path, text)
    before = service.tree()
    done(service, *JOBS)
    assert text in service.read(path)
    assert resources(service) > {"NightlyRole", "JobsRole"}
    done(service, "remove-trigger", "jobs")
    assert service.tree() == before


@pytest.mark.parametrize("function", ["api", "uploads"])
def test_a_property_of_a_generated_function_stays(service: Service, function: str) -> None:
    path = own_of(service, function)
    sam = path == MAIN["sam"]
    handler = f"handler: orders.{function}.handler.handler\n"
    handler = handler.replace("handler:", "Handler:") if sam else handler
    mine = (
        "      ReservedConcurrentExecutions: 5 # mine\n"
        if sam
        else "    ephemeralStorageSize: 1024\n"
    )
    service.edit(path, handler, handler + mine)
    before = service.tree()
    done(service, *JOBS)
    assert mine in service.read(path)
    done(service, "remove-trigger", "jobs")
    assert service.tree() == before


def test_a_property_at_the_end_of_the_last_function_stays(service: Service) -> None:
    path = own_of(service, "uploads")
    text = service.read(path)
    anchor = "\nOutputs:\n" if path == MAIN["sam"] else ""
    last = "      DatapointsToAlarm: 1 # mine\n"
    at = "      AlarmActions: [!Ref AlarmTopic]\n"
    if anchor:
        service.edit(path, at + anchor, at + last + anchor)
    else:
        last = "  " + last
        assert text.endswith("  " + at)
        service.append(path, last)
    before = service.tree()
    done(service, "add-trigger", "sqs", "--name", "zebras")
    assert last in service.read(path)
    assert "ZebrasQueue" in resources(service)
    done(service, "remove-trigger", "zebras")
    assert service.tree() == before


# Adding and removing are each other's reverse


def test_add_and_remove_is_as_if_nothing_had_been(service: Service) -> None:
    before = service.tree()
    done(service, *JOBS)
    assert service.tree() != before
    done(service, "remove-trigger", "jobs")
    assert service.tree() == before
    assert not (service.root / "src/orders/jobs").exists()
    assert not (service.root / ".gen/base/src/orders/jobs").exists()


def test_what_is_removed_in_between_leaves_nothing(copy: Make, tool: str) -> None:
    one, other = copy(tool), copy(tool)
    for service in (one, other):
        service.edit("src/orders/api/logic.py", '"""', '"""Mine. ')
        done(service, "add-trigger", "schedule", "--name", "nightly")
    done(one, *JOBS)
    done(one, "add-trigger", "http", "--name", "admin")
    done(other, "add-trigger", "http", "--name", "admin")
    done(one, "remove-trigger", "jobs")
    assert one.tree() == other.tree()


def test_the_order_of_adding_does_not_matter(copy: Make, tool: str) -> None:
    one, other = copy(tool), copy(tool)
    done(one, *JOBS)
    done(one, "add-trigger", "http", "--name", "admin")
    done(other, "add-trigger", "http", "--name", "admin")
    done(other, *JOBS)
    assert one.tree() == other.tree()


def test_adding_twice_is_nothing_to_do(service: Service) -> None:
    done(service, *JOBS)
    before = stamps(service, ".gen", ".gen/lock")
    assert "Nothing to do." in done(service, *JOBS).err
    assert stamps(service, ".gen", ".gen/lock") == before


def test_adding_twice_with_a_default_spelled_out_is_nothing_to_do(service: Service) -> None:
    done(service, *JOBS)
    before = service.tree()
    service.gen(*JOBS, "--set", "batch_size=10")
    assert service.tree() == before


@pytest.mark.parametrize(
    "other",
    [
        (*JOBS, "--set", "batch_size=5"),
        ("add-trigger", "schedule", "--name", "jobs"),
        ("add-trigger", "http", "--name", "jobs"),
    ],
    ids=" ".join,
)
def test_a_taken_name_with_other_options_is_refused(
    service: Service, other: tuple[str, ...]
) -> None:
    done(service, *JOBS)
    result = refused(service, 2, *other)
    assert 'there is a function "jobs" already' in result.err
    assert "--name FUNCTION" in result.err


def test_the_name_of_something_that_is_no_function_is_free(service: Service) -> None:
    """A folder that the developer made where a function's would be: only files can clash."""
    service.write("src/orders/jobs/mine.py", "MINE = 1\n")
    done(service, *JOBS)
    assert service.read("src/orders/jobs/mine.py") == "MINE = 1\n"
    done(service, "remove-trigger", "jobs")
    assert service.read("src/orders/jobs/mine.py") == "MINE = 1\n"


@pytest.mark.parametrize("edited", [False, True])
def test_a_service_without_functions_is_one_too(service: Service, edited: bool) -> None:
    if edited:
        service.append(main_of(service), "# mine\n")
    before = service.tree()
    done(service, "remove-trigger", "uploads")
    done(service, "remove-trigger", "api")
    done(service, "add-trigger", "http", "--name", "api")
    done(service, "add-trigger", "s3", "--name", "uploads")
    assert service.tree() == before


def test_names_that_begin_alike(service: Service) -> None:
    done(service, *JOBS)
    service.edit(own_of(service, "jobs"), "emorySize: 256", "emorySize: 300")
    before = service.tree()
    done(service, "add-trigger", "sqs", "--name", "job")
    done(service, "rename", "job", "jobs_2")
    done(service, "remove-trigger", "jobs_2")
    assert service.tree() == before


def test_a_bucket_of_two_functions(service: Service) -> None:
    given = ("add-trigger", "s3", "--name", "archive", "--set", "bucket=uploads")
    said = refused(service, 2, *given, "--set", "prefix=out/").err
    assert "archive and uploads: both would get the same objects" in said
    service.edit("gen.toml", '"s3"\n', '"s3"\nprefix = "in/"\n')
    done(service, "apply")
    before = service.tree()
    done(service, *given, "--set", "prefix=out/")
    done(service, "remove-trigger", "archive")
    assert service.tree() == before
    done(service, *given, "--set", "prefix=out/")
    done(service, "remove-trigger", "uploads")
    assert {"UploadsBucket", "ArchiveRole"} <= resources(service)


def test_an_edit_of_what_functions_share(service: Service) -> None:
    path = MAIN["sam"] if main_of(service) == MAIN["sam"] else "infra/http-api.yml"
    service.edit(path, "ThrottlingBurstLimit: 100", "ThrottlingBurstLimit: 7 # mine")
    before = service.tree()
    done(service, "add-trigger", "http", "--name", "admin")
    done(service, "remove-trigger", "admin")
    assert service.tree() == before
    assert path in refused(service, 3, "remove-trigger", "api").err


def test_requirements_of_the_developers_stay(service: Service) -> None:
    service.append("src/requirements.txt", "requests==2.32.0\n")
    service.append("requirements-dev.txt", "hypothesis\n")
    before = service.tree()
    done(service, *JOBS)
    done(service, "remove-trigger", "jobs")
    assert service.tree() == before
    done(service, "remove-trigger", "uploads")
    assert service.read("requirements-dev.txt").endswith("hypothesis\n")


def test_a_generated_resource_that_was_deleted_stays_so(service: Service) -> None:
    path = own_of(service, "api")
    head, _, rest = service.read(path).partition("ApiErrorsAlarm:\n")
    _, blank, after = rest.partition("\n\n")
    service.write(path, head.rstrip(" \n") + ("\n\n" + after if blank else "\n"))
    assert "ApiErrorsAlarm" not in resources(service)
    before = service.tree()
    done(service, *JOBS)
    assert "ApiErrorsAlarm" not in resources(service)
    done(service, "remove-trigger", "jobs")
    assert service.tree() == before
    _timeout(service)
    done(service, "apply")
    assert "ApiErrorsAlarm" not in resources(service)


def test_a_deleted_section_that_is_to_grow_is_a_conflict(sam: Service) -> None:
    text = sam.read("template.yaml")
    sam.write("template.yaml", text[: text.index("\nOutputs:\n")])
    assert "(Outputs)" in refused(sam, 3, *JOBS).err


# Removing what was edited

HANDLER = "src/orders/uploads/handler.py"


@pytest.fixture
def edited(service: Service) -> Service:
    """A service whose function `uploads` has an edited handler."""
    service.append(HANDLER, "\n\nMINE = 1\n")
    return service


def test_removing_an_edited_function_is_refused(edited: Service) -> None:
    result = refused(edited, 3, "remove-trigger", "uploads")
    assert f"{HANDLER}: no longer generated, but you changed it" in result.err
    assert "--conflict ours keeps it" in result.err
    assert "Nothing was written" in result.err


def test_theirs_drops_the_edited_function_and_undo_brings_it_back(edited: Service) -> None:
    before = edited.tree()
    done(edited, "remove-trigger", "uploads", "--conflict", "theirs")
    assert not (edited.root / "src/orders/uploads").exists()
    done(edited, "undo")
    assert edited.tree() == before


def test_ours_keeps_the_edited_file_only(edited: Service) -> None:
    text = edited.read(HANDLER)
    result = done(edited, "remove-trigger", "uploads", "--conflict", "ours")
    assert f"{HANDLER} stays as it is" in result.err
    assert edited.read(HANDLER) == text
    assert not (edited.root / "src/orders/uploads/logic.py").exists()
    assert "UploadsRole" not in resources(edited)
    done(edited, *JOBS)
    assert edited.read(HANDLER) == text


def test_a_kept_file_is_in_the_way_of_the_same_function(edited: Service) -> None:
    text = edited.read(HANDLER)
    done(edited, "remove-trigger", "uploads", "--conflict", "ours")
    result = refused(edited, 3, "add-trigger", "s3", "--name", "uploads")
    assert f"{HANDLER}: a new file is to come, and one of yours is there" in result.err
    done(edited, "add-trigger", "s3", "--name", "uploads", "--conflict", "ours")
    assert edited.read(HANDLER) == text


def test_an_edit_elsewhere_is_no_obstacle_to_a_removal(service: Service) -> None:
    service.append("src/orders/api/handler.py", "\n\nMINE = 1\n")
    done(service, "remove-trigger", "uploads")
    assert service.read("src/orders/api/handler.py").endswith("\n\nMINE = 1\n")


# Comments

TIMEOUT = {"sam": "      Timeout: 10\n", "serverless": "    timeout: 10\n"}


def _timeout(service: Service, function: str = "api", seconds: int = 20) -> None:
    """Edits gen.toml."""
    service.edit(
        "gen.toml", f"[functions.{function}]\n", f"[functions.{function}]\ntimeout = {seconds}\n"
    )


def test_a_comment_on_what_a_change_rewrites_is_a_conflict(service: Service, tool: str) -> None:
    path, line = own_of(service, "api"), TIMEOUT[tool]
    service.edit(path, line, line.rstrip("\n") + " # the gateway waits no longer\n")
    _timeout(service)
    number = (
        service.read(path).splitlines().index(line.rstrip("\n") + " # the gateway waits no longer")
    )
    result = refused(service, 3, "apply")
    assert f"{path}:{number + 1}" in result.err
    assert "the gateway waits no longer" in result.err
    done(service, "apply", "--conflict", "ours")
    assert "10 # the gateway waits no longer" in service.read(path)


def test_a_comment_right_above_what_a_change_rewrites_is_a_conflict(
    service: Service, tool: str
) -> None:
    """It belongs to the line below it, and may no longer be true."""
    path, line = own_of(service, "api"), TIMEOUT[tool]
    commented = " " * (len(line) - len(line.lstrip())) + "# the gateway waits no longer\n" + line
    service.edit(path, line, commented)
    _timeout(service)
    assert "the gateway waits no longer" in refused(service, 3, "apply").err
    done(service, "apply", "--conflict", "ours")
    assert commented in service.read(path)


def test_comments_beside_what_a_change_rewrites_stay(service: Service, tool: str) -> None:
    path, line = own_of(service, "api"), TIMEOUT[tool]
    before, _, after = service.read(path).partition(line)
    memory = before.splitlines(keepends=True)[-1]
    kept = (
        before.removesuffix(memory) + memory.rstrip() + " # mine\n",
        after.replace("\n", " # 2\n", 1),
    )
    service.write(path, line.join(kept))
    _timeout(service)
    done(service, "apply")
    assert service.read(path) == line.replace("10", "20").join(kept)


def test_a_comment_in_what_is_removed_is_a_conflict(service: Service) -> None:
    path = own_of(service, "uploads")
    service.edit(
        path, "orders.uploads.handler.handler\n", "orders.uploads.handler.handler # mine\n"
    )
    result = refused(service, 3, "remove-trigger", "uploads")
    assert path in result.err
    assert "# mine" in service.read(path)
    done(service, "remove-trigger", "uploads", "--conflict", "ours")
    assert "orders.uploads.handler.handler # mine" in service.read(path)


def test_comments_around_a_generated_function_stay(sam: Service) -> None:
    sam.edit("template.yaml", "  UploadsFunction:\n", "  # mine: above\n  UploadsFunction:\n")
    sam.edit("template.yaml", "\n  UploadsRole:\n", "  # mine: below\n\n  UploadsRole:\n")
    before = sam.tree()
    done(sam, *JOBS)
    text = sam.read("template.yaml")
    assert "  # mine: above\n  UploadsFunction:\n" in text
    assert "  # mine: below\n\n  UploadsRole:\n" in text
    done(sam, "remove-trigger", "jobs")
    assert sam.tree() == before


def test_a_comment_above_an_item_of_serverless_stays(serverless: Service) -> None:
    item = "  - ${file(infra/uploads.yml):function}\n"
    serverless.edit("serverless.yml", item, f"  # mine: above\n{item}  # mine: below\n")
    before = serverless.tree()
    done(serverless, *JOBS)
    assert f"  # mine: above\n{item}  # mine: below\n" in serverless.read("serverless.yml")
    done(serverless, "remove-trigger", "jobs")
    assert serverless.tree() == before


def test_a_comment_above_a_removed_function_is_not_lost_silently(sam: Service) -> None:
    sam.edit("template.yaml", "  UploadsFunction:\n", "  # mine\n  UploadsFunction:\n")
    result = sam.gen("remove-trigger", "uploads", "--dry-run", code=3)
    assert "template.yaml" in result.err


# The same thing by hand


def _with_jobs(copy: Make, tool: str) -> Service:
    """What the service is once the function is added."""
    added = copy(tool)
    done(added, *JOBS)
    return added


def test_what_was_added_by_hand_already_is_no_conflict(copy: Make, tool: str) -> None:
    added, service = _with_jobs(copy, tool), copy(tool)
    for path in [main_of(service), "src/orders/jobs/handler.py", "src/orders/jobs/__init__.py"]:
        service.write(path, added.read(path))
    done(service, *JOBS)
    assert service.tree() == added.tree()


OUTPUT = {
    "sam": "  JobsQueueUrl:\n    Value: !Ref JobsQueue\n",
    "serverless": "      JobsQueueUrl:\n        Value: !Ref JobsQueue\n",
}


def test_one_key_that_was_added_by_hand_equal_is_there_once(copy: Make, tool: str) -> None:
    service = copy(tool)
    service.append(main_of(service), OUTPUT[tool])
    done(service, *JOBS)
    assert service.read(main_of(service)).count("JobsQueueUrl:") == 1
    assert service.tree() == _with_jobs(copy, tool).tree()


def test_one_key_that_was_added_by_hand_with_another_value_is_a_conflict(
    copy: Make, tool: str
) -> None:
    service = copy(tool)
    path, mine = main_of(service), OUTPUT[tool].replace("JobsQueue\n", "MyQueue\n")
    service.append(path, mine)
    result = refused(service, 3, *JOBS)
    assert "JobsQueueUrl" in result.err
    assert "yours:" in result.err
    assert "!Ref MyQueue" in result.err
    done(service, *JOBS, "--conflict", "ours")
    assert mine in service.read(path)
    assert "JobsRole" in resources(service)


def test_a_resource_that_was_added_by_hand_with_another_value_is_a_conflict(sam: Service) -> None:
    mine = "  JobsQueue:\n    Type: AWS::SQS::Queue # mine\n"
    sam.edit("template.yaml", "\nOutputs:\n", f"\n{mine}\nOutputs:\n")
    result = refused(sam, 3, *JOBS)
    assert re.search(r"template\.yaml:\d+ \(Resources\.JobsQueue", result.err)
    done(sam, *JOBS, "--conflict", "theirs")
    assert sam.read("template.yaml").count("  JobsQueue:\n") == 1
    done(sam, "undo")
    assert mine in sam.read("template.yaml")


@pytest.mark.parametrize("same", [True, False])
def test_a_file_that_is_there_already(copy: Make, tool: str, same: bool) -> None:
    path = "src/orders/jobs/logic.py"
    text = _with_jobs(copy, tool).read(path) if same else "MINE = 1\n"
    service = copy(tool)
    service.write(path, text)
    if same:
        done(service, *JOBS)
    else:
        result = refused(service, 3, *JOBS)
        assert f"{path}: a new file is to come, and one of yours is there" in result.err
        done(service, *JOBS, "--conflict", "ours")
    assert service.read(path) == text


# Style


def _ruff(service: Service, *paths: str) -> None:
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "60", *paths]
    subprocess.run(command, cwd=service.root, check=True, capture_output=True)


def test_formatted_files_stay_formatted(service: Service) -> None:
    _ruff(service, "src", "tests")
    before = service.tree()
    done(service, *JOBS)
    done(service, "remove-trigger", "jobs")
    assert service.tree() == before


def test_a_formatted_file_takes_a_change_elsewhere_in_it(service: Service) -> None:
    path = "tests/api/test_handler.py"
    _ruff(service, path)
    formatted = service.read(path)
    assert '    ("GET", "/api"),\n' in formatted
    service.edit("gen.toml", "[functions.api]\n", '[functions.api]\npath = "/orders"\n')
    before = {**service.tree()}
    result = service.gen("apply")
    service.gen("check")
    assert service.read(path) == formatted.replace('"/api"', '"/orders"')
    assert f"~ {path} (merged with your changes)" in result.err
    assert service.tree().keys() - before.keys() <= {
        p for p in service.tree() if p.startswith(".gen/base/")
    }


def test_reordered_resources_keep_their_order(sam: Service) -> None:
    text = sam.read("template.yaml")
    block = text[text.index("  UploadsFunction:\n") : text.index("  UploadsRole:\n")]
    sam.write(
        "template.yaml",
        text.replace(block, "").replace("  ApiFunction:\n", block + "  ApiFunction:\n"),
    )
    before = sam.tree()
    done(sam, *JOBS)
    after = sam.read("template.yaml")
    assert block + "  ApiFunction:\n" in after
    assert after.count("  UploadsFunction:\n") == 1
    assert "  JobsFunction:\n" in after
    done(sam, "remove-trigger", "jobs")
    assert sam.tree() == before


def _indented_by_four(text: str) -> str:
    lines = []
    for line in text.splitlines():
        body = line.lstrip(" ")
        dash = "-   " if body.startswith("- ") else ""
        lines.append(
            "  " * (len(line) - len(body)) + dash + body.removeprefix("- " if dash else "")
        )
    return "\n".join(lines) + "\n"


def test_a_file_indented_by_four(copy: Make, tool: str) -> None:
    service = copy(tool)
    path = main_of(service)
    service.write(path, _indented_by_four(service.read(path)))
    before = service.tree()
    assert parsed(service.read(path)) == parsed(copy(tool).read(path))
    done(service, *JOBS)
    assert parsed(service.read(path)) == parsed(_with_jobs(copy, tool).read(path))
    kept = [line for line in before[path].content.decode().splitlines() if line.strip()]
    assert set(kept) <= set(service.read(path).splitlines())
    done(service, "remove-trigger", "jobs")
    assert service.tree() == before


def test_a_file_with_crlf(copy: Make, tool: str) -> None:
    service = copy(tool)
    path = main_of(service)
    service.write(path, service.read(path).replace("\n", "\r\n"))
    before = service.tree()
    done(service, *JOBS)
    content = (service.root / path).read_bytes()
    assert content == _with_jobs(copy, tool).read(path).replace("\n", "\r\n").encode()
    done(service, "remove-trigger", "jobs")
    assert service.tree() == before


def test_a_module_with_crlf(service: Service) -> None:
    paths = ("tests/api/test_handler.py", "src/orders/api/handler.py")
    for path in paths:
        service.write(path, service.read(path).replace("\n", "\r\n"))
    service.edit("gen.toml", "[functions.api]\n", '[functions.api]\npath = "/orders"\n')
    done(service, "apply")
    for path in paths:
        content = (service.root / path).read_bytes()
        assert b'"/orders"' in content
        assert content.count(b"\r\n") == content.count(b"\n")


FLOW = '  AlarmTopic: {Type: AWS::SNS::Topic, Properties: {TopicName: !Sub "${Stage}-alarms"}}\n'


def test_a_generated_block_in_flow_style(sam: Service) -> None:
    text = sam.read("template.yaml")
    block = text[text.index("  AlarmTopic:\n") : text.index("\n  AlarmSubscription:\n")]
    sam.edit("template.yaml", block, FLOW)
    before = sam.tree()
    done(sam, *JOBS)
    assert FLOW in sam.read("template.yaml")
    assert "JobsRole" in resources(sam)
    done(sam, "remove-trigger", "jobs")
    assert sam.tree() == before


def test_a_whole_template_in_flow_style_is_a_conflict(sam: Service) -> None:
    sam.write("template.yaml", "{Resources: {Mine: {Type: AWS::SNS::Topic}}}\n")
    refused(sam, 3, *JOBS)
    done(sam, *JOBS, "--conflict", "ours")
    assert sam.read("template.yaml") == "{Resources: {Mine: {Type: AWS::SNS::Topic}}}\n"


ANCHORS = """\
  ReportFunction:
    Type: AWS::Serverless::Function
    Properties: &mine
      Handler: orders.report.handler
      Timeout: 900

  SummaryFunction:
    Type: AWS::Serverless::Function
    Properties:
      <<: *mine
      Handler: orders.summary.handler
"""
IF = """\
      AlarmActions: !If
        - HasAlarmEmail
        - [!Ref AlarmTopic]
        - !Ref AWS::NoValue
"""
SAM_EDITS = {
    "anchors and merge keys": ("\nOutputs:\n", f"\n{ANCHORS}\nOutputs:\n"),
    "an !If list": ("      AlarmActions: [!Ref AlarmTopic]\n", IF),
    "an !If list on one line": (
        "      AlarmActions: [!Ref AlarmTopic]\n",
        "      AlarmActions: !If [HasAlarmEmail, [!Ref AlarmTopic], !Ref AWS::NoValue]\n",
    ),
    "a quoted key": ("  UploadsFunction:\n", '  "UploadsFunction":\n'),
    "a key in single quotes": ("  ApiRole:\n", "  'ApiRole':\n"),
    "an anchor on a generated resource": ("  ApiFunction:\n", "  ApiFunction: &api\n"),
    "a block text": (
        "Description: AWS service orders\n",
        "Description: |\n  Orders:\n\n    - taken\n  # no comment\n",
    ),
    "a document start": ("AWSTemplateFormatVersion:", "---\nAWSTemplateFormatVersion:"),
    "an expanded list": (
        "    Architectures: [arm64]\n",
        "    Architectures:\n    - arm64\n",
    ),
    "trailing spaces": ("  ApiFunction:\n", "  ApiFunction:   \n"),
}


@pytest.mark.parametrize("edit", SAM_EDITS)
def test_an_edit_of_the_template_stays(copy: Make, edit: str) -> None:
    service = copy("sam")
    old, new = SAM_EDITS[edit]
    service.edit("template.yaml", old, new)
    before, had = service.tree(), resources(service)
    done(service, *JOBS)
    assert new in service.read("template.yaml")
    assert resources(service) > had | {"JobsRole"}
    done(service, "remove-trigger", "jobs")
    assert service.tree() == before
    _timeout(service)
    _timeout(service, "uploads", 40)
    done(service, "apply")
    assert new in service.read("template.yaml")
    text = service.read("template.yaml")
    assert "      Timeout: 20\n" in text
    assert "      Timeout: 40\n" in text


@pytest.mark.parametrize(
    "broken",
    [
        "Mine: [1, 2\n",
        "\tmine: 1\n",
        "Mine: 'open\n",
        "? [a\n",
        "Conditions:\n  HasAlarmEmail: no\n",
    ],
)
def test_invalid_yaml_takes_what_fits_by_lines(service: Service, broken: str) -> None:
    """The file cannot be read by key; lines far from the mistake still merge, and it stays."""
    path = main_of(service)
    service.edit(path, "\n\n", f"\n\n{broken}\n")
    before = service.tree()
    result = service.gen(*JOBS)
    assert "Traceback" not in result.err
    assert f"\n\n{broken}\n" in service.read(path)
    service.gen("check")
    done(service, "undo")
    assert service.tree() == before


def test_a_duplicate_key_of_the_developers_stays(sam: Service) -> None:
    text = sam.read("template.yaml")
    block = text[text.index("  AlarmTopic:\n") : text.index("  AlarmSubscription:\n")]
    sam.edit("template.yaml", block, block + block)
    before = sam.tree()
    done(sam, *JOBS)
    assert block + block in sam.read("template.yaml")
    assert "  JobsFunction:\n" in sam.read("template.yaml")
    done(sam, "remove-trigger", "jobs")
    assert sam.tree() == before


# Deleted and moved files


def test_a_deleted_file_stays_deleted_and_is_told(service: Service) -> None:
    (service.root / "docs/architecture.md").unlink()
    service.gen("check")
    result = done(service, *JOBS)
    assert "docs/architecture.md stays deleted" in result.err
    assert "gen apply --restore docs/architecture.md" in result.err
    assert not (service.root / "docs/architecture.md").exists()


def test_a_deleted_file_comes_back_with_restore(copy: Make, tool: str) -> None:
    service = copy(tool)
    (service.root / "docs/architecture.md").unlink()
    done(service, *JOBS)
    done(service, "apply", "--restore", "docs/architecture.md")
    assert service.tree() == _with_jobs(copy, tool).tree()


def test_restore_of_an_executable_keeps_it_one(service: Service) -> None:
    path = service.root / "scripts/find_python.sh"
    mode = path.stat().st_mode
    path.unlink()
    done(service, "apply", "--restore", "scripts/find_python.sh")
    assert path.stat().st_mode == mode


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("README.md", "README.md is there"),
        ("READM.md", 'did you mean "README.md"?'),
        ("../x", "../x is not in the service"),
    ],
)
def test_restore_of_what_is_not_deleted(service: Service, path: str, said: str) -> None:
    assert said in refused(service, 2, "apply", "--restore", path).err


def test_deleting_all_of_a_function_makes_no_obstacle_to_its_removal(service: Service) -> None:
    for folder in ("src/orders/uploads", "tests/uploads", "events/uploads"):
        for file in (service.root / folder).iterdir():
            file.unlink()
    done(service, "remove-trigger", "uploads")
    assert "uploads" not in service.read("gen.toml")


def test_a_moved_file_is_found_when_it_changes(service: Service) -> None:
    (service.root / "docs/architecture.md").rename(service.root / "docs/design.md")
    done(service, *JOBS)
    assert "fn_jobs" in service.read("docs/design.md")
    assert not (service.root / "docs/architecture.md").exists()
    done(service, "remove-trigger", "jobs")
    assert "fn_jobs" not in service.read("docs/design.md")


def test_a_moved_and_edited_file_is_a_deleted_one(service: Service) -> None:
    (service.root / "docs/architecture.md").rename(service.root / "docs/design.md")
    service.append("docs/design.md", "\nMine.\n")
    before = service.read("docs/design.md")
    assert "docs/architecture.md stays deleted" in done(service, *JOBS).err
    assert service.read("docs/design.md") == before


def test_a_folder_in_the_place_of_a_new_file(service: Service) -> None:
    (service.root / "src/orders/jobs/handler.py").mkdir(parents=True)
    result = refused(service, 3, *JOBS)
    assert "src/orders/jobs/handler.py" in result.err
    assert "a folder" in result.err


def test_a_link_in_the_place_of_a_new_folder(service: Service, tool: str) -> None:
    (service.root / "src/orders/jobs").symlink_to("../../..", target_is_directory=True)
    result = refused(service, 3, *JOBS)
    assert "a symbolic link" in result.err


def test_a_new_service_with_these_functions_is_the_same(copy: Make, tool: str) -> None:
    """What came by `gen add-trigger` and what came by `gen new` cannot be told apart."""
    service = copy(tool)
    done(service, *JOBS, "--set", "batch_size=5")
    fresh = new_service(
        service.root.parent / "fresh",
        "http=api",
        "s3=uploads",
        "sqs=jobs",
        tool=tool,
        settings=["jobs.batch_size=5"],
    )
    assert service.tree() == fresh.tree()
