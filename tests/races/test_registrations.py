"""Many changes of one person's methods at once, on PostgreSQL."""

from __future__ import annotations

import threading
from collections import Counter as Count

import pytest
from django.db import connection
from django.test import Client

from methods import defaults, deletion, registrations
from methods import names as method_names
from methods.models import Challenge, Registration
from securityinfo import throttling
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from securityinfo.policy import service as policy
from securityinfo.policy.models import OrgPolicy
from securityinfo.throttling import limits
from securityinfo.throttling.models import Counter
from tests import kinds
from tests.races.crowd import all_at_once

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

START, VERIFY = "/security-info/add/email/", "/security-info/add/email/verify/"
BOB, BAKER = {"address": "bob@example.net"}, {"address": "bob.baker@example.net"}


@pytest.fixture
def email(bob):
    kinds.allow("email")
    return kinds.registry.get("email")


@pytest.fixture
def wide(monkeypatch):
    for name in ("ANSWERS_BY_ADDRESS", "ANSWERS_BY_ACCOUNT", "CHANGES_BY_ACCOUNT"):
        far = tuple(
            throttling.Limit(each.name, 10_000, each.seconds) for each in vars(limits)[name]
        )
        monkeypatch.setattr(limits, name, far)


def names(found) -> Count:
    return Count(type(each).__name__ for each in found)


def test_fifty_deletions_of_both_of_two_leave_one(bob, email, wide):
    """R083: F14; one event, one set of notices, the rest refused."""
    OrgPolicy.objects.update(methods_to_register=1)
    two = [kinds.register(bob, form=BOB).pk, kinds.register(bob, form=BAKER).pk]
    Message.objects.all().delete()

    def delete(number: int):
        registration = Registration.objects.select_related("user").filter(pk=two[number % 2])
        found = registration.first()
        if found:
            ruleset = policy.current_for(found.user)
            deletion.delete(found, ruleset=ruleset, actor=kinds.actor_for(found.user))

    found = names(all_at_once(delete, times=50))

    assert set(found) <= {"NoneType", "Refused"}
    assert Registration.objects.of(bob).count() == 1
    assert Registration.objects.of(bob).get().is_default
    assert Event.objects.filter(tag="method.deleted").count() == 1
    assert Message.objects.count() == 3


def test_twenty_begins_of_one_address_send_one_code(bob, email):
    """C11: twenty tabs."""

    def begin(number: int):
        return kinds.begin(bob, email, BOB, flow=f"f{number}")

    found = names(all_at_once(begin, times=20))

    assert found["Challenge"] == 1
    assert set(found) <= {"Challenge", "TooEarly", "Throttled"}
    assert Message.objects.filter(category="code").count() == 1
    assert Registration.objects.of(bob).count() == 1
    charged = Counter.objects.filter(key__startswith="sends-account:")
    assert sum(charged.values_list("hits", flat=True)) == 1


def test_of_many_set_ups_of_one_address_one_is_confirmed(bob, email, wide):
    """K3, R131: begun in twenty browsers, proved in the same moment."""
    kinds.allow("email", maximum=3)
    begun = []
    for number in range(20):
        begun.append(kinds.begin(bob, email, BOB, flow=f"f{number}"))
        kinds.pass_time(hours=1)
        Counter.objects.all().delete()
    Challenge.objects.update(expires_at="2999-01-01T00:00Z")
    codes = [kinds.right(each) for each in begun]

    def confirm(number: int):
        return bool(kinds.confirm(kinds.reload(begun[number]), codes[number]))

    found = all_at_once(confirm, times=20)

    assert found.count(True) == 1
    assert names(found) == {"bool": 1, "AlreadyAdded": 19}
    assert Registration.objects.of(bob).confirmed().count() == 1


