"""What all tests share: where the recorded data lies, and a quiet working folder."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# a first compilation inside an example takes seconds; laws are drawn the same way every time
settings.register_profile(
    "laws", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("laws")

# a developer's own store and settings file are no part of any test
for variable in ("LEADFOLLOW_CONFIG", "LEADFOLLOW_STORE"):
    os.environ.pop(variable, None)

REPO = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the recorded market data, beside the checkout; never part of the repo."""
    folder = REPO.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("recorded market data (../shared/data) is not on this machine")
    return folder
