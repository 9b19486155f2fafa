"""What Twilio asks and reports: signed requests below `/webhooks/twilio/`."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import Gather, VoiceResponse

from securityinfo.messaging import calls, reports, signed
from securityinfo.messaging.content import CallScript
from securityinfo.messaging.models import Message
from securityinfo.messaging.transports.base import for_channel
from securityinfo.messaging.transports.telephony import address_of
from securityinfo.messaging.transports.twilio import TwilioTransport

ASKED = 3  # times at most
PAUSE = 5  # seconds in which to begin, and between two keys
MOST_DIGITS = 4  # two of them are a number; with more nobody is right, so the try may end early
MOST_BARE = 2  # where a # alone is asked for, it is a key as any other: "0#" is complete
VOICES = {"en": "en-US", "nl": "nl-NL"}


def _is_signed(request: HttpRequest, _message_id: UUID) -> bool:
    """Over the public address, whatever host and scheme the request claims to be for."""
    account = settings.TWILIO
    if account is None or request.POST.get("AccountSid") != account.account_sid:
        return False
    url = settings.PUBLIC_URL + request.get_full_path()
    signature = request.headers.get("X-Twilio-Signature", "")
    return bool(RequestValidator(account.auth_token).validate(url, request.POST, signature))


_callback = signed.callback(_is_signed)


@_callback
def status(request: HttpRequest, message: Message) -> HttpResponse:
    """Of a text or a call: forward only, so doubled or reordered reports change nothing."""
    transport = for_channel(message.channel)
    if not isinstance(transport, TwilioTransport):
        return HttpResponse(status=signed.GONE)
    reports.take(message, transport.parse_status(request.POST.dict()))
    return HttpResponse(status=signed.TAKEN)


@_callback
def document(request: HttpRequest, message: Message) -> HttpResponse:
    """What a call asks, when it is answered."""
    _belongs_to(request, message)
    script = calls.script_of(message)
    voice = VoiceResponse()
    language = VOICES.get(message.language, VOICES["en"])
    if not calls.is_wanted(message):
        voice.say(script.over, language=language)
        voice.hangup()
        return _spoken(voice)
    for _ in range(ASKED):
        gather = _gather(script, message)
        gather.say(script.ask, language=language)
        voice.append(gather)
    voice.redirect(address_of("twilio-call-silence", message.pk), method="POST")
    return _spoken(voice)


def _gather(script: CallScript, message: Message) -> Gather:
    """Keys up to #; or, where a # alone is asked for, the # itself.

    "finishOnKey only works when a digit sequence precedes it"
    (https://www.twilio.com/docs/voice/twiml/gather): with it, a # alone would be silence. Without
    it Twilio posts the # as a digit when the pause is over, or at once as the last of two.
    """
    return Gather(
        input="dtmf",
        action=address_of("twilio-call-keys", message.pk),
        method="POST",
        finish_on_key="" if script.bare else "#",
        timeout=PAUSE,
        num_digits=MOST_BARE if script.bare else MOST_DIGITS,
    )


@_callback
def keys(request: HttpRequest, message: Message) -> HttpResponse:
    """The keys of the one try; a # alone is something else than silence."""
    return _answered(request, message, calls.before_pound(request.POST.get("Digits", "")))


@_callback
def silence(request: HttpRequest, message: Message) -> HttpResponse:
    """Asked often enough; perhaps it was a voicemail that listened."""
    return _answered(request, message, calls.SILENCE)


def _answered(request: HttpRequest, message: Message, digits: str) -> HttpResponse:
    _belongs_to(request, message)
    script = calls.script_of(message)
    with translation.override(message.language):
        keyed = calls.keys_pressed(message, digits)
    voice = VoiceResponse()
    voice.say(getattr(script, keyed.value), language=VOICES.get(message.language, VOICES["en"]))
    voice.hangup()
    return _spoken(voice)


def _belongs_to(request: HttpRequest, message: Message) -> None:
    """Raises reports.Foreign for another call than the one that was placed for this message."""
    reports.adopt(message, request.POST.get("CallSid", ""))


def _spoken(voice: VoiceResponse) -> HttpResponse:
    return HttpResponse(str(voice), content_type="text/xml; charset=utf-8")
