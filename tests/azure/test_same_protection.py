"""The three tools keep the same data for the same time, and stored as often."""

from __future__ import annotations

import re

import pytest
from matrix.services import PACKS, Case, answer, one_each, supported
from matrix.test_every_combination import tree_of

PACK = PACKS.providers["azure"]
DATA = {
    "azd": "infra/modules/data_storage.bicep",
    "func": "infra/lib/storage.sh",
    "terraform": "infra/data_storage.tf",
}
HOST = {
    "azd": "infra/modules/host_storage.bicep",
    "func": "infra/lib/app.sh",
    "terraform": "infra/app.tf",
}
HUBS = {
    "azd": "infra/modules/event_hubs.bicep",
    "func": "infra/lib/eventhubs.sh",
    "terraform": "infra/event_hubs.tf",
}
DELETED = {
    "azd": r"\bdeleteRetentionPolicy: {\s+enabled: true\s+days: (\d+)",
    "func": r'ensure_storage "\$\w+" (\d+)',
    "terraform": r" delete_retention_policy {\s+days = (\d+)",
}
CONTAINERS = DELETED | {
    "azd": r"containerDeleteRetentionPolicy: {\s+enabled: true\s+days: (\d+)",
    "terraform": r"container_delete_retention_policy {\s+days = (\d+)",
}
# What it is, in which file, and how each tool says it; the first group is what it says.
SAID = {
    "versions": (
        DATA,
        "true",
        {
            "azd": r"isVersioningEnabled: (\w+)",
            "func": r'ensure_storage "\$DATA_STORAGE" \d+ (\w+)',
            "terraform": r"versioning_enabled = (\w+)",
        },
    ),
    "days of old versions": (
        DATA,
        "90",
        {
            "azd": r"version: {\s+delete: {\s+daysAfterCreationGreaterThan: (\d+)",
            "func": r'"version": {"delete": {"daysAfterCreationGreaterThan": (\d+)',
            "terraform": r"version {\s+delete_after_days_since_creation = (\d+)",
        },
    ),
    "days of deleted blobs": (DATA, "30", DELETED),
    "days of deleted containers": (DATA, "30", CONTAINERS),
    "days of the host's deleted blobs": (HOST, "7", DELETED),
    "days of the host's deleted containers": (HOST, "7", CONTAINERS),
    "units of Event Hubs": (
        HUBS,
        "4",
        {
            "azd": r"isAutoInflateEnabled: true[^\n]*\s+maximumThroughputUnits: (\d+)",
            "func": r"--enable-auto-inflate true --maximum-throughput-units (\d+)",
            "terraform": r"auto_inflate_enabled += true[^\n]*\s+maximum_throughput_units += (\d+)",
        },
    ),
}
STAGES = {
    "azd": (r"^STORAGE_SKU=Standard_(\w+)", "infra/stages/{}.env"),
    "func": (r"^STORAGE_SKU=Standard_(\w+)", "infra/stages/{}.env"),
    "terraform": (r'^storage_replication *= "(\w+)"', "infra/stages/{}.tfvars"),
}
# Of both storage accounts: nothing else says how often they are stored.
BY_STAGE = {
    "azd": (("infra/main.bicep",), r"^    sku: (\w+)$", ["storageSku"] * 2),
    "func": (("infra/lib/storage.sh",), r"--sku (\S+)", ['"$STORAGE_SKU"']),
    "terraform": (
        ("infra/app.tf", "infra/data_storage.tf"),
        r"account_replication_type += (\S+)",
        ["var.storage_replication"] * 2,
    ),
}


def texts(tool: str) -> dict[str, str]:
    triggers = supported(PACK, PACK.tools[tool])
    tree = tree_of(Case("all", answer(PACK, PACK.tools[tool], one_each(triggers))))
    return {path: e.content.decode() for path, e in tree.items() if path.startswith("infra/")}


@pytest.mark.parametrize("tool", PACK.tools)
def test_what_is_kept_and_how_often_it_is_stored(tool: str) -> None:
    files = texts(tool)
    for what, (places, expected, patterns) in SAID.items():
        assert re.findall(patterns[tool], files[places[tool]]) == [expected], what
    pattern, place = STAGES[tool]
    for stage, often in {"dev": "LRS", "prod": "ZRS"}.items():
        assert re.findall(pattern, files[place.format(stage)], re.M) == [often], stage
    paths, pattern, said = BY_STAGE[tool]
    text = "".join(files[path] for path in paths)
    assert re.findall(pattern, text, re.M) == said
