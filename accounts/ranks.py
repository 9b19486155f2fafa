"""Roles, the duties that go with them, and who ranks above whom."""

from __future__ import annotations

from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from securityinfo.duties import Duty, permissions_of


class Role(models.TextChoices):
    """Ranked: a higher role includes the pages of the lower ones."""

    PERSON = "person", _("Person")
    HELPDESK = "helpdesk", _("Helpdesk agent")
    ADMINISTRATOR = "administrator", _("Administrator")


RANKS = {Role.PERSON: 0, Role.HELPDESK: 1, Role.ADMINISTRATOR: 2}
HIGHEST = 2

# An administrator manages people; what the policy allows is another matter, given apart.
BY_ROLE = {
    Role.PERSON: frozenset[Duty](),
    Role.HELPDESK: frozenset[Duty](),
    Role.ADMINISTRATOR: frozenset({Duty.MANAGE_PEOPLE, Duty.READ_AND_AUDIT, Duty.APPROVE_HELP}),
}
# As whom somebody with this duty has to be protected: nobody gets at it by helping its holder.
RANK_OF_DUTY = {Duty.EDIT_POLICY: HIGHEST, Duty.READ_AND_AUDIT: 1, Duty.APPROVE_HELP: 1}

IN_ADMINISTRATION = frozenset({Duty.MANAGE_PEOPLE, Duty.EDIT_POLICY, Duty.READ_AND_AUDIT})


class Ranked(PermissionsMixin):
    """What a person may do by role and by permission groups; Django's own flags do nothing."""

    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.PERSON)
    # The highest of the duties given by groups, kept by accounts.duties: every page asks for it.
    duty_rank = models.PositiveSmallIntegerField(default=0, editable=False)
    is_active: models.BooleanField  # the user's

    class Meta:
        abstract = True

    @cached_property
    def given_duties(self) -> frozenset[Duty]:
        """By permission groups. One query, and none for whoever has no duty."""
        if not self.duty_rank:
            return frozenset()
        given = permissions_of().filter(group__user=self.pk).values_list("codename", flat=True)
        codenames = set(given)
        return frozenset(duty for duty in Duty if duty.codename in codenames)

    @property
    def duties(self) -> frozenset[Duty]:
        """Approving help counts only for whoever may help."""
        given = self.given_duties
        if not self.is_agent:
            given -= {Duty.APPROVE_HELP}
        return given | BY_ROLE[Role(self.role)]

    def may(self, duty: Duty) -> bool:
        return bool(self.is_active) and duty in self.duties

    @property
    def is_staff(self) -> bool:
        """Django's name for "may enter the administration"; each page asks for its own duty."""
        return not self.duties.isdisjoint(IN_ADMINISTRATION)

    @property
    def is_agent(self) -> bool:
        """May enter the pages of the helpdesk: agents and administrators."""
        return self.role != Role.PERSON

    @property
    def is_privileged(self) -> bool:
        """*Staff* in the product's words: agents, administrators, and whoever has a duty."""
        return self.is_agent or self.duty_rank > 0

    @property
    def rank(self) -> int:
        """What one has to rank above to act on this person (HD1)."""
        return max(RANKS[Role(self.role)], self.duty_rank)

    def may_help(self, other: Ranked) -> bool:
        """HD1: by the role alone, and only whoever ranks lower. Never oneself."""
        return self.is_agent and self.pk != other.pk and other.rank < RANKS[Role(self.role)]

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """A duty by its name; no other permission opens anything."""
        return bool(self.is_active) and perm in self.duties

    def has_module_perms(self, app_label: str) -> bool:
        return bool(self.is_active) and self.is_staff


def lower_than(role: str) -> models.Q:
    """People on whom somebody of this role may act (HD1), for a list of them."""
    rank = RANKS[Role(role)]
    roles = [each for each in Role if RANKS[each] < rank]
    return models.Q(role__in=roles, duty_rank__lt=rank)
