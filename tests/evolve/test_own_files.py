"""`gen rename`: a function's folders are its own: all that the developer has there goes along."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from evolve.looking import done, refused
from evolve.playground import Service
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

OLD, NEW = "src/orders/uploads", "src/orders/images"
BINARY = bytes(range(256))


@pytest.fixture
def furnished(sam: Service) -> Service:
    """A service with all kinds of files of the developer's in the folders of `uploads`."""
    sam.append(f"{OLD}/handler.py", "\n\nfrom . import helper  # noqa: E402, F401\n")
    sam.write(f"{OLD}/helper.py", "from orders.uploads.models.size import SIZE\n")
    sam.write(f"{OLD}/models/size.py", "SIZE = 1\n")
    sam.write(f"{OLD}/models/weights.bin", BINARY)
    sam.write("tests/uploads/test_helper.py", "from orders.uploads import helper\n")
    sam.write("tests/uploads/run.sh", "#!/bin/sh\n")
    (sam.root / "tests/uploads/run.sh").chmod(0o755)
    (sam.root / f"{OLD}/shared.py").symlink_to("../shared.py")  # which is not there
    (sam.root / f"{OLD}/data").symlink_to("models")
    sam.write(f"{OLD}/__pycache__/helper.pyc", b"\0")
    sam.write("src/orders/api/mine.py", "from orders.uploads.helper import SIZE\n")
    return sam


def everything(service: Service) -> dict[str, bytes | str]:
    """Every file and link but gen's, by what it holds."""
    found: dict[str, bytes | str] = {}
    for folder, folders, files in os.walk(service.root):
        for name in [*folders, *files]:
            path = Path(folder, name)
            if path.is_symlink():
                found[path.relative_to(service.root).as_posix()] = os.readlink(path)
            elif path.is_file() and "/.gen/" not in f"{path}/":
                found[path.relative_to(service.root).as_posix()] = path.read_bytes()
    return found


def test_all_of_the_developers_goes_along(furnished: Service) -> None:
    said = done(furnished, "rename", "uploads", "images").err
    assert furnished.read(f"{NEW}/models/size.py") == "SIZE = 1\n"
    assert (furnished.root / f"{NEW}/models/weights.bin").read_bytes() == BINARY
    assert os.readlink(furnished.root / f"{NEW}/shared.py") == "../shared.py"
    assert os.readlink(furnished.root / f"{NEW}/data") == "models"
    assert os.access(furnished.root / "tests/images/run.sh", os.X_OK)
    assert "helper" in furnished.read("tests/images/test_helper.py")
    left = [path for path in everything(furnished) if path.startswith((OLD, "tests/uploads"))]
    assert left == [f"{OLD}/__pycache__/helper.pyc"]
    for path in ("helper.py", "shared.py", "data", "models/weights.bin"):
        assert f"  ~ {OLD}/{path} -> {NEW}/{path}" in said


def test_lines_that_say_the_old_module_are_told_and_left(furnished: Service) -> None:
    said = done(furnished, "rename", "uploads", "images").err
    assert "src/orders/api/mine.py:1: from orders.uploads.helper import SIZE" in said
    assert f"{NEW}/helper.py:1: from orders.uploads.models.size import SIZE" in said
    assert "files of yours stay where they are" not in said
    assert furnished.read(f"{NEW}/helper.py") == "from orders.uploads.models.size import SIZE\n"


def test_undo_brings_all_of_it_back_and_once_more_takes_it_there(furnished: Service) -> None:
    before = everything(furnished)
    done(furnished, "rename", "uploads", "images")
    after = everything(furnished)
    done(furnished, "undo")
    assert everything(furnished) == before
    done(furnished, "undo")
    assert everything(furnished) == after


def test_undo_keeps_what_was_edited_since(furnished: Service) -> None:
    done(furnished, "rename", "uploads", "images")
    (furnished.root / f"{NEW}/shared.py").unlink()
    (furnished.root / f"{NEW}/shared.py").symlink_to("elsewhere.py")
    assert f"{NEW}/shared.py: no longer generated" in refused(furnished, 3, "undo").err


@pytest.mark.parametrize("path", ["helper.py", "shared.py", "models"])
def test_what_is_in_the_way_is_never_written_over(furnished: Service, path: str) -> None:
    furnished.write(f"{NEW}/{path}", "MINE = 1\n")
    for flags in ([], ["--conflict", "theirs"], ["--conflict", "ours"]):
        said = refused(furnished, 3, "rename", "uploads", "images", *flags).err
        assert f"{NEW}/{path}" in said


