"""People: the user model and what belongs to a person."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models.functions import Lower, Now, StrIndex, Substr, Upper
from django.utils.translation import gettext_lazy as _

from accounts import password_rules, passwords
from accounts.browser_models import KnownBrowser, TrustedBrowser
from accounts.disown_models import Disowning
from accounts.helpdesk.models import Called, HelpdeskAction, HelpdeskCase
from accounts.import_models import PeopleFile
from accounts.pass_models import TemporaryPass
from accounts.ranks import Ranked, Role, lower_than
from accounts.reset_models import PasswordReset, ResetRight
from accounts.welcome_models import Welcome
from securityinfo import duties
from securityinfo.actor import COMMAND_LINE
from securityinfo.audit import log, tags
from securityinfo.policy import service as policy

__all__ = [
    "Disowning",
    "HelpdeskAction",
    "HelpdeskCase",
    "KnownBrowser",
    "PeopleFile",
    "PasswordReset",
    "ResetRight",
    "Role",
    "Session",
    "TemporaryPass",
    "TrustedBrowser",
    "User",
    "Welcome",
]

# ASCII only: a look-alike letter of another script can then never name the same person twice.
user_name_validator = RegexValidator(
    r"\A[A-Za-z0-9@.+_-]{1,150}\Z",
    _("Use 1 to 150 letters, digits and @ . + - _ only."),
)

LONGEST_NAME = 254  # a work address


class UserManager(BaseUserManager["User"]):
    def create_user(
        self, username: str, work_address: str, password: str | None = None, **fields: object
    ) -> User:
        """Raises ValidationError; without a password the account can't sign in."""
        user = self.model(username=username, work_address=work_address.lower(), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def create_superuser(
        self, username: str, work_address: str, password: str | None = None, **fields: object
    ) -> User:
        """What `manage.py createsuperuser` calls; nothing else makes administrators unseen.

        Raises ValidationError, also for a password that breaks the rules.
        """
        fields |= {"role": Role.ADMINISTRATOR, "is_superuser": True}
        if password is not None:
            person = self.model(username=username, **fields)
            password_rules.NewPasswordValidator().validate(password, person)
        with transaction.atomic(using=self._db):
            user = self.create_user(username, work_address, password, **fields)
            user.groups.add(*duties.groups_with([duties.Duty.EDIT_POLICY]))
            log.record(
                tags.ACCOUNT_CREATED, actor=COMMAND_LINE, subject=user.public_id, role=user.role
            )
        return user

    def helped_by(self, agent: User) -> models.QuerySet[User]:
        """Those on whom `agent` may act (HD1): of a lower rank, and never oneself."""
        return self.filter(lower_than(agent.role)).exclude(pk=agent.pk)

    def with_pass(self) -> models.QuerySet[User]:
        """Each knows whether a temporary access pass of theirs is live: no query of its own."""
        mine = TemporaryPass.objects.live().filter(user=models.OuterRef("pk"))
        return self.annotate(has_live_pass=models.Exists(mine))

    def named(self, typed: str) -> User | None:
        """The person with this user name or work address, whatever its case; None if nobody."""
        name = typed.strip()
        if len(name) > LONGEST_NAME or not name.isascii() or not name.isprintable():
            return None
        lowered = name.lower()
        # A user name may look like somebody else's work address: the user name wins.
        found = self.alias(folded_name=Lower("username")).filter(
            models.Q(folded_name=lowered) | models.Q(work_address=lowered)
        )
        people = sorted(found[:2], key=lambda user: user.username.lower() != lowered)
        return people[0] if people else None


class User(Called, AbstractBaseUser, Ranked):
    last_login = None  # signing in writes last_sign_in_at, once

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    username = models.CharField(
        _("user name"),
        max_length=150,
        unique=True,  # the constraint below is stricter; Django's checks know only this
        validators=[user_name_validator],
        error_messages={"unique": _("Somebody already has this user name.")},
    )
    full_name = models.CharField(_("full name"), max_length=150, blank=True)
    work_address = models.EmailField(_("work address"), unique=True)
    department = models.CharField(_("department"), max_length=100, blank=True)
    employee_number = models.CharField(_("employee number"), max_length=40, blank=True)
    language = models.CharField(_("preferred language"), max_length=10, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=50, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    last_sign_in_at = models.DateTimeField(_("last sign-in"), null=True, editable=False)
    must_change_password = models.BooleanField(default=False, editable=False)
    # The helpdesk has deleted all sign-in methods: until there is one again a pass is asked for.
    must_use_pass = models.BooleanField(default=False, editable=False)
    password_changed_at = models.DateTimeField(null=True, editable=False)
    # "This wasn't me": until the helpdesk lifts it no method changes and no password is reset.
    frozen_at = models.DateTimeField(_("frozen"), null=True, editable=False)
    # Raised whenever all that was begun before must end: sign-ins under way carry the old number.
    access_epoch = models.PositiveIntegerField(default=0, editable=False)
    # Required registration: since when it is asked for, and how often it was put off.
    asked_first_at = models.DateTimeField(null=True, editable=False)
    skips_used = models.PositiveSmallIntegerField(default=0, editable=False)
    short_since = models.DateTimeField(null=True, editable=False)
    # The review: when "Looks good" was said or required registration ended, and how often it was
    # put off since.
    reviewed_at = models.DateTimeField(null=True, editable=False)
    reviews_postponed = models.PositiveSmallIntegerField(default=0, editable=False)

    start_password = ""  # only on the object that people.create() has just made

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "work_address"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["work_address"]

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        permissions = [
            (duty.codename, duty.codename.replace("_", " ")) for duty in duties.GIVEN_BY_GROUP
        ]
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="accounts_user_name_whatever_case",
                violation_error_message=_("Somebody already has this user name."),
            ),
            models.CheckConstraint(
                condition=models.Q(work_address=Lower("work_address")),
                name="accounts_work_address_in_lower_case",
            ),
            models.UniqueConstraint(
                Upper("employee_number"),
                condition=~models.Q(employee_number=""),
                name="accounts_employee_number_once",
                violation_error_message=_("Somebody already has this employee number."),
            ),
        ]
        indexes = [
            models.Index(
                Substr("work_address", StrIndex("work_address", models.Value("@")) + 1),
                condition=models.Q(is_active=True),
                name="accounts_work_domain",
            ),
            models.Index(
                fields=["frozen_at"],
                condition=models.Q(frozen_at__isnull=False),
                name="accounts_frozen",
            ),
        ]

    def __str__(self) -> str:
        return self.username

    def clean(self) -> None:
        super().clean()
        self.work_address = self.work_address.lower()
        self._refuse_name_of_another()

    def _refuse_name_of_another(self) -> None:
        """Nobody's user name is somebody else's work address: both are typed into one field."""
        others = User.objects.exclude(pk=self.pk)
        if others.filter(work_address=self.username.lower()).exists():
            raise ValidationError({"username": _("Somebody already has this user name.")})
        if others.alias(folded=Lower("username")).filter(folded=self.work_address).exists():
            raise ValidationError({"work_address": _("Somebody already has this work address.")})

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password and passwords.normalized(raw_password))

    @property
    def password_since(self) -> datetime:
        """Since when the password is the one it is; an account begins with one."""
        return self.password_changed_at or self.created_at

    def browsers_trusted_for(self, days: int) -> list[TrustedBrowser]:
        """Those that skip the second step, the latest first; none for agents, none for 0 days."""
        if not days or self.is_privileged:
            return []
        return list(TrustedBrowser.objects.of(self).younger_than(days))

    def get_full_name(self) -> str:
        return self.full_name or self.username

    def get_short_name(self) -> str:
        return self.full_name.split(" ")[0] if self.full_name else self.username


