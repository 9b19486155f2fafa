"""R116, F17: a new key takes over while everybody works on, and the old one can go."""

from __future__ import annotations

import uuid
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from methods.models import Registration
from securityinfo import crypto, resealing
from securityinfo.audit import verify
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Category, Message
from securityinfo.operations import key_proofs, rotation
from securityinfo.operations.models import KeyProof
from tests.accounts.doors import has_method
from tests.servers.postgres import Postgres
from tests.servers.processes import wait_until
from tests.servers.site import Site

pytestmark = pytest.mark.django_db

OLD = "t1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
NEW = "t2:" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="


@pytest.fixture
def new_key(settings):
    """From here on: the new one seals, the old one opens."""

    def take_over() -> None:
        settings.ENCRYPTION_KEYS = [NEW, OLD]

    return take_over


@pytest.fixture
def drop_old_key(settings):
    def drop() -> None:
        settings.ENCRYPTION_KEYS = [NEW]

    return drop


def told(action: str) -> str:
    said = StringIO()
    options = {"pause": 0} if action == "rotate" else {}
    call_command("keys", action, stdout=said, stderr=said, **options)
    return said.getvalue()


def notice_for(person, words: str) -> Message:
    return Message.objects.create(
        user=person,
        job="messaging.send_notice",
        category=Category.NOTICE,
        channel="email",
        reference=uuid.uuid4(),
        language="en",
        sealed={"to": words},
        expires_at=timezone.now() + timedelta(days=1),
    )


def key_of(registration: Registration) -> str:
    stored = Registration.objects.get(pk=registration.pk)
    return stored.__dict__["details"].key_id


def test_everything_opens_without_the_old_key_afterwards(bob, new_key, drop_old_key):
    has_method(bob, "bob@example.net")
    notice = notice_for(bob, "bob@example.net")
    new_key()

    rotation.rotate()
    drop_old_key()

    assert Registration.objects.get().details == {"address": "bob@example.net"}
    assert Message.objects.get(pk=notice.pk).sealed == {"to": "bob@example.net"}


def test_it_is_recorded_by_numbers(bob, new_key):
    has_method(bob, "bob@example.net")
    new_key()

    rotation.rotate()

    event = Event.objects.get(tag="keys.rotated")
    assert event.actor_role == "command line"
    assert (event.facts["key"], event.facts["damaged"]) == ("t2", 0)
    assert event.facts["rows"]["methods_registration.details"] == 1


def test_a_second_time_there_is_nothing_to_do(bob, new_key):
    has_method(bob, "bob@example.net")
    new_key()
    rotation.rotate()

    assert rotation.rotate().steps == 0
    assert Event.objects.filter(tag="keys.rotated").count() == 1


def test_what_is_broken_off_goes_on_where_it_was(make_person, new_key, monkeypatch):
    people = [make_person(f"person{number}") for number in range(5)]
    first, *_, last = [has_method(each, "somebody@example.net") for each in people]
    monkeypatch.setattr(rotation, "BATCH", 2)
    new_key()

    def breaks_off(_so_far):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotation.rotate(after_batch=breaks_off)
    half_way = key_of(first), key_of(last)
    rest = rotation.rotate()

    assert half_way == ("t2", "t1")
    assert rest.resealed["methods_registration.details"] == 3


def test_a_value_that_is_changed_meanwhile_keeps_its_change(bob, new_key, monkeypatch):
    registration = has_method(bob, "bob@example.net")
    new_key()
    seal_for = crypto.seal_for

    def somebody_is_faster(row, name, value):
        changed = seal_for(registration, "details", {"address": "new@example.net"})
        Registration.objects.filter(pk=registration.pk).update(details=changed)
        return seal_for(row, name, value)

    monkeypatch.setattr(crypto, "seal_for", somebody_is_faster)

    batch = resealing.reseal(resealing.Column(Registration, "details"))

    assert batch.resealed == 0
    assert Registration.objects.get().details == {"address": "new@example.net"}


