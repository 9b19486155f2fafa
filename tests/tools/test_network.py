"""The caller's address."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import RequestFactory

from securityinfo import network
from securityinfo.network import RequestOriginMiddleware, client_ip, network_key


def request_from(address: str, forwarded: str | None = None, **headers: str):
    if forwarded is not None:
        headers["HTTP_X_FORWARDED_FOR"] = forwarded
    return RequestFactory().get("/", REMOTE_ADDR=address, **headers)


def answered(request):
    RequestOriginMiddleware(lambda _request: HttpResponse())(request)
    return request


@pytest.mark.parametrize(
    ("address", "forwarded", "expected"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # not from a proxy of ours
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),  # the left one is a claim
        ("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),  # all ours: the farthest of them
        ("10.0.0.1", "1.1.1.1, rubbish", "10.0.0.1"),
        ("10.0.0.1", "1.1.1.1, rubbish, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("::ffff:10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        ("fd00::1", "2001:DB8:0::1", "2001:db8::1"),
        ("fe80::1%eth0", None, "fe80::1"),
        ("", "198.51.100.1", ""),  # a socket file, without "unix" in the list
    ],
)
def test_the_callers_address_is_the_right_most_hop_that_is_not_ours(
    settings, address, forwarded, expected
):
    """R094"""
    settings.TRUSTED_PROXIES = ["10.0.0.0/8", "fd00::1"]

    assert client_ip(request_from(address, forwarded)) == expected


def test_a_proxy_may_speak_through_a_socket_file(settings):
    settings.TRUSTED_PROXIES = ["unix"]

    assert client_ip(request_from("", "1.1.1.1, 198.51.100.1")) == "198.51.100.1"


@pytest.mark.parametrize("word", ["10.0.0.0/33", "proxy.example.org", "10.0.0.1/8", "*"])
def test_a_misspelt_proxy_refuses_to_start(settings, word):
    settings.TRUSTED_PROXIES = [word]

    with pytest.raises(ImproperlyConfigured, match="TRUSTED_PROXIES"):
        RequestOriginMiddleware(lambda _request: HttpResponse())


@pytest.mark.parametrize("forged", ["Host", "Proto", "Port", "For", "Prefix", "Client-Ip"])
def test_forwarding_headers_of_a_stranger_are_dropped(settings, forged):
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    name = f"HTTP_X_FORWARDED_{forged.upper().replace('-', '_')}"

    stranger = answered(request_from("203.0.113.9", **{name: "https"}))
    proxy = answered(request_from("10.0.0.1", **{name: "https"}))

    assert name not in stranger.META
    assert proxy.META[name] == "https"


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("", ""),
    ],
)
def test_limits_count_the_64_of_an_ipv6_address(address, key):
    assert network_key(address) == key


def test_an_office_is_a_range_of_addresses():
    offices = network.parse_networks(["192.0.2.0/24", "2001:db8::/48"])

    assert network.is_within("192.0.2.77", offices)
    assert network.is_within("2001:db8:0:5::1", offices)
    assert not network.is_within("192.0.3.1", offices)
    assert not network.is_within("", offices)


def test_a_request_id_is_ours_and_never_the_same():
    first = answered(request_from("203.0.113.9", HTTP_X_REQUEST_ID="chosen-by-a-stranger"))
    second = answered(request_from("203.0.113.9"))

    assert re.fullmatch(r"[0-9a-f]{16}", first.origin.request_id)
    assert first.origin.request_id != second.origin.request_id


def test_the_origin_holds_address_and_browser():
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

    request = answered(request_from("203.0.113.9", HTTP_USER_AGENT=agent))

    assert (request.origin.address, request.origin.browser) == ("203.0.113.9", "Firefox on Linux")