class SessionQuerySet(models.QuerySet["Session"]):
    def with_person(self) -> SessionQuerySet:
        """With its person, the database's time and the policy's token: one query for a page."""
        return self.select_related("user").annotate(
            **{"read_at": Now(), "policy_token": policy.stored_token()}
        )

    def of(self, user: User) -> SessionQuerySet:
        return self.filter(user=user)

    def within(self, *, idle: timedelta, total: timedelta) -> SessionQuerySet:
        """Those whose next request would still find them."""
        return self.filter(last_used_at__gt=Now() - idle, created_at__gt=Now() - total)

    def outlived(self) -> SessionQuerySet:
        return self.filter(created_at__lt=Now() - Session.LONGEST)


class Session(models.Model):
    """One browser's session; it belongs to nobody until the last step of a sign-in.

    The cookie's value itself is not stored: who reads this table can't be anybody.
    """

    LONGEST: ClassVar = timedelta(hours=72)  # the most that the policy can give
    NEVER_PROVED: ClassVar = -2  # below every strength

    digest = models.CharField(primary_key=True, max_length=43)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sessions")
    data = models.TextField()
    created_at = models.DateTimeField(db_default=Now(), db_index=True)
    last_used_at = models.DateTimeField(db_default=Now())
    # The latest proof of the person, and the strongest one in this session: see freshness.py.
    fresh_at = models.DateTimeField(null=True)
    strength = models.SmallIntegerField(default=NEVER_PROVED)
    is_settled = models.BooleanField(default=True)
    with_password = models.BooleanField(default=False)
    strongest = models.SmallIntegerField(default=NEVER_PROVED)
    address = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=100, blank=True)

    read_at: datetime  # by the database's clock; set by with_person()
    policy_token: uuid.UUID | None  # the policy's at that moment; set by with_person()

    objects: ClassVar[SessionQuerySet] = SessionQuerySet.as_manager()  # type: ignore[assignment]  # a manager of this queryset

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    def __str__(self) -> str:
        return f"session of {self.user_id}"

    @property
    def age(self) -> timedelta:
        return self.read_at - self.created_at

    @property
    def idle(self) -> timedelta:
        return self.read_at - self.last_used_at
