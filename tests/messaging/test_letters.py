from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import timezone, translation

from securityinfo.messaging import letterhead, letters
from securityinfo.messaging.letterhead import Letterhead
from tests import stopwatch

UNTIL = datetime(2026, 11, 22, 13, 35, tzinfo=UTC)

REGISTER = """\
Example Org

Use this code to add this email address to your security info:

073040

It works once, until 14:35 (Europe/Amsterdam), on the page that shows ref B7.
Never share it. Nobody from Example Org will ask you for it.

Didn't ask for this? Somebody may have typed your address by mistake. You can ignore this email.
"""

CALLER = """\
Example Org

Read this code out to the helpdesk agent you are talking to:

073040

It works once, until 14:35 (Europe/Amsterdam).
Do this only if you called the helpdesk yourself.

Didn't call? Tell nobody this code and contact the IT desk (020 123 4567).
"""


def code_mail(purpose="register", reference="B7"):
    with timezone.override("Europe/Amsterdam"):
        return letters.code(
            to="bob@example.net",
            code="073040",
            purpose=purpose,
            reference=reference,
            expires_at=UNTIL,
        )


def test_the_code_mail_reads_as_the_pages_say():
    mail = code_mail()

    assert mail.subject == "Your Example Org verification code"
    assert mail.to == "bob@example.net"
    assert mail.text == REGISTER


def test_a_caller_check_has_words_of_its_own():
    assert code_mail("caller", reference="").text == CALLER


@pytest.mark.parametrize(
    ("purpose", "use", "unasked"),
    [
        (
            "sign_in",
            "Use this code to sign in:",
            "Didn't ask for this? Somebody may know your password. Change it and contact "
            "the IT desk (020 123 4567).",
        ),
        (
            "confirm",
            "Use this code to confirm it's you:",
            "Didn't ask for this? Somebody may know your password. Change it and contact "
            "the IT desk (020 123 4567).",
        ),
        (
            "reset",
            "Use this code to reset your password:",
            "Didn't ask for this? Your password hasn't changed. If it happens again, contact "
            "the IT desk (020 123 4567).",
        ),
    ],
)
def test_each_purpose_has_its_lines_in_both_parts(purpose, use, unasked):
    mail = code_mail(purpose)

    assert use in mail.text.splitlines()
    assert unasked in mail.text.splitlines()
    assert use.replace("'", "&#x27;") in mail.html
    assert unasked.replace("'", "&#x27;") in mail.html


def test_the_code_stands_alone_on_a_line_and_not_in_the_subject():
    """DE5."""
    mail = code_mail()

    assert "073040" in mail.text.splitlines()
    assert mail.html.count("073040") == 1
    assert "073040" not in mail.subject


def test_a_code_mail_has_no_link_no_image_and_no_button():
    """DE5, R034: nothing to click, nothing from elsewhere."""
    html = code_mail().html.lower()

    for tag in ("<a ", "<img", "<button", "<script", "<link", "<form", "http", "url(", "@import"):
        assert tag not in html


def test_the_hidden_first_line_tells_how_long_the_code_works():
    assert "It works until 14:35." in code_mail().html


def test_a_mail_names_its_language_and_direction():
    with translation.override("nl"):
        mail = code_mail()

    assert '<html lang="nl" dir="ltr">' in mail.html
    assert mail.headers["Content-Language"] == "nl"


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        '<a href="https://evil.example">Example</a>',
        "{{ code }}{% debug %}",
        'Org" onload="x',
    ],
)
def test_markup_in_a_name_is_inert(monkeypatch, name):
    """R033."""
    monkeypatch.setattr(letterhead, "_providers", [lambda: Letterhead(organization_name=name)])

    mail = code_mail()

    assert name in mail.text
    assert "<script" not in mail.html
    assert "<a " not in mail.html
    assert '" onload="' not in mail.html
    assert mail.text.count("073040") == 1


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("My phone", "My phone"),
        ("Authenticator app 2", "Authenticator app 2"),
        ("Email, a•••@example.net", "Email, a•••@example.net"),
        ("Dr. Who's phone, v2.5", "Dr. Who's phone, v2.5"),
        ("Click https://evil.example/x?y", "Click"),
        ("Go to evil.example/login now", "Go to now"),
        ("www.evil.example", ""),
        ("evil.co.uk:8080/a", ""),
        ("javascript://x", ""),
        ("one\r\nBcc: eve@example.net", "one Bcc: eve@example.net"),
        ("a\u202eb\u200bc\x00d", "a b c d"),
    ],
)
def test_words_that_somebody_typed_lose_links_and_invisible_letters(typed, shown):
    """R033, DE5."""
    assert letters.plain(typed) == shown


def test_a_moment_is_given_in_local_time_and_in_utc():
    """R088."""
    with timezone.override("Europe/Amsterdam"):
        assert letters.moment(UNTIL) == "22 Nov 2026, 14:35 (Europe/Amsterdam), 13:35 UTC"


def test_where_local_time_is_utc_it_is_given_once():
    with timezone.override("UTC"):
        assert letters.moment(UNTIL) == "22 Nov 2026, 13:35 (UTC)"


@pytest.mark.parametrize(
    ("head", "helpdesk"),
    [
        (Letterhead(), "your IT helpdesk"),
        (Letterhead(helpdesk_phone="020 123 4567"), "your IT helpdesk (020 123 4567)"),
        (
            Letterhead(
                helpdesk_text="the IT desk",
                helpdesk_email="help@example.org",
                helpdesk_url="https://help.example.org",
                helpdesk_hours="weekdays 9–17",
            ),
            "the IT desk (help@example.org, https://help.example.org, weekdays 9–17)",
        ),
    ],
)
def test_the_helpdesk_is_named_with_all_that_is_known_of_it(head, helpdesk):
    assert head.helpdesk == helpdesk


def test_a_nameless_organization_is_named_by_its_address():
    assert Letterhead().name == "testserver"


def test_words_of_any_length_are_searched_for_links_in_no_time():
    with stopwatch.at_most(0.5):
        letters.plain("a" * 20_000)


def test_a_moment_is_written_in_the_reader_s_language():
    with translation.override("nl"):
        assert letters.moment(UNTIL).startswith("22 nov 2026")
