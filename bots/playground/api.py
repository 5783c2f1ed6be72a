"""The playground's JSON API (what is played, cards, to say something, what was said), and the routes of its page."""

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
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
ACCOUNTS = ("demo", "relay")
"""Each is a chat of its own in every phone; a campaign of `playground` is in all of them."""
ACCOUNT = ACCOUNTS[0]
PHONES_LIMIT = 8
HAND = 3
"""Cards that a visitor holds."""
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
class ChatShown:
    """One chat as the page offers it: what is played at an account, and which words mean something there."""

    account: str
    campaigns: Sequence[str]
    """Their names, oldest first."""
    title: Mapping[str, str]
    """By language."""
    chips: Sequence[Mapping[str, str]]
    """Words to tap, each by language."""
    cards: bool
    """Whether cards are dealt for it."""


@dataclass(frozen=True, slots=True)
class Playground:
    """What the doors are handed."""

    submit: Submit
    arrived: Arrived
    draws: Callable[[], Sequence[Drawn]]
    clock: Clock
    guard: Guard
    chats: Callable[[], Sequence[ChatShown]] = lambda: ()
    """Those in which something is played, the first account's even when nothing is."""
    deal: Callable[[str, Sequence[str]], Sequence[str]] = lambda _account, _held: ()
    """The hand of a visitor who holds these cards at an account: up to HAND of them, those that are used replaced."""
    invitation: Callable[[str], str] | None = None
    """A word that makes whoever says it first an owner of this name; None where visitors are not to be trusted so."""
    links_begin_with: str | None = None
    """What the addresses of this installation's pictures begin with."""
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
        choices, pictures = map(_choices, answer.rich), map(self._picture, answer.rich)
        texts = [self._beside(*each) for each in zip(answer.texts, answer.rich, strict=True)]
        told = {"how": answer.how, "texts": texts, "sequence": answer.sequence}
        return json_response(200, {**told, "choices": list(choices), "pictures": list(pictures)})

    def news(self) -> Response:
        """What has reached some phones since, and the last draws."""
        self.guard.check(request)
        wanted = {account: _positions(account, request.args.getlist(account)) for account in ACCOUNTS}
        if not any(wanted.values()):
            raise Malformed(f"{ACCOUNT}: ask for 1 to {PHONES_LIMIT} phones, like ?{ACCOUNT}=anna:12&{ACCOUNT}=bob:3")
        phones = {
            account: {phone: self._said(account, phone, *position) for phone, position in positions.items()}
            for account, positions in wanted.items()
            if positions
        }
        return json_response(200, {"phones": phones, "draws": [_shown(draw) for draw in self.draws()]})

    def _said(self, account: str, phone: str, after: int, *missing: int) -> list[dict[str, object]]:
        return [
            {
                "sequence": text.sequence,
                "text": self._beside(text.text, text.rich),
                "at": text.said_at.isoformat(),
                "choices": _choices(text.rich),
                "picture": self._picture(text.rich),
            }
            for text in self.arrived((CHANNEL, account, phone), after, missing)
        ]

    def _picture(self, rich: Rich | None) -> str | None:
        """The path of the picture above a text, where it is one of this installation's."""
        begin = self.links_begin_with
        if rich is None or rich.picture is None or begin is None or not rich.picture.startswith(f"{begin}/"):
            return None
        return rich.picture.removeprefix(begin)

    def _beside(self, text: str, rich: Rich | None) -> str:
        """``text``, without the address of a picture that is shown above it."""
        return text if rich is None or self._picture(rich) is None else text.removesuffix(f"\n{rich.picture}")

    def offers(self) -> Response:
        """Which chats there are, and whether one phone may be an operator's."""
        self.guard.check(request)
        chats = [
            {
                "account": chat.account,
                "campaigns": list(chat.campaigns),
                "title": dict(chat.title),
                "chips": [dict(chip) for chip in chat.chips],
                "cards": chat.cards,
            }
            for chat in self.chats()
        ]
        return json_response(200, {"chats": chats, "operators": self.invitation is not None})

    def cards(self) -> Response:
        """Deal a visitor's hand anew: what is held and unused stays in it."""
        self.guard.check(request)
        sent = _object(body_of(request.environ, ends_itself=True))
        account, held = sent.get("account"), sent.get("held")
        if account not in ACCOUNTS:
            raise Malformed(f"account: send one of {', '.join(ACCOUNTS)}")
        if not isinstance(held, list) or len(held) > HAND or not all(_is_card(code) for code in held):
            raise Malformed(f"held: send a list of up to {HAND} codes, as they were dealt")
        return json_response(200, {"cards": list(self.deal(account, held))})

    def invite(self) -> Response:
        """Give a word that makes a phone an operator's, for it to say."""
        self.guard.check(request)
        if self.invitation is None:
            abort(404)
        name = _object(body_of(request.environ, ends_itself=True)).get("name")
        if not isinstance(name, str) or not re.fullmatch(r"\w{1,20}", name):
            raise Malformed('name: send 1 to 20 letters, as in {"name": "Anna"}')
        return json_response(200, {"word": self.invitation(name)})


