"""F20: a backup is put back; that is noticed, and what it brought back is ended (R111)."""

from __future__ import annotations

import pyotp

from tests.faults.whole import residents
from tests.faults.whole.residents import Resident, name_of


def code_of(key: str) -> str:
    return pyotp.TOTP(key).now()


def counted(said: str) -> dict[str, int]:
    """What the command printed."""
    pairs = [line.split(maxsplit=1) for line in said.splitlines() if line[:1] == " "]
    return {what: int(number) for number, what in pairs}


def test_an_older_state_is_noticed_and_brings_nothing_back(there, tmp_path):
    """With pg_dump and pg_restore, as docs/operators.md says."""
    site = there.site
    site.environment["SECURITYINFO_AUDIT_ANCHOR"] = str(tmp_path / "anchor")
    keys = residents.settle(there, 2, "authenticator")
    web = site.start_web()
    before, after = Resident.of(there, 0), Resident.of(there, 1)
    before.enter_password()
    before.answer(code_of(keys[name_of(0)]))
    assert before.is_in
    there.postgres.dump("site", tmp_path / "backup")

    after.enter_password()
    used = code_of(keys[name_of(1)])
    after.answer(used)
    assert after.is_in
    site.manage("verify_audit")
    web.stop()
    site.environment["DATABASE_URL"] = there.postgres.restore(tmp_path / "backup", "restored")
    noticed = site.fails("verify_audit")
    would_end = counted(site.manage("after_restore", "--dry-run"))
    ended = counted(site.manage("after_restore"))
    again = counted(site.manage("after_restore", "--dry-run"))
    verified = site.manage("verify_audit")
    site.start_web()
    thief = Resident.of(there, 1)
    thief.enter_password()
    refusal = thief.answer(used)

    assert "an older state was put back" in noticed
    assert would_end == ended
    assert (ended["codes of apps"], ended["sessions"]) == (2, 1)
    assert again["sessions"] == 0
    assert "intact" in verified
    assert not before.is_in
    assert not thief.is_in
    assert "That code isn" in refusal