def test_a_crowd_of_set_ups_never_passes_the_maximum(bob, email, wide):
    """K4: twenty addresses, two allowed."""
    kinds.allow("email", maximum=2)
    begun = []
    for number in range(20):
        begun.append(kinds.begin(bob, email, {"address": f"b{number}@x.nl"}, flow=f"f{number}"))
        Counter.objects.all().delete()
    codes = [kinds.right(each) for each in begun]

    def confirm(number: int):
        return bool(kinds.confirm(kinds.reload(begun[number]), codes[number]))

    found = names(all_at_once(confirm, times=20))

    assert found == {"bool": 2, "Refused": 18}
    assert Registration.objects.of(bob).confirmed().count() == 2
    assert Registration.objects.filter(is_default=True).count() == 1


def test_a_crowd_that_chooses_defaults_leaves_one(bob, email, wide):
    """R131."""
    kinds.allow("email", maximum=3)
    three = [kinds.register(bob, form={"address": f"b{n}@x.nl"}) for n in range(3)]

    def choose(number: int):
        registration = Registration.objects.select_related("user").get(pk=three[number % 3].pk)
        ruleset = policy.current_for(registration.user)
        actor = kinds.actor_for(registration.user)
        return defaults.make_default(registration, ruleset=ruleset, actor=actor)

    found = all_at_once(choose, times=60)

    assert set(names(found)) == {"bool"}
    assert Registration.objects.filter(is_default=True).count() == 1
    changed = Event.objects.filter(tag="method.default_changed").count()
    assert changed == found.count(True)


def test_changing_and_deleting_the_same_method_never_wait_for_each_other(bob, email, wide):
    """No deadlock, no half of either: the method is changed or gone."""
    OrgPolicy.objects.update(methods_to_register=1)
    kinds.allow("email", maximum=3)
    kinds.register(bob, form={"address": "other@example.net"})
    for _ in range(10):
        old = kinds.register(bob, form=BOB)
        challenge = kinds.begin(bob, email, BAKER, replaces=old, flow="change")
        right = kinds.right(challenge)
        Counter.objects.all().delete()

        def change(challenge=challenge, right=right):
            return kinds.confirm(kinds.reload(challenge), right)

        def delete(old=old):
            found = Registration.objects.select_related("user").get(pk=old.pk)
            ruleset = policy.current_for(found.user)
            return deletion.delete(found, ruleset=ruleset, actor=kinds.actor_for(found.user))

        found = names(all_at_once(lambda n, both=(change, delete): both[n](), times=2))

        assert set(found) <= {"Answer", "Registration", "DoesNotExist"}
        assert not Registration.objects.filter(pk=old.pk).exists()
        assert not Registration.objects.under_way().exists()
        Challenge.objects.all().delete()


def test_canceling_while_the_code_is_sent_is_one_or_the_other(bob, email, wide):
    for number in range(10):
        challenge = kinds.begin(bob, email, {"address": f"b{number}@x.nl"}, flow=f"f{number}")
        right = kinds.right(challenge)

        def cancel(challenge=challenge):
            ruleset, actor = policy.current_for(bob), kinds.actor_for(bob)
            registrations.cancel(bob, flow=challenge.flow, ruleset=ruleset, actor=actor)

        def confirm(challenge=challenge, right=right):
            return kinds.confirm(kinds.reload(challenge), right)

        found = names(all_at_once(lambda n, both=(cancel, confirm): both[n](), times=2))

        assert set(found) <= {"Answer", "NoneType", "DoesNotExist"}
        Registration.objects.all().delete()
        Counter.objects.all().delete()


# --- Over HTTP ------------------------------------------------------------------------------------


def clients(signed_in, user, count: int) -> list[Client]:
    """Tabs of one browser: the same cookie."""
    first = signed_in(user)
    tabs = [first]
    for _ in range(count - 1):
        tab = Client()
        tab.cookies = first.cookies.copy()
        tabs.append(tab)
    return tabs


