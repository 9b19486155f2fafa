"""Counters in the database; time passes by moving rows, since the clock is the database's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import time_machine
from django.db import connection, transaction
from django.db.models import F

from securityinfo import throttling
from securityinfo.crypto import fingerprint
from securityinfo.throttling import Hold, Limit, Throttled, limits, service
from securityinfo.throttling.models import Counter
from securityinfo.throttling.service import EpochNow

pytestmark = pytest.mark.django_db

LIMIT = Limit("tests", 3, limits.DAY)
HOLD = Hold("tests-hold", 2, (10, 20, 40), limits.DAY)


def database_now() -> int:
    return Counter.objects.values_list(EpochNow(), flat=True)[0]


def hits_of(limit: Limit | Hold, key: str = "key") -> int:
    return Counter.objects.get(key=f"{limit.name}:{fingerprint(limit.name, key)}").hits


def pass_time(seconds: int) -> None:
    Counter.objects.update(
        window_start=F("window_start") - seconds, hold_until=F("hold_until") - seconds
    )


def end_wait() -> None:
    Counter.objects.update(hold_until=EpochNow())


def use_up(limit: Limit, key: str = "key") -> None:
    for _hit in range(limit.hits):
        throttling.hit(limit, key)


# --- Limits ---------------------------------------------------------------------------------------


def test_one_more_than_the_limit_is_refused_and_not_counted():
    use_up(LIMIT)

    with pytest.raises(Throttled):
        throttling.hit(LIMIT, "key")

    assert hits_of(LIMIT) == LIMIT.hits


def test_a_refusal_says_when_the_window_ends():
    use_up(LIMIT)

    with pytest.raises(Throttled) as refusal:
        throttling.hit(LIMIT, "key")

    end = Counter.objects.get().window_start + LIMIT.seconds
    assert refusal.value.retry_at == datetime.fromtimestamp(end, UTC)
    assert end - database_now() <= refusal.value.retry_after <= LIMIT.seconds


def test_a_window_of_a_day_ends_at_midnight(monkeypatch):
    monkeypatch.setattr(service, "WINDOWS_FROM", 0)

    hit = throttling.hit(LIMIT, "key")

    assert hit.window_start % limits.DAY == 0
    assert 0 <= database_now() - hit.window_start <= LIMIT.seconds


def test_keys_and_limits_are_counted_apart():
    use_up(LIMIT)

    throttling.hit(LIMIT, "another key")
    throttling.hit(Limit("another limit", 1, limits.DAY), "key")


def test_the_next_window_begins_at_nothing():
    use_up(LIMIT)
    pass_time(LIMIT.seconds)

    throttling.hit(LIMIT, "key")

    assert sorted(Counter.objects.values_list("hits", flat=True)) == [1, LIMIT.hits]


def test_an_office_may_have_a_multiple():
    use_up(LIMIT)

    for _hit in range(LIMIT.hits * 19):
        throttling.hit(LIMIT, "key", times=20)
    with pytest.raises(Throttled):
        throttling.hit(LIMIT, "key", times=20)


def test_checking_counts_nothing():
    throttling.check(LIMIT, "key")
    use_up(LIMIT)

    with pytest.raises(Throttled):
        throttling.check(LIMIT, "key")
    throttling.check(LIMIT, "key", times=2)

    assert hits_of(LIMIT) == LIMIT.hits


def test_a_success_gives_back_its_own_hit_and_no_other():
    """R093"""
    throttling.hit(LIMIT, "key")
    own = throttling.hit(LIMIT, "key")
    throttling.hit(LIMIT, "another key")

    throttling.give_back(own)

    assert hits_of(LIMIT) == 1
    assert hits_of(LIMIT, "another key") == 1


def test_an_own_success_after_every_few_failures_still_trips_the_limit():
    """R093"""
    for _failure in range(LIMIT.hits - 1):
        throttling.hit(LIMIT, "key")
        throttling.give_back(throttling.hit(LIMIT, "key"))
    throttling.hit(LIMIT, "key")

    with pytest.raises(Throttled):
        throttling.hit(LIMIT, "key")


def test_a_hit_given_back_in_a_later_window_takes_nothing_from_it():
    hit = throttling.hit(LIMIT, "key")

    throttling.give_back(replace(hit, window_start=hit.window_start - LIMIT.seconds))

    assert hits_of(LIMIT) == 1


def test_no_count_goes_below_nothing():
    hit = throttling.hit(LIMIT, "key")

    throttling.give_back(hit, hit)

    assert hits_of(LIMIT) == 0


def test_clearing_forgets_one_key_of_one_limit():
    use_up(LIMIT)
    throttling.hit(LIMIT, "another key")

    throttling.clear(LIMIT, "key")

    throttling.hit(LIMIT, "key")
    assert hits_of(LIMIT, "another key") == 1


def test_several_windows_hold_at_once_and_the_strictest_wins():
    """R091"""
    day, minute = Limit("tests-day", 9, limits.DAY), Limit("tests-minute", 2, limits.DAY // 2)
    throttling.hit_all((day, minute), "key")
    throttling.hit_all((day, minute), "key")

    with pytest.raises(Throttled):
        throttling.hit_all((day, minute), "key")

    assert (hits_of(day), hits_of(minute)) == (2, 2)


# --- Whose clock, whose transaction ---------------------------------------------------------------


@pytest.mark.parametrize("drift", [timedelta(hours=-1), timedelta(days=-400), timedelta(days=400)])
def test_the_applications_clock_changes_no_verdict(drift):
    """R004, R095: windows follow the database's clock."""
    use_up(LIMIT)

    with time_machine.travel(datetime.now(UTC) + drift), pytest.raises(Throttled):
        throttling.hit(LIMIT, "key")


