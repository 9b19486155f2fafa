"""In a language in which every text stands in brackets, nothing is read outside of them."""

from __future__ import annotations

import pytest
from django.test import override_settings
from django.utils import translation

from securityinfo.demo import organization
from tests.i18n import pseudo, tour

# Takes Dutch's place: a language that is not offered would need a policy of its own.
LANGUAGE = "nl"


@pytest.fixture(scope="session")
def pseudo_locale(sources, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pseudo")
    pseudo.write_catalog(sources, folder, LANGUAGE)
    return folder


@pytest.fixture
def in_brackets(pseudo_locale, db):
    with override_settings(LOCALE_PATHS=[pseudo_locale], DEMO=True):
        yield


@pytest.fixture
def answers(in_brackets):
    organization.seed()
    return tour.visit_everything(LANGUAGE)


def test_no_page_shows_a_text_that_cannot_be_translated(answers):
    names = tour.seeded_names()

    forgotten = {
        asked: found
        for asked, answer in answers
        if tour.is_html(answer)
        and (found := pseudo.forgotten_texts(answer.content.decode(), names))
    }

    assert forgotten == {}


def test_the_tour_saw_every_page(answers):
    """So a new page fails here until the tour visits it."""
    seen = {answer.resolver_match.view_name for _, answer in answers if answer.resolver_match}

    assert tour.all_page_names() - seen == set()


def test_the_tour_met_no_error(answers):
    assert [asked for asked, answer in answers if answer.status_code >= 500] == []


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
