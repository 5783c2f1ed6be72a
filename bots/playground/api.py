"""The playground's JSON API (to say something, to fetch what was said) and the routes of its page and sign-in."""

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any, Protocol

from flask import Blueprint, Response, abort, request

from bots.base import Malformed, Said, Submit, submit_and_wait
from bots.http_errors import error_response, json_response, register_error_handlers
from bots.playground.guard import Guard
from bots.playground.web_page import Page, page_files
from bots.request_body import body_of
from core.messages import Answered, InboundKind, InboundMessage, Rich
from core.questions import NUMBERS as QUESTIONS
from core.times import Clock

CHANNEL = "playground"
ACCOUNT = "demo"
PHONES_LIMIT = 8
MISSING_LIMIT = 32
WAIT_LIMIT_S = 20.0

_LAST_SEQUENCE = 2**31 - 1
_SEQUENCE_DIGITS = len(str(_LAST_SEQUENCE))


class Arrived(Protocol):
    """Reads a phone's mailbox."""

    def __call__(self, address: tuple[str, str, str], after: int, missing: Collection[int]) -> Sequence[Said]:
        """What has reached (channel, account, user): texts after sequence number ``after``, or numbered ``missing``."""
        ...


class Drawn(Protocol):
    """One draw, told without naming anybody: titles are by language, ``prize`` is None when nothing was won."""

    @property
    def campaign(self) -> Mapping[str, str]:
        """The campaign's title."""
        ...

    @property
    def prize(self) -> Mapping[str, str] | None:
        """The prize's title."""
        ...

    @property
    def odds(self) -> Fraction:
        """The odds, boost included."""
        ...

    @property
    def at(self) -> datetime:
        """When, in UTC."""
        ...


@dataclass(frozen=True, slots=True)
class Playground:
    """What the doors are handed."""

    submit: Submit
    arrived: Arrived
    draws: Callable[[], Sequence[Drawn]]
    clock: Clock
    guard: Guard
    invitation: Callable[[str], str] | None = None
    """A word that makes whoever says it first an owner of this name; None where visitors are not to be trusted so."""
    wait_limit_s: float = WAIT_LIMIT_S

    def say(self) -> Response:
        """Take one message of one phone, and answer with what the engine says to it."""
        self.guard.check(request)
        if not request.environ.get("CONTENT_TYPE", "").startswith("application/json"):
            raise Malformed("Content-Type: send application/json")
        message = _decode(body_of(request.environ, ends_itself=True), self.clock())
        answer = submit_and_wait(self.submit, message, self.wait_limit_s)
        if answer.how is Answered.TAMPERED:
            return error_response(409, "id: it was used before with another text; take a new one")
        choices = [_choices(rich) for rich in answer.rich]
        told = {"how": answer.how, "texts": answer.texts, "sequence": answer.sequence, "choices": choices}
        return json_response(200, told)

    def news(self) -> Response:
        """What has reached some phones since, and the last draws."""
        self.guard.check(request)
        wanted = _positions(request.args.getlist("phone"))
        phones = {
            phone: [
                {
                    "sequence": text.sequence,
                    "text": text.text,
                    "at": text.said_at.isoformat(),
                    "choices": _choices(text.rich),
                }
                for text in self.arrived((CHANNEL, ACCOUNT, phone), after, missing)
            ]
            for phone, (after, *missing) in wanted.items()
        }
        told = {"phones": phones, "draws": [_shown(draw) for draw in self.draws()]}
        return json_response(200, {**told, "operators": self.invitation is not None})

    def invite(self) -> Response:
        """Give a word that makes a phone an operator's, for it to say."""
        self.guard.check(request)
        if self.invitation is None:
            abort(404)
        try:
            sent: Any = json.loads(body_of(request.environ, ends_itself=True))
        except (ValueError, RecursionError):
            sent = None
        name = sent.get("name") if isinstance(sent, dict) else None
        if not isinstance(name, str) or not re.fullmatch(r"\w{1,20}", name):
            raise Malformed('name: send 1 to 20 letters, as in {"name": "Anna"}')
        return json_response(200, {"word": self.invitation(name)})


