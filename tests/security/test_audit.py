"""R109, R110, R112: events belong to their effect, nobody changes them, and nobody is in them."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import F

from securityinfo.actor import SYSTEM, Actor, Origin
from securityinfo.audit import guards, log, retention, seal, tags, verify
from securityinfo.audit.models import AppendOnly, Event, EventOrigin, Head, Mark, Seal

pytestmark = pytest.mark.django_db


@pytest.fixture
def events():
    made = [
        log.record(tags.METHOD_REGISTERED, actor=SYSTEM, kind="email", number=number)
        for number in range(6)
    ]
    seal.seal_all()
    return made


@pytest.fixture
def unguarded():
    """Somebody who may do in the database whatever they like."""
    guards.remove(connection)


def run(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def places():
    found = [str(each) for each in verify.verify().findings if "trigger" not in each.place]
    return " | ".join(found)


def test_an_event_goes_back_with_the_effect_that_it_tells(make_person):
    """R109."""

    def change_and_fail():
        with transaction.atomic():
            make_person("frank")
            log.record(tags.ACCOUNT_CREATED, actor=SYSTEM)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_and_fail()

    assert not Event.objects.exists()


def test_an_effect_goes_back_when_its_event_fails(make_person, django_user_model):
    """R109."""

    def change_and_fail():
        with transaction.atomic():
            make_person("frank")
            run("DROP TABLE audit_eventorigin")
            log.record(tags.ACCOUNT_CREATED, actor=Actor(origin=Origin(address="192.0.2.1")))

    with pytest.raises(DatabaseError):
        change_and_fail()

    assert not django_user_model.objects.exists()


@pytest.mark.parametrize(
    "table", ["audit_event", "audit_eventorigin", "audit_seal", "audit_mark", "audit_head"]
)
def test_the_database_refuses_to_change_a_row(table, events):
    """R109: whoever writes past the application meets the trigger."""
    make_one_of_each()
    columns = {"audit_event": "tag", "audit_eventorigin": "browser", "audit_head": "mac"}
    column = columns.get(table, "mac")

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run(f"UPDATE {table} SET {column} = {column}")


@pytest.mark.parametrize("table", ["audit_event", "audit_seal", "audit_mark", "audit_head"])
def test_the_database_refuses_to_delete_a_row(table, events):
    """R109: only below a mark of retention, which is signed, may anything go."""
    make_one_of_each()

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run(f"DELETE FROM {table}")


def make_one_of_each():
    log.record(tags.SIGN_IN_COMPLETED, actor=Actor(origin=Origin(address="192.0.2.1")))
    seal.seal_all()
    Mark.objects.create(position=1, mac=b"1", key_id="t1", signature=b"1")


def test_the_application_refuses_to_change_or_delete_an_event(events):
    """R109."""
    event = Event.objects.first()

    for attempt in (
        event.save,
        event.delete,
        Event.objects.all().delete,
        lambda: Event.objects.update(tag="x"),
        lambda: Event.objects.bulk_update([event], ["tag"]),
        Seal.objects.all().delete,
        EventOrigin.objects.all().delete,
    ):
        with pytest.raises(AppendOnly):
            attempt()


def test_an_untouched_log_is_intact(events):
    """R110."""
    report = verify.verify()

    assert report.is_intact
    assert report.events == report.position == 6


def test_an_edited_event_is_found(events, unguarded):
    """R110."""
    run("UPDATE audit_event SET reason = 'nothing' WHERE id = %s", events[2].pk)

    assert f"position 3 (event {events[2].pk})" in places()


def test_an_edited_time_is_found(events, unguarded):
    """R110: the time is the database's, so only the chain covers it."""
    run("UPDATE audit_event SET at = '2001-01-01 00:00:00' WHERE id = %s", events[2].pk)

    assert places() == (f"position 3 (event {events[2].pk}): the event or its place was changed")


def test_a_deleted_event_is_found(events, unguarded):
    """R110."""
    run("DELETE FROM audit_event WHERE id = %s", events[3].pk)

    assert places() == f"position 4 (event {events[3].pk}): the event is missing"


def test_an_event_deleted_with_its_seal_is_found(events, unguarded):
    """R110."""
    run("DELETE FROM audit_event WHERE id = %s", events[3].pk)
    run("DELETE FROM audit_seal WHERE position = 4")

    assert places() == "position 4: missing from the chain"


def test_swapped_events_are_found(events, unguarded):
    """R110."""
    run("UPDATE audit_seal SET event_id = -1 WHERE position = 2")
    run("UPDATE audit_seal SET event_id = %s WHERE position = 5", events[1].pk)
    run("UPDATE audit_seal SET event_id = %s WHERE position = 2", events[4].pk)

    found = places()

    assert f"position 2 (event {events[4].pk})" in found
    assert f"position 5 (event {events[1].pk})" in found


def test_an_inserted_event_is_found_before_and_after_it_is_sealed(events):
    """R110: only the application can stamp; the guards don't refuse an INSERT."""
    copy_event(events[0])
    inserted = Event.objects.latest("pk")

    before = places()
    seal.seal_all()
    after = places()

    assert f"event {inserted.pk}: was changed, or not written by us" in before
    assert f"position 7 (event {inserted.pk})" in after


def test_an_event_inserted_into_the_past_is_found(events, unguarded):
    """R110."""
    run("UPDATE audit_event SET at = '2001-01-01 00:00:00'")
    run("UPDATE audit_event SET at = '2001-01-02 00:00:00' WHERE id = %s", events[5].pk)
    log.record(tags.METHOD_DELETED, actor=SYSTEM)
    seal.seal_all()  # everything up to the sixth is settled now
    run("DELETE FROM audit_seal WHERE event_id = %s", events[2].pk)

    assert f"event {events[2].pk}: was inserted beside the chain" in places()


