"""Whatever is ill is named in one line, with what to do; and nothing secret is in it."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.db.models.functions import Now
from django.utils import timezone

from securityinfo import crypto, env
from securityinfo.audit import guards
from securityinfo.audit import tasks as audit
from securityinfo.messaging.models import Category, State
from securityinfo.operations import doctor, heartbeats, key_proofs, schema, tasks
from securityinfo.operations.checks import (
    broker,
    clock,
    configuration,
    database,
    keys,
    log,
    mail,
    proxy,
    telephony,
    work,
)
from securityinfo.operations.findings import Level
from securityinfo.operations.models import Heartbeat, KeyProof
from securityinfo.telephony import Gateway, Twilio
from tests.accounts.doors import has_method
from tests.messaging.rough_server import RoughServer
from tests.operations.waiting import code_that_waits
from tests.servers.gateway import SECRET, GatewayServer
from tests.servers.processes import free_port
from tests.servers.twilio import ACCOUNT, FROM, TwilioServer

pytestmark = pytest.mark.django_db

SMTP = "securityinfo.messaging.transports.smtp.SmtpTransport"
TWILIO = "securityinfo.messaging.transports.twilio.TwilioTransport"
WEBHOOK = "securityinfo.messaging.transports.webhook.WebhookTransport"


def said_by(check) -> dict[Level, str]:
    """What a check says, by its level."""
    said: dict[Level, str] = {}
    for finding in check.findings():
        assert "\n" not in finding.text
        said[finding.level] = f"{said.get(finding.level, '')} {finding.text}".strip()
    return said


# --- The whole of it ------------------------------------------------------------------------------


def test_the_command_names_what_is_wrong_and_fails():
    said = StringIO()

    with pytest.raises(CommandError, match="4 things are wrong"):
        call_command("doctor", stdout=said, no_color=True)

    wrong = [line.split()[1] for line in said.getvalue().splitlines() if line.startswith("wrong")]
    assert wrong == ["scheduler", "worker", "worker", "worker"]


def test_the_command_succeeds_when_nothing_is_wrong(at_work):
    said = StringIO()

    call_command("doctor", stdout=said, no_color=True)

    assert "ok       scheduler" in said.getvalue()


def test_a_check_that_breaks_off_hides_none_of_the_others(monkeypatch):
    def breaks_off():
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(heartbeats, "silent", breaks_off)

    found = {finding.about: finding for finding in doctor.examine()}

    assert found["work"].text == "RuntimeError: two lines"
    assert found["audit log"].level is Level.WARNING


def test_nothing_that_needs_the_database_is_asked_while_it_is_ill(monkeypatch):
    monkeypatch.setattr(schema, "missing", lambda: {("methods", "0001_initial")})

    found = [finding for finding in doctor.examine() if "database first" in finding.text]

    assert [finding.about for finding in found] == ["clock", "keys", "work", "audit log"]


# --- Database and clock ---------------------------------------------------------------------------


def test_a_database_that_is_away_is_told_without_its_password(monkeypatch, settings):
    def fails():
        raise DatabaseError("no way to db.example.org for user a with hunter2-hunter2")

    settings.DATABASES["default"]["PASSWORD"] = "hunter2-hunter2"
    monkeypatch.setattr(connection, "ensure_connection", fails)

    said = said_by(database)

    assert "db.example.org" in said[Level.WRONG]
    assert "hunter2" not in said[Level.WRONG]


def test_a_missing_migration_is_named():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'methods' AND name LIKE '0001%'")

    assert "methods.0001_initial" in said_by(database)[Level.WRONG]


def test_a_newer_release_may_have_migrated_already():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) "
            "VALUES ('methods', '9999_later', CURRENT_TIMESTAMP)"
        )

    assert Level.WRONG not in said_by(database)


@pytest.mark.postgresql
def test_the_database_of_the_tests_is_well_and_its_role_has_too_many_rights():
    said = said_by(database)

    assert "in UTF-8" in said[Level.OK]
    assert "superuser" in said[Level.WARNING]


@pytest.mark.postgresql
def test_a_clock_that_is_off_is_told(monkeypatch):
    """R130"""
    right = said_by(clock)
    monkeypatch.setattr(clock.time, "time", lambda: timezone.now().timestamp() - 5)

    assert set(right) == {Level.OK}
    assert "NTP" in said_by(clock)[Level.WRONG]


# --- Broker, mail, telephony ----------------------------------------------------------------------


def test_a_broker_that_is_away_is_told_without_its_password(monkeypatch, settings):
    settings.REDIS_URL = "rediss://:hunter2-hunter2@redis.example.org"

    def fails():
        raise OSError("no way to rediss://:hunter2-hunter2@redis.example.org")

    monkeypatch.setattr(tasks, "ask_broker", fails)

    said = said_by(broker)

    assert "REDIS_URL" in said[Level.WRONG]
    assert "hunter2" not in said[Level.WRONG]


@pytest.mark.parametrize(
    ("url", "level"),
    [
        ("redis://127.0.0.1/0", Level.OK),
        ("unix:///run/redis.sock", Level.OK),
        ("rediss://redis.example.org", Level.OK),
        ("redis://redis.example.org", Level.WARNING),
    ],
)
def test_a_broker_across_a_network_should_have_tls(settings, url, level):
    settings.REDIS_URL = url

    assert set(said_by(broker)) == {level}


def sign_in_refused(talk):
    talk.greet("AUTH PLAIN")
    talk.hear()
    talk.say("535 5.7.8 no")
    talk.hear()


def let_in(talk):
    talk.greet("AUTH PLAIN")
    talk.hear()
    talk.say("235 2.7.0 yes")
    talk.hear()
    talk.say("221 bye")


@pytest.mark.servers
@pytest.mark.parametrize(
    ("script", "level", "words"),
    [
        (let_in, Level.OK, "signed in"),
        (sign_in_refused, Level.WRONG, "sign-in 535"),
    ],
)
def test_the_mail_server_is_signed_in_to_and_sent_nothing(settings, script, level, words):
    settings.EMAIL_TRANSPORT = SMTP
    with RoughServer(script) as server:
        settings.SMTP = server.settings(username="us", password="hunter2-hunter2")
        said = said_by(mail)

    assert words in said[level]
    assert "hunter2" not in said[level]
    assert not any(line.upper().startswith(("MAIL", "RCPT")) for line in server.heard)


def test_a_mail_server_that_is_away_is_told(settings):
    settings.EMAIL_TRANSPORT = SMTP
    settings.SMTP = settings.SMTP | {"host": "127.0.0.1", "port": free_port()}

    assert "ConnectionRefusedError" in said_by(mail)[Level.WRONG]


@pytest.fixture
def twilio(settings):
    with TwilioServer() as server:
        settings.TELEPHONY, settings.TELEPHONY_TRANSPORT = "twilio", TWILIO
        settings.TWILIO = Twilio(ACCOUNT.sid, ACCOUNT.auth_token, FROM, api_url=server.url)
        yield server


def test_twilio_is_asked_for_our_account_and_nothing_is_sent(twilio):
    said = said_by(telephony)

    assert said == {Level.OK: "twilio answers."}
    assert twilio.asked == [f"/2010-04-01/Accounts/{ACCOUNT.sid}.json"]
    assert twilio.taken == []


def test_a_wrong_token_is_told_and_not_shown(twilio, settings):
    settings.TWILIO = Twilio(ACCOUNT.sid, "hunter2-hunter2", FROM, api_url=twilio.url)

    said = said_by(telephony)

    assert "401 20003" in said[Level.WRONG]
    assert "hunter2" not in said[Level.WRONG]


def test_a_suspended_account_is_told(twilio):
    twilio.status = "suspended"

    assert "suspended" in said_by(telephony)[Level.WRONG]


@pytest.mark.parametrize(("secret", "level"), [(SECRET, Level.OK), ("x" * 40, Level.WRONG)])
def test_a_gateway_is_pinged(settings, secret, level):
    with GatewayServer() as gateway:
        settings.TELEPHONY, settings.TELEPHONY_TRANSPORT = "webhook", WEBHOOK
        settings.GATEWAY = Gateway(gateway.url, secret)
        said = said_by(telephony)

    assert set(said) == {level}
    assert [each["kind"] for each in gateway.taken] == ["ping"] * (level is Level.OK)


def test_without_a_provider_nothing_is_wrong(settings):
    settings.TELEPHONY_TRANSPORT = ""

    assert set(said_by(telephony)) == {Level.OK}


# --- Proxy and configuration ----------------------------------------------------------------------


@pytest.mark.servers
@pytest.mark.parametrize(
    ("answer", "level", "words"),
    [
        ("200 OK", Level.OK, "shows the sign-in page"),
        ("301 Moved\r\nLocation: {url}/sign-in/", Level.WRONG, "X-Forwarded-Proto"),
        ("400 Bad Request", Level.WRONG, "pass Host on"),
        ("502 Bad Gateway", Level.WRONG, "answers 502"),
    ],
)
def test_what_the_proxy_does_is_seen_from_outside(answer, level, words):
    url = ""

    def script(talk):
        while talk.hear():
            pass
        talk.say(f"HTTP/1.1 {answer.format(url=url)}", "Content-Length: 0", "Connection: close", "")

    with RoughServer(script) as server:
        url = f"http://127.0.0.1:{server.settings()['port']}"
        (finding,) = proxy.from_outside(url)

    assert (finding.level, words in finding.text) == (level, True)


def test_a_public_address_that_is_not_reached_is_no_more_than_a_warning():
    (finding,) = proxy.from_outside(f"http://127.0.0.1:{free_port()}")

    assert finding.level is Level.WARNING


def test_a_misspelled_variable_is_named_and_its_value_is_not(monkeypatch):
    monkeypatch.setenv("SECURITYINFO_SECRET_KEYS", "hunter2-hunter2")

    said = said_by(configuration)

    assert "SECURITYINFO_SECRET_KEYS is set and not used" in said[Level.WARNING]
    assert "hunter2" not in said[Level.WARNING]


@pytest.mark.parametrize(("mode", "told"), [(0o600, False), (0o644, True)])
def test_a_secret_that_everybody_may_read_is_told(monkeypatch, tmp_path, mode, told):
    path = tmp_path / "thing"
    path.write_text("secret")
    path.chmod(mode)
    monkeypatch.setattr(env, "readings", {})
    monkeypatch.setenv("THING_FILE", str(path))
    env.secret("THING")

    assert (f"Everybody may read {path}" in said_by(configuration)[Level.WARNING]) is told


def test_in_a_container_the_modes_outside_count_for_nothing(monkeypatch, tmp_path):
    path = tmp_path / "thing"
    path.write_text("secret")
    path.chmod(0o444)
    monkeypatch.setattr(configuration, "IN_A_CONTAINER", f"{tmp_path}/")
    monkeypatch.setattr(env, "readings", {})
    monkeypatch.setenv("THING_FILE", str(path))
    env.secret("THING")

    assert "Everybody may read" not in said_by(configuration)[Level.WARNING]


# --- Keys -----------------------------------------------------------------------------------------


def test_stored_values_are_opened(bob):
    has_method(bob, "bob@example.net")

    assert "1 stored values were opened" in said_by(keys)[Level.OK]


def test_a_key_that_is_gone_is_told_and_nobody_is_alarmed(bob, settings, caplog):
    has_method(bob, "bob@example.net")
    settings.ENCRYPTION_KEYS = ["t2:" + "A" * 43 + "="]

    said = said_by(keys)

    assert "methods_registration.details: its key is not in the ring" in said[Level.WRONG]
    assert caplog.records == []


def test_another_key_under_the_same_id_is_told(settings):
    key_proofs.leave()
    settings.ENCRYPTION_KEYS = ["t1:" + "A" * 43 + "="]

    assert "Other processes have another key t1" in said_by(keys)[Level.WRONG]


def test_a_key_leaves_one_proof():
    for _ in range(2):
        key_proofs.leave()

    assert [proof.key_id for proof in KeyProof.objects.all()] == [crypto.current_key_id()]
    assert key_proofs.closed() == []


# --- Workers, scheduler, audit log ----------------------------------------------------------------


def test_who_was_never_seen_is_to_be_started():
    said = said_by(work)

    assert said[Level.WRONG].count("Never seen") == 4
    assert "celery -A securityinfo.celery beat" in said[Level.WRONG]


def test_who_has_not_been_seen_for_a_minute_is_silent(at_work):
    assert Level.WRONG not in said_by(work)

    Heartbeat.objects.filter(name="worker codes").update(at=Now() - timedelta(seconds=75))

    assert "Last seen 75 s ago" in said_by(work)[Level.WRONG]


def test_a_task_shows_that_its_worker_lives():
    tasks.beat("notices")

    assert list(heartbeats.ages()) == ["worker notices"]


def test_sending_the_task_shows_that_the_scheduler_lives(monkeypatch):
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)  # the test's own

    tasks.beat.apply_async(["notices"])

    assert list(heartbeats.ages()) == ["scheduler"]


def test_a_code_that_waits_is_told(bob, at_work):
    code_that_waits(bob)

    assert "A code waits for 12" in said_by(work)[Level.WRONG]


@pytest.mark.parametrize("changes", [{"tries": 1}, {"state": State.CLAIMED}])
def test_a_code_that_a_worker_has_taken_does_not_wait(bob, at_work, changes):
    """A provider that is down is no reason to call the workers dead."""
    code_that_waits(bob, **changes)

    assert Level.WRONG not in said_by(work)


def test_a_notice_that_was_given_up_is_told(bob, at_work):
    code_that_waits(bob, category=Category.NOTICE, state=State.FAILED, finished_at=Now())

    assert "1 could not be delivered" in said_by(work)[Level.WARNING]


def test_an_audit_log_that_nobody_verified_is_told():
    assert "Never verified" in said_by(log)[Level.WARNING]

    audit.verify_events()

    assert "Verified on" in said_by(log)[Level.OK]


def test_an_audit_log_that_was_verified_long_ago_is_told(monkeypatch):
    audit.verify_events()
    later = timezone.now() + timedelta(hours=49)
    monkeypatch.setattr(log.clock, "now", lambda: later)

    assert "Last verified on" in said_by(log)[Level.WARNING]


def test_an_audit_log_that_was_changed_is_told():
    with connection.cursor() as cursor:
        guards.remove(connection)
        audit.verify_events()
        cursor.execute("SELECT count(*) FROM audit_event WHERE tag = 'audit.broken'")
        assert cursor.fetchone() == (1,)

    said = said_by(log)

    assert "trigger" in said[Level.WRONG]
    assert "Found changed on" in said[Level.WRONG]


def test_events_that_wait_for_their_seal_are_told(monkeypatch):
    audit.verify_events()  # leaves an event of its own without a seal
    monkeypatch.setattr(log, "SEALED_WITHIN", timedelta(seconds=-1))

    assert "wait for their seal" in said_by(log)[Level.WRONG]
