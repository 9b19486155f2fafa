"""Rules to begin with: the tests of policy bring their own kinds."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group

from securityinfo.policy import initial
from securityinfo.policy.models import MethodRule
from securityinfo.policy.rules import InitialRule, KindTraits, Purpose, RuleState, Strength

POST = KindTraits("post", Strength.WEAK, frozenset(Purpose), 3)
APP = KindTraits("app", Strength.STRONG, frozenset(Purpose), 5)


@pytest.fixture
def rules(db):
    """One rule for each of two kinds, and none for others."""
    initial.ensure_rules(
        [
            InitialRule(APP, RuleState.RECOMMENDED, 5, "App"),
            InitialRule(POST, RuleState.ALLOWED, 1, "Post"),
        ]
    )
    return {rule.kind: rule for rule in MethodRule.objects.installed()}


@pytest.fixture
def contractors(db):
    return Group.objects.create(name="Contractors")