def copy_event(event):
    fields = [each.column for each in Event._meta.fields if each.name not in ("id", "uuid")]
    names = ", ".join(fields)
    run(
        f"INSERT INTO audit_event (uuid, {names}) SELECT %s, {names} "
        "FROM audit_event WHERE id = %s",
        "0" * 32,
        event.pk,
    )


def test_a_cut_end_is_found(events, unguarded):
    """R110."""
    run("DELETE FROM audit_event WHERE id IN (%s, %s)", events[4].pk, events[5].pk)
    run("DELETE FROM audit_seal WHERE position > 4")

    assert places() == "positions 5 to 6: missing from the end of the chain"


def test_a_cut_end_stays_visible_when_the_chain_goes_on(events, unguarded):
    """R110: sealing continues at what was signed, never at what is left."""
    run("DELETE FROM audit_event WHERE id = %s", events[5].pk)
    run("DELETE FROM audit_seal WHERE position = 6")
    log.record(tags.METHOD_DELETED, actor=SYSTEM)

    seal.seal_all()

    assert places() == "position 6: missing from the chain"


def test_an_end_that_was_moved_back_is_found(events, unguarded):
    """R110."""
    Head.objects.update(position=F("position") - 1)

    assert "end of the chain: was changed" in places()
    log.record(tags.METHOD_DELETED, actor=SYSTEM)
    with pytest.raises(seal.Broken):
        seal.seal_pending()


def test_a_removed_end_is_found_and_not_made_anew(events, unguarded):
    """R110."""
    run("DELETE FROM audit_head")

    assert places() == "end of the chain: is missing"
    log.record(tags.METHOD_DELETED, actor=SYSTEM)
    with pytest.raises(seal.Broken):
        seal.seal_pending()


def test_retention_removes_the_oldest_stretch_and_the_rest_stays_intact(events, unguarded):
    """R110."""
    run("UPDATE audit_event SET at = '2001-01-01 00:00:00' WHERE id <= %s", events[3].pk)
    reseal()
    guards.install(connection)

    gone = retention.retire_events(before=events[5].at.replace(year=2010))

    assert gone == 4
    assert list(Seal.objects.order_by("position").values_list("position", flat=True)) == [5, 6]
    assert Event.objects.count() == 2
    assert verify.verify().is_intact


def reseal():
    """As if the events had always had their present times."""
    run("DELETE FROM audit_seal")
    run("DELETE FROM audit_head")
    seal.seal_all()


def test_retention_stops_at_the_first_event_that_has_to_stay(events, unguarded):
    """R110: a single old event among newer ones waits for its turn."""
    run("UPDATE audit_event SET at = '2001-01-01 00:00:00' WHERE id = %s", events[3].pk)
    reseal()

    assert retention.retire_events(before=events[5].at.replace(year=2010)) == 0


def test_a_forged_mark_of_retention_is_found(events):
    """R110: the guard believes any mark, the verifier doesn't."""
    run(
        "INSERT INTO audit_mark (position, mac, key_id, signature, at) "
        "SELECT 3, mac, 't1', mac, (SELECT MAX(at) FROM audit_event) FROM audit_seal "
        "WHERE position = 3"
    )
    for sql in (
        "DELETE FROM audit_event WHERE id IN (SELECT event_id FROM audit_seal WHERE position <= 3)",
        "DELETE FROM audit_seal WHERE position <= 3",
    ):
        run(sql)

    assert "mark of retention at position 3: was not made by us" in places()


def test_missing_triggers_are_found(events, unguarded):
    """R109: whoever lifts the guards is seen until they are back."""
    found = [str(each) for each in verify.verify().findings]

    assert "trigger audit_event_no_delete: is missing" in found


def test_the_command_ends_with_an_error_and_names_the_place(events, unguarded, capsys):
    """R110."""
    run("UPDATE audit_event SET kind = 'sms' WHERE id = %s", events[1].pk)

    with pytest.raises(CommandError):
        call_command("verify_audit")

    assert f"position 2 (event {events[1].pk})" in capsys.readouterr().err
    assert Event.objects.filter(tag=tags.AUDIT_BROKEN).exists()


def test_the_command_seals_checks_and_says_where_the_chain_ends(events, capsys):
    """R110."""
    log.record(tags.METHOD_DELETED, actor=SYSTEM)

    call_command("verify_audit")

    assert "intact: 7 events" in capsys.readouterr().out
    assert Event.objects.filter(tag=tags.AUDIT_VERIFIED).exists()


def test_erasing_a_person_leaves_no_name_and_touches_no_event(bob):
    """R112: events know people by their public id only."""
    actor = acting(bob)
    log.record(tags.METHOD_REGISTERED, actor=actor, subject=bob.public_id, masked="b•••@x.net")
    seal.seal_all()
    words = [bob.username, bob.full_name, bob.work_address]

    bob.delete()

    rows = str(list(Event.objects.values())).lower() + str(list(EventOrigin.objects.values()))
    assert not [word for word in words if word.lower() in rows]
    assert verify.verify().is_intact


def test_network_address_and_browser_go_earlier_and_the_chain_stays_intact(bob):
    """R112."""
    log.record(tags.SIGN_IN_COMPLETED, actor=acting(bob), subject=bob.public_id)
    seal.seal_all()
    later = Event.objects.get().at.replace(year=2200)

    assert retention.forget_origins(before=later) == 1

    event = log.of_person(bob.public_id).get()
    assert (event.address, event.browser) == ("", "")
    assert verify.verify().is_intact


def acting(user):
    origin = Origin(request_id="r1", address="192.0.2.7", browser="Firefox on Linux")
    return Actor(person=user.public_id, role=user.role, origin=origin)
