"""What is sent how, and what became of it when the platform misbehaves."""

import itertools
import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest

from bots.wechat.client import Client, Failed
from bots.wechat.outbound import PICTURE_BYTES, WeChatSends
from core.messages import Button, InboundKind, Rich
from core.sending.outbound import Category, Delivered, Rate, Refused, SendMode, TryAgain, Unknown, unreadable
from tests.adapters.wechat.rig import Door, account, outbound
from tests.fakes.wechat import Platform, text

PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 10
CHOICE = Rich("Which one?", (Button("1", "杯子", 2**24 - 1), Button("2", "帽子", 0), Button("points", "积分")))
PLAIN = "Which one?\n1 杯子\n2 帽子"


@pytest.fixture
def api(platform: Platform) -> Iterator[Client]:
    api = Client(account(api_url=platform.url))
    yield api
    api.close()


@pytest.fixture
def sends(api: Client) -> WeChatSends:
    return WeChatSends(api)


def pictured(platform: Platform, path: str = "/torch.png", *buttons: Button) -> dict[str, object]:
    platform.pictures.setdefault(path, PNG)
    address = platform.url + path
    return {"text": f"It burns\n{address}", "rich": Rich("It burns", buttons, address)}


def test_an_account_says_how_it_may_be_used(sends: WeChatSends) -> None:
    outlet = sends.outlet
    assert (outlet.channel, outlet.account, outlet.rate) == ("wechat", "main", Rate(50, timedelta(seconds=1), 50))
    assert (outlet.templates, outlet.template, outlet.deduplicates) == (("notice-1",), "template-1", False)


def test_a_text(platform: Platform, sends: WeChatSends) -> None:
    assert sends.send(outbound('你好 "<a>"')) == Delivered()
    (sent,) = platform.sent
    assert sent == {"touser": "u", "msgtype": "text", "text": {"content": '你好 "<a>"'}}


def test_choices_are_a_menu_whose_taps_say_what_they_mean(platform: Platform, sends: WeChatSends) -> None:
    assert sends.send(outbound(PLAIN, rich=CHOICE)) == Delivered()
    (sent,) = platform.sent
    assert sent["msgtype"] == "msgmenu"
    assert sent["msgmenu"]["head_content"] == "Which one?"
    door = Door()
    for item in sent["msgmenu"]["list"]:
        assert int(item["id"]) < 2**31
        door.deliver(text("u", item["content"], bizmsgmenuid=item["id"]))
    assert [(taken.text, taken.question) for taken in door.taken] == [("1", 2**24 - 1), ("2", 0), ("积分", None)]
    assert {taken.kind for taken in door.taken} == {InboundKind.TAPPED}


def test_a_choice_that_a_tap_cannot_say_is_a_line(platform: Platform, sends: WeChatSends) -> None:
    """A number without a question would say nothing but its label."""
    assert sends.send(outbound(PLAIN, rich=Rich("Which one?", (Button("1", "Take the torch"),)))) == Delivered()
    assert platform.texts("u") == [PLAIN]


# id, what a menu of an older version had as its id, what the tap says now
OLDER = [("a word", "points", "points"), ("a number", "1", "1"), ("counted by the platform", "101", "积分")]


@pytest.mark.parametrize(("name", "menu_id", "says"), OLDER, ids=[row[0] for row in OLDER])
def test_a_menu_of_an_older_version_names_no_question(name: str, menu_id: str, says: str) -> None:
    door = Door()
    door.deliver(text("u", "积分", bizmsgmenuid=menu_id))
    (taken,) = door.taken
    assert (taken.text, taken.question, taken.kind) == (says, None, InboundKind.TAPPED), name


def test_choices_below_a_long_text_are_lines(platform: Platform, sends: WeChatSends) -> None:
    rich = Rich("x" * 2045, CHOICE.buttons)
    assert sends.send(outbound("x" * 2045 + "\n1 mug", rich=rich)) == Delivered()
    assert platform.texts("u") == ["x" * 2045, "1 mug"]


def test_a_long_text_goes_in_parts(platform: Platform, sends: WeChatSends) -> None:
    words = "\n".join(["一二三四五六七八九十" * 20] * 5)
    assert sends.send(outbound(words)) == Delivered()
    assert "\n".join(platform.texts("u")) == words
    assert len(platform.sent) == 2


def test_a_picture_stands_above_its_text(platform: Platform, sends: WeChatSends) -> None:
    assert sends.send(outbound(**pictured(platform))) == Delivered()
    assert platform.texts("u") == ["picture media-1", "It burns"]
    assert PNG in platform.uploads[0]


def test_a_picture_with_choices(platform: Platform, sends: WeChatSends) -> None:
    assert sends.send(outbound(**pictured(platform, "/p.png", Button("yes", "Yes")))) == Delivered()
    assert platform.texts("u") == ["picture media-1", "It burns\n[Yes]"]


