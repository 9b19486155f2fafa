"""While an account is frozen nothing of its methods changes, whichever way it is asked for."""

from __future__ import annotations

import pytest
from django.urls import URLPattern, reverse
from django.utils import timezone

from methods import changes, defaults, deletion, names, registrations, registry, urls
from methods.models import Challenge, Registration
from methods.standing import Standing
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from securityinfo.policy import service as policy
from securityinfo.policy.rules import Reason
from tests import kinds
from tests.flows.steps import LIST, text_of

pytestmark = pytest.mark.django_db

FROZEN = "Changes are frozen because someone reported: this wasn't me. Contact your IT helpdesk."
# What a person may look at, and where nothing is written whatever is posted there.
LOOKING = {"list", "show-in-full", "activity", "status", "change-status"}


@pytest.fixture
def method(bob, registered) -> Registration:
    kinds.allow("email")
    registration = registered()
    kinds.pass_time(minutes=5)
    return registration


@pytest.fixture
def frozen(bob, method) -> Registration:
    bob.frozen_at = timezone.now()
    bob.save()
    return method


def written() -> tuple[object, ...]:
    methods = Registration.objects.order_by("pk").values_list(
        "pk", "name", "is_default", "confirmed", "fingerprint"
    )
    return list(methods), Challenge.objects.count(), Message.objects.count(), Event.objects.count()


def address_of(route: URLPattern, registration: Registration) -> str:
    known = {"kind": registration.kind, "uuid": registration.uuid}
    names_ = route.pattern.converters
    return reverse(f"methods:{route.name}", kwargs={name: known[name] for name in names_})


CHANGING = [route for route in urls.urlpatterns if route.name not in LOOKING]


@pytest.mark.parametrize("route", CHANGING, ids=lambda route: route.name)
def test_no_page_changes_anything_nor_asks_for_a_proof(frozen, bob, signed_in, route):
    client = signed_in(bob)
    address = address_of(route, frozen)
    before = written()
    form = {"address": "new@example.net", "kind": frozen.kind, "code": "123456", "name": "Other"}

    answers = [client.get(address), client.post(address, form | {"method": str(frozen.uuid)})]

    assert [(each.status_code, each["Location"]) for each in answers] == [(302, LIST)] * 2
    assert written() == before


def test_the_walk_has_found_the_pages():
    assert {route.name for route in CHANGING} >= {"add", "set-up", "change", "delete", "default"}


def test_what_was_begun_before_the_freeze_is_not_finished_after_it(bob, method, signed_in):
    client = signed_in(bob)
    client.post("/security-info/add/email/", {"address": "late@example.net"})
    challenge = Challenge.objects.latest("created_at")
    bob.frozen_at = timezone.now()
    bob.save()

    with pytest.raises(changes.Refused) as refused:
        kinds.confirm(kinds.reload(challenge))

    assert refused.value.reason is Reason.FROZEN
    assert Registration.objects.confirmed().count() == 1


def stale(bob):
    """As a request has read the person a moment before the freeze."""
    person = type(bob).objects.get(pk=bob.pk)
    person.frozen_at = None
    return person


USE_CASES = {
    "begin": lambda person, registration, options: kinds.begin(
        person, registry.get("email"), {"address": "new@example.net"}
    ),
    "change": lambda person, registration, options: kinds.begin(
        person, registry.get("email"), {"address": "new@example.net"}, replaces=registration
    ),
    "add": lambda person, registration, options: registrations.add_unproved(
        Registration(user=person, kind="email", details={"address": "new@example.net"}), **options
    ),
    "adopt": lambda person, registration, options: registrations.adopt(
        person,
        registry.get("email"),
        {"address": "new@example.net"},
        proven_by=str(registration.uuid),
        **options,
    ),
    "delete": lambda person, registration, options: deletion.delete(registration, **options),
    "default": lambda person, registration, options: defaults.make_default(registration, **options),
    "rename": lambda person, registration, options: names.rename(registration, "Other", **options),
}


@pytest.mark.parametrize("name", USE_CASES)
def test_every_use_case_asks_again_when_it_holds_the_person(frozen, bob, name):
    """Whoever read the person a moment before the freeze comes too late all the same."""
    person = stale(bob)
    frozen.user = person
    options = {"ruleset": policy.current_for(person), "actor": kinds.actor_for(person)}

    with pytest.raises(changes.Refused) as refused:
        USE_CASES[name](person, frozen, options)

    assert refused.value.reason is Reason.FROZEN
    assert list(Registration.objects.values_list("pk", flat=True)) == [frozen.pk]


def test_security_info_says_so_first_and_offers_nothing(frozen, bob, signed_in):
    page = signed_in(bob).get(LIST)

    words, html = text_of(page), page.content.decode()
    assert words.index(FROZEN) < words.index("You use these methods")
    for offered in ("Add method", "Delete", "Don't see the method you want?"):
        assert offered not in words
    assert f"{frozen.uuid}/change/" not in html
    assert f"{frozen.uuid}/delete/" not in html


def test_an_account_that_is_not_frozen_has_everything(method, bob, signed_in):
    words = text_of(signed_in(bob).get(LIST))

    assert FROZEN not in words
    assert "Add method" in words


def test_what_is_left_still_signs_in_and_confirms(frozen, bob):
    standing = Standing.of(bob, policy.current_for(bob))

    assert standing.for_sign_in == (frozen,)
    assert standing.addable == ()
