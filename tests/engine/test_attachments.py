"""Attachments and commands of a message, whatever the platform hands on."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.attachments import MOST, Attachment, ContactCard, Location, Media, MediaKind, harmless, kept, opened
from core.messages import InboundKind, InboundMessage
from tests.stage import START

COMMANDS = [
    ("a word", "points", None, ""),
    ("a command", "/points", "points", ""),
    ("with a place before it", "  /Codes  5 of  them ", "codes", "5 of  them"),
    ("full width", "／help me", "help", "me"),
    ("on two lines", "/name Anna\nLee", "name", "Anna\nLee"),
    ("a path", "/a/b", None, ""),
    ("a date", "1/2", None, ""),
    ("a number", "/5", None, ""),
    ("a lone slash", "/", None, ""),
    ("a link", "https://example.org/points", None, ""),
    ("a slash behind", "points/", None, ""),
]


def message(text: str, kind: InboundKind = InboundKind.TYPED, *attachments: Attachment, command: str | None = None):
    address = ("sms", "main", "+8613800001007")
    return InboundMessage.received(
        address, "1", text, START, waits=False, kind=kind, attachments=attachments, command=command
    )


@pytest.mark.parametrize(
    ("text", "command", "arguments"), [row[1:] for row in COMMANDS], ids=[row[0] for row in COMMANDS]
)
def test_a_command_is_told_from_a_word(text: str, command: str | None, arguments: str) -> None:
    said = message(text)
    assert (said.command, said.arguments, said.text) == (command, arguments, text)


def test_what_a_platform_calls_a_command_is_one() -> None:
    said = message("codes 5", command="Codes")
    assert (said.command, said.arguments) == ("codes", "5")


@pytest.mark.parametrize("kind", sorted({*InboundKind} - {InboundKind.TYPED}))
def test_nobody_commands_but_by_typing(kind: InboundKind) -> None:
    assert message("/codes 5", kind).command is None


@given(st.text())
def test_any_text_is_a_command_or_none(text: str) -> None:
    said = message(text)
    assert said.command is None or text.strip()[0] in "/／"
    assert said.arguments in said.text


HARMLESS = [
    (
        "as it is",
        Media(MediaKind.FILE, "h", "a b.csv", "text/csv", 1),
        Media(MediaKind.FILE, "h", "a b.csv", "text/csv", 1),
    ),
    ("a path", Media(MediaKind.FILE, "h", "../../etc/passwd"), Media(MediaKind.FILE, "h", ".._.._etc_passwd")),
    ("a backslash", Media(MediaKind.FILE, "h", "c:\\a"), Media(MediaKind.FILE, "h", "c:_a")),
    ("turned around", Media(MediaKind.FILE, "h", "gpj\u202e.exe"), Media(MediaKind.FILE, "h", "gpj .exe")),
    ("half a character", Media(MediaKind.FILE, "h", "a\ud800b"), Media(MediaKind.FILE, "h", "a\ufffdb")),
    ("nothing", Media(MediaKind.FILE, "h", "\n"), Media(MediaKind.FILE, "h")),
    ("parameters", Media(MediaKind.FILE, "h", None, "Text/CSV; q=1"), Media(MediaKind.FILE, "h", None, "text/csv")),
    ("no type", Media(MediaKind.FILE, "h", None, "a\r\nb/c"), Media(MediaKind.FILE, "h")),
    ("less than nothing", Media(MediaKind.FILE, "h", size_bytes=-1), Media(MediaKind.FILE, "h")),
    ("without a handle", Media(MediaKind.FILE, ""), None),
    ("a handle of two lines", Media(MediaKind.FILE, "a\nb"), None),
    ("a contact", ContactCard("1\u0000 2", "A\nB", own=True), ContactCard("1 2", "A B", own=True)),
    ("a place", Location(Decimal(1), Decimal(2), "x" * 999), Location(Decimal(1), Decimal(2), "x" * 255)),
]


@pytest.mark.parametrize(("given", "kept"), [row[1:] for row in HARMLESS], ids=[row[0] for row in HARMLESS])
def test_what_a_platform_says_of_it_does_no_harm(given: Attachment, kept: Attachment | None) -> None:
    assert message("", InboundKind.SHOWED, given).attachments == (() if kept is None else (kept,))


def test_so_many_are_kept() -> None:
    assert len(harmless(Media(MediaKind.PHOTO, str(number)) for number in range(2 * MOST))) == MOST


@pytest.mark.parametrize(
    ("latitude", "longitude", "is_one"),
    [
        (31.2304161, "121.4737", True),
        (-90, 180, True),
        (90.1, 0, False),
        (0, -180.1, False),
        ("NaN", 0, False),
        ("Infinity", 0, False),
        (None, 0, False),
        ("1e999999", 0, False),
    ],
)
def test_a_place_is_on_earth(latitude: object, longitude: object, is_one: bool) -> None:
    assert (Location.of(latitude, longitude) is not None) is is_one


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
MEDIA = st.builds(
    Media, st.sampled_from(MediaKind), TEXTS, st.none() | TEXTS, st.none() | TEXTS, st.none() | st.integers(0, 2**62)
)
DEGREES = st.decimals(-90, 90, places=6)
ATTACHED = st.lists(
    MEDIA | st.builds(Location, DEGREES, DEGREES, TEXTS) | st.builds(ContactCard, TEXTS, TEXTS, st.booleans()),
    max_size=MOST,
).map(tuple)


@given(ATTACHED)
def test_what_is_kept_is_opened_as_it_was(attached: tuple[Attachment, ...]) -> None:
    assert opened(kept(attached)) == attached


@pytest.mark.parametrize("text", ["", "{}", "[{}]", '[{"kind": "photo"}]', '[{"latitude": "1"}]'])
def test_what_nobody_kept_is_not_opened(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        opened(text)