@pytest.mark.parametrize("drift", [timedelta(hours=-1), timedelta(days=-400), timedelta(days=400)])
def test_with_another_clock_a_hit_is_counted_in_the_databases_window(drift):
    with time_machine.travel(datetime.now(UTC) + drift):
        hit = throttling.hit(LIMIT, "key")

    assert 0 <= database_now() - hit.window_start < LIMIT.seconds


def test_counting_within_a_transaction_fails_loudly():
    """R007: a counter that rolls back is no counter."""
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        throttling.hit(LIMIT, "key")


def test_the_usual_hit_is_one_update(django_assert_num_queries):
    throttling.hit(LIMIT, "key")

    with django_assert_num_queries(1 + transaction_statements()):
        throttling.hit(LIMIT, "key")


def transaction_statements() -> int:
    """SAVEPOINT and RELEASE stand for BEGIN and COMMIT within the test's own transaction."""
    return 2 if connection.in_atomic_block else 0


def test_no_counter_says_whom_it_counts():
    """R112, R117"""
    throttling.hit(LIMIT, "198.51.100.77")
    throttling.hit(LIMIT, "bob@example.net")

    stored = " ".join(Counter.objects.values_list("key", flat=True))
    assert "198.51" not in stored
    assert "bob" not in stored


# --- Holds ----------------------------------------------------------------------------------------


def wait_of_a_hit() -> range | None:
    """How long it can be, in seconds, whatever passed between asking and looking."""
    began = database_now()
    throttling.hold_back(HOLD, "key")
    ended, until = database_now(), throttling.held_until(HOLD, "key")
    if until is None:
        return None
    second = round(until.timestamp())
    return range(second - ended, second - began + 1)


def test_the_free_hits_hold_nothing():
    for _hit in range(HOLD.free):
        throttling.hold_back(HOLD, "key")

    assert throttling.held_until(HOLD, "key") is None


def test_each_further_hit_waits_longer_and_the_last_wait_stays():
    throttling.hit(LIMIT, "key")  # a row to ask for the time
    waits = []
    for _hit in range(HOLD.free + 5):
        waits.append(wait_of_a_hit())
        end_wait()

    assert waits[:2] == [None, None]
    for wait, expected in zip(waits[2:], [10, 20, 40, 40, 40], strict=True):
        assert expected in wait


