"""What `check --deploy` says of kinds that had better not be in use."""

from __future__ import annotations

import pytest
from django.core.checks import Tags, run_checks
from django.db import connection

from securityinfo.policy import checks, initial
from securityinfo.policy.models import MethodRule
from securityinfo.policy.rules import InitialRule, KindTraits, Purpose, RuleState, Strength

pytestmark = pytest.mark.django_db

RIDDLE = KindTraits("riddle", Strength.NONE, frozenset({Purpose.RESET}), 1)


@pytest.fixture
def riddle(db):
    initial.ensure_rules(
        [InitialRule(RIDDLE, RuleState.ALLOWED, 1, "Riddle", "It can be guessed.")]
    )
    return MethodRule.objects.get(kind="riddle")


def test_a_kind_that_is_on_against_advice_is_named(riddle):
    """R036."""
    (found,) = checks.kinds_to_be_careful_with()

    assert "Riddle" in found.msg
    assert found.hint == "It can be guessed."


def test_it_is_part_of_the_checks_before_deployment(riddle):
    """R036."""
    ids = {found.id for found in run_checks(tags=[Tags.security], include_deployment_checks=True)}

    assert "policy.W001" in ids
    assert "policy.W001" not in {found.id for found in run_checks(tags=[Tags.security])}


def test_nothing_is_said_while_it_is_off_or_gone(riddle):
    MethodRule.objects.update(state="off")
    assert checks.kinds_to_be_careful_with() == []

    MethodRule.objects.update(state="allowed", installed=False)
    assert checks.kinds_to_be_careful_with() == []


def test_a_new_installation_has_no_table_to_ask(riddle):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {MethodRule._meta.db_table} RENAME TO elsewhere")

    assert checks.kinds_to_be_careful_with() == []
