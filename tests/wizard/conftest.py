from __future__ import annotations

from pathlib import Path

import pytest
from wizard import two_skies

from generator.packs import Packs


@pytest.fixture(scope="session")
def pack_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A search path with two providers, sky and sea."""
    folder = tmp_path_factory.mktemp("packs")
    two_skies.write(folder)
    return folder


@pytest.fixture(scope="session")
def packs(pack_folder: Path) -> Packs:
    return Packs((pack_folder,))
