"""The TypeScript in a wheel of the Terraform CDK: a jsii package, its sources in source maps."""

from __future__ import annotations

import base64
import io
import json
import re
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

_MAP = "sourceMappingURL=data:application/json;base64,"
# google's larger resources keep their nested classes in files of their own.
_FILE = re.compile(r"package/lib/([\w-]+)/(index|index-structs/structs\d+)\.js")


def provider_of(wheel: Path) -> tuple[str, str]:
    """(registry.terraform.io/hashicorp/azurerm, 5.10.0)"""
    with _package(wheel) as package:
        file = package.extractfile("package/package.json")
        assert file is not None
        description = json.load(file)
    provider = (description.get("cdktn") or description["cdktf"])["provider"]
    return provider["name"], provider["version"]


def modules(wheel: Path) -> Iterator[str]:
    """The source of each resource, data source and the provider, with all its classes."""
    texts: dict[str, list[str]] = {}
    with _package(wheel) as package:
        for member in package:
            match = _FILE.fullmatch(member.name)
            file = package.extractfile(member) if match else None
            if match and file:
                texts.setdefault(match[1], []).append(_source(file.read().decode()))
    for parts in texts.values():
        text = "\n".join(parts)
        if "tfResourceType = " in text:
            yield text


def _package(wheel: Path) -> tarfile.TarFile:
    with zipfile.ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".jsii.tgz")]
        return tarfile.open(fileobj=io.BytesIO(archive.read(name)))


def _source(script: str) -> str:
    _, found, encoded = script.rpartition(_MAP)
    if not found:
        return ""
    return str(json.loads(base64.b64decode(encoded.strip()))["sourcesContent"][0])
