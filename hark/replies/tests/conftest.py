"""A post that hurts, and the rule that wants a second pair of eyes on its answer."""

from __future__ import annotations

import pytest

from hark.brands.models import Brand
from hark.cases.tests.pages import only_case
from hark.replies.models import ApprovalRule


@pytest.fixture
def rule(ternway):
    Brand.objects.update(undo_seconds=0)
    return ApprovalRule.objects.create(brand=ternway, name="Sensitive: injury", words=["injur*", "hurt"])


@pytest.fixture
def case(practice, rule):
    practice.says("maya", "@ternway hot coffee went over my father’s arm, he is injured")
    return only_case()
