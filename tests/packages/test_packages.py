"""What is in the packages that the tools build here: for the processor and the Python asked for.

No Docker and no machine of Lambda's kind is needed: a native module says in its header what it is
for. Every tool and every packaging that it offers is found in the packs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from deploy.composition import PROVIDER, tool_module, tool_names
from deploy.deployed import Deployed
from tools.aws_local import FunctionConfig, LocalAws, Sandbox, local_aws
from tools.provision import node_environment, venv_program
from tools.workbench import LONG_AGO, Workbench, build_workbench, clean_environment

from generator.request import Request, to_answers

PYTHON = "3.13"
# e_machine of an ELF file (elf.h: EM_AARCH64, EM_X86_64), and what CPython has in a file's name.
MACHINES = {"arm64": (183, "aarch64"), "x86_64": (62, "x86_64")}
NATIVE = "pydantic-core==2.41.5"
Files = dict[str, bytes]


def packagings(tool: str) -> tuple[str, ...]:
    """What the tool offers; one that has no such option makes zips."""
    option = PROVIDER.tools[tool].options.get("packaging")
    return option.choices if option else ("zip",)


CASES = [
    (tool, packaging, architecture)
    for tool in tool_names()
    for packaging in packagings(tool)
    for architecture in MACHINES
]
LAYERS = [tool for tool in tool_names() if "layer" in packagings(tool)]
IMAGES = [tool for tool in tool_names() if "container" in packagings(tool)]


def service_with_a_native_dependency(
    folder: Path, tool: str, packaging: str, architecture: str
) -> Deployed:
    """Nothing is deployed: of `Deployed` it is the folder that counts."""
    settings = [f"architecture={architecture}"]
    if packaging != "zip":
        settings.append(f"packaging={packaging}")
    asked = Request(
        name="orders",
        provider="aws",
        tool=tool,
        trigger=("http=api", "sqs=refunds"),
        set=tuple(settings),
        python=PYTHON,
    )
    service = build_workbench(folder, to_answers(asked))
    tool_module(tool).provide(service.folder)
    require(service, NATIVE)
    nowhere: Any = None
    return Deployed(asked, "lean", service, nowhere)


def require(service: Workbench, pin: str) -> None:
    """Has the functions depend on something more. `make` is not to install it here."""
    requirements = service.folder / "src" / "requirements.txt"
    requirements.write_text(requirements.read_text("utf-8") + f"{pin}\n", "utf-8")
    os.utime(requirements, (LONG_AGO, LONG_AGO))


def built(deployed: Deployed, packaging: str) -> tuple[Files, Files]:
    """The code's files and the dependencies', as the tool has packed them."""
    folder = deployed.folder
    if packaging == "container":
        # What the Dockerfile runs in its first stage, and copies from it.
        words = [deployed.folder / ".venv/bin/python", "scripts/package.py", PYTHON]
        words.append(deployed.request.set[0].partition("=")[2])
        succeed(words, folder)
        files = files_of(folder / "build" / "package")
        return files, files
    done = deployed.service.make("build", "STAGE=dev", env=clean_environment() | node_environment())
    assert done.returncode == 0, done.stdout + done.stderr
    if packaging == "layer":
        return unzipped(folder / "build/package.zip"), unzipped(folder / "build/layer.zip")
    files = tool_module(deployed.request.tool).packages(deployed)
    return files, files


def succeed(words: list[Any], folder: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [str(word) for word in words],
        cwd=folder,
        env=env or clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def files_of(folder: Path) -> Files:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def unzipped(archive: Path) -> Files:
    with zipfile.ZipFile(archive) as content:
        return {name: content.read(name) for name in content.namelist()}


@pytest.mark.parametrize(("tool", "packaging", "architecture"), CASES)
def test_native_modules_are_for_lambda(
    tool: str, packaging: str, architecture: str, tmp_path: Path
) -> None:
    deployed = service_with_a_native_dependency(tmp_path / "orders", tool, packaging, architecture)
    code, dependencies = built(deployed, packaging)
    machine, word = MACHINES[architecture]
    native = {name: content for name, content in dependencies.items() if name.endswith(".so")}
    assert any("pydantic_core" in name for name in native)
    for name, content in native.items():
        assert content[:4] == b"\x7fELF", name
        assert int.from_bytes(content[18:20], "little") == machine, name
        assert f"cpython-{PYTHON.replace('.', '')}-{word}" in name
    assert any(name.endswith("orders/api/handler.py") for name in code)
    if packaging == "layer":
        assert all(name.startswith("python/") for name in dependencies)
        assert all(name.startswith("orders/") for name in code)


@pytest.mark.parametrize("tool", LAYERS)
def test_a_change_of_the_code_leaves_the_layer_as_it_is(tool: str, tmp_path: Path) -> None:
    deployed = service_with_a_native_dependency(tmp_path / "orders", tool, "layer", "arm64")
    code, layer = (deployed.folder / "build" / f"{name}.zip" for name in ("package", "layer"))
    built(deployed, "layer")
    before = code.read_bytes(), layer.read_bytes()
    built(deployed, "layer")
    assert before == (code.read_bytes(), layer.read_bytes())
    with (deployed.folder / "src/orders/api/logic.py").open("a") as logic:
        logic.write("\n# More.\n")
    built(deployed, "layer")
    assert code.read_bytes() != before[0]
    assert layer.read_bytes() == before[1]


def test_a_service_without_dependencies_has_a_layer_that_is_not_empty(tmp_path: Path) -> None:
    """Lambda refuses an empty one."""
    tool = LAYERS[0]
    asked = Request(
        name="orders", provider="aws", tool=tool, trigger=("sqs=refunds",), set=("packaging=layer",)
    )
    service = build_workbench(tmp_path / "orders", to_answers(asked))
    python = service.folder / ".venv/bin/python"
    succeed([python, "scripts/package.py", PYTHON, "arm64"], service.folder)
    assert list(unzipped(service.folder / "build/layer.zip")) == ["python/requirements.txt"]


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    with local_aws() as server:
        yield server


@pytest.mark.parametrize("tool", LAYERS)
def test_a_deployed_function_imports_from_its_layer(
    tool: str, tmp_path: Path, aws: LocalAws
) -> None:
    asked = Request(
        name="orders",
        provider="aws",
        tool=tool,
        trigger=("http=api",),
        set=("packaging=layer", "powertools=true"),
        python=PYTHON,
    )
    service = build_workbench(tmp_path / "orders", to_answers(asked))
    module = tool_module(tool)
    module.provide(service.folder)
    deployed = Deployed(asked, "powertools", service, aws)
    if hasattr(module, "prepare"):
        module.prepare(deployed)
    deployed.make("deploy", "STAGE=dev")
    function = aws.client("lambda").get_function(FunctionName="orders-api-dev")["Configuration"]
    assert len(function["Layers"]) == 1
    assert deployed.invoke("api", "sample")["statusCode"] in (200, 201)
    # None of it is in the code's own zip.
    assert not any("powertools" in name for name in unzipped(service.folder / "build/package.zip"))


@pytest.fixture(params=IMAGES)
def image_service(request: pytest.FixtureRequest, tmp_path: Path) -> Workbench:
    asked = Request(
        name="orders",
        provider="aws",
        tool=request.param,
        trigger=("http=api", "sqs=refunds"),
        set=("packaging=container",),
        python=PYTHON,
    )
    service = build_workbench(tmp_path / "orders", to_answers(asked))
    tool_module(request.param).provide(service.folder)
    return service


def test_the_dockerfile_lints_clean(image_service: Workbench) -> None:
    program = Path(sys.executable).parent / "hadolint"
    succeed([program, "Dockerfile"], image_service.folder)


def test_what_the_dockerfile_copies_is_there_and_the_rest_is_ignored(
    image_service: Workbench,
) -> None:
    folder = image_service.folder
    lines = (folder / "Dockerfile").read_text("utf-8").splitlines()
    copied = [
        line.split()[1] for line in lines if line.startswith("COPY ") and "--from" not in line
    ]
    kept = [
        line[1:]
        for line in (folder / ".dockerignore").read_text("utf-8").splitlines()
        if line.startswith("!")
    ]
    assert all((folder / path).exists() for path in copied)
    assert sorted(path.rstrip("/") for path in copied) == ["scripts/package.py", "src"]
    assert sorted(kept) == ["scripts/package.py", "src"]


def test_without_docker_only_the_image_cannot_be_made(image_service: Workbench) -> None:
    env = clean_environment() | node_environment() | {"DOCKER_HOST": "unix:///nowhere/docker.sock"}
    for target in ("build", "deploy"):
        done = image_service.make(target, "STAGE=dev", env=env)
        assert done.returncode == 2
        assert "Docker builds the image" in done.stderr
        assert "Traceback" not in done.stderr
    for words in (["lint"], ["test"], ["invoke", "FUNCTION=api"]):
        done = image_service.make(*words, env=env)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_content_of_the_image_runs(image_service: Workbench) -> None:
    """Under Lambda's runtime client, as the base image starts it; the machine's own processor."""
    folder = image_service.folder
    succeed([folder / ".venv/bin/python", "scripts/package.py", PYTHON, "x86_64"], folder)
    config = FunctionConfig(
        code=folder / "build/package",
        handler="orders.api.handler.handler",
        runtime=f"python{PYTHON}",
        environment={"STAGE": "dev"},
        log_format="JSON",
    )
    event = (folder / "events/api/sample.json").read_bytes()
    with Sandbox(config) as sandbox:
        answer: Any = sandbox.invoke(event).value
    assert answer["statusCode"] in (200, 201)


# Plays Docker: keeps what it is asked for, and answers a push as Docker does.
PLAYED_DOCKER = """\
#!/bin/sh
echo "$@" >>"$DOCKER_CALLS"
if [ "$1" = push ]; then echo "digest: sha256:$(printf a%.0s $(seq 64)) size: 1"; fi
"""


@pytest.mark.skipif("serverless" not in IMAGES, reason="not among DEPLOY_TOOLS")
def test_osls_has_one_image_built_for_all_functions(tmp_path: Path, aws: LocalAws) -> None:
    asked = Request(
        name="orders",
        provider="aws",
        tool="serverless",
        trigger=("http=api", "sqs=refunds"),
        set=("packaging=container",),
    )
    service = build_workbench(tmp_path / "orders", to_answers(asked))
    tool_module("serverless").provide(service.folder)
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text(PLAYED_DOCKER, "utf-8")
    docker.chmod(0o755)
    env = aws.child_env(node_environment())
    env |= {"PATH": f"{docker.parent}{os.pathsep}{env['PATH']}"}
    env |= {"DOCKER_CALLS": str(tmp_path / "calls")}
    succeed(["node_modules/.bin/osls", "package", "--stage", "dev"], service.folder, env)
    calls = (tmp_path / "calls").read_text("utf-8")
    assert calls.count("build ") == calls.count("push ") == 1
    assert "--platform=linux/arm64 --provenance=false" in calls
    template = service.folder / ".serverless" / "cloudformation-template-update-stack.json"
    resources = json.loads(template.read_text("utf-8"))["Resources"]
    for function in ("api", "refunds"):
        properties = resources[f"{function.capitalize()}LambdaFunction"]["Properties"]
        assert properties["PackageType"] == "Image"
        assert properties["ImageConfig"]["Command"] == [f"orders.{function}.handler.handler"]
        assert properties["Architectures"] == ["arm64"]
    succeed(
        [venv_program("cfn_lint", "cfn-lint"), "--ignore-checks", "W3005", "--", template], tmp_path
    )