def test_the_form_of_the_address_twenty_times_at_once_sends_one_code(bob, email, signed_in):
    """R131, F14: every tab arrives at the page of the one code."""
    tabs = clients(signed_in, bob, 20)

    found = all_at_once(lambda number: tabs[number].post(START, BOB), times=20, threads=20)

    assert Message.objects.filter(category="code").count() == 1
    assert Registration.objects.of(bob).count() == 1
    assert {each.status_code for each in found} <= {302, 422}
    page = tabs[0].get(VERIFY)
    assert page.status_code == 200
    challenge = Challenge.objects.get()
    assert tabs[0].post(VERIFY, kinds.right(challenge))["Location"] == "/security-info/"


def test_the_form_of_the_code_twenty_times_at_once_adds_once(bob, email, wide, signed_in):
    """R131, F14: a repeated submit is answered with the first one's result."""
    tabs = clients(signed_in, bob, 20)
    tabs[0].post(START, BOB)
    Challenge.objects.update(max_tries=100)
    code = kinds.right(Challenge.objects.get())

    found = all_at_once(lambda number: tabs[number].post(VERIFY, code), times=20, threads=20)

    assert {(each.status_code, each.get("Location")) for each in found} == {
        (302, "/security-info/")
    }
    assert Registration.objects.of(bob).get().confirmed
    assert Event.objects.filter(tag="method.registered").count() == 1
    assert Message.objects.filter(category="notice").count() == 2


def test_a_crowd_of_renames_never_passes_the_limit(bob):
    """R091, R095: the fortieth of one moment is refused as the fortieth of an hour is."""
    app = kinds.register(bob, "authenticator")
    ruleset, actor = policy.current_for(bob), kinds.actor_for(bob)

    found = all_at_once(
        lambda number: rename(app.pk, f"App {number}", ruleset=ruleset, actor=actor), times=60
    )

    assert names(found) == {"bool": 30, "Throttled": 30}
    assert Event.objects.filter(tag="method.renamed").count() == 30


def rename(pk: int, name: str, **options) -> bool:
    """As a request does that has just read the method."""
    return method_names.rename(
        Registration.objects.select_related("user").get(pk=pk), name, **options
    )


def test_delete_twenty_times_at_once_deletes_once(bob, email, signed_in):
    """R131, F14."""
    kinds.allow("email", maximum=3)
    three = [kinds.register(bob, form={"address": f"b{n}@x.nl"}) for n in range(3)]
    tabs = clients(signed_in, bob, 20)
    address = f"/security-info/{three[2].uuid}/delete/"

    found = all_at_once(lambda number: tabs[number].post(address), times=20, threads=20)

    assert {each.status_code for each in found} <= {302, 404}
    assert Registration.objects.of(bob).count() == 2
    assert Event.objects.filter(tag="method.deleted").count() == 1


def test_threads_have_connections_of_their_own():
    """Otherwise nothing of the above would be a race."""
    found = all_at_once(lambda _: (threading.get_ident(), connection.vendor), times=8, threads=8)

    assert len(set(found)) == 8
    assert {vendor for _, vendor in found} == {"postgresql"}


def test_twenty_clicks_on_one_form_without_proof_add_one_set(bob):
    """One set, one event; every click ends on the page of the list."""
    kinds.allow("questions")
    method = kinds.registry.get("questions")
    browser = Client()
    browser.force_login(bob)
    cookies = browser.cookies

    def click(number: int) -> tuple[int, str]:
        tab = Client()
        tab.cookies = cookies
        form = kinds.sample_of(method).FORM | {"attempt": "one form"}
        page = tab.post("/security-info/add/questions/", form)
        return page.status_code, page["Location"]

    found = all_at_once(click, times=20, threads=10)

    assert Count(found) == {(302, "/security-info/"): 20}
    assert Registration.objects.confirmed().count() == Registration.objects.count() == 1
    assert Event.objects.filter(tag="method.registered").count() == 1
