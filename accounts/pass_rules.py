"""May this person get a temporary access pass, and may this actor issue it?"""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext as _

from accounts.models import Role, User
from accounts.ranks import RANKS
from methods import registry
from securityinfo.actor import COMMAND_LINE, Actor
from securityinfo.policy import service as policy
from securityinfo.policy.rules import Purpose


class WhyNot(StrEnum):
    """Why no pass is issued."""

    INACTIVE = "inactive"
    FROZEN = "frozen"
    OFF = "off"
    NO_METHOD = "no_method"  # there is none that could be registered with it (HD9)
    NO_RESET = "no_reset"  # not for a new password: this person may not reset it
    ROLE = "role"  # of oneself, or of somebody who ranks as high (HD1)


def in_words(why: WhyNot, user: User) -> str:
    """What an agent reads."""
    texts = {
        WhyNot.INACTIVE: _("The account of {name} is deactivated."),
        WhyNot.FROZEN: _("The account of {name} is frozen. Lift the freeze first."),
        WhyNot.OFF: _("Your organization doesn't let {name} use temporary access passes."),
        WhyNot.NO_METHOD: _(
            "Your organization allows no method for {name} to register, so a pass would not help."
        ),
        WhyNot.NO_RESET: _("Your organization doesn't let {name} reset the password."),
        WhyNot.ROLE: _("You can't help {name}."),
    }
    return texts[why].format(name=user.get_full_name())


def may_issue(user: User, *, sets_password: bool = False) -> WhyNot | None:
    """Why this person gets no pass at this moment; None if one may be issued."""
    ruleset, method = policy.current_for(user), registry.issued()
    if not user.is_active:
        return WhyNot.INACTIVE
    if user.frozen_at is not None:
        return WhyNot.FROZEN
    if method is None or not ruleset.may_use(method.traits, Purpose.SIGN_IN):
        return WhyNot.OFF
    if not ruleset.reachable(each.traits for each in registry.all_methods()):
        return WhyNot.NO_METHOD
    resets = ruleset.may_reset() and ruleset.may_use(method.traits, Purpose.RESET)
    return WhyNot.NO_RESET if sets_password and not resets else None


def whose(user: User, actor: Actor) -> WhyNot | None:
    """Staff act on people of a strictly lower rank; whoever runs manage.py on everybody."""
    if actor == COMMAND_LINE:
        return None
    is_higher = actor.role in Role.values and RANKS[Role(actor.role)] > user.rank
    return None if is_higher and actor.person != user.public_id else WhyNot.ROLE
