"""The journeys that send something, as in production: PostgreSQL, Redis, gunicorn, two workers.

Everywhere else the suite delivers in the test's own process, or with the demo's SQLite and broker
in a folder; here web server, codes, notices and the scheduler are processes of their own.
"""

from __future__ import annotations

import re

import pytest

from tests.faults.whole import residents
from tests.faults.whole.residents import LONG, Resident, address_of, name_of
from tests.servers.installation import installed
from tests.servers.processes import wait_until

NEWCOMER, FORGETFUL, HASTY, CAREFUL = range(4)
NEW = "seven otters juggle lanterns"


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    """Everything runs; who has something registered has mail and phone, the last an app too."""
    with installed(tmp_path_factory.mktemp("site")) as installation:
        residents.settle(installation, 1)
        residents.settle(installation, 2, "email", "sms", first=1)
        residents.settle(installation, 1, "email", "sms", "authenticator", first=3)
        installation.start()
        yield installation


def ways_on(page: str) -> list[str]:
    return re.findall(r'name="way" value="([0-9a-f-]{36})"', page)


def wait_for_mail(there, who: Resident, subject: str) -> None:
    """A notice: the other worker sends it."""

    def is_there() -> bool:
        return any(subject in mail["Subject"] for mail in there.mail.to(address_of(who.number)))

    wait_until(is_there, LONG, f"for {subject}")


def test_a_newcomer_registers_and_signs_in_with_it(there):
    who = Resident.of(there, NEWCOMER)
    who.enter_password()
    who.browser.post("/keep-secure/email/", address=address_of(NEWCOMER))
    who.browser.post("/keep-secure/email/verify/", code=who.mailed())
    who.browser.post("/keep-secure/summary/")
    was_in = who.is_in
    who.browser.post("/sign-out/")
    there.site.run(residents.LATER)

    who.enter_password()
    who.answer(who.mailed(before=1))

    assert was_in
    assert who.is_in


def test_who_forgot_the_password_gets_in_with_two_checks(there):
    who = Resident.of(there, FORGETFUL)
    who.browser.post("/password-reset/", name=name_of(FORGETFUL))
    who.browser.post("/password-reset/check/", way="email")
    page = who.browser.post("/password-reset/code/", code=who.mailed())
    if "check-2/code" not in who.browser.at:
        (way,) = ways_on(page)
        who.browser.post("/password-reset/check-2/", way=way)
    who.browser.post("/password-reset/check-2/code/", code=who.texted())
    who.browser.post("/password-reset/password/", new_password=NEW)
    there.site.run(residents.LATER)

    who.enter_password(NEW)
    who.answer(who.mailed(before=1))

    assert who.is_in
    wait_for_mail(there, who, "password")


def test_a_deleted_method_is_told_to_its_own_address(there):
    who = Resident.of(there, CAREFUL)
    who.enter_password()
    who.answer(who.mailed())
    mine = f"""methods_registration JOIN accounts_user ON accounts_user.id = user_id
        WHERE username = '{name_of(CAREFUL)}' AND kind = 'email'"""
    ((method,),) = there.rows(f"SELECT methods_registration.uuid FROM {mine}")

    page = who.browser.post(f"/security-info/{method}/delete/")

    assert there.count(mine) == 0, page
    wait_for_mail(there, who, "deleted")


def test_another_way_and_another_code(there):
    who = Resident.of(there, HASTY)
    who.enter_password()
    who.mailed()
    who.choose("Text a code")
    first = who.texted()
    there.site.run(residents.LATER)
    who.browser.post("/sign-in/verify/resend/")
    second = who.texted(before=1)

    who.answer(first)
    is_refused = not who.is_in
    who.answer(second)

    assert is_refused
    assert who.is_in
