"""`gen undo`: the last change goes, what was edited since stays."""

from __future__ import annotations

import pytest
from evolve.conftest import TOOLS
from evolve.looking import JOBS, done, main_of, own_of, refused, resources, stamps
from evolve.playground import Service


@pytest.fixture
def tool(request: pytest.FixtureRequest) -> str:
    """The tool matters little here: each test takes one of them, and always the same."""
    return TOOLS[len(request.node.name) % len(TOOLS)]


def test_undo_is_as_if_nothing_had_been(service: Service) -> None:
    before = service.tree()
    done(service, *JOBS)
    result = done(service, "undo")
    assert "Done, undo of gen add-trigger sqs" in result.err
    assert service.tree() == before
    assert not (service.root / "src/orders/jobs").exists()


def test_undo_of_undo_does_it_again(service: Service) -> None:
    before = service.tree()
    done(service, *JOBS)
    added = service.tree()
    done(service, "undo")
    done(service, "undo")
    assert service.tree() == added
    done(service, "undo")
    assert service.tree() == before


def test_undo_brings_a_removed_function_back(service: Service) -> None:
    before = service.tree()
    done(service, "remove-trigger", "uploads")
    done(service, "undo")
    assert service.tree() == before


def test_edits_elsewhere_stay(service: Service) -> None:
    before = service.tree()
    done(service, *JOBS)
    edits = [("README.md", "\nMine.\n"), (main_of(service), "# mine\n"), ("gen.toml", "# mine\n")]
    for path, text in edits:
        service.append(path, text)
    service.append("src/orders/api/handler.py", "\n\nMINE = 1\n")
    done(service, "undo")
    assert "JobsRole" not in resources(service)
    for path, text in edits:
        assert service.read(path) == before[path].content.decode() + text
    assert service.read("src/orders/api/handler.py").endswith("MINE = 1\n")


def test_an_edit_of_what_goes_is_a_conflict(service: Service) -> None:
    done(service, *JOBS)
    service.append("src/orders/jobs/handler.py", "\n\nMINE = 1\n")
    result = refused(service, 3, "undo")
    assert "src/orders/jobs/handler.py: no longer generated, but you changed it" in result.err
    done(service, "undo", "--conflict", "ours")
    assert service.read("src/orders/jobs/handler.py").endswith("MINE = 1\n")
    assert not (service.root / "src/orders/jobs/logic.py").exists()


def test_theirs_drops_an_edit_and_another_undo_has_it_back(service: Service) -> None:
    before = service.tree()
    done(service, *JOBS)
    service.append("src/orders/jobs/handler.py", "\n\nMINE = 1\n")
    edited = service.tree()
    done(service, "undo", "--conflict", "theirs")
    assert service.tree() == before
    done(service, "undo")
    assert service.tree() == edited


def test_an_edit_in_a_block_that_goes_is_a_conflict(service: Service) -> None:
    done(service, *JOBS)
    path = own_of(service, "jobs")
    service.edit(path, "orders.jobs.handler.handler\n", "orders.jobs.handler.handler # mine\n")
    assert path in refused(service, 3, "undo").err


def test_a_file_deleted_since_is_no_obstacle(service: Service) -> None:
    before = service.tree()
    done(service, *JOBS)
    (service.root / "tests/jobs/test_logic.py").unlink()
    done(service, "undo")
    assert service.tree() == before


def test_a_new_service_has_nothing_to_undo(service: Service) -> None:
    said = refused(service, 2, "undo").err
    assert "there is nothing to undo here" in said
    assert "git knows the others" in said


def test_a_refused_command_leaves_the_last_undo(service: Service) -> None:
    before = service.tree()
    done(service, *JOBS)
    refused(service, 2, "add-trigger", "sqs", "--name", "Jobs")
    service.gen("remove-trigger", "uploads", "--dry-run")
    done(service, "undo")
    assert service.tree() == before


def test_nothing_to_do_leaves_the_last_undo(service: Service) -> None:
    before = service.tree()
    done(service, *JOBS)
    done(service, *JOBS)
    done(service, "apply")
    done(service, "undo")
    assert service.tree() == before


def test_undo_when_the_base_is_another(service: Service) -> None:
    """A git checkout of another commit: the record no longer fits."""
    service.commit()
    done(service, *JOBS)
    service.commit()
    service.git("checkout", "-q", "HEAD~1")
    said = refused(service, 2, "undo").err
    assert "the service is no longer what gen add-trigger sqs left" in said
    assert "undo with git" in said


def test_a_dry_run_of_undo_shows_it_and_writes_nothing(service: Service) -> None:
    done(service, *JOBS)
    before = stamps(service)
    result = service.gen("undo", "--dry-run")
    assert stamps(service) == before
    assert "- src/orders/jobs/handler.py" in result.err
    assert "-[functions.jobs]" in result.out
