"""What the documents say of networks is what the adapters declare, and the example they show is an adapter that works."""

from __future__ import annotations

import os
import re
from pathlib import Path

from hark.ops import capability_table

DOCS = Path(__file__).parents[3] / "docs"


def test_the_capability_matrix_is_that_of_the_adapters():
    """Stale? HARK_WRITE_DOCS=1 pytest hark/channels/tests/test_documents.py writes it anew."""
    page = DOCS / "channels.md"
    fresh = capability_table.filled(page.read_text())
    if os.environ.get("HARK_WRITE_DOCS"):
        page.write_text(fresh)
    assert page.read_text() == fresh, "docs/channels.md is stale"
    assert re.search(r"^\| LinkedIn \| comment, mention \|", fresh, re.MULTILINE)
