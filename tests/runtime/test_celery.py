"""The settings of the workers, and what a page feels of a broker that is away."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest
from celery import current_app

from securityinfo import celery
from securityinfo.celery import app

PUBLISH = """
import time, django
django.setup()
from securityinfo.celery import app
start = time.monotonic()
try:
    app.send_task("messaging.sweep")
except Exception as error:
    print(type(error).__name__, time.monotonic() - start)
"""


@pytest.fixture(autouse=True)
def _every_task_is_known():
    app.loader.import_default_modules()


def test_only_json_travels_and_no_result_is_kept():
    assert (app.conf.task_serializer, app.conf.accept_content) == ("json", ["json"])
    assert app.conf.task_ignore_result


def test_a_task_ends_before_the_broker_hands_it_out_again():
    """R126, F11: soft limit < hard limit < lease < visibility."""
    lease = 30
    options = app.conf.broker_transport_options

    assert app.conf.task_soft_time_limit < app.conf.task_time_limit < lease
    assert lease < options["visibility_timeout"] == app.conf.visibility_timeout


def test_a_killed_workers_task_comes_back_soon_after_the_visibility_timeout():
    """F01: kombu's defaults would add up to a hundred seconds."""
    options = app.conf.broker_transport_options

    assert options["unacked_restore_interval"] * options["unacked_restore_throttle"] <= 5


def test_codes_have_a_queue_of_their_own():
    """R126: a code never waits behind the notices."""
    routed = {name: route["queue"] for name, route in app.conf.task_routes.items()}

    assert routed == {
        "accounts.send_reset_code": "codes",
        "methods.deliver": "codes",
        "messaging.send_trial": "codes",
        "messaging.send_notice": "notices",
    }
    assert set(app.conf.task_queues) >= {"codes", "notices", "chores"}


def test_a_worker_takes_one_task_at_a_time():
    assert app.conf.worker_prefetch_multiplier == 1


@pytest.mark.parametrize(
    "name", ["methods.deliver", "messaging.send_trial", "messaging.send_notice"]
)
def test_deliveries_are_acknowledged_late(name):
    task = app.tasks[name]

    assert (task.acks_late, task.reject_on_worker_lost) == (True, True)


def test_chores_are_acknowledged_early():
    ours = [task for name, task in app.tasks.items() if not name.startswith(("celery.", "tests."))]
    late = {task.name for task in ours if task.acks_late}

    assert late == {"methods.deliver", "messaging.send_trial", "messaging.send_notice"}


def test_everything_that_happens_regularly_is_a_known_task():
    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}

    assert scheduled <= set(app.tasks)
    assert "messaging.sweep" in scheduled


def test_the_project_itself_brings_the_app():
    assert current_app.main == app.main == "securityinfo"


def test_another_broker_is_never_assumed(settings):
    settings.TESTING, settings.REDIS_URL = False, ""

    with pytest.raises(celery.ImproperlyConfigured, match="REDIS_URL"):
        celery.broker_url()


@pytest.mark.servers
def test_a_broker_that_is_gone_is_noticed_at_once(tmp_path):
    error, seconds = _publish(f"unix://{tmp_path}/nobody.sock")

    assert error == "OperationalError"
    assert seconds < 1


@pytest.mark.servers
def test_a_broker_that_hangs_holds_nobody_longer_than_two_seconds():
    """F10, R127: no web request hangs on the broker."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        _, seconds = _publish(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")

    assert seconds < 2


def _publish(redis_url: str) -> tuple[str, float]:
    settings = {"DJANGO_SETTINGS_MODULE": "securityinfo.settings", "REDIS_URL": redis_url}
    done = subprocess.run(
        [sys.executable, "-c", PUBLISH],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    error, seconds = done.stdout.split()
    return error, float(seconds)
