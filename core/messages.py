"""What comes in and what goes out: one player's message, and what is said in return."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, Self

from core.attachments import Attachment, Media, harmless
from core.inbound_kinds import InboundKind as InboundKind  # noqa: PLC0414  # a message has one
from core.noise import is_noise
from core.places import Place

TEXT_LIMIT = 2000
"""Characters of a message that are kept; no intent is longer."""
SCENE_LIMIT = 64
"""Characters of a scene that are kept; WeChat allows no more."""
_ID_LIMIT = 128
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_PLAIN_ID = re.compile(r"[!-~]{1,128}")


class NotAMessage(ValueError):
    """A message that cannot be one: the text says which part is wrong."""


_COMMAND = re.compile(r"\s*[/／]([A-Za-z][A-Za-z0-9_]{0,31})(?:\s.*)?", re.DOTALL)
_WORDS = frozenset({InboundKind.TYPED, InboundKind.TAPPED})
"""Of those, the text is read."""


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One message as it reached us. Build it with :meth:`received`, which makes hostile input harmless."""

    channel: str
    account: str
    user: str
    external_id: str
    text: str
    received_at: datetime
    waits: bool
    """True when the adapter returns the answer in the same connection, False when the sender delivers it."""
    kind: InboundKind = InboundKind.TYPED
    answer_by: datetime | None = None
    """An answer that is decided later than this does not go back in the connection: the sender delivers it."""
    room_bytes: int | None = None
    """So many bytes of UTF-8 go back in the connection, a line between two texts; the sender delivers the rest."""
    question: int | None = None
    """The number of the question under which it was tapped (Button.question); None for whatever is no such tap."""
    album: str | None = None
    """The external id of what was shown beside it without words: that is answered with it, or was before."""
    thread: str | None = None
    """Where within the conversation it was said, as the platform calls it: its answer goes there."""
    language: str | None = None
    """Of the sender's app ("zh", "en", "vi"), as the platform says; None where it says nothing that we know."""
    scene: str | None = None
    """What the QR code or link carries by which they came: a name of the operator's, a code, or a friend's word."""
    attachments: tuple[Attachment, ...] = ()
    """What was sent along with the words, or without any."""
    command: str | None = None
    """The name behind the slash, in small letters, when it was said as a command (``/codes 5``); None for a word.

    The text may begin with the slash or without it, as the platform hands it on. It is not kept: what is
    replayed is a word."""
    forwarded: bool = False
    """Somebody passed on what was said elsewhere: the words need not be the sender's own."""
    caption: bool = False
    """The words stand below a picture or a file."""
    member: str | None = None
    """Who of a group said it, by the name that the platform has for them alone; None where there is no group."""

    place: Place = field(init=False, repr=False, compare=False)  # kept, as a turn asks for it again and again

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", Place(self.channel, self.account))

    @property
    def typed(self) -> bool:
        """False for a scan, a link or a tap: nobody typed a word."""
        return self.kind is InboundKind.TYPED

    @property
    def named(self) -> bool:
        """Whether the operator chose the text, and no player can: it is never a guess, nor a slip of the finger."""
        return self.kind in {InboundKind.FOLLOWED, InboundKind.SCENE, InboundKind.KEY}

    @property
    def first_hand(self) -> bool:
        """Whether these are its sender's own words, and all of the message: not passed on, and not beside a file.

        What was recognised in a recording stands beside it.
        """
        passed_on = self.forwarded or self.caption
        return not passed_on and not any(isinstance(each, Media) for each in self.attachments)

    @property
    def arguments(self) -> str:
        """What stands behind the name of a command."""
        return "".join(self.text.strip().split(maxsplit=1)[1:]) if self.command is not None else ""

    @classmethod
    def received(
        cls,
        address: tuple[str, str, str],
        external_id: str,
        text: str,
        received_at: datetime,
        *,
        waits: bool,
        kind: InboundKind = InboundKind.TYPED,
        answer_by: datetime | None = None,
        room_bytes: int | None = None,
        question: int | None = None,
        album: str | None = None,
        thread: str | None = None,
        scene: str | None = None,
        attachments: Iterable[Attachment] = (),
        command: str | None = None,
        forwarded: bool = False,
        caption: bool = False,
        member: str | None = None,
    ) -> Self:
        """Build a message from what a platform sent; ``address`` is (channel, account, user).

        Lone surrogates become U+FFFD. Noise shows something, and says nothing whatever could be read into it. Of a text
        longer than TEXT_LIMIT its beginning and the hash of all of it are kept. An id with unusual characters is
        replaced by its hash, which is as unique. A typed text that begins with a slash and a name is a command, where
        the platform does not say so itself (``command``). Raises NotAMessage for an address that cannot be one.
        """
        channel, account, user = address
        for word, what in ((channel, "channel"), (account, "account")):
            if not _NAME.fullmatch(word):
                raise NotAMessage(f"{what}: use 1 to 32 of a-z, 0-9, _ and -")
        if not external_id:
            raise NotAMessage("id: may not be empty; a repeated delivery could not be told from a new message")
        readable = whole(text)
        return cls(
            channel,
            account,
            _user(user),
            _plain_id(external_id),
            _kept(readable),
            received_at,
            waits,
            InboundKind.SHOWED if kind in _WORDS and is_noise(readable) else kind,
            answer_by,
            room_bytes,
            question,
            _plain_id(album) if album else None,
            thread,
            scene=whole(scene)[:SCENE_LIMIT] if scene else None,
            attachments=harmless(attachments),
            command=command.lower() if command else _command_in(readable) if kind is InboundKind.TYPED else None,
            forwarded=forwarded,
            caption=caption,
            member=_user(member) if member else None,
        )


