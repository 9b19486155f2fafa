"""The policy of this moment: for one person, for a page that nobody has signed in to."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models import Subquery, Value
from django.db.models.functions import StrIndex, Substr
from django.utils.translation import gettext_lazy as _

from securityinfo.messaging import breaker
from securityinfo.messaging.content import Channel
from securityinfo.messaging.transports.base import has_provider
from securityinfo.policy import memory
from securityinfo.policy.group_models import above
from securityinfo.policy.models import ONLY_ROW, GroupPart, MethodRule, OrgPolicy
from securityinfo.policy.rules import Rule, Ruleset, RuleState, Settings
from securityinfo.policy.settings_table import SPECS
from securityinfo.prepared import Prepared

__all__ = [
    "Policy",
    "StoredRule",
    "current",
    "current_for",
    "current_for_anybody",
    "excluding_groups",
    "heard",
    "in_force",
    "logo",
    "organization_domains",
    "policy_of",
    "stored_token",
    "token",
]


@dataclass(frozen=True)
class StoredRule:
    """A rule as the database has it, with the ids of its groups."""

    kind: str
    state: RuleState
    for_sign_in: bool
    for_reset: bool
    maximum: int
    include_everyone: bool
    include_groups: frozenset[int]
    exclude_groups: frozenset[int]

    @classmethod
    def of(
        cls, rule: MethodRule, *, include_groups: frozenset[int], exclude_groups: frozenset[int]
    ) -> StoredRule:
        known = rule.state in MethodRule.State.values
        return cls(
            kind=rule.kind,
            state=RuleState(rule.state) if known else RuleState.OFF,
            for_sign_in=rule.for_sign_in,
            for_reset=rule.for_reset,
            maximum=max(1, min(rule.maximum, rule.ceiling)),
            include_everyone=rule.include_everyone,
            include_groups=include_groups,
            exclude_groups=exclude_groups,
        )

    def for_groups(self, groups: frozenset[int]) -> Rule:
        return Rule(
            kind=self.kind,
            state=self.state,
            for_sign_in=self.for_sign_in,
            for_reset=self.for_reset,
            maximum=self.maximum,
            included=self.include_everyone or bool(self.include_groups & groups),
            excluded=bool(self.exclude_groups & groups),
        )

    def for_somebody(self) -> Rule:
        """For whoever is in the right groups."""
        return replace(self.for_groups(self.include_groups), included=True, excluded=False)


@dataclass(frozen=True)
class Policy:
    """Everything that is stored, read once per process and token."""

    token: UUID | None
    version: int
    settings: Settings
    rules: tuple[StoredRule, ...] = ()
    reset_groups: frozenset[int] = frozenset()
    above: Mapping[int, frozenset[int]] = field(default_factory=dict)  # groups that a group is in

    @property
    def names_groups(self) -> bool:
        """Whether the groups of a person matter at all."""
        if self.settings.reset_for == "groups":
            return True
        return any(rule.include_groups or rule.exclude_groups for rule in self.rules)

    def all_of(self, groups: frozenset[int]) -> frozenset[int]:
        """Whoever is in these is in those, too, that they stand in."""
        return groups.union(*(self.above[each] for each in groups & self.above.keys()))

    def ruleset(self, groups: frozenset[int], *, privileged: bool) -> Ruleset:
        """For a person who was put into these groups."""
        groups = self.all_of(groups)
        return Ruleset(
            settings=self.settings,
            rules={rule.kind: rule.for_groups(groups) for rule in self.rules},
            privileged=privileged,
            version=self.version,
            in_reset_group=bool(self.reset_groups & groups),
            without_provider=_without_provider(self.settings),
            resting=breaker.resting(),
        )


_latest: Policy | None = None
_token_of = Prepared(lambda row: OrgPolicy.objects.only("token").filter(pk=row), 9)


def current() -> Settings:
    """The settings that hold now."""
    return _policy().settings


def in_force() -> Policy:
    """The whole policy, for whoever asks about many people at once."""
    return _policy()


def token() -> str:
    """Another one after every change: what was made from the policy is known by it."""
    return str(_policy().token)


def stored_token() -> Subquery:
    """The token as a column, for a query that every request makes anyway; then see `heard`."""
    return Subquery(OrgPolicy.objects.filter(pk=ONLY_ROW).values("token"))


def heard(token: UUID | None) -> None:
    """This request has read the token along with something else, and needn't ask for it."""
    memory.keep("token", token)


