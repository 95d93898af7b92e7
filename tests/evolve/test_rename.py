"""`gen rename`: a function's edits go where its files go, and what is deployed keeps its name."""

from __future__ import annotations

import re

import pytest
from evolve.conftest import Make
from evolve.looking import JOBS, done, own_of, parsed, refused, resources
from evolve.playground import Service

UPLOADS = '[functions.uploads]\ntrigger = "s3"\n'
PINNED = 'bucket = "uploads"\n'


def test_files_resources_and_declaration_get_the_new_name(service: Service) -> None:
    result = done(service, "rename", "uploads", "images")
    assert (service.root / "src/orders/images/handler.py").exists()
    assert (service.root / "tests/images/test_handler.py").exists()
    assert not (service.root / "src/orders/uploads").exists()
    assert not (service.root / "tests/uploads").exists()
    assert not (service.root / ".gen/base/src/orders/uploads").exists()
    assert "ImagesRole" in resources(service)
    assert "UploadsRole" not in resources(service)
    assert "[functions.images]" in service.read("gen.toml")
    assert "[functions.uploads]" not in service.read("gen.toml")
    assert "src/orders/uploads/handler.py -> src/orders/images/handler.py" in result.err


def test_what_derives_from_the_name_stays_and_is_declared(service: Service) -> None:
    """The bucket keeps its name, or the deployed one would be left behind with its data."""
    done(service, "rename", "uploads", "images")
    assert f'[functions.images]\ntrigger = "s3"\n{PINNED}' in service.read("gen.toml")
    assert "UploadsBucket" in resources(service)
    done(service, "rename", "api", "web")
    assert '[functions.web]\ntrigger = "http"\npath = "/api"\n' in service.read(
        "gen.toml"
    ) or '[functions.web]\ntrigger = "http"\npath = ["/api"]\n' in service.read("gen.toml")


@pytest.fixture
def edited(service: Service, tool: str) -> Service:
    """Edits of the function `uploads` in every place that it has."""
    service.append("src/orders/uploads/handler.py", "\n\nMINE = 1\n")
    service.append("tests/uploads/test_logic.py", "\n\ndef test_mine() -> None:\n    pass\n")
    service.edit("events/uploads/sample.json", '"Records"', '"mine": 1,\n  "Records"')
    path = own_of(service, "uploads")
    if tool == "sam":
        key, mine = "      Timeout: 10\n", "      ReservedConcurrentExecutions: 5 # mine\n"
        head, _, rest = service.read(path).partition("  UploadsFunction:\n")
        service.write(path, f"{head}  UploadsFunction:\n{rest.replace(key, key + mine, 1)}")
    else:
        service.edit(
            path, "    timeout: 10\n", "    timeout: 10\n    reservedConcurrency: 5 # mine\n"
        )
    service.gen("check")
    return service


def test_edits_go_with_it(edited: Service) -> None:
    had = len(resources(edited))
    done(edited, "rename", "uploads", "images")
    assert edited.read("src/orders/images/handler.py").endswith("\n\nMINE = 1\n")
    assert "def test_mine()" in edited.read("tests/images/test_logic.py")
    assert '"mine": 1,' in edited.read("events/images/sample.json")
    text = edited.read(own_of(edited, "images"))
    assert text.count(": 5 # mine\n") == 1
    block = text[text.index("orders.images.handler.handler") : text.index(": 5 # mine\n")]
    assert block.count("\n") <= 4  # it stands in the same function still
    assert len(resources(edited)) == had
    assert not (edited.root / "src/orders/uploads").exists()
    parsed(text)


def test_there_and_back_leaves_only_what_is_pinned(edited: Service) -> None:
    before = edited.tree()
    done(edited, "rename", "uploads", "images")
    done(edited, "rename", "images", "uploads")
    after = edited.tree()
    changed = {path for path in {*before, *after} if before.get(path) != after.get(path)}
    assert {path for path in changed if "gen.toml" not in path} == set()
    was, now = (side["gen.toml"].content.decode() for side in (before, after))
    assert now.replace(PINNED, "") == was


def test_undo_takes_a_rename_back(edited: Service) -> None:
    before = edited.tree()
    done(edited, "rename", "uploads", "images")
    done(edited, "undo")
    assert edited.tree() == before


def test_a_rename_is_as_if_it_had_had_the_name(copy: Make, tool: str) -> None:
    one, other = copy(tool), copy(tool)
    done(one, *JOBS)
    done(one, "rename", "jobs", "tasks")
    done(other, "add-trigger", "sqs", "--name", "tasks", "--set", "queue=jobs")
    assert one.tree() == other.tree()


def test_two_functions_change_names(service: Service) -> None:
    """One of them is called as a key of the CI workflow is."""
    done(service, *JOBS)
    done(service, "add-trigger", "sqs", "--name", "tasks")
    for name in ("jobs", "tasks"):
        service.append(f"src/orders/{name}/logic.py", f"\n\nWAS = {name!r}\n")
        path = own_of(service, name)
        head, handler, rest = service.read(path).partition(f"orders.{name}.handler.handler\n")
        mine = re.sub(r"(emorySize: )256\n", rf"\g<1>300 # {name}\n", rest, count=1)
        service.write(path, head + handler + mine)
    before = service.tree()
    done(service, "rename", "jobs", "other")
    done(service, "rename", "tasks", "jobs")
    done(service, "rename", "other", "tasks")
    for name, was in (("jobs", "tasks"), ("tasks", "jobs")):
        assert service.read(f"src/orders/{name}/logic.py").endswith(f"\n\nWAS = {was!r}\n")
        _, _, rest = service.read(own_of(service, name)).partition(f"orders.{name}.handler")
        assert f"emorySize: 300 # {was}\n" in rest[:100]
    done(service, "rename", "tasks", "other")
    done(service, "rename", "jobs", "tasks")
    done(service, "rename", "other", "jobs")
    code = [path for path in before if path.startswith(("src/", "infra/", "template"))]
    assert {path: service.tree().get(path) for path in code} == {p: before[p] for p in code}