def whole(text: str) -> str:
    """``text`` without lone surrogates, which no encoding can carry."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _command_in(text: str) -> str | None:
    found = _COMMAND.fullmatch(text)
    return found[1].lower() if found else None


def _user(user: str) -> str:
    if not user or len(user) > _ID_LIMIT:
        raise NotAMessage(f"user: give 1 to {_ID_LIMIT} characters")
    return whole(user)


def _kept(text: str) -> str:
    if len(text) <= TEXT_LIMIT:
        return text
    return f"{text[:TEXT_LIMIT]} […sha256:{hashlib.sha256(text.encode()).hexdigest()}]"


def _plain_id(external_id: str) -> str:
    if _PLAIN_ID.fullmatch(external_id):
        return external_id
    return "sha256:" + hashlib.sha256(external_id.encode("utf-8", "surrogatepass")).hexdigest()


Phrases = Mapping[str, str]
"""One phrase in one language or more: {"zh": …, "en": …}."""


class Keyword(dict[str, str]):
    """A word that players may type, in Chinese and English; a campaign may have another one for it in a language."""


class Told(Protocol):
    """What is said in another way in each language, such as an instant (`core/texts/formats.py`)."""

    def said(self, language: str) -> str:
        """It in ``language``."""


Shown = Mapping[str, "str | int | Phrases | Told | tuple[Reply, ...]"]
"""What fills the placeholders of a text."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that the player may choose: a button where there are buttons, else a line of the text."""

    says: str
    """What it means, as a player would type it. A number stands before its line where there are no buttons."""
    label: "str | Phrases | Reply"
    listed: bool = False
    """The text names it already, so that it needs no line of its own."""
    question: int | None = None
    """The number of the question that it answers; None for words that mean the same at any time."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One thing to say: the key of a text and what fills its placeholders.

    A parameter may be text, a whole number, a phrase in several languages, what is said in another way in each
    language, or further replies, one a line.
    """

    key: str
    params: Shown = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    picture: str | None = None
    """The address of a PNG that is shown above the text. Where there are no pictures the text ends with it, unless it
    holds the address of the page on which the picture is, the part before its last slash."""
    desk: bool = False
    """The player wants a person: where people sit at a desk for our account they take over, in place of the text."""
    ends: tuple[str, ...] = ()
    """What earlier buttons of this conversation say that lead to nothing any more; where they can be, they are taken
    away."""
    campaign_id: int | None = None  # whose words it is said in, if not those of the campaign that is meant

    def page_in(self, text: str) -> bool:
        """Whether ``text`` leads to the page that shows the picture."""
        return self.picture is not None and self.picture.rpartition("/")[0] in text


@dataclass(frozen=True, slots=True)
class Button:
    """A choice, in the player's language. A tap says ``says``, and under which ``question`` it stood."""

    says: str
    label: str
    question: int | None = None


@dataclass(frozen=True, slots=True)
class Rich:
    """A text as it reads where there are buttons and pictures."""

    text: str
    buttons: tuple[Button, ...] = ()
    picture: str | None = None
    desk: bool = False
    ends: tuple[str, ...] = ()

    def dumped(self) -> str:
        """As JSON, for the outbox."""
        shown = [[b.says, b.label] if b.question is None else [b.says, b.label, b.question] for b in self.buttons]
        more: list[object] = [self.desk, list(self.ends)] if self.ends else [True] if self.desk else []
        told = [self.text, shown, self.picture, *more]
        return json.dumps(told, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def loaded(cls, dumped: str) -> Self:
        """What :meth:`dumped` gave."""
        text, shown, picture, *more = json.loads(dumped)
        desk, ends = bool(more and more[0]), tuple(more[1]) if len(more) > 1 else ()
        return cls(text, tuple(Button(*button) for button in shown), picture, desk, ends)


class Answered(StrEnum):
    """How the engine dealt with a message."""

    NEW = "new"
    REPEATED = "repeated"
    """Delivered before: ``texts`` is the stored answer and nothing else happened."""
    TAMPERED = "tampered"
    """The id was seen before with another body: refused and logged."""
    FAILED = "failed"
    """Recorded as failed with its error; ``texts`` is a polite answer, an operator can replay the message."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engine says to one delivery. ``sequence`` numbers the texts within the conversation."""

    how: Answered
    texts: tuple[str, ...] = ()
    sequence: tuple[int, ...] = ()
    rich: tuple[Rich | None, ...] = ()
    """The same texts where there are buttons and pictures; None for one that is the same everywhere."""
    here: int = 0
    """So many of the texts, the first ones, go back in the connection of the message; the sender has the others."""
    withheld: bool = False
    """There would be more to say, but its sender has been answered too often within this hour, or is blocked."""

    @property
    def desk(self) -> bool:
        """Whether the player wants a person, and that goes back in the connection."""
        return any(rich is not None and rich.desk for rich in self.rich[: self.here])
