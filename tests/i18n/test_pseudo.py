"""In a language in which every text stands in brackets, nothing is read outside of them."""

from __future__ import annotations

import zoneinfo

import pytest
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone, translation

from methods import registry
from securityinfo.audit import tags
from securityinfo.demo import organization
from securityinfo.messaging import letters
from securityinfo.messaging.content import EmailContent
from securityinfo.messaging.models import Category, Message
from securityinfo.policy import service as policy
from securityinfo.policy.rules import Purpose
from tests.i18n import extraction, pseudo, tour

# Takes Dutch's place: a language that is not offered would need a policy of its own.
LANGUAGE = "nl"
# Events are recorded in words of the program, whoever reads them.
RECORDED = {
    "ok",
    "wrong",
    "first_method",
    "system",
    "administrator",
    "register",
    tour.KIND,
    tour.APP,
    "sms",
    "ending 78",
}
# Django's administration has these in English whatever the language.
DJANGO_S_ENGLISH = {"Search", "True", "False"}


@pytest.fixture(scope="session")
def pseudo_locale(sources, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pseudo")
    pseudo.write_catalog(sources, folder, LANGUAGE)
    return folder


@pytest.fixture(scope="session")
def pseudo_locale_with_django(sources, tmp_path_factory):
    """With Django's own texts in brackets too: on its pages they are not ours to find."""
    folder = tmp_path_factory.mktemp("pseudo-with-django")
    pseudo.write_catalog(extraction.with_django_s_own(sources), folder, LANGUAGE)
    return folder


@pytest.fixture(autouse=True)
def labels_anew():
    """What is kept of the labels in every language was read from another catalog."""
    registry.labels_of.cache_clear()
    yield
    registry.labels_of.cache_clear()


@pytest.fixture
def in_brackets(pseudo_locale, db):
    with override_settings(LOCALE_PATHS=[pseudo_locale], DEMO=True):
        yield


@pytest.fixture
def answers(in_brackets):
    organization.seed()
    return tour.visit_everything(LANGUAGE, tour.TOURS)


@pytest.fixture
def admin_answers(pseudo_locale_with_django, db):
    with override_settings(LOCALE_PATHS=[pseudo_locale_with_django]):
        organization.seed()
        yield tour.visit_everything(LANGUAGE, tour.ADMIN_TOURS)


def test_no_page_shows_a_text_that_cannot_be_translated(answers):
    names = tour.seeded_names()

    forgotten = {
        asked: found
        for asked, answer in answers
        if tour.is_html(answer)
        and (found := pseudo.forgotten_texts(answer.content.decode(), names))
    }

    assert forgotten == {}


def test_no_page_of_the_administration_shows_a_text_that_cannot_be_translated(admin_answers):
    names = tour.seeded_names() | zoneinfo.available_timezones() | tags.ALL
    recorded = RECORDED | DJANGO_S_ENGLISH | {tag.partition(".")[0] for tag in tags.ALL}

    forgotten = {
        asked: found
        for asked, answer in admin_answers
        if asked.split()[1].startswith(reverse("admin:index"))
        and tour.is_html(answer)
        and (found := pseudo.forgotten_texts(answer.content.decode(), names, recorded))
    }

    assert forgotten == {}
    assert tour.report_names() <= {tour.name_of(answer) for _, answer in admin_answers}


def test_the_tour_saw_every_page_and_met_no_error(answers):
    """So a new page fails here until the tour visits it."""
    seen = {tour.name_of(answer) for _, answer in answers}

    assert tour.all_page_names() - seen == set()
    assert [asked for asked, answer in answers if answer.status_code >= 500] == []


@pytest.mark.parametrize("purpose", list(Purpose))
def test_no_email_with_a_code_shows_a_text_that_cannot_be_translated(in_brackets, purpose):
    with translation.override(LANGUAGE):
        email = letters.code(
            to="alice@example.net",
            code="073040",
            purpose=purpose,
            reference="B7",
            expires_at=timezone.now(),
        )

    assert forgotten_in(email) == []


def test_no_notice_shows_a_text_that_cannot_be_translated(answers):
    notices = Message.objects.filter(category=Category.NOTICE)

    with translation.override(LANGUAGE):
        found = {
            notice.pk: forgotten_in(letters.notice(notice), notice.sealed["link"])
            for notice in notices
        }

    assert len(found) > 1
    assert not any(found.values()), found


def forgotten_in(email: EmailContent, *further: str) -> list[str]:
    data = {organization.NAME, policy.current().organization_name, "UTC", "Firefox", "Windows"}
    data |= {each for each in further if each}
    return [
        *pseudo.forgotten_words(email.subject, data),
        *pseudo.forgotten_words(email.text, data),
        *pseudo.forgotten_texts(email.html, data),
    ]


def test_a_forgotten_text_would_be_found(in_brackets):
    html = f"""
      <h1>{pseudo.bracketed("Sign in")}</h1> <p>Forgotten <bdi>alice@example.org</bdi></p>
      <p>{pseudo.OPEN}Ask <a href="/">the helpdesk</a>{pseudo.CLOSE} Alice</p>
      <button aria-label="Close it" data-copied="Copied"></button><p>12:30</p>
    """

    found = pseudo.forgotten_texts(html, {"Alice"})

    assert found == ["Forgotten", "Close it", "Copied"]


def test_the_brackets_are_really_shown(in_brackets):
    with translation.override(LANGUAGE):
        assert translation.gettext("Sign in").startswith(pseudo.OPEN)
