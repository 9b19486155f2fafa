from __future__ import annotations

import pytest
from django.urls import reverse

from securityinfo.policy.models import OrgPolicy


def test_a_visitor_chooses_a_language_and_comes_back(client, db):
    back = reverse("accounts:sign-in")

    answer = client.post(reverse("preferences:language"), {"language": "nl", "next": back})

    assert answer.status_code == 302
    assert answer.headers["Location"] == back
    assert client.get(back).headers["Content-Language"] == "nl"


def test_a_person_takes_the_language_along(signed_in, bob):
    signed_in(bob).post(reverse("preferences:language"), {"language": "nl"})

    bob.refresh_from_db()
    assert bob.language == "nl"


@pytest.mark.parametrize("language", ["de", "", "nl; DROP", "../en"])
def test_a_language_that_is_not_offered_changes_nothing(signed_in, bob, language):
    answer = signed_in(bob).post(reverse("preferences:language"), {"language": language})

    bob.refresh_from_db()
    assert bob.language == ""
    assert "language" not in answer.cookies


def test_the_footer_offers_no_choice_of_one(client, db):
    OrgPolicy.objects.update(languages=["en"])

    page = client.get(reverse("accounts:sign-in")).content.decode()

    assert "Nederlands" not in page


@pytest.mark.parametrize(
    ("theme", "mark"),
    [("dark", 'data-theme="dark"'), ("light", 'data-theme="light"'), ("system", "")],
)
def test_appearance_is_kept_in_a_cookie(client, db, theme, mark):
    answer = client.post(reverse("preferences:theme"), {"theme": theme})
    page = client.get(reverse("accounts:sign-in")).content.decode()

    cookie = answer.cookies["theme"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert ("data-theme" in page) is bool(mark)
    assert mark in page


@pytest.mark.parametrize("theme", ["", "sepia", '"><script>'])
def test_an_unknown_appearance_is_not_kept(client, db, theme):
    answer = client.post(reverse("preferences:theme"), {"theme": theme})

    assert "theme" not in answer.cookies


def test_a_made_up_cookie_is_the_systems_appearance(client, db):
    client.cookies["theme"] = '"><script>alert(1)</script>'

    page = client.get(reverse("accounts:sign-in")).content.decode()

    assert "data-theme" not in page
    assert "alert(1)" not in page


@pytest.mark.parametrize("name", ["preferences:language", "preferences:theme"])
def test_looking_changes_no_preference(client, db, name):
    assert client.get(reverse(name)).status_code == 405


def test_home_leads_to_the_way_in_or_to_security_info(client, signed_in, bob):
    assert client.get("/").headers["Location"] == reverse("accounts:sign-in")
    assert signed_in(bob).get("/").headers["Location"] == reverse("methods:list")
