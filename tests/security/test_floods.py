"""What somebody can make the server keep, read or compute: little, and nothing without limit."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import Session, User
from methods import changes
from methods.kinds.email.address import InvalidAddress, canonical
from methods.models import Challenge, Registration
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from securityinfo.policy.models import OrgPolicy
from securityinfo.throttling import limits
from tests import kinds, stopwatch
from tests.accounts.doors import post_sign_in
from tests.pages import crawl

pytestmark = pytest.mark.django_db

MEGABYTE = 1024 * 1024


def test_a_visitor_leaves_no_session_behind(client: Client) -> None:
    """By looking at pages, by signing out of nothing, by choosing colors, by wrong passwords."""
    crawl.crawl(client)
    client.post(reverse("accounts:sign-out"))
    client.post(reverse("preferences:theme"), {"theme": "dark"})
    client.post(reverse("preferences:language"), {"language": "nl"})
    client.post(reverse("accounts:sign-in"), {"name": "nobody", "password": "wrong"})
    client.post(reverse("accounts:keep-secure-skip"))
    client.post(reverse("accounts:confirm"), {"password": "wrong"})

    assert not Session.objects.exists()
    assert "session" not in client.cookies


def test_an_invented_session_leaves_none_either(client: Client) -> None:
    client.cookies["session"] = "a" * 32

    client.post(reverse("accounts:sign-out"))

    assert not Session.objects.exists()


def test_who_signs_out_is_told_so(signed_in, bob: User) -> None:
    answer = signed_in(bob).post(reverse("accounts:sign-out"), follow=True)

    assert "You&#x27;re signed out." in answer.content.decode()


def test_a_stranger_cannot_fill_the_disk(client: Client, tmp_path: Path, settings) -> None:
    """No form of a visitor has a file; a large one is refused before it is read."""
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    large = SimpleUploadedFile("large.bin", b"x" * (3 * MEGABYTE))

    answer = client.post(reverse("accounts:sign-in"), {"name": "x", "file": large})

    assert answer.status_code == 400
    assert not list(tmp_path.iterdir())


def test_no_upload_is_ever_written_to_disk(settings, tmp_path: Path) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    small = SimpleUploadedFile("logo.png", b"x" * 200 * 1024)
    request = RequestFactory().post("/", {"logo_file": small})

    assert request.FILES["logo_file"].size == 200 * 1024
    assert not hasattr(request.FILES["logo_file"], "temporary_file_path")


def test_a_form_of_half_a_megabyte_is_refused(client: Client) -> None:
    answer = client.post(reverse("accounts:sign-in"), {"name": "x" * (MEGABYTE // 2)})

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "typed",
    [
        "\ufdfa" * 100_000 + "@example.net",
        "a@" + "\u00e4" * 100_000 + ".net",
        "a@" + "a." * 100_000,
    ],
    ids=["a letter that becomes eighteen", "a domain of umlauts", "a domain of a thousand parts"],
)
def test_an_address_of_any_length_is_refused_at_once(typed: str) -> None:
    """R011's 50 ms, for addresses."""
    with stopwatch.at_most(0.05), pytest.raises(InvalidAddress):
        canonical(typed)


# --- Records that stay for good -------------------------------------------------------------------

HOUR_OF_CHANGES = limits.CHANGES_BY_ACCOUNT[-1].hits
HOUR_OF_BEGINS = limits.BEGINS_BY_ACCOUNT[-1].hits


def statuses(answers) -> list[int]:
    return [each.status_code for each in answers]


def recorded(tag: str) -> int:
    return Event.objects.filter(tag=tag).count()


