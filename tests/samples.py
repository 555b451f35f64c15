"""Finds the real inputs that lie beside a developer's checkout; a user's clone has none, and those tests skip."""

from pathlib import Path

import pytest

_CHECKOUT = Path(__file__).resolve().parent.parent


def sample(name: str) -> Path:
    """The path of one sample such as `shipments/scms_delivery_history.csv`; skips the test where it is absent."""
    for folder in (_CHECKOUT.parent, _CHECKOUT.parent.parent):
        found = folder / "shared" / "samples" / name
        if found.exists():
            return found
    pytest.skip(f"needs the sample {name} beside the checkout")
