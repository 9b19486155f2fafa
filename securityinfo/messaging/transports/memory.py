"""A transport for tests: keeps what it is given, and fails as it is told to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from securityinfo.messaging.content import Outgoing
from securityinfo.messaging.transports.base import DeliveryProblem, Receipt


@dataclass(frozen=True)
class Sent:
    outgoing: Outgoing
    message_id: UUID


class MemoryTransport:
    """Everything sent is in `outbox`; each of `problems` is raised once, in order."""

    outbox: ClassVar[list[Sent]] = []
    problems: ClassVar[list[DeliveryProblem]] = []

    @classmethod
    def clear(cls) -> None:
        cls.outbox.clear()
        cls.problems.clear()

    def send(self, outgoing: Outgoing, message_id: UUID) -> Receipt:
        if self.problems:
            raise self.problems.pop(0)
        self.outbox.append(Sent(outgoing, message_id))
        return Receipt()

    def try_out(self) -> None:
        if self.problems:
            raise self.problems.pop(0)
