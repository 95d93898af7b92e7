"""A handler that was deleted although gen.toml has its function: nothing else would say so."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from evolve.conftest import Make
from evolve.looking import done, refused
from evolve.playground import Service, gen

from generator.packs import Packs

HANDLER = "src/orders/uploads/handler.py"


def found(service: Service) -> list[tuple[str, str]]:
    """What `gen check` finds, as kind and place."""
    code = service.gen("check", "--json", code=1).json()["problems"]
    return [(problem["kind"], problem["where"]) for problem in code]


def test_check_status_and_doctor_tell_it_with_the_remedy(service: Service) -> None:
    (service.root / HANDLER).unlink()
    assert found(service) == [("missing", HANDLER)]
    said = service.gen("check", code=1).err
    assert f"{HANDLER}: it was deleted, and the function uploads cannot do without" in said
    assert f"gen apply --restore {HANDLER}, or gen remove-trigger uploads" in said
    assert f"{HANDLER}: it was deleted" in service.gen("status").out
    result = gen(service.root, "doctor")
    assert result.code == 1
    assert f"[x]  {HANDLER}: it was deleted, and the function uploads cannot do" in result.out
    assert f"help: gen apply --restore {HANDLER}" in result.out


def test_each_remedy_mends_it(service: Service) -> None:
    (service.root / HANDLER).unlink()
    done(service, "apply", "--restore", HANDLER)
    (service.root / HANDLER).unlink()
    done(service, "remove-trigger", "uploads")


def test_the_remedy_brings_back_all_that_was_deleted_beside_it(service: Service) -> None:
    """A handler without its logic would be as broken, and nothing would say so."""
    folder = service.root / HANDLER.rpartition("/")[0]
    before = sorted(path.name for path in folder.iterdir())
    shutil.rmtree(folder)
    [problem] = service.gen("check", "--json", code=1).json()["problems"]
    command = problem["hint"].partition(", or ")[0].split()
    service.gen(*command[1:])
    assert sorted(path.name for path in folder.iterdir()) == before
    service.gen("check")


def test_a_rename_takes_it_along(service: Service) -> None:
    (service.root / HANDLER).unlink()
    service.gen("rename", "uploads", "images")
    assert found(service) == [("missing", "src/orders/images/handler.py")]


def test_apply_says_that_it_stays_deleted_and_goes_on(service: Service) -> None:
    (service.root / HANDLER).unlink()
    service.gen("add-trigger", "sqs", "--name", "jobs")
    assert found(service) == [("missing", HANDLER)]


@pytest.mark.parametrize(
    "path",
    ["tests/uploads/test_handler.py", "README.md", "src/orders/uploads/logic.py", "Makefile"],
)
def test_other_files_are_the_developers_to_delete(service: Service, path: str) -> None:
    (service.root / path).unlink()
    service.gen("check")


def test_one_that_became_a_package_is_there(service: Service) -> None:
    service.write("src/orders/uploads/handler/__init__.py", service.read(HANDLER))
    (service.root / HANDLER).unlink()
    service.gen("check")


def test_one_that_lies_elsewhere_is_not_missed(copy: Make) -> None:
    service = copy("sam")
    (service.root / HANDLER).rename(service.root / "src/orders/web.py")
    assert found(service) == [("missing", HANDLER)]
    service.edit("template.yaml", "orders.uploads.handler.handler", "orders.web.handler")
    service.gen("check")


def test_one_of_a_function_that_is_yet_to_come_is_pending(sam: Service) -> None:
    sam.append("gen.toml", '\n[functions.jobs]\ntrigger = "sqs"\n')
    kinds = {kind for kind, _ in found(sam)}
    assert kinds == {"pending"}


@pytest.mark.parametrize("provider", Packs().providers)
def test_every_provider_says_what_its_functions_cannot_do_without(
    provider: str, tmp_path: Path
) -> None:
    trigger = Packs().providers[provider].provider.default_triggers
    made = gen(
        tmp_path, "new", "orders", "--provider", provider, "--trigger", trigger, "--no-input"
    )
    assert made.code == 0, made.err
    service = Service(tmp_path / "orders")
    [function] = [f["name"] for f in service.gen("status", "--json").json()["functions"]]
    path = f"src/orders/{function}/handler.py"
    (service.root / path).unlink()
    assert found(service) == [("missing", path)]
    assert refused(service, 2, "apply", "--restore", "nothing").err
