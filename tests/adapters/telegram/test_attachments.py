"""What players send along to a bot, and how its content is fetched."""

import json
from decimal import Decimal
from typing import Any

import pytest

from bots.telegram.client import Client
from bots.telegram.media import LARGEST, TelegramMedia
from bots.telegram.updates import Me, decode
from bots.telegram.webhook import inbound
from core.attachments import Attachment, ContactCard, Fetched, Location, Media, MediaKind, NotFetched
from tests.adapters.telegram.updates import ANNA, BOT, FIXTURES, edited, group, message, person
from tests.fakes.telegram import USERNAME, Cut, FakeTelegram, Garbled, Half, Says
from tests.stage import START

PHOTO, VIDEO, AUDIO, FILE = MediaKind
SIZES = [{"file_id": "small", "file_size": 9, "width": 90}, {"file_id": "large", "file_size": 900, "width": 900}]
GIF = {"file_id": "gif", "mime_type": "video/mp4"}
POINT = {"latitude": 31.230416, "longitude": 121.473701}
AT = (Decimal("31.230416"), Decimal("121.473701"))
BAR = {"location": POINT, "title": "Mug Bar", "address": "1 High Street"}

CASES: list[tuple[str, dict[str, Any], list[Attachment]]] = [
    ("words", {"text": "hi"}, []),
    ("a photo in its largest size", {"photo": SIZES}, [Media(PHOTO, "large", size_bytes=900)]),
    ("with words", {"photo": SIZES, "caption": "look"}, [Media(PHOTO, "large", size_bytes=900)]),
    ("a video", {"video": {"file_id": "v", "file_name": "a.mp4"}}, [Media(VIDEO, "v", "a.mp4")]),
    ("an animation is no file", {"animation": GIF, "document": GIF}, [Media(VIDEO, "gif", None, "video/mp4")]),
    ("a round video", {"video_note": {"file_id": "n"}}, [Media(VIDEO, "n")]),
    ("a recording", {"voice": {"file_id": "o", "mime_type": "audio/ogg"}}, [Media(AUDIO, "o", None, "audio/ogg")]),
    (
        "a file",
        {"document": {"file_id": "d", "file_name": "../codes\u202e.csv", "mime_type": "text/csv", "file_size": 12}},
        [Media(FILE, "d", ".._codes .csv", "text/csv", 12)],
    ),
    ("a file of no type", {"document": {"file_id": "d", "mime_type": "not a type"}}, [Media(FILE, "d")]),
    ("a point on the map", {"location": POINT}, [Location(*AT)]),
    ("a venue", {"venue": BAR, "location": POINT}, [Location(*AT, "Mug Bar, 1 High Street")]),
    ("a point on no map", {"location": {"latitude": 91.0, "longitude": 0}}, []),
    ("a point that is none", {"location": {"latitude": "north", "longitude": None}}, []),
    (
        "the own contact",
        {"contact": {"phone_number": "8613800001007", "first_name": "Anna", "user_id": ANNA}},
        [ContactCard("8613800001007", "Anna", own=True)],
    ),
    (
        "a friend's contact",
        {"contact": {"phone_number": "138 0000 1007", "first_name": "Li", "last_name": "Ming"}},
        [ContactCard("138 0000 1007", "Li Ming")],
    ),
    ("a file without an id", {"document": {"file_name": "x"}}, []),
    ("a file with an endless id", {"document": {"file_id": "x" * 2000}}, []),
    ("a file that is none", {"document": "x", "text": "hi"}, []),
    (
        "in a group, to us",
        {"photo": SIZES, "caption": "/look", "chat": group()},
        [Media(PHOTO, "large", size_bytes=900)],
    ),
]


@pytest.mark.parametrize(("given", "attached"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_attached(given: dict[str, Any], attached: list[Attachment]) -> None:
    got = inbound("main", decode(message(**given), lambda: Me(BOT, USERNAME)), START)
    assert got is not None
    assert got.attachments == tuple(attached)


@pytest.mark.parametrize("name", ["audio", "voice", "document"])
def test_the_documented_ones_can_be_fetched(name: str) -> None:
    got = inbound("main", decode(json.loads(FIXTURES[name]), lambda: Me(BOT, USERNAME)), START)
    assert got is not None
    (media,) = got.attachments
    assert isinstance(media, Media)
    assert media.kind is (FILE if name == "document" else AUDIO)


def test_an_edit_brings_nothing_along() -> None:
    got = inbound(
        "main", decode(edited("hi", photo=SIZES, at=int(START.timestamp())), lambda: Me(BOT, USERNAME)), START
    )
    assert got is not None
    assert got.attachments == ()


def test_what_nobody_says_to_us_brings_nothing() -> None:
    assert decode(message(photo=SIZES, chat=group()), lambda: Me(BOT, USERNAME)).attachments == ()
    assert decode(message(photo=SIZES, via_bot=person(5)), lambda: Me(BOT, USERNAME)).attachments == ()


def test_content_is_fetched(fake: FakeTelegram, client: Client) -> None:
    fake.bot.files["d"] = b"A,B\n" * 1000
    fetcher = TelegramMedia(client)
    assert fetcher.fetch(Media(FILE, "d", content_type="text/csv"), 4000) == Fetched(b"A,B\n" * 1000, "text/csv")


TROUBLES = [
    ("unknown", "getFile", None, NotFetched("bad_request", again=False)),
    ("flooded", "getFile", Says.flood(3), NotFetched("flooded", again=True)),
    ("a fault of the server", "getFile", Says(502, b"oops"), NotFetched("http_502", again=True)),
    ("gone between", "file", Says(404, b""), NotFetched("expired", again=False)),
    ("a fault of the files' server", "file", Garbled(503), NotFetched("http_503", again=True)),
    ("cut", "file", Half(), NotFetched("RemoteProtocolError", again=True)),
    ("reset", "file", Cut(acts=False), NotFetched("ReadError", again=True)),
]


@pytest.mark.parametrize(
    ("method", "trouble", "becomes"), [row[1:] for row in TROUBLES], ids=[row[0] for row in TROUBLES]
)
def test_what_is_not_to_be_had(
    fake: FakeTelegram, client: Client, method: str, trouble: Any, becomes: NotFetched
) -> None:
    if trouble is not None:
        fake.bot.files["d"] = b"content"
        fake.bot.trouble(method, trouble)
    assert TelegramMedia(client).fetch(Media(FILE, "d"), 100) == becomes


def test_too_much_is_refused_unread(fake: FakeTelegram, client: Client) -> None:
    fake.bot.files["d"] = b"x" * 200_000
    fetcher, too_large = TelegramMedia(client), NotFetched("too_large", again=False)
    assert fetcher.fetch(Media(FILE, "d", size_bytes=101), 100) == too_large
    assert fetcher.fetch(Media(FILE, "d", size_bytes=LARGEST + 1), 10 * LARGEST) == too_large
    assert fake.bot.called("getFile") == []
    assert fetcher.fetch(Media(FILE, "d", size_bytes=5), 100) == too_large
