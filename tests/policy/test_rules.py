"""The rules of the policy, without a database."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as of_hypothesis
from hypothesis import strategies as st

from securityinfo.policy.required import NeededState
from securityinfo.policy.rules import (
    KindTraits,
    Purpose,
    Reason,
    Rule,
    Ruleset,
    RuleState,
    Settings,
    Strength,
    staff_kind_installed,
)

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
EVERYTHING = frozenset(Purpose)


def a_kind(kind="post", strength=Strength.WEAK, purposes=EVERYTHING, most=3):
    return KindTraits(kind, strength, purposes, most)


def a_rule(kind="post", state=RuleState.ALLOWED, **values):
    return Rule(kind, state, **values)


def a_ruleset(*rules, privileged=False, **settings):
    return Ruleset(
        settings=Settings(**settings),
        rules={rule.kind: rule for rule in rules},
        privileged=privileged,
    )


@pytest.mark.parametrize(
    ("included", "excluded", "reason"),
    [
        (True, False, None),
        (False, False, Reason.NOT_INCLUDED),
        (True, True, Reason.EXCLUDED),
        (False, True, Reason.EXCLUDED),
    ],
)
def test_exclude_wins_over_include(included, excluded, reason):
    """PO1."""
    ruleset = a_ruleset(a_rule(included=included, excluded=excluded))

    decision = ruleset.may_register(a_kind())

    assert decision.reason == reason
    assert bool(decision) == (reason is None)


@given(
    state=st.sampled_from(RuleState),
    included=st.booleans(),
    for_sign_in=st.booleans(),
    for_reset=st.booleans(),
    purpose=st.sampled_from(Purpose),
    strength=st.sampled_from(Strength),
    privileged=st.booleans(),
)
def test_whoever_is_excluded_may_nothing_whatever_else_is_set(
    state, included, for_sign_in, for_reset, purpose, strength, privileged
):
    """PO1."""
    rule = a_rule("post", state, for_sign_in=for_sign_in, for_reset=for_reset)
    rule = dataclasses.replace(rule, included=included, excluded=True)

    assert not a_ruleset(rule, privileged=privileged).may_use(a_kind(strength=strength), purpose)


@given(
    strength=st.sampled_from([Strength.NONE, Strength.WEAK, Strength.RESTRICTED]),
    purpose=st.sampled_from(Purpose),
    state=st.sampled_from(RuleState),
    required=st.booleans(),
)
def test_no_policy_gives_staff_a_weaker_kind(strength, purpose, state, required):
    """K10, PO8."""
    ruleset = a_ruleset(a_rule(state=state), privileged=True, registration_required=required)

    assert not ruleset.may_use(a_kind(strength=strength), purpose)


def test_staff_use_strong_kinds_and_the_reason_says_so_otherwise():
    """K10."""
    ruleset = a_ruleset(a_rule(), privileged=True)

    assert ruleset.may_register(a_kind(strength=Strength.STRONG))
    assert ruleset.may_register(a_kind()).reason == Reason.STAFF_STRENGTH


def test_a_kind_without_a_rule_is_off():
    """PO2."""
    assert a_ruleset().may_register(a_kind()).reason == Reason.RULE_OFF


@pytest.mark.parametrize(
    ("purpose", "switch"),
    [
        (Purpose.SIGN_IN, "for_sign_in"),
        (Purpose.CONFIRM, "for_sign_in"),
        (Purpose.RESET, "for_reset"),
    ],
)
def test_a_purpose_can_be_switched_off(purpose, switch):
    ruleset = a_ruleset(a_rule(**{switch: False}))

    assert ruleset.may_use(a_kind(), purpose).reason == Reason.PURPOSE_OFF
    assert ruleset.may_register(a_kind())


def test_a_purpose_that_the_kind_does_not_have_cannot_be_switched_on():
    kind = a_kind(purposes=frozenset({Purpose.REGISTER, Purpose.RESET}))

    decision = a_ruleset(a_rule(for_sign_in=True)).may_use(kind, Purpose.SIGN_IN)

    assert decision.reason == Reason.NOT_FOR_PURPOSE


def test_a_kind_that_serves_nothing_is_not_registered():
    ruleset = a_ruleset(a_rule(for_sign_in=False, for_reset=False))

    assert ruleset.may_register(a_kind()).reason == Reason.PURPOSE_OFF


@pytest.mark.parametrize(("decided", "maximum"), [(1, 1), (2, 2), (9, 3), (0, 1), (-4, 1)])
def test_the_maximum_is_the_policys_within_the_kinds(decided, maximum):
    assert a_ruleset(a_rule(maximum=decided)).maximum(a_kind(most=3)) == maximum


@pytest.mark.parametrize(
    ("who", "in_group", "allowed"),
    [
        ("everyone", False, True),
        ("nobody", True, False),
        ("groups", True, True),
        ("groups", False, False),
    ],
)
def test_who_may_reset(who, in_group, allowed):
    ruleset = Ruleset(settings=Settings(reset_for=who), in_reset_group=in_group)

    assert bool(ruleset.may_reset()) == allowed


# --- Required registration ------------------------------------------------------------------------


def needed(ruleset=None, **values):
    defaults = {"channels": 0, "has_sign_in_method": False, "reachable": 3, "now": NOW}
    return (ruleset or a_ruleset()).registration_needed(**defaults | values)


def test_somebody_without_a_method_is_asked_for_the_first_and_may_not_skip():
    """RR1, RR6: putting off is off by default."""
    asked = needed()

    assert asked.state == NeededState.FIRST_METHOD
    assert asked.must_register
    assert asked.required == 2


def test_nobody_is_asked_when_registration_is_not_required():
    assert not needed(a_ruleset(registration_required=False))


def test_nobody_is_asked_for_more_than_the_policy_lets_them_have():
    """With one kind of which a person may have one, one is enough."""
    asked = needed(channels=1, has_sign_in_method=True, reachable=1)

    assert asked.state == NeededState.NOT_NEEDED
    assert asked.required == 1


def test_where_nothing_is_allowed_the_page_can_say_so():
    """RR8: nobody is let in because of it."""
    asked = needed(reachable=0)

    assert asked.state == NeededState.NOTHING_POSSIBLE
    assert asked.must_register


def test_the_other_methods_may_wait_until_their_day():
    """RR1 (b)."""
    since = NOW - dt.timedelta(days=13)

    asked = needed(channels=1, has_sign_in_method=True, since=since)

    assert asked.state == NeededState.MORE_METHODS
    assert asked.due == since + dt.timedelta(days=14)
    assert not asked.blocks_sign_in


def test_once_their_day_has_come_the_other_methods_are_asked_for_at_sign_in():
    """RR1 (b)."""
    asked = needed(channels=1, has_sign_in_method=True, since=NOW - dt.timedelta(days=14))

    assert asked.must_register


@pytest.mark.parametrize(
    ("days", "skips", "started", "used", "may_skip"),
    [
        (0, 5, NOW, 0, False),
        (5, 0, NOW, 0, False),
        (5, 5, None, 0, True),
        (5, 5, NOW - dt.timedelta(days=4, hours=23), 4, True),
        (5, 5, NOW - dt.timedelta(days=5), 0, False),
        (5, 5, NOW, 5, False),
    ],
)
def test_the_first_method_is_put_off_while_days_and_skips_both_allow_it(
    days, skips, started, used, may_skip
):
    """RR6."""
    ruleset = a_ruleset(grace_days=days, grace_skips=skips)

    asked = needed(ruleset, grace_started=started, skips_used=used)

    assert asked.may_skip == may_skip
    assert asked.state == NeededState.FIRST_METHOD


def test_days_and_skips_left_are_told():
    """RR6."""
    ruleset = a_ruleset(grace_days=5, grace_skips=3)

    asked = needed(ruleset, grace_started=NOW - dt.timedelta(days=1, hours=1), skips_used=1)

    assert (asked.days_left, asked.skips_left) == (4, 2)


@pytest.mark.parametrize("settings", [{"grace_days": 9, "grace_skips": 9}, {}])
@pytest.mark.parametrize("required", [True, False])
def test_staff_never_skip_and_never_sign_in_without_a_method(settings, required):
    """K10, SI10."""
    ruleset = a_ruleset(privileged=True, registration_required=required, **settings)

    assert needed(ruleset).must_register


def test_staff_are_asked_for_nothing_where_no_kind_is_strong_enough():
    """Ends by itself with the first strong kind that is installed."""
    ruleset = a_ruleset(privileged=True)

    assert not needed(ruleset, staff_kind_installed=staff_kind_installed([a_kind()]))
    assert staff_kind_installed([a_kind(), a_kind("app", Strength.STRONG)])


def test_reachable_counts_what_may_be_registered_up_to_its_maximum():
    kinds = [
        a_kind("post"),
        a_kind("app", Strength.STRONG),
        a_kind("riddle", Strength.NONE),
        a_kind("pigeon"),
    ]
    rules = [
        a_rule("post", maximum=2),
        a_rule("app"),
        a_rule("riddle"),
        a_rule("pigeon", RuleState.OFF),
    ]

    assert a_ruleset(*rules).reachable(kinds) == 3
    assert a_ruleset(*rules, privileged=True).reachable(kinds) == 1


def test_nothing_is_reachable_without_a_kind_for_sign_in():
    """RR3."""
    assert a_ruleset(a_rule(for_sign_in=False)).reachable([a_kind()]) == 0


# --- Deleting -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"sign_in_left": 2, "channels_left": 2}, None),
        ({"sign_in_left": 1, "channels_left": 1}, Reason.TOO_FEW),
        ({"sign_in_left": 0, "channels_left": 2}, Reason.LAST_SIGN_IN),
        ({"sign_in_left": 0, "channels_left": 0, "usable": False}, None),
        ({"sign_in_left": 1, "channels_left": 1, "reachable": 1}, None),
    ],
)
def test_deleting_leaves_as_many_as_required(values, reason):
    """MG6."""
    decision = a_ruleset().may_delete(**{"usable": True, "reachable": 4} | values)

    assert decision.reason == reason


@pytest.mark.parametrize(
    ("privileged", "ticked", "reason"),
    [
        (False, False, Reason.NEEDS_CONSENT),
        (False, True, None),
        (True, True, Reason.LAST_SIGN_IN),
    ],
)
def test_without_required_registration_the_last_one_goes_after_a_tick(privileged, ticked, reason):
    """MG6, SI10."""
    ruleset = a_ruleset(privileged=privileged, registration_required=False)

    decision = ruleset.may_delete(
        usable=True, sign_in_left=0, channels_left=0, reachable=2, password_only=ticked
    )

    assert decision.reason == reason


# --- Settings -------------------------------------------------------------------------------------


NASTY = st.text("aZ09 @.:/-_#<>'\"\\\n\0é€\u202e\ud800", max_size=30)


@of_hypothesis(suppress_health_check=[HealthCheck.too_slow])  # on a busy machine
@given(
    st.dictionaries(
        st.sampled_from([field.name for field in dataclasses.fields(Settings)]),
        st.none()
        | st.booleans()
        | st.integers()
        | NASTY
        | st.lists(NASTY | st.integers() | st.none(), max_size=5),
    )
)
def test_whatever_is_stored_the_settings_are_within_their_ranges(stored):
    """R097, PO4."""
    settings = Settings.clamped(stored)

    assert Settings.clamped(dataclasses.asdict(settings)) == settings
    assert 3 <= settings.code_tries <= 10
    assert 3 <= settings.code_minutes <= 10
    assert settings.methods_to_reset <= settings.methods_to_register
    assert settings.languages
    assert settings.default_language in settings.languages
    assert settings.organization_name.isprintable()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("accent", "red;}body{display:none"),
        ("helpdesk_url", "javascript:alert(1)"),
        ("privacy_url", "http://example.org/"),
        ("helpdesk_email", "a@example.org\nBcc: b@example.org"),
        ("time_zone", "Mars/Olympus"),
        ("home_country", "N1"),
    ],
)
def test_a_text_of_the_wrong_shape_is_as_if_it_were_absent(name, value):
    """PO4: what could do harm on a page or in a mail never gets that far."""
    assert getattr(Settings.clamped({name: value}), name) == getattr(Settings(), name)


def test_a_list_keeps_what_fits():
    settings = Settings.clamped(
        {
            "organization_domains": ["@Example.ORG", "example.org", "no domain", 7],
            "office_networks": ["192.0.2.0/24", "everywhere", "2001:db8::/32"],
            "blocked_words": ["Example", "abc", "x" * 17],
        }
    )

    assert settings.organization_domains == ("example.org",)
    assert settings.office_networks == ("192.0.2.0/24", "2001:db8::/32")
    assert settings.blocked_words == ("example",)


def test_short_passwords_need_required_registration_without_grace():
    assert Settings(password_min_length=8).password_min_length == 8
    assert Settings(password_min_length=8, registration_required=False).password_min_length == 15
    graced = Settings(password_min_length=8, grace_days=1, grace_skips=1)
    assert graced.password_min_length == 15
