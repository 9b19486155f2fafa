"""From the form to the preview to the save: what would change, and whom it would hit."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from django.core.exceptions import ValidationError
from django.db import transaction

from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.policy import changes, differences, effects
from securityinfo.policy.draft import OF_THE_LOGO, Draft, State, changed
from securityinfo.policy.effects import Affected, Impact
from securityinfo.policy.models import PolicyVersion, Proposal
from securityinfo.policy.service import Policy


class Result(StrEnum):
    SAVED = "saved"
    CHANGED_MEANWHILE = "changed-meanwhile"  # by somebody else
    MORE_PEOPLE = "more-people"  # are hit than when it was looked at
    NOT_UNDERSTOOD = "not-understood"  # a caution isn't ticked


@dataclass(frozen=True)
class Preview:
    """What a proposal would do to the policy as it is now."""

    proposal: Proposal
    token: str  # of the policy that it was made with
    changes: dict[str, list[object]]  # old and new value by name
    cautions: frozenset[str]  # that are new and not yet understood
    problems: tuple[str, ...]  # why it can't be saved
    before: Policy
    after: Policy

    @cached_property
    def impact(self) -> Impact:
        return Impact.of(self.affected())

    def affected(self) -> Iterator[Affected]:
        return iter(()) if self.problems else effects.affected(self.before, self.after)


def propose(
    values: State,
    *,
    actor: Actor,
    reason: str = "",
    restores: int | None = None,
    understood: Collection[str] = (),
    logo: tuple[bytes, str] | None = None,
) -> Proposal:
    """Keep what `actor`, a person, wants to change until they have looked at it."""
    if actor.person is None:
        raise ValueError("Only a person looks at a preview.")
    return Proposal.objects.create(
        author=actor.person,
        changes=values,
        reason=reason,
        restores=restores,
        understood=sorted(understood),
        logo=None if logo is None else logo[0],
        logo_type="" if logo is None else logo[1],
    )


def restoring(version: PolicyVersion) -> State:
    """What has to change so that everything is as in `version`.

    What this installation no longer has is left out, what it has only now stays, and so does the
    logo: no version has it. Raises ValidationError if a group is gone.
    """
    draft = Draft.current()
    current = draft.state()
    wanted = {name: value for name, value in version.state.items() if name in current}
    found = {
        name: value for name, value in changed(current, wanted).items() if name not in OF_THE_LOGO
    }
    draft.change(found)
    return found


def preview(proposal: Proposal) -> Preview:
    draft = Draft.current()
    return _preview(draft, proposal)


def look(proposal: Proposal, *, actor: Actor) -> Preview:
    """A preview that somebody looks at: an event, with the numbers."""
    found = preview(proposal)
    with transaction.atomic():
        log.record(
            tags.POLICY_PREVIEWED,
            actor=actor,
            policy_version=found.before.version,
            changes=found.changes,
            people=dict(found.impact.counts),
        )
    return found


def _preview(draft: Draft, proposal: Proposal) -> Preview:
    old, before, token = draft.state(), draft.policy(), str(draft.row.token)
    cautions = draft.cautions()
    problems: tuple[str, ...] = ()
    try:
        draft.change(proposal.changes)
        if proposal.new_logo is not None:
            draft.row.logo, draft.row.logo_type = proposal.new_logo
        draft.check()
    except ValidationError as refused:
        problems = differences.problems(refused)
    new = draft.state()
    return Preview(
        proposal=proposal,
        token=token,
        changes={name: [old.get(name), value] for name, value in changed(old, new).items()},
        cautions=frozenset(draft.cautions() - cautions - set(proposal.understood)),
        problems=problems,
        before=before,
        after=before if problems else draft.policy(),
    )


@transaction.atomic
def save(
    proposal: Proposal, *, actor: Actor, token: str, seen: str, understood: Collection[str] = ()
) -> Result:
    """Make it the policy, if it still does what `actor` has seen.

    `token`, `seen`: of the preview that was looked at. Raises ValidationError.
    """
    found = _preview(Draft.current(lock=True), proposal)
    if found.token != token:
        return Result.CHANGED_MEANWHILE
    if found.cautions - set(understood):
        return Result.NOT_UNDERSTOOD
    if found.impact.is_worse_than(seen):
        return Result.MORE_PEOPLE
    changes.change(
        proposal.changes,
        actor=actor,
        note=proposal.reason,
        restores=proposal.restores,
        logo=proposal.new_logo,
    )
    proposal.delete()
    return Result.SAVED
