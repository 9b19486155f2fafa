"""A broker without a server: a folder of messages, for the demo and for small installations.

kombu's own `filesystem` transport loses messages: a reader may take a file that is still being
written, and forgets it before the work is done. Here every step is one rename. A message is written
aside and renamed into the queue, renamed again when it is claimed, and deleted only when it is
acknowledged. What a consumer that died had claimed goes back after the visibility timeout.
"""

from __future__ import annotations

import json
import logging
import os
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, virtual
from kombu.utils.objects import cached_property

SCHEME = "folder"
POLLING = 0.03  # seconds between two looks into the folder, when it was empty
VISIBILITY_TIMEOUT = 60  # seconds in which a claimed message has to be acknowledged
RESTORE_INTERVAL = 5  # seconds between two looks for claims of the dead

log = logging.getLogger(__name__)

TRANSPORT_ALIASES[SCHEME] = "securityinfo.filebroker:Transport"


class QoS(virtual.QoS):
    """Acknowledging deletes the claimed file, rejecting puts it back."""

    channel: Channel

    def ack(self, delivery_tag: str) -> None:
        super().ack(delivery_tag)
        self.channel.forget(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        super().reject(delivery_tag, requeue=requeue)
        self.channel.forget(delivery_tag)


class Channel(virtual.Channel):
    """Direct exchanges and acknowledging consumers only: all that our workers need."""

    QoS = QoS
    do_restore = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._claims: dict[str, Path] = {}  # delivery tag → claimed file
        self._looked_for_dead: dict[str, float] = {}

    # --- Settings ---------------------------------------------------------------------------------

    @property
    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = self.connection.client.transport_options  # type: ignore[union-attr, assignment]  # kombu leaves them open
        return options

    @cached_property
    def folder(self) -> Path:
        return Path(self._options["folder"])

    @cached_property
    def visibility_timeout(self) -> float:
        return self._options.get("visibility_timeout", VISIBILITY_TIMEOUT)

    @cached_property
    def restore_interval(self) -> float:
        return self._options.get("unacked_restore_interval", RESTORE_INTERVAL)

    def _place(self, queue: str, state: str) -> Path:
        """`ready` or `claimed` of one queue; `writing` is shared by all."""
        place = self.folder / queue / state
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        return place

    # --- What kombu asks of a transport -----------------------------------------------------------

    def _put(self, queue: str, message: dict[str, Any], **_: Any) -> None:
        name = f"{time.time_ns():020d}-{uuid.uuid4().hex}"
        aside = self._place(queue, "writing") / name
        aside.write_text(json.dumps(message), encoding="utf-8")
        aside.rename(self._place(queue, "ready") / name)

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        self._restore_claims_of_the_dead(queue)
        claimed = self._place(queue, "claimed")
        for path in _oldest_first(self._place(queue, "ready")):
            mine = _moved(path, claimed / path.name)
            if mine and (message := _read(mine)):
                self._claims[message["properties"]["delivery_tag"]] = mine
                return message
        raise Empty

    def _size(self, queue: str) -> int:
        return len(os.listdir(self._place(queue, "ready")))

    def _purge(self, queue: str) -> int:
        waiting = _oldest_first(self._place(queue, "ready"))
        for path in waiting:
            path.unlink(missing_ok=True)
        return len(waiting)

    def _has_queue(self, queue: str, **_: Any) -> bool:
        return (self.folder / queue).is_dir()

    def _restore(self, message: virtual.Message) -> None:
        """Back to where it came from, by the same name, so that its turn comes first."""
        path = self._claims.pop(str(message.delivery_tag), None)
        if path:
            _moved(path, path.parent.parent / "ready" / path.name)

    def _restore_at_beginning(self, message: virtual.Message) -> None:
        self._restore(message)

    # --- Claims -----------------------------------------------------------------------------------

    def forget(self, delivery_tag: str) -> None:
        path = self._claims.pop(delivery_tag, None)
        if path:
            path.unlink(missing_ok=True)

    def _restore_claims_of_the_dead(self, queue: str) -> None:
        now = time.monotonic()
        if now - self._looked_for_dead.get(queue, -self.restore_interval) < self.restore_interval:
            return
        self._looked_for_dead[queue] = now
        ready = self._place(queue, "ready")
        for path in _oldest_first(self._place(queue, "claimed")):
            if _age(path) > self.visibility_timeout:
                log.warning("A worker died with a message of %s: it goes back.", queue)
                _moved(path, ready / path.name)


class Transport(virtual.Transport):
    Channel = Channel
    global_state = virtual.BrokerState()
    default_port = 0
    polling_interval = POLLING
    driver_type = SCHEME
    driver_name = SCHEME
    implements = virtual.Transport.implements.extend(exchange_type=frozenset(["direct"]))

    def __init__(self, client: Any, **kwargs: Any) -> None:
        super().__init__(client, **kwargs)
        self.state = self.global_state

    def driver_version(self) -> str:
        return "1"


def _oldest_first(folder: Path) -> list[Path]:
    return [folder / name for name in sorted(os.listdir(folder))]


def _moved(path: Path, target: Path) -> Path | None:
    """`target`, or None if somebody else was quicker. Its time of change becomes the present."""
    try:
        os.utime(path)  # first: a claim is never older than the moment in which it was made
        path.rename(target)
    except FileNotFoundError:
        return None
    return target


def _age(path: Path) -> float:
    """Seconds since the last move; 0 for a file that is gone."""
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0


def _read(path: Path) -> dict[str, Any] | None:
    """None for what a power cut left half-written: the outbox will send that message again."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        log.error("A damaged message was dropped: %s", path.name)
        path.unlink(missing_ok=True)
        return None
