"""People: the user model and what belongs to a person."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

# ASCII only: a look-alike letter of another script can then never name the same person twice.
user_name_validator = RegexValidator(
    r"\A[A-Za-z0-9@.+_-]{1,150}\Z",
    _("Use 1 to 150 letters, digits and @ . + - _ only."),
)


class Role(models.TextChoices):
    """Ranked: a higher role includes the pages of the lower ones."""

    PERSON = "person", _("Person")
    HELPDESK = "helpdesk", _("Helpdesk agent")
    ADMINISTRATOR = "administrator", _("Administrator")


class UserManager(BaseUserManager["User"]):
    def create_user(
        self, username: str, work_address: str, password: str | None = None, **fields: object
    ) -> User:
        user = self.model(username=username, work_address=work_address.lower(), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def create_superuser(
        self, username: str, work_address: str, password: str | None = None, **fields: object
    ) -> User:
        fields |= {"role": Role.ADMINISTRATOR, "is_superuser": True}
        return self.create_user(username, work_address, password, **fields)

    def named(self, typed: str) -> User | None:
        """The person with this user name or work address, whatever its case; None if nobody."""
        name = typed.strip()
        if not name.isascii():
            return None
        lowered = name.lower()
        return self.filter(
            models.Q(username_lower=lowered) | models.Q(work_address=lowered)
        ).first()

    def get_queryset(self) -> models.QuerySet[User]:
        return super().get_queryset()


class User(AbstractBaseUser, PermissionsMixin):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    username = models.CharField(_("user name"), max_length=150, validators=[user_name_validator])
    full_name = models.CharField(_("full name"), max_length=150, blank=True)
    work_address = models.EmailField(_("work address"), unique=True)
    department = models.CharField(_("department"), max_length=100, blank=True)
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.PERSON)
    language = models.CharField(_("preferred language"), max_length=10, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=50, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "work_address"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["work_address"]

    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="accounts_user_name_whatever_case",
                violation_error_message=_("Somebody already has this user name."),
            ),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def is_staff(self) -> bool:
        """Django's name for "may enter the administration"."""
        return self.role == Role.ADMINISTRATOR

    @property
    def is_privileged(self) -> bool:
        """Agents and administrators together: *staff* in the product's words."""
        return self.role != Role.PERSON

    def get_full_name(self) -> str:
        return self.full_name or self.username

    def get_short_name(self) -> str:
        return self.full_name.split(" ")[0] if self.full_name else self.username