def current_for(user: Any) -> Ruleset:
    """The policy as it holds now for `user`.

    One cheap query, two if rules name groups; none when this request has asked already.
    """
    policy = _policy()
    ruleset = memory.recall(user.pk) if user.pk else None
    if ruleset is not None and ruleset.privileged == user.is_privileged:
        return ruleset
    groups = _groups_of(user) if policy.names_groups and user.pk else frozenset[int]()
    ruleset = policy.ruleset(groups, privileged=bool(getattr(user, "is_privileged", False)))
    memory.keep(user.pk, ruleset)
    return ruleset


def excluding_groups(user: Any, kind: str) -> list[str]:
    """The names of the groups for which this person doesn't have the kind."""
    policy = _policy()
    rule = next((each for each in policy.rules if each.kind == kind), None)
    keys = rule.exclude_groups & policy.all_of(_groups_of(user)) if rule else ()
    return list(Group.objects.filter(pk__in=keys).order_by("name").values_list("name", flat=True))


def current_for_anybody() -> Ruleset:
    """The policy where nobody is known yet: what at least somebody may have."""
    policy = _policy()
    return Ruleset(
        settings=policy.settings,
        rules={rule.kind: rule.for_somebody() for rule in policy.rules},
        version=policy.version,
        without_provider=_without_provider(policy.settings),
        resting=breaker.resting(),
    )


def _groups_of(user: Any) -> frozenset[int]:
    return frozenset(user.groups.values_list("pk", flat=True))


def _without_provider(settings: Settings) -> frozenset[str]:
    """Without a country that is allowed, no number may be texted or called (R021)."""
    telephony = (Channel.TEXT, Channel.CALL)
    if not settings.countries:
        return frozenset(telephony)
    return frozenset(each for each in telephony if not has_provider(each))


def organization_domains() -> frozenset[str]:
    """Domains in which nobody may register an address; by default those of all work addresses."""
    listed = current().organization_domains
    if listed:
        return frozenset(listed)
    return frozenset(_domains_of_people())


def _domains_of_people() -> Iterator[str]:
    """From one to the next by the index on them, however many people share each."""
    active = get_user_model().objects.filter(is_active=True)
    domains = (
        active.annotate(domain=Substr("work_address", StrIndex("work_address", Value("@")) + 1))
        .order_by("domain")
        .values_list("domain", flat=True)
    )
    domain: str | None = ""
    while domain := domains.filter(domain__gt=domain).first():
        yield domain


def logo() -> tuple[bytes, str] | None:
    """The picture and its type, None if there is none."""
    row = OrgPolicy.objects.filter(pk=ONLY_ROW).values_list("logo", "logo_type").first()
    kind = SPECS["logo_type"].clean(row[1]) if row else ""
    return (bytes(row[0]), kind) if row and kind else None


def _policy() -> Policy:
    global _latest
    policy = memory.recall("policy")
    if policy is not None:
        return policy
    token = memory.recall("token") or _stored_token()
    if _latest is None or _latest.token != token or token is None:
        _latest = _read()
    memory.keep("policy", _latest)
    return _latest


def _stored_token() -> UUID | None:
    found = _token_of(ONLY_ROW)
    return found[0].token if found else None


def _read() -> Policy:
    row = OrgPolicy.objects.defer("logo").filter(pk=ONLY_ROW).first()
    if row is None:
        return Policy(None, 0, _in_words(Settings()))
    rules = MethodRule.objects.installed().prefetch_related("include_groups", "exclude_groups")
    reset_groups = frozenset(row.reset_groups.values_list("pk", flat=True))
    return policy_of(row, [_stored(rule) for rule in rules], reset_groups)


def policy_of(row: OrgPolicy, rules: Iterable[StoredRule], reset_groups: frozenset[int]) -> Policy:
    """What these rows say, saved or not."""
    nested = GroupPart.objects.values_list("group_id", "part_id")
    return Policy(
        token=row.token,
        version=row.version,
        settings=_in_words(Settings.clamped({name: getattr(row, name) for name in SPECS})),
        rules=tuple(rules),
        reset_groups=reset_groups,
        above=above(nested),
    )


def _stored(rule: MethodRule) -> StoredRule:
    return StoredRule.of(
        rule,
        include_groups=frozenset(group.pk for group in rule.include_groups.all()),
        exclude_groups=frozenset(group.pk for group in rule.exclude_groups.all()),
    )


def _in_words(settings: Settings) -> Settings:
    """Defaults that depend on the reader's language or on the server."""
    helpdesk: Any = settings.helpdesk_text or _("your IT helpdesk")
    return dataclasses.replace(
        settings,
        helpdesk_text=helpdesk,
        time_zone=settings.time_zone or django_settings.TIME_ZONE,
    )
