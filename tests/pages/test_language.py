from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from securityinfo.language import LanguageMiddleware, language_of, zone_of
from securityinfo.policy.models import OrgPolicy
from securityinfo.policy.rules import Settings


def ask(*, user: object, accept: str = "", cookie: str = ""):
    request = RequestFactory().get("/", headers={"accept-language": accept} if accept else {})
    request.user = user
    if cookie:
        request.COOKIES["language"] = cookie
    return request


class Nobody:
    is_authenticated = False


ENGLISH = Settings()
DUTCH = Settings(default_language="nl")


@pytest.mark.parametrize(
    ("own", "cookie", "accept", "expected"),
    [
        ("nl", "en", "en", "nl"),
        ("", "nl", "en", "nl"),
        ("", "", "nl-BE,en;q=0.5", "nl"),
        ("", "", "de,nl;q=0.3", "nl"),
        ("", "", "de", "en"),
        ("", "", "*", "en"),
        ("", "", "", "en"),
        ("de", "xx", "fr", "en"),
        ("", "../../etc", ";;;q=x", "en"),
    ],
)
def test_own_choice_then_cookie_then_browser_then_default(own, cookie, accept, expected):
    request = ask(user=User(language=own), cookie=cookie, accept=accept)

    assert language_of(request, ENGLISH) == expected


def test_a_visitor_without_wishes_reads_the_language_of_the_organization():
    assert language_of(ask(user=Nobody()), DUTCH) == "nl"


def test_a_language_that_the_organization_does_not_offer_is_not_spoken():
    only_english = Settings(languages=("en",))

    assert language_of(ask(user=User(language="nl"), accept="nl"), only_english) == "en"


@pytest.mark.parametrize(
    ("own", "organization", "expected"),
    [
        ("Asia/Tokyo", "Europe/Amsterdam", "Asia/Tokyo"),
        ("", "Europe/Amsterdam", "Europe/Amsterdam"),
        ("Nowhere/Else", "Europe/Amsterdam", "Europe/Amsterdam"),
        ("../../etc/passwd", "", "UTC"),
    ],
)
def test_times_are_those_of_the_person_then_of_the_organization(own, organization, expected):
    zone = zone_of(ask(user=User(time_zone=own)), Settings(time_zone=organization))

    assert zone.key == expected


def test_language_and_zone_hold_for_one_request_only(db):
    OrgPolicy.objects.update(time_zone="Asia/Tokyo")
    seen = []

    def view(request):
        seen.append(timezone.get_current_timezone_name())
        return HttpResponse()

    LanguageMiddleware(view)(ask(user=Nobody()))

    assert seen == ["Asia/Tokyo"]
    assert timezone.get_current_timezone_name() == "UTC"


def test_a_page_says_its_language(client, db):
    answer = client.get(reverse("accounts:sign-in"), headers={"accept-language": "nl"})

    assert answer.headers["Content-Language"] == "nl"
    assert '<html lang="nl" dir="ltr"' in answer.content.decode()
    assert {"Accept-Language", "Cookie"} <= {
        each.strip() for each in answer.headers["Vary"].split(",")
    }


@pytest.mark.django_db
def test_what_has_no_words_asks_for_neither_person_nor_policy(django_assert_num_queries):
    request = RequestFactory().get("/livez")  # without a user: nobody may look for one

    with django_assert_num_queries(0):
        answer = LanguageMiddleware(lambda request: HttpResponse())(request)

    assert "Content-Language" not in answer.headers
