"""Adding and changing methods: check, write, record, notify; all of it or nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models.signals import post_save, pre_save
from django.utils import timezone

from methods import changes, registrations
from methods.answers import Result
from methods.models import Challenge, Outcome, Registration
from methods.signals import security_info_changed
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from securityinfo.policy import service as policy
from securityinfo.policy.models import MethodRule, OrgPolicy
from securityinfo.policy.rules import Reason
from tests import kinds
from tests.methods import token

pytestmark = pytest.mark.django_db

BOB, BAKER = {"address": "bob@example.net"}, {"address": "bob.baker@example.net"}


def tags() -> list[str]:
    return list(Event.objects.order_by("id").values_list("tag", flat=True))


def told() -> list[str]:
    notices = Message.objects.filter(category="notice").order_by("created_at")
    return sorted(message.sealed["to"] for message in notices)


def cancel(challenge) -> None:
    registrations.cancel(
        challenge.user,
        flow=challenge.flow,
        ruleset=policy.current_for(challenge.user),
        actor=kinds.actor_for(challenge.user),
    )


# --- Beginning ------------------------------------------------------------------------------------


def test_before_the_code_nothing_but_the_code_is_sent_to_an_address(bob, email):
    """R030, K1: it is no contact, no method and no default."""
    kinds.begin(bob, email)

    registration = Registration.objects.get()
    assert (registration.confirmed, registration.is_default) == (False, False)
    assert Message.objects.filter(category="notice").count() == 0
    assert tags() == ["challenge.sent", "registration.started"]


def test_what_an_unproved_address_is_told_of_other_changes_is_nothing(bob, email):
    """R030."""
    kinds.begin(bob, email, BAKER, flow="f2")

    kinds.register(bob, form=BOB)

    assert told() == ["bob@example.net", "bob@example.org"]


def test_a_kind_that_is_switched_off_can_not_be_begun(bob, email):
    kinds.allow("email", state="off")

    with pytest.raises(changes.Refused) as refusal:
        kinds.begin(bob, email)

    assert refusal.value.reason is Reason.RULE_OFF
    assert not Registration.objects.exists()


def test_a_kind_whose_channel_is_stopped_can_not_be_begun(bob, email):
    OrgPolicy.objects.update(email_switch=False)

    with pytest.raises(changes.Refused) as refusal:
        kinds.begin(bob, email)

    assert refusal.value.reason is Reason.CHANNEL_STOPPED


def test_at_the_maximum_no_further_one_can_be_begun(bob, email):
    """K4."""
    kinds.allow("email", maximum=1)
    kinds.register(bob, form=BOB)

    with pytest.raises(changes.Refused) as refusal:
        kinds.begin(bob, email, BAKER)

    assert refusal.value.reason is Reason.AT_MAXIMUM


def test_the_same_address_can_not_be_added_twice(bob, email):
    """K3: in whatever spelling."""
    kinds.register(bob, form=BOB)

    with pytest.raises(registrations.AlreadyAdded):
        kinds.begin(bob, email, {"address": "BOB@EXAMPLE.NET"})


def test_two_people_may_have_the_same_address(bob, eve, email):
    """K3."""
    kinds.register(bob, form=BOB)

    assert kinds.register(eve, form=BOB).confirmed


def test_the_same_value_with_a_tag_is_another_one(bob, email):
    """EM3."""
    kinds.register(bob, form=BOB)

    assert kinds.register(bob, form={"address": "bob+2@example.net"}).confirmed


def test_when_the_message_can_not_be_stored_nothing_is(bob, email):
    def fail(**_):
        raise RuntimeError("no outbox")

    pre_save.connect(fail, sender=Message)
    try:
        with pytest.raises(RuntimeError):
            kinds.begin(bob, email)
    finally:
        pre_save.disconnect(fail, sender=Message)

    assert not Registration.objects.exists()
    assert not Challenge.objects.exists()
    assert tags() == []


# --- Confirming -----------------------------------------------------------------------------------


def test_the_first_method_is_trusted_at_once_and_asked_for_first(bob, email):
    registration = kinds.register(bob)

    assert registration.confirmed
    assert registration.is_default
    assert registration.trusted_from is None
    assert timezone.now() - registration.confirmed_at < timedelta(minutes=1)


def test_a_method_beside_a_usable_one_is_new_for_a_day(bob, email):
    """K9, R084."""
    kinds.register(bob, form=BOB)

    second = kinds.register(bob, form=BAKER)

    trusted_in = second.trusted_from - timezone.now()
    assert timedelta(hours=23, minutes=59) < trusted_in <= timedelta(hours=24)
    assert not second.is_default


def test_in_the_required_registration_a_second_method_is_trusted_at_once(bob, email):
    """K9."""
    kinds.register(bob, form=BOB)

    challenge = kinds.begin(bob, email, BAKER)
    kinds.confirm(challenge, required=True)

    assert kinds.reload(challenge).registration.trusted_from is None


def test_a_method_beside_one_that_can_not_be_used_is_trusted_at_once(bob, email, token_kind):
    """K9: "while the person already had another usable method"."""
    token.register(bob)
    kinds.allow(token.KIND, state="off")

    assert kinds.register(bob).trusted_from is None


def test_adding_is_recorded_and_told_everywhere(bob, email):
    """N1: every contact before and after, the new one included; each once."""
    kinds.register(bob, form=BOB)
    Message.objects.all().delete()

    kinds.register(bob, form=BAKER)

    assert tags()[-1] == "method.registered"
    assert told() == ["bob.baker@example.net", "bob@example.net", "bob@example.org"]


@pytest.mark.parametrize("change", [{"state": "off"}, {"maximum": 1}])
def test_what_the_policy_no_longer_allows_does_not_take_effect(bob, email, change):
    """The kind is switched off, or the maximum lowered, between the two pages."""
    kinds.register(bob, form=BOB)
    challenge = kinds.begin(bob, email, BAKER)
    kinds.allow("email", **change)

    with pytest.raises(changes.Refused):
        kinds.confirm(challenge)

    assert Registration.objects.of(bob).confirmed().count() == 1
    assert kinds.reload(challenge).tries == 1


def test_of_two_set_ups_of_one_value_the_second_is_refused(bob, email):
    """K3, R131: both were begun before either was proved."""
    first = kinds.begin(bob, email, BOB)
    kinds.pass_time(seconds=31)
    second = kinds.begin(bob, email, BOB, flow="f2")
    kinds.confirm(first)

    with pytest.raises(registrations.AlreadyAdded):
        kinds.confirm(second)

    assert Registration.objects.of(bob).confirmed().count() == 1


def test_the_database_refuses_the_same_value_twice(bob, email):
    """R131: a constraint stands behind it."""
    one = kinds.register(bob, form=BOB)

    with pytest.raises(IntegrityError), transaction.atomic():
        Registration.objects.create(
            user=bob, kind="email", confirmed=True, details={}, fingerprint=one.fingerprint
        )


def test_the_database_refuses_a_second_default(bob, email):
    """R131."""
    kinds.register(bob, form=BOB)

    with pytest.raises(IntegrityError), transaction.atomic():
        Registration.objects.create(
            user=bob, kind="email", confirmed=True, is_default=True, details={}
        )


def test_the_database_refuses_an_unproved_default(bob):
    with pytest.raises(IntegrityError), transaction.atomic():
        Registration.objects.create(
            user=bob, kind="email", confirmed=False, is_default=True, details={}
        )


# --- Changing -------------------------------------------------------------------------------------


def test_the_old_value_works_until_the_new_one_is_proved(bob, email):
    """MG4, EM6."""
    old = kinds.register(bob, form=BOB)

    challenge = kinds.begin(bob, email, BAKER, replaces=old)
    kinds.confirm(challenge, kinds.wrong(challenge))

    stored = Registration.objects.of(bob).confirmed().get()
    assert stored.pk == old.pk
    assert stored.details == BOB


def test_a_change_keeps_the_row_its_default_mark_and_its_date(bob, email):
    """MG4: default and order stay."""
    old = kinds.register(bob, form=BOB)

    new = kinds.register(bob, form=BAKER, replaces=old)

    assert (new.pk, new.uuid, new.created_at) == (old.pk, old.uuid, old.created_at)
    assert new.is_default
    assert Registration.objects.get().details == BAKER


def test_a_change_of_the_only_method_is_trusted_at_once(bob, email):
    old = kinds.register(bob, form=BOB)

    assert kinds.register(bob, form=BAKER, replaces=old).trusted_from is None


def test_a_change_beside_another_method_is_new_for_a_day(bob, email, token_kind):
    """K9."""
    token.register(bob)
    old = kinds.register(bob, form=BOB)

    assert kinds.register(bob, form=BAKER, replaces=old).is_new()


def test_both_addresses_are_told_of_a_change(bob, email):
    """EM6, N2."""
    old = kinds.register(bob, form=BOB)
    Message.objects.all().delete()

    kinds.register(bob, form=BAKER, replaces=old)

    assert told() == ["bob.baker@example.net", "bob@example.net", "bob@example.org"]
    event = Event.objects.filter(tag="method.changed").get()
    assert (event.masked, event.facts["before"]) == ("b•••@example.net", "b•••@example.net")


def test_a_change_ends_what_was_asked_of_the_old_value(bob, email):
    """C2."""
    old = kinds.register(bob, form=BOB)
    kinds.pass_time(minutes=1)
    asked = kinds.challenges.start(
        old,
        purpose=kinds.challenges.Purpose.SIGN_IN,
        flow="s1",
        settings=policy.current_for(bob).settings,
        actor=kinds.actor_for(bob),
    )

    kinds.register(bob, form=BAKER, replaces=old)

    assert kinds.reload(asked).outcome == Outcome.CANCELED


def test_at_the_maximum_a_change_is_possible(bob, email):
    kinds.allow("email", maximum=1)
    old = kinds.register(bob, form=BOB)

    assert kinds.register(bob, form=BAKER, replaces=old).details == BAKER


def test_a_change_to_a_value_that_is_there_is_refused(bob, email):
    old = kinds.register(bob, form=BOB)
    kinds.register(bob, form=BAKER)
    kinds.pass_time(minutes=2)

    with pytest.raises(registrations.AlreadyAdded):
        kinds.begin(bob, email, BAKER, replaces=old)


def test_a_suspended_method_is_not_changed(bob, email):
    """K7: not even when it was suspended after the code was sent."""
    old = kinds.register(bob, form=BOB)
    challenge = kinds.begin(bob, email, BAKER, replaces=old)
    Registration.objects.filter(pk=old.pk).update(suspended_at=timezone.now())

    with pytest.raises(changes.Refused) as refusal:
        kinds.confirm(challenge)

    assert refusal.value.reason is Reason.SUSPENDED
    assert Registration.objects.get(pk=old.pk).details == BOB


def test_a_change_does_not_bring_back_what_was_changed_meanwhile(bob, email, token_kind):
    """The row that is replaced was read before somebody chose another default."""
    old = kinds.register(bob, form=BOB)
    challenge = kinds.reload(kinds.begin(bob, email, BAKER, replaces=old))
    other = token.register(bob)
    Registration.objects.filter(pk=old.pk).update(is_default=False)
    Registration.objects.filter(pk=other.pk).update(is_default=True)

    assert kinds.confirm(challenge)

    assert Registration.objects.get(is_default=True).pk == other.pk


def test_a_change_of_a_method_that_is_deleted_meanwhile_proves_nothing(bob, email):
    old = kinds.register(bob, form=BOB)
    challenge = kinds.reload(kinds.begin(bob, email, BAKER, replaces=old))
    Registration.objects.filter(pk=old.pk).delete()

    assert kinds.confirm(challenge).result is Result.ENDED
    assert not Registration.objects.exists()


# --- Canceling ------------------------------------------------------------------------------------


def test_canceling_leaves_nothing_behind(bob, email):
    """K2."""
    challenge = kinds.begin(bob, email)

    kinds.begin(bob, email, BAKER)

    cancel(challenge)

    assert not Registration.objects.exists()
    assert not Challenge.objects.exists()
    assert tags()[-1] == "registration.canceled"


def test_canceling_a_change_leaves_the_old_value(bob, email):
    """MG4."""
    old = kinds.register(bob, form=BOB)
    challenge = kinds.begin(bob, email, BAKER, replaces=old)

    cancel(challenge)

    assert Registration.objects.get().details == BOB


def test_canceling_what_is_confirmed_does_nothing(bob, email):
    challenge = kinds.begin(bob, email)
    kinds.confirm(challenge)

    cancel(kinds.reload(challenge))

    assert Registration.objects.get().confirmed
    assert "registration.canceled" not in tags()


def test_another_persons_registration_is_not_canceled(bob, eve, email):
    challenge = kinds.begin(bob, email)
    ruleset, actor = policy.current_for(eve), kinds.actor_for(eve)

    registrations.cancel(eve, flow=challenge.flow, ruleset=ruleset, actor=actor)

    assert Registration.objects.of(bob).exists()


# --- All or nothing -------------------------------------------------------------------------------


def fail(**_):
    raise RuntimeError("between the writes")


FAULTS = {
    "when the row is written": (post_save, Registration),
    "when the event is written": (pre_save, Event),
    "when the first notice is written": (pre_save, Message),
    "after the notices": (security_info_changed, Registration),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("changed", [False, True])
def test_a_fault_between_the_writes_leaves_nothing(bob, email, fault, changed):
    """R086, MG3: change, event and notices are one transaction."""
    old = kinds.register(bob, form=BOB) if changed else None
    challenge = kinds.begin(bob, email, BAKER, replaces=old)
    before = state()
    signal, sender = FAULTS[fault]
    signal.connect(fail, sender=sender)
    try:
        with pytest.raises(RuntimeError):
            kinds.confirm(kinds.reload(challenge))
    finally:
        signal.disconnect(fail, sender=sender)

    assert state() == before
    assert kinds.confirm(kinds.reload(challenge))


def state() -> dict:
    return {
        "registrations": list(Registration.objects.values("pk", "confirmed", "fingerprint")),
        "events": list(Event.objects.values_list("pk", flat=True)),
        "messages": list(Message.objects.values_list("pk", flat=True)),
        "open": Challenge.objects.open().count(),
    }


# --- Rules ----------------------------------------------------------------------------------------


def test_a_rule_that_is_gone_forbids_the_kind(bob, email):
    MethodRule.objects.filter(kind="email").delete()
    OrgPolicy.objects.update()

    with pytest.raises(changes.Refused):
        kinds.begin(bob, email)
