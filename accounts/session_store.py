"""Django's session store on our own table: read with its person, moved by one UPDATE."""

from __future__ import annotations

import hashlib
import secrets
import time
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.http import HttpRequest

from accounts.models import Session, User
from securityinfo import clock
from securityinfo.actor import Origin
from securityinfo.freshness import Proof
from securityinfo.policy import service as policy
from securityinfo.prepared import Prepared, PreparedUpdate

KEY_BYTES = 24  # 192 bits


def digest(session_key: str) -> str:
    """Under which a session is stored; its key is in the browser's cookie only."""
    raw = hashlib.sha256(session_key.encode()).digest()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def new_key() -> str:
    """Of a session, or of a browser: for a cookie."""
    return secrets.token_urlsafe(KEY_BYTES)


def store_of(request: HttpRequest) -> SessionStore:
    """The session of a request, by its own type."""
    return cast(SessionStore, request.session)


# Every page begins with the first, and a sign-in ends with the second.
_stored_under = Prepared(lambda digest: Session.objects.with_person().filter(digest=digest), "?")
_row = PreparedUpdate(lambda digest: Session.objects.filter(digest=digest), "?")
_NOW = Now()


class SessionStore(SessionBase):
    """`request.session`; reads its person along, and stores under a digest of its key."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self.row: Session | None = None
        self.fresh_for = timedelta()  # the policy's, set with the person
        self._stored_key = self.session_key  # where the row is; differs after cycle_key()
        self._owner = ""  # whose row it is: what `_auth_user_id` was when it was read or written
        self._changes: dict[str, Any] = {}
        self._proof: Proof | None = None  # of this very request
        self._written: tuple[str, bytes] | None = None  # what save() has stored last

    @property
    def person(self) -> User | None:
        """Whose session it is, without a query of its own. Not checked in any way."""
        owner = self.get(SESSION_KEY)
        if self.row is None or self.row.user is None or owner != str(self.row.user_id):
            return None
        return self.row.user

    def came_from(self, origin: Origin) -> None:
        self._change(address=origin.address or None, browser=origin.browser[:100])

    @property
    def strongest(self) -> int:
        """Of all proofs in this session."""
        return self.row.strongest if self.row else Session.NEVER_PROVED

    def note_proof(self, proof: Proof) -> None:
        self._proof = proof
        self._change(
            fresh_at=_NOW,
            strength=proof.strength,
            strongest=max(proof.strength, self.strongest),
            is_settled=proof.is_settled,
            with_password=proof.with_password,
        )

    def fresh_proof(self) -> Proof | None:
        """The latest one if it is younger than `fresh_for`, by the database's clock."""
        row = self.row
        if self._proof is not None or row is None or row.fresh_at is None:
            return self._proof
        if row.read_at - row.fresh_at >= self.fresh_for:
            return None
        return Proof(row.strength, is_settled=row.is_settled, with_password=row.with_password)

    def _change(self, **columns: Any) -> None:
        self._changes |= columns
        self.modified = True

    # --- What Django asks of a store --------------------------------------------------------------

    def load(self) -> dict[str, Any]:
        asked_at = time.monotonic()
        row = next(iter(_stored_under(digest(self.session_key or ""))), None)
        if row is None or row.age > Session.LONGEST:
            # Never adopt an id that we didn't give.
            self._session_key = self._stored_key = None
            return {}
        self.row = row
        policy.heard(row.policy_token)
        if connection.vendor == "postgresql":  # a file tells this machine's
            clock.hear(row.read_at, asked_at=asked_at)
        data = self.decode(row.data)
        self._owner = data.get(SESSION_KEY, "")
        return data

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(digest=digest(session_key)).exists()

    def create(self) -> None:
        self._session_key = self._get_new_session_key()
        self.save(must_create=True)
        self.modified = True

    def cycle_key(self) -> None:
        """The next save() moves the row; the old id is dead from then on."""
        self.keys()  # read it while the old id is known
        self._session_key = self._get_new_session_key()
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            self.create()
            return
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]  # Django's
        written = (self.session_key, self.serializer().dumps(data))
        if written == self._written and not self._changes:
            return  # signing in has saved it, and the middleware does so once more
        columns = self._columns(data)
        if must_create or self._stored_key is None:
            self._insert(columns)
        elif not self._update(columns):
            self._insert_again(columns)
        self._stored_key = self.session_key
        self._owner = str(columns["user_id"] or "")
        self._changes = {}
        self._written = written

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self._stored_key
        if key is not None:
            Session.objects.filter(digest=digest(key)).delete()

    def end(self) -> bool:
        """Delete the row. Of two that end the same session, one gets True."""
        if self._stored_key is None:
            return False
        deleted, _ = Session.objects.filter(digest=digest(self._stored_key)).delete()
        self._stored_key = None
        return deleted > 0

    def flush(self) -> None:
        super().flush()
        self.row = self._stored_key = self._proof = None
        self._owner = ""
        self._changes = {}
        self._written = None

    @classmethod
    def clear_expired(cls) -> None:
        Session.objects.outlived().delete()

    # --- Rows -------------------------------------------------------------------------------------

    def _get_new_session_key(self) -> str:
        return new_key()

    def _columns(self, data: dict[str, Any]) -> dict[str, Any]:
        owner = data.get(SESSION_KEY) or None
        columns = {
            "digest": digest(self.session_key or ""),
            "data": self.encode(data),
            "user_id": owner,
        }
        if owner and owner != self._owner:
            columns |= {"created_at": _NOW, "last_used_at": _NOW}
        return columns | self._changes

    def _update(self, columns: dict[str, Any]) -> bool:
        old = digest(self._stored_key or "")
        if columns["digest"] == old:
            del columns["digest"]
        return _row(old, **columns) == 1

    def _insert(self, columns: dict[str, Any]) -> None:
        try:
            with transaction.atomic():
                Session.objects.create(**columns)
        except IntegrityError as error:
            raise CreateError from error

    def _insert_again(self, columns: dict[str, Any]) -> None:
        """The row went away meanwhile. Only what belonged to nobody may come back, elsewhere."""
        if self._owner or "digest" not in columns:
            raise UpdateError
        self._insert(columns)
