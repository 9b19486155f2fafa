"""R133: what strangers, load balancers and monitoring get to know."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.models.functions import Now
from django.test import Client

from securityinfo.operations import key_proofs, monitoring, readiness, schema, tasks
from securityinfo.operations.models import Heartbeat
from tests.operations.waiting import code_that_waits, of_a_server

TOKEN = "a-token-of-monitoring-for-the-tests"
WITH_TOKEN = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def token(settings):
    settings.MONITORING_TOKEN = TOKEN


def checks_of(client: Client) -> dict[str, str]:
    return client.get("/readyz", headers=WITH_TOKEN).json()["checks"]


def raises(error: Exception):
    def fails(*_args, **_kwargs):
        raise error

    return fails


# --- Alive ----------------------------------------------------------------------------------------


def test_a_process_is_alive_without_the_database(client):
    """No mark of the database on this test: a query would fail it."""
    answer = client.get("/livez")

    assert (answer.status_code, answer.content) == (200, b"alive\n")
    assert not answer.cookies


def test_a_probe_knows_neither_the_public_host_nor_https(client, settings):
    settings.SECURE_SSL_REDIRECT = True

    answer = client.get("/livez", headers={"Host": "10.0.0.7:8000"})

    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_a_probe_changes_nothing(client, path):
    assert client.post(path).status_code == 405


# --- Ready ----------------------------------------------------------------------------------------


def test_a_site_at_work_is_ready(client, at_work, token):
    answer = client.get("/readyz", headers=WITH_TOKEN)

    assert answer.status_code == 200
    assert answer.json()["ready"] is True
    assert set(answer.json()["checks"].values()) == {"ok"}


def test_a_stranger_learns_yes_or_no(client, at_work, token):
    ready = client.get("/readyz")
    Heartbeat.objects.all().delete()
    readiness._latest = None
    not_ready = client.get("/readyz")

    assert (ready.status_code, ready.json()) == (200, {"ready": True})
    assert (not_ready.status_code, not_ready.json()) == (503, {"ready": False})


def test_workers_that_are_silent_are_named(client, at_work, token):
    Heartbeat.objects.filter(name="worker codes").update(at=Now() - timedelta(seconds=90))

    assert checks_of(client)["workers"] == "worker codes last seen 90 s ago"


def test_a_silent_scheduler_is_named(client, at_work, token):
    Heartbeat.objects.filter(name="scheduler").delete()

    assert checks_of(client)["scheduler"] == "was never seen"


def test_a_code_that_waits_is_named(client, at_work, token, bob):
    code_that_waits(bob)

    assert checks_of(client)["codes"].startswith("the oldest waits for 12")


def test_a_migration_that_is_missing_is_named(client, at_work, token, monkeypatch):
    monkeypatch.setattr(schema, "missing", lambda: {("methods", "0001_initial")})

    assert checks_of(client)["migrations"] == "1 missing"


def test_a_broker_that_is_away_is_named(client, at_work, token, monkeypatch):
    monkeypatch.setattr(tasks, "ask_broker", raises(ConnectionRefusedError()))

    assert checks_of(client)["broker"] == "ConnectionRefusedError"


def test_other_keys_than_those_of_the_other_processes_are_named(client, at_work, token, settings):
    key_proofs.leave()
    settings.ENCRYPTION_KEYS = ["t1:" + "A" * 43 + "="]

    assert checks_of(client)["keys"] == "other processes have another key t1"


@pytest.mark.django_db
def test_without_the_database_the_rest_is_unknown(client, token, monkeypatch):
    monkeypatch.setattr(connection, "cursor", raises(DatabaseError("gone")))

    answer = client.get("/readyz", headers=WITH_TOKEN)

    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == "DatabaseError: gone"
    assert answer.json()["checks"]["codes"].startswith("unknown")


def test_readiness_costs_few_queries(at_work, bob, django_assert_num_queries):
    for _ in range(20):
        code_that_waits(bob)
    readiness.look()  # reads the migrations of this release

    with django_assert_num_queries(7 + of_a_server()):
        readiness.look()


def test_however_often_strangers_ask_the_database_is_asked_once(
    client, at_work, django_assert_num_queries
):
    client.get("/readyz")

    with django_assert_num_queries(0):
        client.get("/readyz")


# --- Who may look ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": "Bearer "},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": TOKEN},
    ],
)
def test_metrics_are_closed_without_the_token(client, token, given):
    answer = client.get("/metrics", headers=given)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_without_any_setting_nobody_may_look(client, settings):
    settings.MONITORING_TOKEN = ""

    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 401


@pytest.mark.parametrize(
    ("address", "forwarded", "status"),
    [
        ("10.1.2.3", "", 200),
        ("192.0.2.9", "", 401),
        ("192.0.2.9", "10.1.2.3", 401),  # says a stranger
        ("192.0.2.1", "10.1.2.3", 200),  # says our proxy
        ("192.0.2.1", "198.51.100.7", 401),
    ],
)
def test_metrics_are_open_to_listed_addresses(
    client, at_work, settings, address, forwarded, status
):
    settings.TRUSTED_PROXIES = ["192.0.2.1"]
    settings.MONITORING_NETWORKS = ["10.0.0.0/8"]
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}

    answer = client.get("/metrics", REMOTE_ADDR=address, headers=headers)

    assert answer.status_code == status


@pytest.mark.parametrize("words", [["0.0.0.0/0"], ["10.0.0.1/8"], ["monitoring.example.org"]])
def test_a_list_that_cannot_be_right_stops_the_start(settings, words):
    settings.MONITORING_NETWORKS = words

    with pytest.raises(ImproperlyConfigured, match="MONITORING_NETWORKS"):
        monitoring.networks()