def test_damage_stays_with_one_row_and_is_told(bob, eve, new_key, caplog):
    broken, whole = has_method(bob, "bob@example.net"), has_method(eve, "eve@example.net")
    stored = Registration.objects.get(pk=whole.pk).__dict__["details"]
    Registration.objects.filter(pk=broken.pk).update(details=stored)  # another row's
    new_key()

    with pytest.raises(CommandError, match="1 thing is wrong"):
        told("rotate")

    assert (key_of(broken), key_of(whole)) == ("t1", "t2")


def test_the_check_counts_what_each_key_holds(bob, eve, new_key):
    has_method(bob, "bob@example.net")
    new_key()
    has_method(eve, "eve@example.net")

    said = told("check")

    assert "Current key: t2. Older: t1." in said
    assert "methods_registration.details     t1: 1, t2: 1" in said
    assert "Every stored value opens." in said


def test_the_check_misses_a_key_that_is_needed(bob, new_key, drop_old_key):
    has_method(bob, "bob@example.net")
    new_key()
    drop_old_key()

    said = StringIO()
    with pytest.raises(CommandError):
        call_command("keys", "check", stdout=said, stderr=said)

    assert "methods_registration.details     ?: 1" in said.getvalue()
    assert "its key is not in the ring" in said.getvalue()
    assert "example.net" not in said.getvalue()


def test_an_old_key_can_go_when_nothing_needs_it(bob, new_key):
    registration = has_method(bob, "bob@example.net")
    key_proofs.leave()
    new_key()
    needed = "can be removed" in told("check")
    Registration.objects.filter(pk=registration.pk).delete()

    said = told("rotate")

    assert not needed
    assert "t1 holds nothing any more: it can be removed." in said
    assert [proof.pk for proof in KeyProof.objects.all()] == ["t2"]


def test_the_audit_log_of_the_old_key_is_left_as_it_was_signed(client, bob, new_key):
    """Signing it anew would be forging: the old key stays for as long as its entries."""
    client.post("/sign-in/", {"name": "bob", "password": "wrong", "next": ""})
    key_proofs.leave()
    new_key()

    said = told("rotate")

    assert "t1: 1" in said.split("audit log")[1].splitlines()[0]
    assert KeyProof.objects.filter(pk="t1").exists()
    assert verify.verify().is_intact


PEOPLE = """
from accounts.models import User
from methods.models import Registration
people = User.objects.bulk_create(
    User(username=f"p{n}", work_address=f"p{n}@example.org", full_name="P") for n in range(900))
Registration.objects.bulk_create(
    Registration(user=each, kind="email", confirmed=True, details={"address": "a@example.net"})
    for each in people)
"""
OPENED = """
from methods.models import Registration
print(sum(each.details["address"] == "a@example.net" for each in Registration.objects.all()))
"""


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.postgresql
def test_a_rotation_that_was_killed_is_finished_by_the_next_one(tmp_path):
    """R116: kill half-way, resume, drop the old key."""
    with Postgres() as postgres, Site(tmp_path, DATABASE_URL=postgres.create("site")) as site:
        site.prepare()
        site.run(PEOPLE)
        old = site.environment["SECURITYINFO_ENCRYPTION_KEYS"]
        site.environment["SECURITYINFO_ENCRYPTION_KEYS"] = f"{NEW} {old}"

        killed = site.start_command("keys", "rotate", "--pause", "30")
        wait_until(lambda: "200 …" in killed.said, 60, "for the first batch")
        killed.kill()
        half_way = site.manage("keys", "check")
        site.manage("keys", "rotate", "--pause", "0")
        site.environment["SECURITYINFO_ENCRYPTION_KEYS"] = NEW
        opened = site.run(OPENED)

    assert "k1: 700, t2: 200" in half_way
    assert opened.strip() == "900"
