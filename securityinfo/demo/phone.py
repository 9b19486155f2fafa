"""The simulated phone: receives texts, rings, is answered; Twilio's part is played in between."""

from __future__ import annotations

import io
import uuid
from dataclasses import asdict
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.urls import resolve
from django.utils import timezone

from securityinfo.demo import gateway, twiml
from securityinfo.demo.gateway import Account, Resource
from securityinfo.demo.models import Channel, DemoMessage, State
from securityinfo.messaging.models import Message

MOST_KEYS = 10


def account() -> Account:
    """The one account of this gateway: the one that the application sends with."""
    twilio = settings.TWILIO
    if twilio is None:
        raise ImproperlyConfigured("The demo phone needs SECURITYINFO_TELEPHONY=twilio.")
    return Account(twilio.account_sid, twilio.auth_token)


def take(resource: Resource, fields: dict[str, str]) -> DemoMessage:
    """A text or a call arrives; every request is another one, as at Twilio."""
    is_call = resource is Resource.CALLS
    received = DemoMessage.objects.create(
        id=uuid.uuid4(),
        user_id=_person_of(fields["StatusCallback"]),
        channel=Channel.CALL if is_call else Channel.TEXT,
        to=fields["To"],
        body=fields.get("Body", ""),
        state=State.RINGING if is_call else State.SENT,
        sid=gateway.new_sid(resource),
        asked=fields,
    )
    if is_call:
        _report(received, "ringing")
    else:
        _report_text(received, "delivered")
    return received


def answer(call: DemoMessage) -> None:
    """Pick up; the call begins to ask."""
    if not _move(call, State.RINGING, State.ANSWERED):
        return
    _report(call, "in-progress")
    _follow(call, call.asked["Url"])


def press(call: DemoMessage, keys: str) -> None:
    """Press keys, `#` among them or left out; a phone that rings is picked up first."""
    answer(call)
    if not call.is_asking:
        return
    question = _question(call)
    keyed = twiml.gathered(question, keys.partition("#")[0] + "#")
    if keyed.posted:
        _follow(call, question.action, **keyed.posted)
    else:
        _ask_on(call)


def press_one(call: DemoMessage, key: str) -> None:
    """One key after the other, up to #: nobody waits for the pause after it."""
    if not call.is_asking or len(call.keyed) >= MOST_KEYS:
        return
    keys = call.keyed + key
    if key == "#" or twiml.gathered(_question(call), keys).at_once:
        press(call, keys)
    else:
        DemoMessage.objects.filter(pk=call.pk).update(keyed=keys)


def keep_silent(call: DemoMessage) -> None:
    """Asked three times, and nobody pressed anything."""
    if call.silence_goes_to:
        _follow(call, call.silence_goes_to)


def hang_up(call: DemoMessage) -> None:
    """Decline while it rings, end it afterwards."""
    if _move(call, State.RINGING, State.MISSED):
        _report(call, "busy")
    elif call.is_asking:
        _stop_asking(call)
        _report(call, "completed")


def ring_out(call: DemoMessage) -> None:
    if _move(call, State.RINGING, State.MISSED):
        _report(call, "no-answer")


def _follow(call: DemoMessage, url: str, **more: str) -> None:
    """Fetch what the call says next; without a further question it ends."""
    fields = gateway.call_request(account(), call.sid, call.asked, status="in-progress", **more)
    response = _post(url, fields)
    document = twiml.Document()
    if response.status_code == HTTPStatus.OK:
        document = twiml.read(response.content.decode())
    call.questions = [asdict(each) for each in document.gathers]
    call.silence_goes_to = document.redirect
    _say(call, *document.said)
    if not call.is_asking:
        _report(call, "completed")


def _ask_on(call: DemoMessage) -> None:
    """What was pressed makes no request: the document goes on, with the next question if any."""
    call.questions = call.questions[1:]
    if call.is_asking:
        _say(call)
    else:
        keep_silent(call)


def _say(call: DemoMessage, *said: str) -> None:
    """These sentences, then the question that is to be answered now."""
    asked = _question(call).said if call.is_asking else ()
    call.body = "\n\n".join(filter(None, [call.body, *said, *asked]))
    call.keyed = ""
    call.save(update_fields=["questions", "silence_goes_to", "keyed", "body"])


def _question(call: DemoMessage) -> twiml.Gather:
    return twiml.Gather(**call.questions[0])


def _stop_asking(call: DemoMessage) -> None:
    call.questions, call.silence_goes_to, call.keyed = [], "", ""
    call.save(update_fields=["questions", "silence_goes_to", "keyed"])


def _move(call: DemoMessage, before: State, after: State) -> bool:
    """Two clicks at once are one."""
    moved = DemoMessage.objects.filter(pk=call.pk, state=before).update(state=after)
    call.refresh_from_db()
    return bool(moved)


def _report(call: DemoMessage, status: str) -> None:
    more = gateway.progress_of(call.reports, timezone.now())
    fields = gateway.call_request(account(), call.sid, call.asked, status=status, **more)
    call.reports += 1
    call.save(update_fields=["reports"])
    _post(call.asked["StatusCallback"], fields)


def _report_text(text: DemoMessage, status: str) -> None:
    fields = gateway.text_report(account(), text.sid, text.asked, status=status)
    _post(text.asked["StatusCallback"], fields)


def _post(url: str, fields: dict[str, str]) -> HttpResponse:
    """Signed as Twilio signs, and handed to the view in this process.

    The web server has two workers: one that called itself could wait for itself.
    """
    body = urlencode(fields).encode()
    path = urlsplit(url).path
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_X_TWILIO_SIGNATURE": gateway.signature(account(), url, fields),
        "SERVER_NAME": "twilio.invalid",
        "SERVER_PORT": "80",
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
    }
    view = resolve(path)
    response: HttpResponse = view.func(WSGIRequest(environ), *view.args, **view.kwargs)
    return response


def _person_of(callback: str) -> int | None:
    """Whose phone it is; the gateway of a demo may know."""
    message_id = resolve(urlsplit(callback).path).kwargs["message_id"]
    message = Message.objects.filter(pk=message_id).first()
    return message.user_id if message else None
