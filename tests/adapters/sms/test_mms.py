"""What comes by MMS at Twilio, and how its content is fetched."""

from collections.abc import Iterator

import pytest

from bots.sms.twilio.media import TwilioMedia
from core.attachments import Attachment, Fetched, Media, MediaKind, NotFetched
from core.messages import InboundKind
from tests.adapters.sms.rig import PUBLIC, Door, twilio_account
from tests.fakes.gateways import Act, Reply, Twilio, drop, half

PHOTO, VIDEO, AUDIO, FILE = MediaKind
SID, URL = "MM" + "ab" * 16, "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME"


def sent(*kinds: str) -> dict[str, str]:
    urls = {f"MediaUrl{at}": f"{URL}{at}" for at, _ in enumerate(kinds)}
    return {"NumMedia": str(len(kinds)), **urls, **{f"MediaContentType{at}": kind for at, kind in enumerate(kinds)}}


CASES: list[tuple[str, str, dict[str, str], InboundKind, list[Attachment]]] = [
    ("words", "hi", {}, InboundKind.TYPED, []),
    ("a picture", "", sent("image/jpeg"), InboundKind.SHOWED, [Media(PHOTO, f"{URL}0", content_type="image/jpeg")]),
    ("with words", "hi", sent("image/png"), InboundKind.TYPED, [Media(PHOTO, f"{URL}0", content_type="image/png")]),
    (
        "of several kinds",
        "",
        sent("video/3gpp", "audio/amr", "text/vcard"),
        InboundKind.SHOWED,
        [
            Media(kind, f"{URL}{at}", content_type=mime)
            for at, (kind, mime) in enumerate([(VIDEO, "video/3gpp"), (AUDIO, "audio/amr"), (FILE, "text/vcard")])
        ],
    ),
    ("of no kind", "", sent(""), InboundKind.SHOWED, [Media(FILE, f"{URL}0")]),
    ("without an address", "", {"NumMedia": "1"}, InboundKind.SHOWED, []),
    ("an endless address", "", {"NumMedia": "1", "MediaUrl0": "https://" + "x" * 2000}, InboundKind.SHOWED, []),
]


@pytest.mark.parametrize(
    ("body", "other", "kind", "attached"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
def test_attached(
    twilio: Twilio, body: str, other: dict[str, str], kind: InboundKind, attached: list[Attachment]
) -> None:
    door = Door(twilio_account(), public_url=PUBLIC)
    assert door.call(twilio.message(PUBLIC, "main", body, SID, **other)).status_code == 200
    assert [(one.kind, one.attachments) for one in door.taken] == [(kind, tuple(attached))]


@pytest.fixture
def fetcher(twilio: Twilio) -> Iterator[TwilioMedia]:
    fetcher = TwilioMedia(twilio_account(base_url=twilio.url))
    yield fetcher
    fetcher.close()


def test_content_is_fetched_where_twilio_says_and_no_secret_goes_there(twilio: Twilio, fetcher: TwilioMedia) -> None:
    twilio.media["ME1"] = b"\xff\xd8\xff" * 1000
    found = fetcher.fetch(Media(PHOTO, twilio.media_url("ME1")), 3000)
    assert found == Fetched(b"\xff\xd8\xff" * 1000, "image/jpeg")
    assert ["authorization" in call.headers for call in twilio.calls] == [True, False]


@pytest.mark.parametrize("handle", ["https://evil.example/ME1", "http://127.0.0.1", "file:///etc/passwd", "ME1"])
def test_no_other_host_is_asked(twilio: Twilio, fetcher: TwilioMedia, handle: str) -> None:
    twilio.media["ME1"] = b"x"
    assert fetcher.fetch(Media(PHOTO, handle), 10) == NotFetched("elsewhere", again=False)
    assert twilio.calls == []


TROUBLES: list[tuple[str, Act, NotFetched]] = [
    ("gone", Reply(404, b""), NotFetched("expired", again=False)),
    ("busy", Reply(429, b""), NotFetched("http_429", again=True)),
    ("a fault", Reply(503, b""), NotFetched("http_503", again=True)),
    ("too much", Reply(200, b"x" * 101), NotFetched("too_large", again=False)),
    ("cut", half, NotFetched("RemoteProtocolError", again=True)),
    ("dropped", drop, NotFetched("RemoteProtocolError", again=True)),
]


@pytest.mark.parametrize(("act", "becomes"), [row[1:] for row in TROUBLES], ids=[row[0] for row in TROUBLES])
def test_what_is_not_to_be_had(twilio: Twilio, fetcher: TwilioMedia, act: Act, becomes: NotFetched) -> None:
    twilio.media["ME1"] = b"x"
    twilio.acts.append(act)
    assert fetcher.fetch(Media(PHOTO, twilio.media_url("ME1")), 100) == becomes


def test_who_sends_us_round_in_circles_is_left(twilio: Twilio, fetcher: TwilioMedia) -> None:
    url = twilio.media_url("ME1")
    twilio.acts.extend([Reply(307, b"", {"Location": url})] * 9)
    assert fetcher.fetch(Media(PHOTO, url), 100) == NotFetched("TooManyRedirects", again=True)
    twilio.acts.clear()
