"""DATABASE_URL and EMAIL_URL become what Django's settings expect."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.core.exceptions import ImproperlyConfigured

from securityinfo import backends


def test_sqlite_queues_writers_and_waits():
    database = backends.database(urlsplit("sqlite:////srv/security%20info.db"))

    assert database["NAME"] == "/srv/security info.db"
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_postgresql_keeps_connections_and_limits_every_statement():
    database = backends.database(urlsplit("postgresql://me:p%40ss@db:5433/info"))

    assert (database["USER"], database["PASSWORD"]) == ("me", "p@ss")
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db", "5433", "info")
    assert database["CONN_MAX_AGE"] > 0
    assert "statement_timeout" in database["OPTIONS"]["options"]


def test_postgresql_may_listen_on_a_socket_and_take_more_options():
    url = urlsplit("postgresql:///info?host=/run/postgresql&sslmode=require")

    database = backends.database(url)

    assert database["HOST"] == "/run/postgresql"
    assert database["OPTIONS"]["sslmode"] == "require"


def test_postgresql_prepares_what_returns_unless_a_pooler_stands_between():
    database = backends.database(urlsplit("postgresql:///info"))
    pooled = backends.database(urlsplit("postgresql:///info?prepare_threshold=none"))

    assert database["OPTIONS"]["prepare_threshold"] > 0
    assert pooled["OPTIONS"]["prepare_threshold"] is None


@pytest.mark.parametrize(
    ("url", "port", "starttls", "tls"),
    [
        ("smtp://mail.example.org", 587, True, False),
        ("smtps://mail.example.org", 465, False, True),
        ("smtp+plain://127.0.0.1", 25, False, False),
    ],
)
def test_mail_is_encrypted_unless_it_stays_on_this_machine(url, port, starttls, tls):
    smtp = backends.email(urlsplit(url))

    assert (smtp["port"], smtp["use_tls"], smtp["use_ssl"]) == (port, starttls, tls)


def test_mail_in_clear_text_over_a_network_refuses_to_start():
    with pytest.raises(ImproperlyConfigured):
        backends.email(urlsplit("smtp+plain://mail.example.org"))
