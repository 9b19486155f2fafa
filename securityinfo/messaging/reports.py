"""What a provider reports of a message, written down if it says more than is known already."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce, Now

from securityinfo.messaging import outcomes
from securityinfo.messaging.models import Message, Progress, Reason, State

# From which states a report leads to another one. Those of the worker are among them: a provider
# who speaks of a message has taken it, and nobody may send it again.
_UNDER_WAY = (State.PENDING, State.CLAIMED, State.CALLING, State.UNKNOWN)
_BEFORE = {
    State.SENT: _UNDER_WAY,
    State.DELIVERED: (*_UNDER_WAY, State.SENT),
    State.FAILED: (*_UNDER_WAY, State.SENT),
    State.EXPIRED: (*_UNDER_WAY, State.SENT),
}

_OPEN = (Progress.NONE, Progress.RINGING, Progress.ANSWERED)
_PROGRESS_BEFORE = {
    Progress.RINGING: (Progress.NONE,),
    Progress.ANSWERED: (Progress.NONE, Progress.RINGING),
    Progress.NO_ANSWER: (Progress.NONE, Progress.RINGING),
    Progress.BUSY: (Progress.NONE, Progress.RINGING),
    Progress.CANCELED: (Progress.NONE, Progress.RINGING),
    Progress.ENDED: _OPEN,
}


class Foreign(Exception):
    """The report is about another message of the provider than the one that we sent."""


@dataclass(frozen=True)
class Report:
    """A provider's words in ours; what it doesn't speak of is None."""

    provider_id: str
    state: State | None = None
    reason: str = Reason.NONE
    progress: Progress | None = None


@transaction.atomic
def take(message: Message, report: Report) -> None:
    """Move the message forward; twice, late or out of order changes nothing. Raises Foreign."""
    adopt(message, report.provider_id)
    row = Message.objects.filter(pk=message.pk)
    if report.progress:
        before = _PROGRESS_BEFORE[report.progress]
        row.filter(progress__in=before).update(progress=report.progress)
    if report.state and row.filter(state__in=_BEFORE[report.state]).update(
        state=report.state,
        reason=report.reason,
        lease_until=None,
        sealed=None,
        sent_at=Coalesce("sent_at", Now()),
        finished_at=Coalesce("finished_at", Now()),
    ):
        message.state, message.reason = report.state, report.reason
        outcomes.tell(message)


def adopt(message: Message, provider_id: str) -> None:
    """The provider's name for the message: the first one stays. Raises Foreign for any other.

    A worker that died, or is slower than the provider's report, has not written it down.
    """
    row = Message.objects.filter(pk=message.pk).filter(
        Q(provider_id="") | Q(provider_id=provider_id)
    )
    if not provider_id or not row.update(provider_id=provider_id):
        raise Foreign
