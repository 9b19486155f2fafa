"""Two spellings are never two addresses, and a look-alike is never the known one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.kinds.email.address import LONGEST, InvalidAddress, canonical, is_in_domain


def of_length(length: int) -> str:
    """A valid address of so many characters."""
    tail = "@" + ".".join(["d" * 60] * 3) + ".example"
    return "l" * (length - len(tail)) + tail


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("bob@example.net", "bob@example.net"),
        ("  bob@example.net\n", "bob@example.net"),
        ("Bob.Baker@Example.NET", "Bob.Baker@example.net"),
        ("bob+tag@example.net", "bob+tag@example.net"),
        ("bob@example.net.", "bob@example.net"),
        ("bob@bücher.example", "bob@xn--bcher-kva.example"),
        ("bob@BÜCHER.example", "bob@xn--bcher-kva.example"),
        ("bob@xn--bcher-kva.example", "bob@xn--bcher-kva.example"),
        ("ｂｏｂ＠ｅｘａｍｐｌｅ．ｎｅｔ", "bob@example.net"),
        ("bob@example。net", "bob@example.net"),
        ("o'brien@example.net", "o'brien@example.net"),
    ],
)
def test_one_form_is_stored(typed, stored):
    """EM3, R032."""
    assert canonical(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "bob",
        "@example.net",
        "bob@",
        "bob@localhost",
        "bob@example",
        "bob@-example.net",
        "bob@exa_mple.net",
        "bob@example..net",
        "bob..baker@example.net",
        ".bob@example.net",
        "bob@[192.0.2.1]",
        "bob@192.0.2.1",
        "bob@@example.net",
        "bob@eve@example.net",
        "bob baker@example.net",
        "bob@exam ple.net",
        "bob@example.net, eve@example.net",
        "bob@example.net;eve@example.net",
        "Bob <bob@example.net>",
        "<bob@example.net>",
        "mailto:bob@example.net",
        "bob@example.net\r\nBcc: eve@example.net",
        "bob@example.net\nBcc:eve@example.net",
        "bob\r\n@example.net",
        "bob@exa\r\nmple.net",
        '"bob\r\nBcc: eve"@example.net',
        "bob\x00@example.net",
        "bob@example.net\x00",
        "bob@example.net%0aBcc:eve@example.net",
        "\u202ebob@example.net",
        "bo\u200bb@example.net",
    ],
)
def test_what_is_no_address_is_refused(typed):
    """R033: nothing that could become a header."""
    with pytest.raises(InvalidAddress):
        canonical(typed)


@pytest.mark.parametrize(
    "look_alike",
    [
        "mıke@example.net",  # dotless i: upper() of both is the same
        "mіke@example.net",  # Cyrillic і
        "miKe@example.net".replace("K", "\u212a"),  # the Kelvin sign: lower() is k
        "mike\u0301@example.net",
        "ﬁona@example.net".replace("ﬁ", "ſ"),  # long s: upper() is S
    ],
)
def test_a_look_alike_before_the_at_sign_never_is_the_known_address(look_alike):
    """R032: refused, or plain letters after all (a compatibility form says the same)."""
    try:
        stored = canonical(look_alike)
    except InvalidAddress:
        return

    assert stored.isascii()
    assert stored.casefold() == stored.lower()


@pytest.mark.parametrize("domain", ["exаmple.net", "examp1e.net", "gıthub.com", "ехаmple.net"])
def test_a_look_alike_of_a_domain_is_another_domain(domain):
    """R032: CVE-2019-19844; a domain in other letters is shown in its ASCII form."""
    try:
        stored = canonical(f"bob@{domain}")
    except InvalidAddress:
        return

    assert stored not in ("bob@example.net", "bob@github.com")
    assert stored.isascii()


def test_as_long_as_mail_allows_and_no_longer():
    """EM3: 254 characters."""
    assert len(canonical(of_length(LONGEST))) == 254

    with pytest.raises(InvalidAddress):
        canonical(of_length(LONGEST + 1))


def test_the_length_is_that_of_the_ascii_form():
    domain = ".".join(["日本語会社東京都庁"] * 6) + ".example"
    address = "l" * 64 + "@" + domain

    assert len(address) < 254
    with pytest.raises(InvalidAddress):
        canonical(address)


def test_a_very_long_text_is_refused_at_once():
    with pytest.raises(InvalidAddress):
        canonical("a" * 100_000 + "@example.net")
    with pytest.raises(InvalidAddress):
        canonical("bob@" + "ü." * 50_000 + "example")


@given(st.text(max_size=300))
def test_whatever_is_typed_becomes_one_plain_line_or_nothing(typed):
    try:
        stored = canonical(typed)
    except InvalidAddress:
        return

    assert stored.isascii()
    assert stored.isprintable()
    assert " " not in stored
    assert stored.count("@") == 1
    assert len(stored) <= LONGEST


@given(st.emails())
def test_the_form_that_is_stored_stays_as_it_is(typed):
    try:
        stored = canonical(typed)
    except InvalidAddress:
        return

    assert canonical(stored) == stored
    assert canonical(f" {stored} ") == stored


@given(st.emails())
def test_case_never_makes_another_address(typed):
    try:
        stored = canonical(typed)
    except InvalidAddress:
        return

    assert canonical(typed.upper()).lower() == stored.lower()


@pytest.mark.parametrize(
    ("address", "domain", "inside"),
    [
        ("bob@example.org", "example.org", True),
        ("bob@EXAMPLE.org", "Example.ORG", True),
        ("bob@mail.example.org", "example.org", True),
        ("bob@a.b.example.org", "example.org", True),
        ("bob@example.org", "@example.org", True),
        ("bob@example.org", ".example.org", True),
        ("bob@notexample.org", "example.org", False),
        ("bob@example.org.evil.net", "example.org", False),
        ("bob@org", "example.org", False),
        ("example.org@evil.net", "example.org", False),
        ("bob@example.org", "", False),
        ("bob@example.org", "@", False),
    ],
)
def test_a_domain_holds_itself_and_what_is_below_it(address, domain, inside):
    """EM1."""
    assert is_in_domain(address, domain) is inside
