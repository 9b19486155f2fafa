"""Whether one check is enough for a new password: methods × policy × role, without a database."""

from __future__ import annotations

import pytest

from securityinfo.policy import resets
from securityinfo.policy.rules import (
    KindTraits,
    Purpose,
    Reason,
    Rule,
    Ruleset,
    RuleState,
    Settings,
    Strength,
)

RESET = frozenset({Purpose.SIGN_IN, Purpose.RESET})
APP = KindTraits("app", Strength.STRONG, RESET, 5)
TEXT = KindTraits("text", Strength.RESTRICTED, RESET, 2, "text")
CALL = KindTraits("call", Strength.RESTRICTED, RESET, 2, "call")
MAIL = KindTraits("mail", Strength.WEAK, RESET, 3, "email")
QUESTIONS = KindTraits("questions", Strength.NONE, frozenset({Purpose.RESET}), 1)
KINDS = (APP, TEXT, CALL, MAIL, QUESTIONS)


def a_ruleset(*, privileged=False, **settings) -> Ruleset:
    rules = {kind.kind: Rule(kind.kind, RuleState.ALLOWED) for kind in KINDS}
    return Ruleset(Settings(**settings), rules, privileged=privileged)


@pytest.mark.parametrize("kind", [APP, TEXT, CALL, MAIL])
@pytest.mark.parametrize("is_new", [False, True])
@pytest.mark.parametrize("has_stronger", [False, True])
@pytest.mark.parametrize("methods_to_reset", [1, 2])
@pytest.mark.parametrize("privileged", [False, True])
def test_when_a_second_check_is_needed(kind, is_new, has_stronger, methods_to_reset, privileged):
    """PR4, PR6, PR8, R074."""
    ruleset = a_ruleset(privileged=privileged, methods_to_reset=methods_to_reset)

    one_is_enough = (
        methods_to_reset == 1
        and not privileged
        and not is_new
        and not (kind is MAIL and has_stronger)
    )

    needs = resets.needs_second(ruleset, kind, is_new=is_new, has_stronger=has_stronger)
    assert needs is not one_is_enough


@pytest.mark.parametrize(
    ("kind", "free", "paid"),
    [
        (APP, True, True),
        (MAIL, True, True),
        (TEXT, Reason.NOT_FIRST, True),
        (CALL, Reason.NOT_FIRST, True),
        (QUESTIONS, Reason.NOT_FIRST, Reason.NOT_FIRST),
    ],
)
def test_what_a_reset_may_begin_with(kind, free, paid):
    """PR3: nothing that costs money, unless the organization has it so; never questions."""
    for allowed, expected in ((False, free), (True, paid)):
        decision = resets.may_begin(a_ruleset(paid_first_check=allowed), kind)
        assert (decision.reason or decision.allowed) == expected


@pytest.mark.parametrize("kind", [TEXT, CALL, MAIL, QUESTIONS])
def test_staff_begin_with_nothing_weak(kind):
    """K10: whatever policy says."""
    ruleset = a_ruleset(privileged=True, paid_first_check=True)

    assert not resets.may_begin(ruleset, kind)
    assert resets.may_begin(ruleset, APP)


def test_a_kind_switched_off_for_reset_is_no_beginning():
    ruleset = Ruleset(rules={"app": Rule("app", RuleState.ALLOWED, for_reset=False)})

    assert resets.may_begin(ruleset, APP).reason is Reason.PURPOSE_OFF