def test_one_picture_is_handed_over_once(platform: Platform, sends: WeChatSends) -> None:
    for number, path in enumerate(("/a.png", "/a.png", "/same.png")):
        assert sends.send(outbound(id=f"{number:032x}-1", **pictured(platform, path))) == Delivered()
    platform.pictures["/a.png"] = PNG + b"another"
    assert sends.send(outbound(id="3" * 32 + "-1", **pictured(platform, "/a.png"))) == Delivered()
    assert len(platform.uploads) == 2


NO_PICTURE = [
    ("missing", {"/torch.png": b""}, {}),
    ("no PNG", {"/torch.png": b"<html>"}, {}),
    ("too large", {"/torch.png": PNG + bytes(PICTURE_BYTES)}, {}),
    ("not served", {}, {"/torch.png": ("404",)}),
    ("half served", {}, {"/torch.png": ("500",)}),
    ("not taken", {}, {"/media/upload": (45001,)}),
    ("upload lost", {}, {"/media/upload": ("cut",)}),
    ("upload quota", {}, {"/media/upload": (45009,)}),
    ("no such media", {}, {"/custom/send": (40007,)}),
    ("lost on its way", {}, {"/custom/send": ("half",)}),
]


@pytest.mark.parametrize(("pictures", "misdeeds"), [case[1:] for case in NO_PICTURE], ids=[c[0] for c in NO_PICTURE])
def test_without_its_picture_a_text_names_the_address(
    platform: Platform, sends: WeChatSends, pictures, misdeeds
) -> None:
    given = pictured(platform)
    platform.pictures.update(pictures)
    for path, how in misdeeds.items():
        platform.misbehave(path, *how)
    assert sends.send(outbound(**given)) == Delivered()
    words = [one for one in platform.texts("u") if not one.startswith("picture ")]
    assert words == [given["text"]]


def test_a_picture_from_nowhere_is_done_without(platform: Platform, sends: WeChatSends) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/x.png"
        for number, wrong in enumerate((address, "http://[x", "ftp://x/y.png", "x")):
            rich = Rich("It burns", (), wrong)
            assert sends.send(outbound(wrong, rich=rich, id=f"{number:032x}-1")) == Delivered()
    assert len(platform.sent) == 4


def test_media_that_the_platform_has_forgotten_is_handed_over_again(platform: Platform, sends: WeChatSends) -> None:
    given = pictured(platform)
    assert sends.send(outbound(**given)) == Delivered()
    platform.misbehave("/custom/send", 40007)
    assert sends.send(outbound(id="2" * 32 + "-1", **given)) == Delivered()
    assert sends.send(outbound(id="3" * 32 + "-1", **given)) == Delivered()
    assert len(platform.uploads) == 2


class TestSecondTry:
    """A second try of one text goes on where the first one failed."""

    def test_the_picture_is_not_sent_twice(self, platform: Platform, sends: WeChatSends) -> None:
        given = pictured(platform)
        platform.misbehave("/custom/send", "ok", -1)
        assert sends.send(outbound(**given)) == TryAgain("wechat_-1")
        assert sends.send(outbound(**given)) == Delivered()
        assert platform.texts("u") == ["picture media-1", "It burns"]

    def test_a_picture_that_waits_takes_its_text_along(self, platform: Platform, sends: WeChatSends) -> None:
        given = pictured(platform)
        platform.misbehave("/custom/send", 45011)
        assert sends.send(outbound(**given)) == TryAgain("wechat_45011", timedelta(minutes=1))
        assert sends.send(outbound(**given)) == Delivered()
        assert platform.texts("u") == ["picture media-1", "It burns"]

    @pytest.mark.parametrize(("code", "gone"), [(45047, False), (43004, True)])
    def test_who_can_get_no_picture_can_get_no_text(self, platform: Platform, sends: WeChatSends, code, gone) -> None:
        platform.misbehave("/custom/send", code)
        refused = sends.send(outbound(**pictured(platform)))
        assert refused == Refused(f"wechat_{code}", unreachable=gone, window_exhausted=not gone)
        assert platform.sent == []

    def test_parts_that_were_taken_are_not_sent_twice(self, platform: Platform, sends: WeChatSends) -> None:
        platform.misbehave("/custom/send", "ok", "500")
        assert sends.send(outbound("x" * 5000)) == Unknown("http_500")
        assert sends.send(outbound("x" * 5000)) == Delivered()
        assert [len(words) for words in platform.texts("u")] == [2048, 2048, 904]

    def test_what_went_without_its_picture_stays_without(self, platform: Platform, sends: WeChatSends) -> None:
        given = pictured(platform)
        platform.misbehave("/media/upload", 45001)
        platform.misbehave("/custom/send", -1)
        assert sends.send(outbound(**given)) == TryAgain("wechat_-1")
        assert sends.send(outbound(**given)) == Delivered()
        assert platform.texts("u") == [given["text"]]

    def test_only_so_many_are_remembered(self, platform: Platform, sends: WeChatSends) -> None:
        sends._api.say = refused  # type: ignore[method-assign]
        for number in range(1100):
            sends.send(outbound(id=f"{number:032x}-1"))
        assert len(sends._done) == 1024


