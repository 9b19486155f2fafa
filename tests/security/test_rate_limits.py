"""R091, R093 to R095: limits hold at once, in the database, and for the real caller."""

from __future__ import annotations

import secrets
from ipaddress import IPv4Address

import pytest
from django.core.cache.backends.base import BaseCache
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from securityinfo import network, throttling
from securityinfo.throttling import Limit, Throttled, limits
from securityinfo.throttling.models import Counter

pytestmark = pytest.mark.django_db

DAY = limits.DAY
ACCOUNT = Limit("tests-account", 4, DAY)
BOTH = Limit("tests-both", 3, DAY)
ADDRESS = Limit("tests-address", 5, DAY)


def attempt(account: str, address: str) -> None:
    """Charged in the order of the rules: address, account and address, account."""
    throttling.hit(ADDRESS, address)
    throttling.hit(BOTH, f"{account} {address}")
    throttling.hit(ACCOUNT, account)


def tries_until_refused(pairs) -> int:
    """How many of the tries are let through before the first is refused."""
    for number, (account, address) in enumerate(pairs):
        try:
            attempt(account, address)
        except Throttled:
            return number
    raise AssertionError("nothing was refused")


@pytest.mark.parametrize(
    ("pairs", "allowed"),
    [
        ([("bob", "192.0.2.1")] * 9, BOTH.hits),
        ([("bob", f"192.0.2.{n}") for n in range(9)], ACCOUNT.hits),
        ([(f"person {n}", "192.0.2.1") for n in range(9)], ADDRESS.hits),
    ],
    ids=["account and address", "account", "address"],
)
def test_each_dimension_is_limited_while_the_others_stay_low(pairs, allowed):
    """R091: the strictest wins."""
    assert tries_until_refused(pairs) == allowed


@pytest.mark.parametrize(
    "windows",
    [
        limits.PASSWORD_BY_ACCOUNT_AND_ADDRESS,
        limits.ANSWERS_BY_ACCOUNT,
        limits.ANSWERS_BY_ADDRESS,
        limits.SENDS_BY_ACCOUNT,
        limits.SENDS_BY_DESTINATION,
        (limits.PASSWORD_BY_ADDRESS,),
        (limits.SENDS_BY_ADDRESS,),
        (limits.SENDS_TO_NEW_NUMBERS_BY_PREFIX,),
        (limits.sends_to_new_numbers_by_country(200),),
    ],
    ids=lambda windows: windows[-1].name,
)
def test_the_limits_of_the_product_refuse_the_next_one(windows):
    """R091: account, account and address, address, destination, prefix and country."""
    shortest = windows[-1]
    # A window might turn during the test; in one of a day that is nearly impossible.
    slow = tuple(Limit(limit.name, limit.hits, DAY) for limit in windows)
    for _hit in range(shortest.hits):
        throttling.hit_all(slow, "key")

    with pytest.raises(Throttled):
        throttling.hit_all(slow, "key")


def test_the_numbers_are_those_of_the_product():
    """R091: C6, C7, C10 and SI2. Whoever changes one changes a promise."""
    minute, hour = limits.MINUTE, limits.HOUR
    numbers = {
        limits.ANSWERS_BY_ACCOUNT: [(50, DAY), (20, hour), (5, 5 * minute)],
        limits.ANSWERS_BY_ADDRESS: [(50, hour), (10, 5 * minute)],
        limits.PASSWORD_BY_ACCOUNT_AND_ADDRESS: [(50, DAY), (10, 5 * minute)],
        (limits.PASSWORD_BY_ADDRESS,): [(100, 5 * minute)],
        limits.SENDS_BY_ACCOUNT: [(10, DAY), (5, 30 * minute)],
        limits.SENDS_BY_DESTINATION: [(10, DAY), (5, 30 * minute)],
        (limits.SENDS_BY_ADDRESS,): [(25, 5 * minute)],
        (limits.SENDS_TO_NEW_NUMBERS_BY_PREFIX,): [(10, hour)],
    }

    for windows, expected in numbers.items():
        assert [(limit.hits, limit.seconds) for limit in windows] == expected
    assert limits.OFFICE_TIMES == 20


def test_a_success_after_every_few_failures_does_not_free_the_address():
    """R093"""
    for number in range(ADDRESS.hits):
        throttling.hit(ADDRESS, "192.0.2.1")  # a failure
        if number < ADDRESS.hits - 1:
            throttling.give_back(throttling.hit(ADDRESS, "192.0.2.1"))  # an own success

    with pytest.raises(Throttled):
        throttling.hit(ADDRESS, "192.0.2.1")


def seen_by_the_application(request: HttpRequest) -> str:
    network.RequestOriginMiddleware(lambda _request: HttpResponse())(request)
    return request.origin.address


def random_address() -> str:
    return str(IPv4Address(secrets.randbits(32)))


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-Ip", "Forwarded", "Client-Ip"])
@pytest.mark.parametrize("proxy", [None, "10.0.0.1"])
def test_a_hundred_requests_with_random_forwarding_headers_are_limited_as_one(
    settings, header, proxy
):
    """R094: with and without a proxy of ours, which adds whom it really saw."""
    settings.TRUSTED_PROXIES = [proxy] if proxy else []
    passed = 0

    for _request in range(100):
        headers = {header: random_address()}
        if proxy:
            claimed = headers.get("X-Forwarded-For")
            headers["X-Forwarded-For"] = f"{claimed}, 203.0.113.9" if claimed else "203.0.113.9"
        request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=proxy or "203.0.113.9")
        try:
            throttling.hit(ADDRESS, network.network_key(seen_by_the_application(request)))
            passed += 1
        except Throttled:
            continue

    assert passed == ADDRESS.hits


def test_a_hundred_addresses_of_one_ipv6_network_are_limited_as_one(settings):
    """R094"""
    settings.TRUSTED_PROXIES = []
    passed = 0

    for number in range(100):
        request = RequestFactory().get("/", REMOTE_ADDR=f"2001:db8:1:2::{number:x}")
        try:
            throttling.hit(ADDRESS, network.network_key(seen_by_the_application(request)))
            passed += 1
        except Throttled:
            continue

    assert passed == ADDRESS.hits


class GoneCache(BaseCache):
    """Redis, after somebody pulled the plug."""

    def __init__(self, _location: str, params: dict) -> None:
        super().__init__(params)

    def __getattribute__(self, name: str):
        if name in {"get", "set", "add", "incr", "touch", "get_many", "set_many"}:
            raise ConnectionError("The cache is gone.")
        return super().__getattribute__(name)


def test_counters_live_in_the_database_and_need_no_cache(settings):
    """R095"""
    settings.CACHES = {"default": {"BACKEND": f"{__name__}.GoneCache"}}
    for _hit in range(ADDRESS.hits):
        throttling.hit(ADDRESS, "192.0.2.1")

    with pytest.raises(Throttled):
        throttling.hit(ADDRESS, "192.0.2.1")

    assert Counter.objects.get().hits == ADDRESS.hits


@pytest.mark.django_db(transaction=True)
def test_a_counted_hit_stays_counted_when_the_request_fails_afterwards():
    """R007: and counting in a transaction, which could roll back, is impossible."""

    def request():
        throttling.hit(ADDRESS, "192.0.2.1")
        with transaction.atomic():
            throttling.hit(ADDRESS, "192.0.2.1")

    with pytest.raises(RuntimeError, match="durable"):
        request()

    assert Counter.objects.get().hits == 1
