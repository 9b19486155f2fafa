"""Password hashing: its cost, and how much of it happens at once."""

from __future__ import annotations

import threading

import pytest
from django.contrib.auth.hashers import make_password

from accounts import hashers
from accounts.hashers import Busy, CappedArgon2Hasher
from accounts.passwords import NOBODYS_HASH
from securityinfo import settings as project_settings
from tests import kinds


def test_a_hash_costs_what_owasp_asks_at_least():
    params = CappedArgon2Hasher().params()

    assert (params.type.name, params.memory_cost, params.time_cost, params.parallelism) == (
        "ID",
        19 * 1024,
        2,
        1,
    )


def test_it_is_the_one_that_is_used_outside_the_tests():
    assert project_settings.PASSWORD_HASHERS == ["accounts.hashers.CappedArgon2Hasher"]


def test_nobodys_hash_costs_as_much_as_everybodys():
    """R062: otherwise the time would tell which names exist."""
    assert not CappedArgon2Hasher().must_update(NOBODYS_HASH)


def test_a_flood_of_sign_ins_cannot_exhaust_memory(monkeypatch):
    """Never more hashes at once than slots, whoever asks."""
    at_once, most, lock = 0, 0, threading.Lock()
    full = threading.Barrier(hashers.SLOTS, timeout=60)

    def slow_encode(self, password, salt):
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        full.wait()  # every slot is taken now, and somebody waits for one
        with lock:
            at_once -= 1
        return "argon2$"

    monkeypatch.setattr("django.contrib.auth.hashers.Argon2PasswordHasher.encode", slow_encode)
    threads = [
        threading.Thread(target=CappedArgon2Hasher().encode, args=("x", "salt"))
        for _ in range(hashers.SLOTS * 4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)

    assert most == hashers.SLOTS


def test_who_finds_no_slot_is_told_so_instead_of_waiting(monkeypatch, caplog):
    monkeypatch.setattr(hashers, "PATIENCE", 0.01)
    taken = [CappedArgon2Hasher._slots.acquire() for _ in range(hashers.SLOTS)]

    try:
        with pytest.raises(Busy):
            make_password("whatever")
    finally:
        for _ in taken:
            CappedArgon2Hasher._slots.release()
    assert [each.levelname for each in caplog.records] == ["WARNING"]


def test_a_slot_is_given_back_after_an_error():
    for _ in range(hashers.SLOTS + 1):
        with pytest.raises(AssertionError):
            CappedArgon2Hasher().verify("x", "md5$something")


@pytest.mark.django_db
def test_a_page_that_hashes_says_that_the_service_is_busy(bob, signed_in, monkeypatch):
    """Whatever page it is: 503 and when to come back, and nothing was changed."""
    kinds.allow("questions")
    form = kinds.sample_of(kinds.registry.get("questions")).FORM
    browser = signed_in(bob)
    monkeypatch.setattr(hashers, "PATIENCE", 0.01)
    taken = [CappedArgon2Hasher._slots.acquire() for _ in range(hashers.SLOTS)]

    try:
        page = browser.post("/security-info/add/questions/", form)
    finally:
        for _ in taken:
            CappedArgon2Hasher._slots.release()

    assert (page.status_code, page["Retry-After"]) == (503, "60")
    assert not bob.registration_set.exists()
