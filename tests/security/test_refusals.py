"""R091, R092: what was refused a moment ago is refused again, and a flood costs little."""

from __future__ import annotations

import time

import pytest
from django.test import Client

from accounts.models import User
from securityinfo import throttling
from securityinfo.throttling import Hold, Limit, Throttled, limits, refusals
from securityinfo.throttling.models import Counter
from tests.accounts.doors import HOME, has_method, post_password, post_sign_in

pytestmark = pytest.mark.django_db

LIMIT = Limit("tests", 3, limits.DAY)
HOLD = Hold("tests-hold", 0, (10,), limits.DAY)
A_SECOND = 1.0


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Other tests remember nothing; here one entry is the time of this process."""
    now = [time.monotonic()]
    monkeypatch.setattr(refusals, "KEPT", A_SECOND)
    monkeypatch.setattr(refusals.time, "monotonic", lambda: now[0])
    return now


def refused(key: str = "key") -> Throttled:
    with pytest.raises(Throttled) as caught:
        throttling.hit(LIMIT, key)
    return caught.value


def use_up(key: str = "key") -> None:
    for _hit in range(LIMIT.hits):
        throttling.hit(LIMIT, key)


def test_the_next_refusal_asks_no_database(django_assert_num_queries) -> None:
    use_up()
    first = refused()

    with django_assert_num_queries(0):
        second = refused()

    assert second.retry_at == first.retry_at
    assert second.retry_after == first.retry_after


def test_another_key_is_counted(django_assert_num_queries) -> None:
    use_up()
    refused()

    throttling.hit(LIMIT, "another")

    assert Counter.objects.count() == 2


def test_after_a_second_the_database_decides(clock: list[float]) -> None:
    use_up()
    refused()
    throttling.clear(LIMIT, "key")

    refused()  # another process has cleared it
    clock[0] += A_SECOND

    throttling.hit(LIMIT, "key")


def test_a_limit_that_is_higher_elsewhere_is_not_refused() -> None:
    """An office has the same counter, and more hits."""
    use_up()
    refused()

    throttling.hit(LIMIT, "key", times=20)

    assert Counter.objects.get().hits == LIMIT.hits + 1


def test_a_wait_that_ends_sooner_is_not_made_longer(
    monkeypatch: pytest.MonkeyPatch, clock: list[float]
) -> None:
    monkeypatch.setattr(refusals, "KEPT", 60)
    throttling.hold_back(HOLD, "key")
    with pytest.raises(Throttled):
        throttling.hold_back(HOLD, "key")
    Counter.objects.update(hold_until=0)

    clock[0] += 10

    throttling.hold_back(HOLD, "key")


def test_the_memory_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "MOST", 5)
    for number in range(20):
        refusals.note(throttling.wanted(str(number), LIMIT)[0], until=100, now=10)

    assert len(refusals._refused) <= 5


def test_a_flood_at_the_door_looks_for_nobody(
    client: Client, bob: User, django_assert_num_queries
) -> None:
    """One query: is the policy still the same? The page names the helpdesk."""
    while post_password(client, "bob", "wrong").status_code != 429:
        pass

    with django_assert_num_queries(1) as captured:
        answer = post_password(client, "bob", "wrong")

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) >= 1
    assert "accounts_user" not in captured.captured_queries[0]["sql"]


def test_the_owner_comes_in_beside_a_flood(client: Client, bob: User) -> None:
    """In a browser that is known; what was refused to others is not remembered of it."""
    has_method(bob)
    post_sign_in(client, "bob")
    client.post("/sign-out/")
    stranger = Client(REMOTE_ADDR="198.51.100.7")
    while post_password(stranger, "bob", "wrong").status_code != 429:
        pass

    answer = post_sign_in(client, "bob")

    assert answer["Location"] == HOME