def test_renaming_again_and_again_ends_at_the_limit(bob: User, signed_in) -> None:
    """R091: each is told to every contact."""
    app = kinds.register(bob, "authenticator")
    Message.objects.all().delete()
    browser, address = signed_in(bob), reverse("methods:change", args=[app.uuid])

    answers = [browser.post(address, {"name": f"App {number}"}) for number in range(40)]

    assert statuses(answers) == [302] * HOUR_OF_CHANGES + [429] * (40 - HOUR_OF_CHANGES)
    assert int(answers[-1]["Retry-After"]) > 0
    assert "Too many tries" in answers[-1].content.decode()
    assert recorded("method.renamed") == Message.objects.count() == HOUR_OF_CHANGES


def test_a_name_that_stays_the_same_is_no_change(bob: User, signed_in) -> None:
    app = kinds.register(bob, "authenticator")
    browser, address = signed_in(bob), reverse("methods:change", args=[app.uuid])

    answers = [browser.post(address, {"name": app.name}) for _ in range(HOUR_OF_CHANGES + 5)]

    assert set(statuses(answers)) == {302}
    assert recorded("method.renamed") == 0


def test_choosing_defaults_again_and_again_ends_at_the_limit(bob: User, signed_in) -> None:
    """R091."""
    kinds.allow("authenticator", maximum=2)
    two = [kinds.register(bob, "authenticator"), kinds.register(bob, "email")]
    browser, address = signed_in(bob), reverse("methods:default")

    answers = [
        browser.post(address, {"method": str(two[(number + 1) % 2].uuid)}) for number in range(40)
    ]

    assert statuses(answers) == [302] * HOUR_OF_CHANGES + [429] * (40 - HOUR_OF_CHANGES)
    assert recorded("method.default_changed") == HOUR_OF_CHANGES


def test_opening_and_canceling_a_set_up_ends_at_the_limit(bob: User, signed_in) -> None:
    """R091: the record can't be emptied, so it isn't filled either."""
    kinds.allow("authenticator")
    browser, address = signed_in(bob), reverse("methods:set-up", args=["authenticator"])
    opened = []
    for _ in range(HOUR_OF_BEGINS + 10):
        opened.append(browser.get(address))
        browser.post(address, {"cancel": "cancel"})

    assert statuses(opened) == [200] * HOUR_OF_BEGINS + [429] * 10
    assert "Too many tries" in opened[-1].content.decode()
    assert recorded("registration.started") == recorded("registration.canceled") == HOUR_OF_BEGINS


def test_a_refused_deletion_is_recorded_so_often_and_no_more(bob: User, signed_in) -> None:
    """R091, MG6."""
    app = kinds.register(bob, "authenticator")
    browser, address = signed_in(bob), reverse("methods:delete", args=[app.uuid])

    answers = [browser.post(address) for _ in range(40)]

    assert statuses(answers) == [302] * HOUR_OF_CHANGES + [429] * (40 - HOUR_OF_CHANGES)
    assert recorded("method.delete_refused") == HOUR_OF_CHANGES


def test_whoever_is_at_every_limit_can_still_delete(bob: User, signed_in) -> None:
    """A stranger's methods must go at once, however much the stranger has changed."""
    OrgPolicy.objects.update(methods_to_register=1)
    kept, strange = kinds.register(bob, "authenticator"), kinds.register(bob, "email")
    browser = signed_in(bob)
    address = reverse("methods:change", args=[kept.uuid])
    while browser.post(address, {"name": f"App {recorded('method.renamed')}"}).status_code == 302:
        pass

    deleted = browser.post(reverse("methods:delete", args=[strange.uuid]))

    assert deleted.status_code == 302
    assert Registration.objects.of(bob).get() == kept


def test_required_registration_outlasts_all_changes_of_an_hour(bob: User, client: Client) -> None:
    """R091: changing has a limit of its own, so nobody is kept from setting up what is asked."""
    kinds.allow("authenticator")
    for _ in range(HOUR_OF_CHANGES):
        changes.charge(bob)
    post_sign_in(client, "bob")
    address = reverse("accounts:keep-secure-set-up", args=["authenticator"])
    client.get(address)

    answer = client.post(address, kinds.right(Challenge.objects.get()))

    assert answer["Location"] == reverse("accounts:keep-secure-summary")