def _choices(rich: Rich | None) -> list[dict[str, str | int | None]]:
    """What may be chosen below a text, for buttons: what each says, its label, and the question that it answers."""
    buttons = rich.buttons if rich else ()
    return [{"says": each.says, "label": each.label, "question": each.question} for each in buttons]


def _object(body: bytes) -> dict[str, Any]:
    """The JSON object in ``body``; nothing of what is none."""
    try:
        sent: Any = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return sent if isinstance(sent, dict) else {}


def _is_card(code: object) -> bool:
    return isinstance(code, str) and re.fullmatch(r"[0-9A-Z-]{4,40}", code) is not None


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
    account, language = sent.get("account", ACCOUNT), sent.get("language")
    if account not in ACCOUNTS:
        raise Malformed(f"account: send one of {', '.join(ACCOUNTS)}, or leave it out")
    if language not in (None, "zh", "en"):  # a list may be sent
        raise Malformed("language: send zh or en, or leave it out")
    address = (CHANNEL, account, sent["phone"])
    kind = InboundKind.TYPED if typed and question is None else InboundKind.TAPPED
    message = InboundMessage.received(
        address, sent["id"], sent["text"], received_at, waits=True, kind=kind, question=question
    )
    return replace(message, language=language)


def _positions(account: str, given: Sequence[str]) -> dict[str, list[int]]:
    """By phone: the sequence number after which texts are wanted, and the numbers of those missing before it."""
    if len(given) > PHONES_LIMIT:
        raise Malformed(f"{account}: ask for 1 to {PHONES_LIMIT} phones, like ?{account}=anna:12&{account}=bob:3")
    wanted = {}
    for each in given:
        phone, _, numbers = each.rpartition(":")
        if not 1 <= len(phone) <= 128:  # noqa: PLR2004  # the limit of InboundMessage.received
            told = "give a name of 1 to 128 characters and a sequence number"
            raise Malformed(f"{account}: {told}, like {account}=anna:12")
        texts = numbers.split(",", MISSING_LIMIT + 1)
        if len(texts) > MISSING_LIMIT + 1:
            raise Malformed(f"{account}: name at most {MISSING_LIMIT} missing texts, like {account}=anna:12,5,9")
        if not all(map(_is_sequence, texts)):
            raise Malformed(f"{account}: after the colon goes a sequence number from 0 to {_LAST_SEQUENCE}")
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
    doors.add_url_rule("/chats", view_func=playground.offers, methods=["GET"])
    doors.add_url_rule("/cards", view_func=playground.cards, methods=["POST"])
    doors.add_url_rule("/operator", view_func=playground.invite, methods=["POST"])
    doors.add_url_rule("/", view_func=page.show, methods=["GET"])
    doors.add_url_rule("/page/<name>", view_func=page.file, methods=["GET"])
    doors.add_url_rule("/sign-in", view_func=page.sign_in, methods=["POST"])
    return doors
