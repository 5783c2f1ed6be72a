"""What players send along to an official account, and how its content is fetched."""

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest

from bots.wechat.client import Client
from bots.wechat.media import WeChatMedia
from core.attachments import Attachment, Fetched, Location, Media, MediaKind, NotFetched
from core.messages import InboundKind
from tests.adapters.wechat.rig import Door, account, fixture
from tests.fakes.wechat import Platform, event, message, text

PHOTO, VIDEO, AUDIO, _ = MediaKind
PLACE = Location(Decimal("23.134521"), Decimal("113.358803"), "位置信息")

CASES: list[tuple[str, str, list[Attachment]]] = [
    ("words", fixture("text"), []),
    ("a picture", fixture("image"), [Media(PHOTO, "media_id")]),
    ("a recording", fixture("voice"), [Media(AUDIO, "media_id")]),
    ("a recording that was understood", fixture("voice_recognised"), [Media(AUDIO, "media_id")]),
    ("a video", fixture("video"), [Media(VIDEO, "media_id")]),
    ("a short video", message("u", "shortvideo", "1", MediaId="m"), [Media(VIDEO, "m")]),
    ("a place", fixture("location"), [PLACE]),
    ("a place on no map", message("u", "location", "1", Location_X="91", Location_Y="0"), []),
    ("a place that is none", message("u", "location", "1", Location_X="north"), []),
    ("a file", message("u", "file", "1", Title="a.csv", Description=""), []),
    ("a link", fixture("link"), []),
    ("a picture without an id", message("u", "image", "1", PicUrl="http://x"), []),
    ("an id of two lines", message("u", "image", "1", MediaId="a\nb"), []),
    ("a text with an id", text("u", "hi", MediaId="m"), []),
    ("a menu", event("u", "CLICK", "points"), []),
]


@pytest.mark.parametrize(("document", "attached"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_attached(door: Door, document: str, attached: list[Attachment]) -> None:
    door.deliver(document)
    assert [one.attachments for one in door.taken] == [tuple(attached)]


@pytest.mark.parametrize(("words", "command"), [("/codes 5", "codes"), ("／codes", "codes"), ("codes", None)])
def test_a_command_is_told_from_a_word(door: Door, words: str, command: str | None) -> None:
    door.deliver(text("u", words))
    assert [(one.text, one.command) for one in door.taken] == [(words, command)]


def test_a_key_is_no_command(door: Door) -> None:
    door.deliver(event("u", "CLICK", "/codes"))
    assert [(one.kind, one.command) for one in door.taken] == [(InboundKind.KEY, None)]


@pytest.fixture
def fetcher(platform: Platform) -> Iterator[WeChatMedia]:
    api = Client(account(api_url=platform.url), step_s=1.0)
    yield WeChatMedia(api)
    api.close()


def test_content_is_fetched(platform: Platform, fetcher: WeChatMedia) -> None:
    platform.media["m"] = b"\xff\xd8\xff" * 1000
    assert fetcher.fetch(Media(PHOTO, "m"), 3000) == Fetched(b"\xff\xd8\xff" * 1000, "image/jpeg")


def test_a_video_is_fetched_where_the_platform_says(platform: Platform, fetcher: WeChatMedia) -> None:
    platform.media["m"] = f"{platform.url}/video.mp4"
    platform.pictures["/video.mp4"] = b"ftyp"
    found = fetcher.fetch(Media(VIDEO, "m"), 100)
    assert isinstance(found, Fetched)
    assert found.content == b"ftyp"


def test_another_token_may_help(platform: Platform, fetcher: WeChatMedia) -> None:
    platform.media["m"] = b"x"
    assert isinstance(fetcher.fetch(Media(PHOTO, "m"), 10), Fetched)
    platform.end_token()
    assert isinstance(fetcher.fetch(Media(PHOTO, "m"), 10), Fetched)


EXPIRED, TOO_LARGE = NotFetched("expired", again=False), NotFetched("too_large", again=False)


def _misbehave(*how: int | str) -> Callable[[Platform], object]:
    return lambda platform: platform.misbehave("media/get", *how)


def _address(address: str) -> Callable[[Platform], object]:
    return lambda platform: platform.media.update(m=address)


TROUBLES: list[tuple[str, Callable[[Platform], object], NotFetched]] = [
    ("unknown", lambda platform: platform.media.clear(), EXPIRED),
    ("no right", _misbehave(48001), NotFetched("wechat_48001", again=False)),
    ("busy", _misbehave(-1), NotFetched("wechat_-1", again=True)),
    ("a fault", _misbehave("500"), NotFetched("http_500", again=True)),
    ("cut", _misbehave("half"), NotFetched("no_answer", again=True)),
    ("an object of another kind", _misbehave("{}"), NotFetched("no_video_url", again=True)),
    ("an address of another kind", _address("file:///etc/passwd"), NotFetched("no_video_url", again=True)),
    ("a video of 300 bytes", lambda platform: platform.pictures.update({"/v": b"x" * 300}), TOO_LARGE),
    ("300 bytes", lambda platform: platform.media.update(m=b"x" * 300), TOO_LARGE),
    ("300 kilobytes", lambda platform: platform.media.update(m=b"x" * 300_000), TOO_LARGE),
]


@pytest.mark.parametrize(("spoil", "becomes"), [row[1:] for row in TROUBLES], ids=[row[0] for row in TROUBLES])
def test_what_is_not_to_be_had(
    platform: Platform, fetcher: WeChatMedia, spoil: Callable[[Platform], object], becomes: NotFetched
) -> None:
    platform.media["m"] = f"{platform.url}/v" if becomes == TOO_LARGE else b"x"
    spoil(platform)
    assert fetcher.fetch(Media(PHOTO, "m"), 200) == becomes