def test_comments_in_gen_toml_go_with_it(service: Service) -> None:
    service.edit("gen.toml", UPLOADS, '# a\n[functions.uploads]\n# b\ntrigger = "s3" # c\n')
    done(service, "rename", "uploads", "images")
    said = service.read("gen.toml")
    assert '# a\n[functions.images]\n# b\ntrigger = "s3" # c\n' in said


def test_a_comment_on_the_header_in_gen_toml_goes_with_it(service: Service) -> None:
    service.edit("gen.toml", "[functions.uploads]\n", "[functions.uploads] # mine\n")
    done(service, "rename", "uploads", "images")
    assert "[functions.images] # mine\n" in service.read("gen.toml")


def test_a_comment_on_the_key_of_a_resource_goes_with_it(sam: Service) -> None:
    sam.edit("template.yaml", "  UploadsRole:\n", "  UploadsRole: # mine\n")
    done(sam, "rename", "uploads", "images")
    assert "  ImagesRole: # mine\n" in sam.read("template.yaml")


def test_a_declaration_in_one_line_is_a_conflict(sam: Service) -> None:
    sam.edit("gen.toml", UPLOADS, '[functions]\nuploads = { trigger = "s3" }\n')
    said = refused(sam, 3, "rename", "uploads", "images").err
    assert "gen.toml" in said
    done(sam, "rename", "uploads", "images", "--conflict", "theirs")
    assert "[functions.images]" in sam.read("gen.toml")


def test_what_is_pending_in_gen_toml_goes_along(service: Service) -> None:
    service.edit("gen.toml", "[functions.uploads]\n", "[functions.uploads]\ntimeout = 33\n")
    done(service, "rename", "uploads", "images")
    assert "imeout: 33" in service.read(own_of(service, "images"))


def test_a_file_that_was_moved_by_hand_stays_there(service: Service) -> None:
    path = service.root / "tests/test_uploads_logic.py"
    (service.root / "tests/uploads/test_logic.py").rename(path)
    done(service, "rename", "uploads", "images")
    assert "orders.images" in path.read_text("utf-8")
    assert not (service.root / "tests/images/test_logic.py").exists()


def test_a_block_of_the_developers_between_keeps_its_place(sam: Service) -> None:
    mine = "  Mine: # mine\n    Type: AWS::SNS::Topic\n\n"
    sam.edit("template.yaml", "  UploadsRole:\n", f"{mine}  UploadsRole:\n")
    done(sam, "rename", "uploads", "images")
    assert mine in sam.read("template.yaml")
    assert "Mine" in resources(sam)


def test_a_files_own_words_are_not_rewritten(service: Service) -> None:
    """What the developer says of `uploads` is for them to change."""
    service.append("src/orders/uploads/logic.py", "\n\n# the uploads of the day\n")
    service.append("README.md", "\nSee orders.uploads.handler.\n")
    done(service, "rename", "uploads", "images")
    assert "# the uploads of the day" in service.read("src/orders/images/logic.py")
    assert service.read("README.md").endswith("\nSee orders.uploads.handler.\n")


def test_a_deleted_file_stays_deleted(service: Service) -> None:
    (service.root / "tests/uploads/test_logic.py").unlink()
    done(service, "rename", "uploads", "images")
    assert not (service.root / "tests/images/test_logic.py").exists()
    assert not (service.root / "tests/uploads/test_logic.py").exists()
    assert (service.root / "tests/images/test_handler.py").exists()


def test_a_file_in_the_way_is_a_conflict(service: Service) -> None:
    service.write("src/orders/images/handler.py", "MINE = 1\n")
    said = refused(service, 3, "rename", "uploads", "images").err
    assert "src/orders/images/handler.py" in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("uploads", "api", ['there is a function "api" already', "choose another name"]),
        ("uploads", "uploads", ['there is a function "uploads" already']),
        ("uploads", "My-Images", ['function name "My-Images" is not possible', "my_images"]),
        ("uploads", "", ["function name is empty"]),
        ("uploads", "class", ["is a Python keyword"]),
        ("uploads", "../x", ["is not possible"]),
        ("upload", "images", ['unknown function "upload"', 'did you mean "uploads"?']),
        ("nothing", "images", ['unknown function "nothing"', "known: api, uploads"]),
    ],
)
def test_a_name_that_cannot_be(service: Service, old: str, new: str, said: list[str]) -> None:
    err = refused(service, 2, "rename", old, new).err
    for words in said:
        assert words in err


def test_lines_that_still_say_the_old_name_are_told_but_not_those_of_build_output(
    service: Service,
) -> None:
    service.write("notes.md", "Ask before uploads is changed.\n")
    service.append(".gitignore", "/out/\n")
    (service.root / "out").mkdir()
    service.write("out/report.txt", "uploads\n")
    told = done(service, "rename", "uploads", "images").err
    assert "lines of yours say uploads" in told
    assert "notes.md:1: Ask before uploads is changed." in told
    assert "report.txt" not in told
