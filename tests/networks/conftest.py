"""Stand-ins listen on this machine, which Hark reaches only when it is told that it may."""

from __future__ import annotations

import pytest

from hark.brands.models import Brand
from hark.channels import http
from hark.web import outbound


@pytest.fixture(autouse=True)
def nearby(monkeypatch):
    monkeypatch.setenv("HARK_ALLOW_PRIVATE", "localhost")
    quick = outbound.client(timeout=2, headers={"user-agent": http.AGENT})
    monkeypatch.setattr(http, "_client", lambda: quick)


@pytest.fixture
def at_once(ternway: Brand) -> Brand:
    """Ternway, without the seconds in which a reply may be taken back."""
    Brand.objects.update(undo_seconds=0)
    return ternway
