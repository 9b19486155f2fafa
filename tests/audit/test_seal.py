"""Sealing in batches, and what it costs nobody."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from securityinfo import keyring
from securityinfo.actor import SYSTEM
from securityinfo.audit import guards, log, retention, seal, tags, tasks, verify
from securityinfo.audit.models import Event, Head, Mark, Seal


def record(count):
    with transaction.atomic():
        return [log.record(tags.CHALLENGE_ANSWERED, actor=SYSTEM) for _ in range(count)]


@pytest.mark.django_db
def test_events_are_sealed_in_batches_without_a_gap():
    record(7)

    assert [seal.seal_pending(limit=3) for _ in range(4)] == [3, 3, 1, 0]
    assert list(Seal.objects.order_by("position").values_list("position", flat=True)) == [
        *range(1, 8)
    ]
    assert verify.verify().is_intact


@pytest.mark.django_db
def test_an_empty_log_is_intact():
    assert seal.seal_all() == 0
    assert verify.verify().is_intact


@pytest.mark.django_db
@pytest.mark.parametrize(("there", "sealed"), [(2, 2), (seal.BATCH, seal.BATCH + 1)])
def test_events_that_never_cease_keep_nobody_sealing(monkeypatch, there, sealed):
    """Each batch is followed by another event; only behind a full one it is looked for."""
    links, further = seal._links, iter(range(9))

    def seal_while_more_come(head, events):
        record(1 if next(further, None) is not None else 0)
        return links(head, events)

    record(there)
    monkeypatch.setattr(seal, "_links", seal_while_more_come)

    assert seal.seal_all() == sealed
    assert Event.objects.filter(seal=None).count() == 1


@pytest.mark.django_db
def test_old_events_are_sealed_in_batches_without_a_gap(monkeypatch):
    """What is settled never goes past those that the next batch is for."""
    monkeypatch.setattr(seal, "SETTLED_AFTER", timedelta(seconds=-60))
    events = record(7)

    assert seal.seal_pending(limit=3) == 3
    assert Head.objects.get().settled <= events[2].pk
    assert [seal.seal_pending(limit=3) for _ in range(3)] == [3, 1, 0]
    assert verify.verify().is_intact


@pytest.mark.django_db
def test_what_is_young_is_not_settled():
    """An event of a transaction that isn't over may still come before it."""
    record(3)
    seal.seal_all()

    assert Head.objects.get().settled == 0


@pytest.mark.django_db
def test_whoever_comes_second_seals_nothing(monkeypatch):
    """Two that began at the same end: only one extends it."""
    record(3)
    seal.seal_pending(limit=1)
    stale = Head.objects.get()
    seal.seal_all()
    events = list(Event.objects.all())
    before = Seal.objects.count()

    assert not seal._advance(stale, seal._links(stale, events)[-1], settled=0)
    assert Seal.objects.count() == before
    assert verify.verify().is_intact


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_chain():
    record(200)

    def work():
        try:
            for _ in range(20):
                seal.seal_pending(limit=10)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seal.seal_all()

    report = verify.verify()
    assert report.is_intact, report.findings
    assert report.position == Seal.objects.count() == 200


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_an_event_never_waits_for_the_chain():
    """R113: while somebody seals, others write."""
    record(3)
    written = threading.Event()

    def write():
        try:
            record(1)
            written.set()
        finally:
            connection.close()

    with transaction.atomic():
        seal.seal_pending()
        thread = threading.Thread(target=write)
        thread.start()
        assert written.wait(timeout=60)
    thread.join()

    assert Event.objects.filter(seal=None).count() == 1


@pytest.mark.django_db
def test_what_was_sealed_with_an_older_key_stays_valid_while_the_key_is_kept(settings):
    record(2)
    seal.seal_all()
    old = settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = ["t2:" + "H" * 43 + "=", *old]
    forget_keys()

    record(2)
    seal.seal_all()

    assert verify.verify().is_intact
    assert set(Seal.objects.values_list("key_id", flat=True)) == {"t1", "t2"}
    settings.ENCRYPTION_KEYS = old
    forget_keys()


def forget_keys():
    for name in dir(keyring):
        clear = getattr(getattr(keyring, name), "cache_clear", None)
        if clear:
            clear()


@pytest.mark.django_db
def test_the_task_names_a_chain_that_it_cannot_continue(caplog):
    record(1)
    seal.seal_all()
    Head.objects.update(signature=b"0" * 32, position=9)
    record(1)

    tasks.seal_events()

    assert "audit.broken" in caplog.text


@pytest.mark.django_db
def test_retention_works_in_stretches(monkeypatch):
    monkeypatch.setattr(retention, "STRETCH", 2)
    events = record(5)
    seal.seal_all()

    gone = retention.retire_events(before=events[-1].at.replace(year=2200))

    assert gone == 5
    assert not Event.objects.exists()
    assert Mark.objects.count() == 3
    assert verify.verify().is_intact


@pytest.mark.django_db
def test_the_chain_goes_on_after_retention_has_removed_all_of_it():
    events = record(3)
    seal.seal_all()
    retention.retire_events(before=events[-1].at.replace(year=2200))

    record(2)
    seal.seal_all()

    report = verify.verify()
    assert report.is_intact, report.findings
    assert report.position == 5


@pytest.mark.django_db
def test_what_has_no_seal_yet_is_not_removed():
    events = record(3)

    assert retention.retire_events(before=events[-1].at.replace(year=2200)) == 0
    assert Event.objects.count() == 3


@pytest.mark.django_db
def test_guards_can_be_taken_away_and_put_back():
    """The migration is reversible."""
    assert guards.missing(connection) == []

    guards.remove(connection)
    assert len(guards.missing(connection)) >= 9
    guards.install(connection)
    guards.install(connection)

    assert guards.missing(connection) == []


@pytest.mark.django_db(transaction=True)
def test_a_test_database_can_be_emptied_and_is_guarded_again(django_db_blocker):
    from django.core.management import call_command

    record(2)
    seal.seal_all()

    call_command("flush", interactive=False, verbosity=0)

    assert not Event.objects.exists()
    assert guards.missing(connection) == []


@pytest.mark.django_db
def test_a_production_database_is_never_emptied(settings):
    """R109."""
    from django.core.management import CommandError, call_command

    settings.PRODUCTION = True

    with pytest.raises(CommandError, match="never emptied"):
        call_command("flush", interactive=False)