def test_a_repository_within_is_left_alone(sam: Service) -> None:
    sam.write(f"{OLD}/vendored/.git", "gitdir: ../../../.git/modules/vendored\n")
    sam.write(f"{OLD}/vendored/module.py", "MINE = 1\n")
    said = done(sam, "rename", "uploads", "images").err
    assert sam.read(f"{OLD}/vendored/module.py") == "MINE = 1\n"
    assert f"files of yours stay where they are: {OLD}/vendored" in said


def test_a_generated_file_moved_within_the_folder_goes_along(sam: Service) -> None:
    (sam.root / "tests/uploads/unit").mkdir()
    (sam.root / "tests/uploads/test_logic.py").rename(sam.root / "tests/uploads/unit/test_logic.py")
    done(sam, "rename", "uploads", "images")
    assert "orders.images" in sam.read("tests/images/unit/test_logic.py")
    assert not (sam.root / "tests/uploads").exists()


def test_a_handler_that_became_a_link_goes_along(sam: Service) -> None:
    """Left behind, it would be a function without one."""
    sam.write("src/orders/common.py", sam.read(f"{OLD}/handler.py"))
    (sam.root / f"{OLD}/handler.py").unlink()
    (sam.root / f"{OLD}/handler.py").symlink_to("../common.py")
    done(sam, "rename", "uploads", "images")
    assert os.readlink(sam.root / f"{NEW}/handler.py") == "../common.py"
    assert not (sam.root / OLD).exists()


def test_a_link_in_the_place_of_what_changes_goes_along_when_it_is_kept(sam: Service) -> None:
    (sam.root / "tests/uploads/test_logic.py").rename(sam.root / "tests/common.py")
    (sam.root / "tests/uploads/test_logic.py").symlink_to("../common.py")
    sam.append("tests/common.py", "\n\nMINE = 1\n")
    refused(sam, 3, "rename", "uploads", "images")
    done(sam, "rename", "uploads", "images", "--conflict", "ours")
    assert os.readlink(sam.root / "tests/images/test_logic.py") == "../common.py"
    assert not (sam.root / "tests/uploads").exists()


@pytest.mark.parametrize("folder", ["src/orders", "tests"])
def test_a_folder_that_became_a_link_goes_along(sam: Service, folder: str) -> None:
    (sam.root / folder / "uploads").rename(sam.root / "elsewhere")
    (sam.root / folder / "uploads").symlink_to(sam.root / "elsewhere")
    done(sam, "rename", "uploads", "images", "--conflict", "ours")
    assert [*(sam.root / folder / "images").glob("*handler.py")]
    assert not os.path.lexists(sam.root / folder / "uploads")


def test_a_name_that_was_deleted_in_gen_toml_is_free(sam: Service) -> None:
    """What is remembered of the other function does not make the handler stay deleted."""
    text = sam.read("gen.toml")
    head, _, rest = text.partition("[functions.api]\n")
    sam.write("gen.toml", head + rest[rest.index("[functions.uploads]") :])
    for folder in ("src/orders/api", "tests/api", "events/api"):
        for file in sorted((sam.root / folder).rglob("*.*")):
            file.unlink()
    sam.append(f"{OLD}/handler.py", "\n\nMINE = 1\n")
    done(sam, "rename", "uploads", "api")
    assert sam.read("src/orders/api/handler.py").endswith("\n\nMINE = 1\n")


names = st.sampled_from(["helper.py", "a/b/c.txt", "a/d", "Uploads.md", ".env.example", "x y.bin"])
contents = st.one_of(st.binary(max_size=20), st.just(b"uploads\n"))


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(files=st.dictionaries(names, contents, max_size=4), links=st.booleans())
def test_there_and_back_is_as_it_was(
    rendered, tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes], links: bool
) -> None:
    import shutil

    root = tmp_path_factory.mktemp("own") / "orders"
    shutil.copytree(rendered("sam").root, root)
    service = Service(root)
    for name, content in files.items():
        service.write(f"{OLD}/{name}", content)
        if links:
            (root / f"tests/uploads/{name.replace('/', '-')}").symlink_to(name)
    before = everything(service)
    service.gen("rename", "uploads", "images")
    assert not [path for path in everything(service) if path.startswith(OLD)]
    service.gen("undo")
    assert everything(service) == before
