"""How gunicorn serves; what differs between machines comes from environment variables."""

from __future__ import annotations

import gc
import os
from typing import Any

wsgi_app = "securityinfo.wsgi"
bind = f"{os.environ.get('BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "sync"
logger_class = "securityinfo.serverlog.ServerLog"
# Loaded once, shared by all workers: half the memory.
preload_app = True
timeout = 30  # seconds; the database gives up after 10
graceful_timeout = 10
# Only what WSGI needs: addresses are judged in network.py, which knows the trusted proxies.
forwarded_allow_ips = ""
control_socket_disable = True
# Forms are small; branding's logo is the largest thing that anybody uploads.
limit_request_line = 4094
limit_request_fields = 60


def when_ready(server: object) -> None:
    """What is loaded stays: the garbage collector of the workers need never walk through it.

    And a request leaves few cycles: looking for them several times in each one was a twentieth of
    its work.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


def post_worker_init(worker: Any) -> None:
    """Each worker knows how many wait."""
    from accounts import crowd  # not before the application is loaded

    crowd.watch(worker.sockets)
