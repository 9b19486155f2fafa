"""The numbers for Prometheus: the right ones, in its format, and about nobody."""

from __future__ import annotations

import re

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now

from securityinfo.actor import SYSTEM
from securityinfo.audit import log, seal, tags
from securityinfo.audit import tasks as audit
from securityinfo.audit.models import Head
from securityinfo.messaging.models import State
from securityinfo.operations import exposition, numbers, tally
from securityinfo.operations.models import Tally
from securityinfo.operations.numbers import Family, Sample
from tests.accounts.doors import post_sign_in
from tests.operations.waiting import code_that_waits, of_a_server

pytestmark = pytest.mark.django_db

# https://prometheus.io/docs/instrumenting/exposition_formats/
LINE = re.compile(
    r"# (HELP|TYPE) [a-z_]+ .+"
    r"|[a-z_]+(\{([a-z_]+=\"([^\"\\\n]|\\[\\n\"])*\",?)+\})? -?[0-9.e+-]+"
)


def values() -> dict[str, float]:
    """`name{labels}` → value."""
    samples = [line for line in exposition.text().splitlines() if line[0] != "#"]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in samples)}


def record(tag: str, **more: object) -> None:
    with transaction.atomic():
        log.record(tag, actor=SYSTEM, **more)


def test_every_line_is_in_the_format(at_work, bob):
    code_that_waits(bob)
    audit.verify_events()
    tally.count()

    text = exposition.text()

    assert text.endswith("\n")
    assert [line for line in text.splitlines() if not LINE.fullmatch(line)] == []
    assert len(re.findall("^# TYPE ", text, re.M)) == 15


def test_a_label_cannot_break_out(monkeypatch):
    odd = Family("odd", "gauge", "Odd.", (Sample(1, {"name": 'a"b\\c\nd'}),))
    monkeypatch.setattr(numbers, "families", lambda: [odd])

    assert exposition.text().splitlines()[-1] == r'securityinfo_odd{name="a\"b\\c\nd"} 1'


def test_messages_are_counted_by_how_they_stand(at_work, bob):
    for _ in range(3):
        code_that_waits(bob)
    code_that_waits(bob, state=State.FAILED, reason="down", finished_at=Now())

    found = values()

    labels = 'category="code",channel="email"'
    waiting = f'securityinfo_messages_waiting{{{labels},state="pending",reason=""}}'
    failed = f'securityinfo_messages_finished_last_hour{{{labels},state="failed",reason="down"}}'
    assert (found[waiting], found[failed]) == (3, 1)
    assert found['securityinfo_oldest_waiting_seconds{category="code"}'] >= 119
    assert found['securityinfo_oldest_waiting_seconds{category="notice"}'] == 0
    assert found["securityinfo_oldest_untried_code_seconds"] >= 119


def test_outcomes_of_sign_ins_are_counted_from_the_audit_log(at_work, client, bob):
    post_sign_in(client, "bob", "wrong")
    post_sign_in(client, "bob", "wrong again")
    post_sign_in(client, "bob")
    seal.seal_all()

    tally.count()

    refused = 'event="sign_in.password_refused",result="refused",kind=""'
    accepted = 'event="sign_in.password_accepted",result="ok",kind=""'
    found = values()
    assert found[f"securityinfo_events_total{{{refused}}}"] == 2
    assert found[f"securityinfo_events_total{{{accepted}}}"] == 1


def test_each_event_is_counted_once(monkeypatch):
    monkeypatch.setattr(tally, "BATCH", 2)
    for _ in range(5):
        record(tags.RESET_STARTED)
    seal.seal_all()
    first = tally.count()
    record(tags.RESET_STARTED)
    record(tags.RESET_COMPLETED)
    not_sealed = tally.count()
    seal.seal_all()

    rest = tally.count()

    assert (first, not_sealed, rest) == (5, 0, 2)
    totals = dict(Tally.objects.values_list("tag", "total"))
    assert totals == {"reset.started": 6, "reset.completed": 1}


def test_of_two_that_count_at_once_one_does(monkeypatch):
    record(tags.RESET_STARTED)
    seal.seal_all()
    look = Head.objects.values_list

    def looks_and_somebody_is_faster(*names, **options):
        monkeypatch.undo()
        tally.count()
        return look(*names, **options)

    monkeypatch.setattr(Head.objects, "values_list", looks_and_somebody_is_faster)

    tally.count()

    assert Tally.objects.get().total == 1


def test_an_installation_that_is_not_well_says_so(at_work):
    well = values()
    record(tags.AUDIT_BROKEN, result="refused")
    ill = values()

    assert (well["securityinfo_ready"], well["securityinfo_audit_intact"]) == (1, 1)
    assert ill["securityinfo_audit_intact"] == 0


def test_without_the_database_it_is_known_that_it_is_away(monkeypatch):
    def fails(*_args, **_kwargs):
        raise DatabaseError("gone")

    monkeypatch.setattr(connection, "cursor", fails)

    found = values()

    assert found["securityinfo_ready"] == 0
    assert found['securityinfo_check_ok{check="database"}'] == 0
    assert not any("heartbeat" in name for name in found)


def test_no_number_is_about_one_person(at_work, client, bob):
    post_sign_in(client, "bob")
    code_that_waits(bob, masked="b•••@example.net")
    seal.seal_all()
    tally.count()

    text = exposition.text()

    for each in ("bob", str(bob.public_id), "example.net", "127.0.0.1"):
        assert each not in text


def test_the_number_of_queries_does_not_grow(at_work, bob, django_assert_max_num_queries):
    for _ in range(20):
        code_that_waits(bob)
    exposition.text()

    with django_assert_max_num_queries(24 + of_a_server()):
        exposition.text()
