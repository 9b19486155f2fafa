"""The session store: what it keeps, and what it takes to keep it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.db.models.functions import Now

from accounts import tasks
from accounts.models import Session
from accounts.session_store import SessionStore, digest

pytestmark = pytest.mark.django_db


def stored(**data: object) -> SessionStore:
    store = SessionStore()
    store.update(data)
    store.save()
    return store


def test_what_was_stored_is_read_again():
    store = stored(color="blue")

    assert SessionStore(store.session_key)["color"] == "blue"


def test_the_id_in_the_cookie_is_not_in_the_table():
    """Whoever reads the database can't be anybody."""
    store = stored(color="blue")

    row = Session.objects.get()
    assert row.digest == digest(store.session_key)
    assert store.session_key not in f"{row.digest} {row.data}"


def test_an_unknown_id_is_never_adopted():
    store = SessionStore("chosenbyanattackerchosenbyanatta")
    store["color"] = "blue"
    store.save()

    assert store.session_key != "chosenbyanattackerchosenbyanatta"


def test_a_new_id_takes_one_update(django_assert_num_queries):
    store = SessionStore(stored(color="blue").session_key)
    old = store.session_key
    store["color"] = "green"

    with django_assert_num_queries(1):
        store.cycle_key()
        store.save()

    assert SessionStore(store.session_key)["color"] == "green"
    assert SessionStore(old).get("color") is None
    assert Session.objects.count() == 1


def test_saving_the_same_twice_writes_once(django_assert_num_queries):
    store = stored(color="blue")

    with django_assert_num_queries(0):
        store.save()


def test_a_session_is_read_together_with_its_person(bob, django_assert_num_queries):
    key = stored(**{SESSION_KEY: str(bob.pk)}).session_key
    store = SessionStore(key)

    with django_assert_num_queries(1):
        assert store.person.username == "bob"
        assert store.row.user_id == bob.pk


def test_a_session_that_is_nobodys_has_no_person():
    assert SessionStore(stored(color="blue").session_key).person is None


def test_data_that_names_another_person_than_the_row_is_nobodys(bob, eve):
    key = stored(**{SESSION_KEY: str(bob.pk)}).session_key
    Session.objects.update(user=eve)

    assert SessionStore(key).person is None


def test_the_session_of_a_person_that_was_ended_does_not_come_back(bob):
    store = SessionStore(stored(**{SESSION_KEY: str(bob.pk)}).session_key)
    store["color"] = "blue"
    Session.objects.all().delete()

    store.cycle_key()
    with pytest.raises(UpdateError):
        store.save()

    assert not Session.objects.exists()


def test_a_visitor_who_signs_in_twice_at_once_keeps_a_session():
    """Both requests move the same row; the slower one finds it gone."""
    store = SessionStore(stored(color="blue").session_key)
    store["color"] = "green"
    Session.objects.all().delete()

    store.cycle_key()
    store.save()

    assert SessionStore(store.session_key)["color"] == "green"


def test_of_two_that_delete_a_session_one_does():
    key = stored(color="blue").session_key

    assert [SessionStore(key).end(), SessionStore(key).end()] == [True, False]


def test_a_flushed_session_is_empty_and_gets_another_id():
    store = stored(color="blue")
    old = store.session_key

    store.flush()
    store["color"] = "green"
    store.save()

    assert store.session_key != old
    assert SessionStore(old).get("color") is None


def test_nothing_outlives_the_longest_session_that_the_policy_can_give():
    key = stored(color="blue").session_key
    Session.objects.update(created_at=Now() - Session.LONGEST - timedelta(seconds=1))

    assert SessionStore(key).get("color") is None
    SessionStore.clear_expired()
    assert not Session.objects.exists()


def test_the_worker_forgets_sessions_that_are_over():
    stored(color="blue")
    Session.objects.update(created_at=Now() - Session.LONGEST - timedelta(seconds=1))
    stored(color="green")

    tasks.purge()

    assert Session.objects.count() == 1
