"""What Telegram refuses for what it looks like, or for where it should stand, is said all the same, once."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.telegram.client import Client
from bots.telegram.outbound import TelegramSends
from core.messages import Button, Rich
from core.sending.outbound import Category, Delivered, Refused, Unknown
from huoju.metrics import Meter
from tests.adapters.telegram.test_outbound import PICTURE, outbound
from tests.adapters.telegram.updates import ANNA, GROUP
from tests.fakes.telegram import Cut, FakeTelegram, Says

OLD = -4242
BUTTONS = (Button("yes", "Yes"), Button("no", "No"))
CHOOSE = Rich("Choose", BUTTONS)
PLAIN = "Choose\n1 Yes\n2 No"


@pytest.fixture
def sends(client: Client) -> TelegramSends:
    return TelegramSends(client)


def bad(what: str) -> Says:
    return Says.error(400, f"Bad Request: {what}")


REFUSALS = [
    "BUTTON_DATA_INVALID",
    "BUTTON_URL_INVALID",
    "BUTTON_TYPE_INVALID",
    "BUTTON_USER_PRIVACY_RESTRICTED",
    "inline keyboard button URL 'http://localhost' is invalid: Wrong HTTP URL",
    "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
    "can't parse reply keyboard markup JSON object",
    "can't parse entities: Can't find end of the entity starting at byte offset 5",
    "reply markup is too long",
    "REPLY_MARKUP_TOO_LONG",
    "MARKUP_OF_A_KIND_TO_COME",
    "object expected as reply markup",
]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_buttons_that_are_refused_become_numbered_lines(sends: TelegramSends, fake: FakeTelegram, refusal: str) -> None:
    fake.bot.trouble("sendMessage", bad(refusal))
    assert sends.send(outbound(PLAIN, rich=CHOOSE)) == Delivered(conceded=("plain",))
    (sent,) = fake.bot.sent
    assert (sent["text"], sent["reply_markup"]) == (PLAIN, None)


def test_what_is_refused_plain_as_well_is_given_up(sends: TelegramSends, fake: FakeTelegram) -> None:
    fake.bot.refusing[ANNA] = "Bad Request: BUTTON_DATA_INVALID"
    assert sends.send(outbound(PLAIN, rich=CHOOSE)) == Refused("markup")
    assert len(fake.bot.called("sendMessage")) == 2


@pytest.mark.parametrize(
    ("refusal", "outcome"),
    [
        ("not enough rights to send text messages to the chat", Refused("no_rights")),
        ("chat not found", Refused("chat_not_found", unreachable=True)),
    ],
)
def test_what_nothing_plainer_helps_is_tried_once(
    sends: TelegramSends, fake: FakeTelegram, refusal: str, outcome: Refused
) -> None:
    fake.bot.refusing[ANNA] = f"Bad Request: {refusal}"
    assert sends.send(outbound(PLAIN, rich=CHOOSE)) == outcome
    assert len(fake.bot.calls) == 1


def test_a_picture_with_buttons_that_are_refused(sends: TelegramSends, fake: FakeTelegram) -> None:
    fake.bot.trouble("sendPhoto", bad("BUTTON_DATA_INVALID"))
    plain = f"{PLAIN}\n{PICTURE}"
    assert sends.send(outbound(plain, rich=Rich("Choose", BUTTONS, PICTURE))) == Delivered(conceded=("plain",))
    assert fake.bot.texts() == [plain]


def test_the_buttons_below_the_last_part_of_a_long_text(sends: TelegramSends, fake: FakeTelegram) -> None:
    """What was said of it before is not said again."""
    lines = "\n".join(f"{number:03}" + "x" * 96 for number in range(60))
    fake.bot.trouble("sendMessage", Says(200, b'{"ok": true, "result": {}}'), bad("BUTTON_DATA_INVALID"))
    assert sends.send(outbound(f"{lines}\n1 Yes", rich=Rich(lines, BUTTONS[:1]))) == Delivered(conceded=("plain",))
    (last,) = fake.bot.texts()
    first = fake.bot.called("sendMessage")[0]["text"]
    assert f"{first}\n{last}" == f"{lines}\n1 Yes"


@pytest.mark.parametrize("refusal", ["message is too long", "MESSAGE_TOO_LONG"])
def test_a_text_that_is_too_long_is_said_in_shorter_ones(
    sends: TelegramSends, fake: FakeTelegram, refusal: str
) -> None:
    text = "word " * 800
    fake.bot.trouble("sendMessage", bad(refusal))
    assert sends.send(outbound(rich=Rich(text, BUTTONS))) == Delivered(conceded=("too_long",))
    assert " ".join(fake.bot.texts()).split() == text.split()
    assert max(map(len, fake.bot.texts())) <= 1024
    assert [one["reply_markup"] is not None for one in fake.bot.sent] == [False] * 3 + [True]


def test_a_caption_that_is_too_long_stands_below_its_picture(sends: TelegramSends, fake: FakeTelegram) -> None:
    fake.bot.trouble("sendPhoto", bad("message caption is too long"))
    assert sends.send(outbound(rich=Rich("Look", BUTTONS, PICTURE))) == Delivered(conceded=("too_long",))
    photo, said = fake.bot.sent
    assert (photo["photo"], photo["reply_markup"], said["text"]) == (PICTURE, None, "Look")


def test_nothing_is_short_enough_for_ever(sends: TelegramSends, fake: FakeTelegram) -> None:
    fake.bot.longest = 3
    assert sends.send(outbound("Well done")) == Refused("too_long")
    assert len(fake.bot.calls) == 2


def test_a_group_is_followed_into_its_supergroup(sends: TelegramSends, fake: FakeTelegram) -> None:
    fake.bot.migrated[OLD] = GROUP
    text = "x" * 5000
    assert sends.send(outbound(text, user=OLD)) == Delivered(conceded=("chat_migrated",))
    assert [one["chat_id"] for one in fake.bot.sent] == [GROUP, GROUP]
    assert "".join(fake.bot.texts()) == text
    assert len(fake.bot.calls) == 3


@pytest.mark.parametrize("told", [OLD - 1, "nowhere", 1.5])
def test_no_group_is_followed_for_ever(sends: TelegramSends, fake: FakeTelegram, told: Any) -> None:
    fake.bot.migrated.update({OLD: told, OLD - 1: OLD})
    assert sends.send(outbound(user=OLD)) == Refused("chat_migrated", unreachable=True)
    assert fake.bot.sent == []
    assert len(fake.bot.calls) <= 2


def test_the_next_try_begins_with_what_was_conceded(sends: TelegramSends, fake: FakeTelegram) -> None:
    message = outbound(PLAIN, rich=CHOOSE)
    fake.bot.trouble("sendMessage", bad("BUTTON_DATA_INVALID"), Cut(acts=False))
    assert sends.send(message) == Unknown("cut_off")
    assert sends.send(message) == Delivered(conceded=("plain",))
    assert len(fake.bot.called("sendMessage")) == 3


def test_marketing_that_is_refused_for_its_looks_arrives_once(sends: TelegramSends, fake: FakeTelegram) -> None:
    fake.bot.trouble("sendMessage", bad("BUTTON_DATA_INVALID"))
    message = outbound(PLAIN, rich=CHOOSE, category=Category.MARKETING)
    assert sends.send(message) == Delivered(conceded=("plain",))
    assert fake.bot.texts() == [PLAIN]


def test_what_was_conceded_is_counted(sends: TelegramSends, fake: FakeTelegram) -> None:
    meter = Meter("test")
    fake.bot.trouble("sendMessage", bad("BUTTON_DATA_INVALID"))
    meter.sent(sends.outlet, sends.send(outbound(PLAIN, rich=CHOOSE)))
    where = {"channel": "telegram", "account": "main", "what": "plain"}
    assert meter.registry.get_sample_value("huoju_conceded_total", where) == 1


ANYTHING = st.sampled_from(
    [*REFUSALS, "message is too long", "message thread not found", "TOPIC_CLOSED", "chat not found", "whatever"]
)


@given(troubles=st.lists(ANYTHING, max_size=8), picture=st.booleans(), topic=st.booleans())
def test_whatever_is_refused_comes_to_an_end(
    sends: TelegramSends, fake: FakeTelegram, troubles: list[str], picture: bool, topic: bool
) -> None:
    """And what Telegram takes in the end is all of the text."""
    fake.bot.topics[ANNA] = {7}
    fake.bot.calls.clear()
    fake.bot.sent.clear()
    for method in ("sendMessage", "sendPhoto"):
        fake.bot.troubles[method].clear()
        fake.bot.trouble(method, *map(bad, troubles))
    rich = Rich("Choose", BUTTONS, "http://127.0.0.1:9/1.png" if picture else None)
    outcome = sends.send(outbound(PLAIN, rich=rich, thread="7" if topic else None))
    assert len(fake.bot.calls) <= 12
    if isinstance(outcome, Delivered):
        shown = [button["text"] for one in fake.bot.sent for row in _rows(one) for button in row]
        said = " ".join(fake.bot.texts()).split()
        assert said[:1] == ["Choose"]
        assert shown == ["Yes", "No"] or said[1:5] == ["1", "Yes", "2", "No"]
    else:
        assert isinstance(outcome, Refused)


def _rows(sent: dict[str, Any]) -> Any:
    return (sent["reply_markup"] or {}).get("inline_keyboard", [])