def _choices(rich: Rich | None) -> list[dict[str, str | int | None]]:
    """What may be chosen below a text, for buttons: what each says, its label, and the question that it answers."""
    buttons = rich.buttons if rich else ()
    return [{"says": each.says, "label": each.label, "question": each.question} for each in buttons]


def _decode(body: bytes, received_at: datetime) -> InboundMessage:
    try:
        sent: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("body: send one JSON object in UTF-8") from None
    if not isinstance(sent, dict):
        raise Malformed('body: send one JSON object like {"phone": "anna", "id": "1", "text": "help"}')
    for part in ("phone", "id", "text"):
        if not isinstance(sent.get(part), str):
            raise Malformed(f"{part}: send a string")
    if not sent["phone"]:
        raise Malformed("phone: may not be empty")
    typed = sent.get("typed", True)
    if not isinstance(typed, bool):
        raise Malformed("typed: send true, or false for a scan or a tapped link")
    question = sent.get("question")
    if question is not None and (type(question) is not int or not 0 <= question < QUESTIONS):
        raise Malformed("question: send the number that came with the choice, or leave it out")
    address = (CHANNEL, ACCOUNT, sent["phone"])
    kind = InboundKind.TYPED if typed and question is None else InboundKind.TAPPED
    return InboundMessage.received(
        address, sent["id"], sent["text"], received_at, waits=True, kind=kind, question=question
    )


def _positions(given: Sequence[str]) -> dict[str, list[int]]:
    """By phone: the sequence number after which texts are wanted, and the numbers of those missing before it."""
    if not 1 <= len(given) <= PHONES_LIMIT:
        raise Malformed(f"phone: ask for 1 to {PHONES_LIMIT} phones, like ?phone=anna:12&phone=bob:3")
    wanted = {}
    for each in given:
        phone, _, numbers = each.rpartition(":")
        if not 1 <= len(phone) <= 128:  # noqa: PLR2004  # the limit of InboundMessage.received
            raise Malformed("phone: give a name of 1 to 128 characters and a sequence number, like phone=anna:12")
        texts = numbers.split(",", MISSING_LIMIT + 1)
        if len(texts) > MISSING_LIMIT + 1:
            raise Malformed(f"phone: name at most {MISSING_LIMIT} missing texts, like phone=anna:12,5,9")
        if not all(map(_is_sequence, texts)):
            raise Malformed(f"phone: after the colon goes a sequence number from 0 to {_LAST_SEQUENCE}")
        wanted[phone] = [int(text) for text in texts]
    return wanted


def _is_sequence(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _SEQUENCE_DIGITS and int(text) <= _LAST_SEQUENCE


def _shown(draw: Drawn) -> dict[str, object]:
    prize = None if draw.prize is None else dict(draw.prize)
    odds = f"{draw.odds.numerator}/{draw.odds.denominator}"
    return {"campaign": dict(draw.campaign), "prize": prize, "odds": odds, "at": draw.at.isoformat()}


def blueprint(playground: Playground) -> Blueprint:
    """The routes under /playground."""
    page = Page(playground.guard, page_files())
    doors = Blueprint("playground", __name__, url_prefix="/playground")
    register_error_handlers(doors)
    doors.add_url_rule("/say", view_func=playground.say, methods=["POST"])
    doors.add_url_rule("/news", view_func=playground.news, methods=["GET"])
    doors.add_url_rule("/operator", view_func=playground.invite, methods=["POST"])
    doors.add_url_rule("/", view_func=page.show, methods=["GET"])
    doors.add_url_rule("/page/<name>", view_func=page.file, methods=["GET"])
    doors.add_url_rule("/sign-in", view_func=page.sign_in, methods=["POST"])
    return doors