def test_while_somebody_waits_nothing_is_counted_and_the_wait_does_not_grow():
    """R063"""
    for _hit in range(HOLD.free + 1):
        throttling.hold_back(HOLD, "key")
    before = throttling.held_until(HOLD, "key")

    with pytest.raises(Throttled) as refusal:
        throttling.hold_back(HOLD, "key")

    assert refusal.value.retry_at == before == throttling.held_until(HOLD, "key")
    assert hits_of(HOLD) == HOLD.free + 1


def test_a_wait_goes_on_in_the_next_window():
    for _hit in range(HOLD.free + 1):
        throttling.hold_back(HOLD, "key")
    Counter.objects.update(window_start=F("window_start") - HOLD.seconds)

    with pytest.raises(Throttled):
        throttling.hold_back(HOLD, "key")

    assert throttling.held_until(HOLD, "key")


def test_a_success_takes_back_its_own_hit_and_the_wait_that_it_began():
    for _hit in range(HOLD.free):
        throttling.hold_back(HOLD, "key")
    own = throttling.hold_back(HOLD, "key")

    throttling.give_back(own)

    assert throttling.held_until(HOLD, "key") is None
    assert hits_of(HOLD) == HOLD.free


def test_clearing_ends_a_wait():
    for _hit in range(HOLD.free + 1):
        throttling.hold_back(HOLD, "key")

    throttling.clear(HOLD, "key")

    assert throttling.held_until(HOLD, "key") is None


def test_the_hold_of_passwords_begins_at_the_tenth_and_ends_at_a_quarter_of_an_hour():
    hold = limits.PASSWORD_HOLD

    assert hold.free + 1 == 10
    assert hold.waits[0] == 1
    assert all(after == min(2 * before, 900) for before, after in pairwise(hold.waits))
    assert hold.waits[-1] == 15 * limits.MINUTE


# --- Housekeeping ---------------------------------------------------------------------------------


def test_windows_of_a_day_ago_are_purged_and_no_others():
    """R118"""
    throttling.hit(LIMIT, "key")
    pass_time(limits.DAY)
    throttling.hit(LIMIT, "key")

    assert throttling.purge() == 1
    assert hits_of(LIMIT) == 1


def test_a_wait_that_goes_on_is_not_purged_with_its_window():
    day_long = replace(HOLD, free=0, waits=(limits.DAY,))
    throttling.hold_back(day_long, "key")
    Counter.objects.update(window_start=F("window_start") - limits.DAY)

    assert throttling.purge() == 0
    with pytest.raises(Throttled):
        throttling.check_hold(day_long, "key")
    end_wait()
    throttling.check_hold(day_long, "key")
    assert throttling.purge() == 1


def every_limit() -> list[Limit | Hold]:
    found: list[Limit | Hold] = [limits.sends_to_new_numbers_by_country(200)]
    for value in vars(limits).values():
        found += [each for each in (value if isinstance(value, tuple) else [value])
                  if isinstance(each, Limit | Hold)]  # fmt: skip
    return found


def test_no_limit_is_off_or_longer_than_the_purge_keeps():
    for limit in every_limit():
        assert 0 < limit.seconds <= limits.DAY
        assert not isinstance(limit, Limit) or limit.hits > 0


def test_names_are_unique_and_fit_the_column():
    names = [limit.name for limit in every_limit()]

    assert len(set(names)) == len(names)
    assert max(map(len, names)) + 1 + 43 <= Counter._meta.get_field("key").max_length


@pytest.mark.parametrize(
    "windows", [value for value in vars(limits).values() if isinstance(value, tuple)]
)
def test_the_longest_window_is_counted_first(windows):
    seconds = [limit.seconds for limit in windows]

    assert seconds == sorted(seconds, reverse=True)
