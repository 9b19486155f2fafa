"""The workers: which broker, which queues, which limits, and what happens regularly."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from celery import Celery, Task
from celery.signals import before_task_publish, setup_logging, task_prerun
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from securityinfo import env, filebroker, logs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "securityinfo.settings")

# soft limit < hard limit < lease of a message (30 s) < visibility: when the broker hands a task out
# again, whoever had it before is certainly gone.
SOFT_LIMIT = 15
HARD_LIMIT = 20
VISIBILITY_TIMEOUT = 60
# Acknowledged before they begin, so never handed out twice; they go through whole tables.
LONG_CHORE = {"soft_time_limit": 600, "time_limit": 660}

CODES, NOTICES, CHORES = "codes", "notices", "chores"

# A run that no worker took so long after the next one was due is dropped. Longer than the clocks of
# two machines may be apart: the scheduler's says when that is, and the worker's whether it is over.
STALE_AFTER = 600.0
# Task → seconds between two runs.
REGULARLY = {
    "messaging.sweep": 5.0,
    "audit.seal": 5.0,
    "accounts.sweep_resets": 5.0,
    "accounts.sweep_passes": 60.0,
    "accounts.purge": 3600.0,
    "operations.tally": 15.0,
    "throttling.purge": 600.0,
    "methods.purge": 3600.0,
    "audit.verify": 24 * 3600.0,
    "policy.retire_audit": 24 * 3600.0,
}

# To each queue: whoever takes it shows that its worker is alive (operations/heartbeats.py).
BEAT, BEAT_EVERY = "operations.beat", 15.0


def broker_url() -> str:
    """Redis; else a folder; else, in tests, nothing outside of this process."""
    if settings.REDIS_URL:
        return settings.REDIS_URL.replace("unix://", "redis+socket://", 1)
    if broker_folder():
        return f"{filebroker.SCHEME}://"
    if settings.TESTING:
        return "memory://"
    raise ImproperlyConfigured("REDIS_URL is not set.")


def broker_folder() -> str:
    """The folder of the broker without a server; empty if there is none."""
    default = Path(settings.VAR_DIR) / "broker" if settings.DEMO else ""
    return env.text("SECURITYINFO_BROKER_DIR", str(default))


def broker_options() -> dict[str, Any]:
    """The first three belong together: a killed worker's task comes back after 60 to 65 s."""
    options: dict[str, Any] = {
        "visibility_timeout": VISIBILITY_TIMEOUT,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
    }
    if settings.REDIS_URL:
        # A page that publishes must not hang: at most two attempts of 0.8 s.
        return options | {"socket_connect_timeout": 0.8, "socket_timeout": 0.8}
    return options | {"folder": broker_folder()}


class App(Celery):
    """Counts the time since it started by a clock that nobody can set.

    A scheduler would otherwise wait for an hour if its machine's clock is set back by one.
    """

    _started = datetime.now(UTC), time.monotonic()

    def now(self) -> datetime:
        moment, at = self._started
        return moment + timedelta(seconds=time.monotonic() - at)


app = App("securityinfo")
app.conf.update(
    # --- The broker ---
    broker_url=broker_url(),
    broker_transport_options=broker_options(),
    result_backend_transport_options={"visibility_timeout": VISIBILITY_TIMEOUT},
    visibility_timeout=VISIBILITY_TIMEOUT,
    broker_connection_timeout=0.8,
    broker_connection_retry_on_startup=True,
    task_publish_retry_policy={
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.1,
        "interval_max": 0.1,
    },
    # --- What travels ---
    task_serializer="json",
    result_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    # --- Queues: a code never waits behind the notices ---
    task_queues={
        name: {"exchange": name, "routing_key": name} for name in (CODES, NOTICES, CHORES)
    },
    task_default_queue=CHORES,
    task_default_exchange=CHORES,
    task_default_routing_key=CHORES,
    task_routes={
        "accounts.send_reset_code": {"queue": CODES},
        "methods.deliver": {"queue": CODES},
        "messaging.send_trial": {"queue": CODES},
        "messaging.send_notice": {"queue": NOTICES},
    },
    # --- Work ---
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,
    worker_soft_shutdown_timeout=10,
    worker_max_tasks_per_child=500,
    # A task goes on when the broker is gone; what is then handed out twice finds the claim taken.
    worker_cancel_long_running_tasks_on_connection_loss=False,
    task_soft_time_limit=SOFT_LIMIT,
    task_time_limit=HARD_LIMIT,
    task_annotations=dict.fromkeys(
        (
            "accounts.purge",
            "audit.verify",
            "methods.purge",
            "policy.retire_audit",
            "throttling.purge",
        ),
        LONG_CHORE,
    ),
    timezone="UTC",
    # --- What happens regularly ---
    beat_schedule={
        task: {"task": task, "schedule": seconds, "options": {"expires": seconds + STALE_AFTER}}
        for task, seconds in REGULARLY.items()
    }
    | {
        f"{BEAT} {queue}": {
            "task": BEAT,
            "schedule": BEAT_EVERY,
            "args": [queue],
            "options": {"queue": queue, "expires": BEAT_EVERY + STALE_AFTER},
        }
        for queue in (CODES, NOTICES, CHORES)
    },
)
# Otherwise a task that is sent from another thread would look for a broker on localhost.
app.set_default()
app.autodiscover_tasks()


@before_task_publish.connect
def hand_on_request_id(headers: dict[str, Any], **_: object) -> None:
    """What a worker does for a request carries the request's id in its log."""
    headers["request_id"] = logs.request_id()


@task_prerun.connect
def take_request_id(task: Task, **_: object) -> None:
    logs.bind_request_id(str(task.request.get("request_id") or ""))


@setup_logging.connect
def keep_our_logging(**_: object) -> None:
    """Celery would replace the handlers of settings.LOGGING by its own."""