def refused(*_: object) -> None:
    raise Failed(TryAgain("no"))


TROUBLE = [
    ("slow", Unknown("no_answer"), 1),
    ("cut", Unknown("no_answer"), 1),
    ("half", Unknown("no_answer"), 1),
    ("html", unreadable("no_json"), 1),
    ("{", unreadable("no_json"), 1),
    ("[]", unreadable("no_object"), 1),
    ("{}", unreadable("errcode"), 1),
    ('{"errcode":"ok"}', unreadable("errcode"), 1),
    ('{"errcode":true}', unreadable("errcode"), 1),
    ('{"errcode":null}', unreadable("errcode"), 1),
    ('{"errcode":"45015"}', Refused("wechat_45015", window_exhausted=True), 1),
    ("302", TryAgain("http_302", timedelta(minutes=1)), 0),
    ("500", Unknown("http_500"), 0),
    ("429", TryAgain("http_429", timedelta(minutes=1)), 0),
    ("404", TryAgain("http_404"), 0),
]


@pytest.mark.parametrize(("how", "outcome", "taken"), TROUBLE, ids=[case[0] for case in TROUBLE])
@pytest.mark.parametrize("mode", [SendMode.PLAIN, SendMode.CONSENT, SendMode.TEMPLATE])
def test_what_became_of_a_text(platform: Platform, how, outcome, taken, mode) -> None:
    api = Client(account(api_url=platform.url), step_s=0.3)
    platform.misbehave("/send", how)
    platform.misbehave("bizsend", how)
    template = {SendMode.CONSENT: "notice-1", SendMode.TEMPLATE: "template-1"}.get(mode)
    assert WeChatSends(api).send(outbound(mode=mode, template=template)) == outcome
    platform.wakes.set()
    api.close()
    assert how == "slow" or len(platform.sent) == taken


def test_nobody_there_means_nothing_taken() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        api = Client(account(api_url=f"http://127.0.0.1:{closed.getsockname()[1]}"))
        assert WeChatSends(api).send(outbound()) == TryAgain("no_connection")
        api.close()


def test_there_is_an_end_to_trying(platform: Platform) -> None:
    seconds = iter([0.0, 0.0, *[17.9] * 10])
    api = Client(account(api_url=platform.url), lambda: next(seconds))
    assert WeChatSends(api).send(outbound()) == TryAgain("out_of_time")
    api.close()


def test_an_answer_without_end_is_not_waited_for(platform: Platform) -> None:
    seconds = itertools.count()
    api = Client(account(api_url=platform.url), lambda: float(next(seconds)), step_s=0.5)
    platform.misbehave("/custom/send", "drip")
    assert WeChatSends(api).send(outbound()) == Unknown("no_answer")
    api.close()


LONG = "第一行\n" + "很" * 30
NOTICES = [
    ("consent", SendMode.CONSENT, "notice-1", "/subscribe/bizsend", {"thing1": {"value": "第一行 " + "很" * 15 + "…"}}),
    ("template", SendMode.TEMPLATE, "template-1", "/template/send", {"keyword1": {"value": "第一行 " + "很" * 30}}),
]


@pytest.mark.parametrize(
    ("mode", "template", "path", "data"), [case[1:] for case in NOTICES], ids=[c[0] for c in NOTICES]
)
def test_a_notice_fills_one_field(platform: Platform, sends: WeChatSends, mode, template, path, data) -> None:
    message = outbound(LONG, mode=mode, template=template, category=Category.NOTICE)
    assert sends.send(message) == Delivered(("200228332",), cut=template == "notice-1")
    (sent,) = platform.sent
    assert (sent["touser"], sent["template_id"], sent["data"]) == ("u", template, data)
    assert platform.calls[-1].endswith(path)


def test_a_notice_leaves_the_picture_out(platform: Platform, sends: WeChatSends) -> None:
    given = pictured(platform)
    assert sends.send(outbound(**given, mode=SendMode.CONSENT, template="notice-1")) == Delivered(("200228332",))
    assert platform.texts("u") == ["It burns"]


def test_a_template_message_is_not_doubled(platform: Platform, sends: WeChatSends) -> None:
    platform.misbehave("/template/send", "cut")
    message = outbound(mode=SendMode.TEMPLATE, template="template-1")
    assert sends.send(message) == Unknown("no_answer")
    assert sends.send(message) == Delivered(("200228332",))
    assert len(platform.sent) == 1


@pytest.mark.parametrize("template", [None, "removed"])
def test_a_notice_by_a_template_that_the_account_has_not(platform: Platform, sends: WeChatSends, template) -> None:
    assert sends.send(outbound(mode=SendMode.CONSENT, template=template)) == Refused("unknown_template")
    assert platform.calls == []


def test_no_error_names_the_token(platform: Platform, api: Client) -> None:
    platform.misbehave("/custom/send", "cut")
    with pytest.raises(Failed) as failed:
        api.say("u", "text", {"content": "x"}, api.soon_s())
    assert "token-1" not in repr(failed.value) + str(failed.value)
    assert failed.value.__suppress_context__
