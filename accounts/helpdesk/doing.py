"""What carrying out an action has in common: the event that names the case, the notice (N12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.helpdesk.models import HelpdeskCase
from accounts.models import User
from methods import contacts
from securityinfo.actor import Actor
from securityinfo.audit import log
from securityinfo.audit.models import Event
from securityinfo.messaging import helpdesk_notices
from securityinfo.messaging.content import Contact
from securityinfo.messaging.telling import Words
from securityinfo.policy import service as policy
from securityinfo.policy.rules import Ruleset

# Does it, records it, tells of it. Returns what came of it; nothing if there was nothing to do.
CarryOut = Callable[["Doing", Mapping[str, Any]], object]


@dataclass(frozen=True)
class Doing:
    """One action that is being done, in a transaction that holds the person's row."""

    case: HelpdeskCase
    person: User
    ruleset: Ruleset
    actor: Actor
    told: list[Contact]  # as they were before

    @classmethod
    def of(cls, case: HelpdeskCase, person: User, actor: Actor) -> Doing:
        ruleset = policy.current_for(person)
        return cls(case, person, ruleset, actor, contacts.contacts_of(person))

    @property
    def facts(self) -> dict[str, Any]:
        """Of every event: which case, and who asked if that is not who acts."""
        asked_by = self.case.agent.public_id
        further = {} if asked_by == self.actor.person else {"asked_by": asked_by}
        return {"case": self.case.public_id, **further}

    def record(self, tag: str, *, kind: str = "", masked: str = "", **facts: Any) -> Event:
        return log.record(
            tag,
            actor=self.actor,
            subject=self.person.public_id,
            kind=kind,
            masked=masked,
            policy_version=self.ruleset.version,
            **self.facts,
            **facts,
        )

    def tell(self, event: Event, *sentences: Words) -> None:
        """With a link by which a person says: this wasn't me who called."""
        helpdesk_notices.acted(
            self.person, contacts=self.told, sentences=sentences, actor=self.actor, event=event
        )
