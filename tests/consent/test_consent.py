"""Consent: STOP in any words and everywhere, one confirmation, nothing unasked after it, and START alone undoes it."""

import threading
import time
from collections.abc import Sequence

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from sqlalchemy import select

from core import database
from core.alphabet import check_symbol, code_maker, grouped
from core.campaign.publication import change_state
from core.engine.delivery import delivery
from core.engine.routes import CodeFormats, recognise
from core.engine.unit_of_work import unit_of_work
from core.messages import Answer, InboundKind, InboundMessage
from core.models import Address, Consent, OutboundJob, Player, Timer
from core.sending.claim import claim
from core.sending.jobs import ClaimedJob, mark_sending
from core.speech.keywords import Means
from core.texts.languages import LANGUAGES
from handlers import MECHANICS
from handlers.talk import language
from tests.follow_ups.scene import calendar, follow_ups, join, pass_time, say, unasked
from tests.relay.torchbearers import begin, open_relay, torch_of
from tests.sending.rig import ANSWER, MARKETING, NOTICE, OUTLET, Desk, Platform, queue, states
from tests.snack import SNACK, SURE
from tests.stage import START, Stage
from tests.talking import faults, keys_of, play

pytestmark = pytest.mark.reading

DONE = "stop.done title=stop.title title=Open a bag"
SMS = SNACK.replace("channels: [test, second]", "channels: [test, second, sms]")
SMS_SURE = SURE.replace("channels: [test, second]", "channels: [test, second, sms]")
SHAPES: CodeFormats = frozenset({(12, True), (9, True), (8, False), (6, False)})

EVERYWHERE = [
    "STOP",
    "stop",
    "Stop.",
    "ＳＴＯＰ",
    "S T O P",
    "stop!!!",
    "🛑STOP🛑",
    "/stop",
    "“stop”",
    "STOPALL",
    "Stop all",
    "UNSUBSCRIBE",
    "unsub",
    "OPTOUT",
    "opt out",
    "opt-out",
    "Opt-Out!",
    "退订",
    "退订。",
    "TD退订",
    "T退订",
    "回复TD退订",
    "退訂",
    "取消订阅",
    "停止",
    "不要再发了",
]
SENTENCES = [
    "please stop texting me",
    "Stop. Thank you",
    "STOP 12345",
    "stop 10690123456",
    "stop sending me messages",
    "don't text me any more",
    "don’t text me anymore",
    "do not contact me again",
    "unsubscribe me please",
    "take me off your list",
    "Take me off this list now!",
    "remove me",
    "remove me from your list",
    "Remove my number from your database",
    "leave me alone",
    "LEAVE ME ALONE!!!",
    "stop it",
    "Stop! I said stop.",
    "stop sending codes to me lol",
    "怎么退订",
    "如何才能退订呢？",
    "Stop this now",
    "stop stop stop",
    "please stop",
    "Pls stop the messages",
    "stop messaging me please",
    "can you stop sending these messages",
    "I want to unsubscribe",
    "how do I unsubscribe?",
    "how can I opt out",
    "How do I stop these messages?",
    "I don't want any more messages",
    "i do not want to receive your texts",
    "I don't want to hear from you",
    "no more messages",
    "No more spam please",
    "stop spamming me",
    "stop bothering me",
    "never text me again",
    "cancel my subscription",
    "quit texting me",
    "Stop texting my phone",
    "stop all messages from you",
    "别再发了",
    "别再发了！",
    "不要再给我发短信",
    "不要再给我发短信了，谢谢",
    "不想收到你们的消息",
    "我不想再收到你们的短信",
    "请取消订阅",
    "退订谢谢",
    "退订，谢谢！",
    "别烦我",
    "不要烦我了",
    "请不要再发消息给我",
    "别给我发广告了",
    "停止发送",
    "请停止发送短信",
    "拒收短信",
    "不要打扰我",
    "请勿打扰",
    "不想再收到",
    "我要退订",
    "帮我退订吧",
    "麻烦取消推送",
    "把我从名单里删除",
    "以后别发了",
]
KEEPS = [
    "how do I stop my torch from going out",
    "non-stop",
    "when does it stop",
    "bus stop",
    "don't stop",
    "please don't stop",
    "Stop 5, Main Road",
    "Stop Street 5, Springfield",
    "12 Bus Stop Lane",
    "stop by tomorrow",
    "Does it stop?",
    "it never stops",
    "stop playing",
    "I want to stop playing",
    "stop 5",
    "stop 123",
    "stop my torch",
    "the stop",
    "unstoppable",
    "stopwatch",
    "can I stop and go on later",
    "remove the mug",
    "cancel my order",
    "leave",
    "leave it",
    "take me to the list of prizes",
    "send me messages",
    "I want more messages",
    "messages",
    "no",
    "not now",
    "don't know",
    "I don't want the mug",
    "no more codes",
    "my friend says stop",
    "quitting time",
    "the end",
    "unsubscribed friends",
    "call me Stop",
    "怎么停止火炬熄灭",
    "公交站停止了",
    "火炬什么时候停止",
    "不要",
    "取消",
    "不用",
    "不是",
    "不要马克杯",
    "别的礼品",
    "我不要这个奖品",
    "怎么取消",
    "不想要",
    "不要发顺丰",
    "发货了吗",
    "推荐",
    "退出",
    "不对",
    "请发短信给我",
    "不想收到奖品",
    "什么时候停止发货",
]


def _route(text: str, code_formats: CodeFormats = SHAPES, kind: InboundKind = InboundKind.TYPED) -> str:
    message = InboundMessage.received(("test", "main", "u1"), "m1", text, START, waits=True, kind=kind)
    return recognise(message, code_formats, MECHANICS.routes).route.name


@pytest.mark.parametrize("text", [*EVERYWHERE, *SENTENCES])
def test_these_words_opt_out(text: str) -> None:
    assert _route(text) == "stop"


@pytest.mark.parametrize("text", KEEPS)
def test_these_do_not(text: str) -> None:
    assert _route(text) not in {"stop", "start"}


def _known_words() -> Sequence[str]:
    """Every word that some handler knows, but those of STOP."""
    whole = [route.recognise.words for route in MECHANICS.routes if isinstance(route.recognise, Means)]
    return [word for words in (*whole, language.ENGLISH.words, language.CHINESE.words) for word in words]


WORDS = _known_words()
CARRIERS = {"cancel", "quit"}
_bits, _make = code_maker(12, 1)


def test_the_words_of_the_game_were_found() -> None:
    assert {"points", "积分", "help", "torch", "relight", "english", "cancel", "privacy", "subscribe"} <= set(WORDS)


def test_no_word_of_the_game_opts_out() -> None:
    assert {word for word in WORDS if _route(word) in {"stop", "carriers_stop"}} == CARRIERS


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_ours_opts_out_when_it_is_sent_back(language: str) -> None:
    texts = [line for text in MECHANICS.texts()[language].values() for line in (text, *text.splitlines())]
    assert len(texts) > 200
    assert [text for text in texts if _route(text) == "stop"] == []


@given(
    word=st.sampled_from([word for word in WORDS if word not in CARRIERS]),
    around=st.sampled_from(
        ["{}", " {} ", "{}!", "“{}”", "please {}", "{} please", "{} thanks", "请{}", "{}谢谢", "the {}", "{} 2"]
    ),
)
def test_no_sentence_around_a_word_of_the_game_opts_out(word: str, around: str) -> None:
    assert _route(around.format(word)) != "stop"


@given(number=st.integers(min_value=0, max_value=(1 << _bits) - 1), spaced=st.booleans())
def test_no_code_opts_out(number: int, spaced: bool) -> None:  # drawn
    code = _make(number)
    assert _route(grouped(code) if spaced else code.lower()) not in {"stop", "carriers_stop", "start"}


@given(digits=st.text("0123456789", min_size=4, max_size=4))
@example("0000")
def test_a_code_that_is_spelt_like_stop_and_a_number_is_a_code(digits: str) -> None:
    body = f"ST0P{digits}"
    check = check_symbol(body)
    assume(check.isdigit())
    assert _route(f"STOP {digits}{check}") == "hidden code"  # for the turn to look up
    assert _route(f"STOP {digits}{check}", frozenset({(12, True)})) == "stop"


@given(st.text(max_size=200))
def test_nothing_breaks_it(text: str) -> None:
    assert _route(text)


def _in_turn(stage: Stage, text: str, kind: InboundKind, by: str = "u1", channel: str = "test") -> Answer:
    """One message of some kind."""
    external_id = f"{kind}-{next(stage._ids)}"
    message = InboundMessage.received((channel, "main", by), external_id, text, stage.now, waits=True, kind=kind)
    (answer,) = stage.take(delivery(message, stage.keys))
    return answer


def _address(stage: Stage, by: str = "u1", channel: str = "test") -> Address:
    with stage.sessions() as session:
        found = session.get(Address, stage.key(by, channel=channel))
    assert found is not None
    return found


def _wishes(stage: Stage) -> list[tuple[str, str]]:
    with stage.sessions() as session:
        return [(each.what, each.how) for each in session.scalars(select(Consent).order_by(Consent.at))]


def test_stop_is_confirmed_once(stage: Stage) -> None:
    stage.publish(SNACK)
    play(stage)
    assert stage.say("STOP") == DONE
    for text in ("stop", "please stop texting me", "退订", "Unsubscribe"):
        stage.wait(seconds=1)
        assert stage.say(text) == "new"  # an answer without a text
    assert _wishes(stage) == [("out", how) for how in ("word", "word", "sentence", "word", "word")]
    assert faults(stage) == []


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("STOP", "Open a bag: You won't get any more news"),
        ("退订", "“开袋赢大奖”：已为您退订"),
        ("别烦我", "“开袋赢大奖”：已为您退订"),
    ],
)
def test_it_is_confirmed_in_the_language_of_the_word_with_the_way_back(stage: Stage, text: str, begins: str) -> None:
    stage.publish(SNACK, spelled=False)
    said = stage.say(text)
    assert said.startswith(begins)
    assert ("START" if text == "STOP" else "订阅") in said


# id, what happened before
WHATEVER = [
    "no campaign",
    "nobody we know",
    "ended",
    "paused",
    "closed",
    "not yet open",
    "locked out",
    "over the quota",
]


def _happen(stage: Stage, what: str) -> None:
    if what == "no campaign":
        return
    text = SNACK.replace("per_player_per_day: 10, wrong", "per_player_per_day: 1, wrong")
    if what == "not yet open":
        text = text.replace("opens: at publication", "opens: 2026-12-30 00:00 Asia/Shanghai").replace(
            "90 days after opening", "2027-03-01 00:00 Asia/Shanghai"
        )
    stage.publish(text)
    if what in {"ended", "paused"}:
        play(stage)
        with stage.sessions.begin() as session:
            change_state(session, "snack", {"ended": "end", "paused": "pause"}[what])
    elif what == "closed":
        stage.wait(days=91)
    elif what == "locked out":
        stage.codes(1)
        for number in range(6):
            said = stage.say(grouped(_make((number + 1) * 0x7A5C9E3779B97 % (1 << _bits))))
        assert said.startswith("redeem.locked")
    elif what == "over the quota":
        play(stage)
        assert play(stage).startswith("redeem.limit")


@pytest.mark.parametrize("what", WHATEVER)
def test_stop_start_help_and_privacy_work_always(stage: Stage, what: str) -> None:
    _happen(stage, what)
    spelled = what != "no campaign"
    assert stage.say("STOP").startswith("stop.done" if spelled else "You won't get any more news from us")
    assert stage.say("HELP").startswith(
        "help.answer consent=help.start" if spelled else "Welcome! There's nothing to play"
    )
    assert stage.say("/privacy").startswith("privacy.answer" if spelled else MECHANICS.texts()["en"]["privacy.none"])
    assert stage.say("START") == ("start.done" if spelled else MECHANICS.texts()["en"]["start.done"])
    assert stage.say("INFO").startswith("help.answer consent=help.stop" if spelled else "Welcome!")
    assert faults(stage) == []


def test_no_other_word_opts_in(stage: Stage) -> None:
    stage.publish(SNACK)
    play(stage)
    stage.say("stop")
    for text in (
        "hello",
        "points",
        "help",
        "中文",
        "1",
        "ok",
        "好",
        "y",
        "ok thanks",
        "/help",
        "messages",
        "gifts",
        "leave",
        "no",
    ):
        assert stage.say(text) != "new"
    assert play(stage).startswith("redeem.points")
    for kind, text in (
        (InboundKind.CAME, ""),
        (InboundKind.SHOWED, ""),
        (InboundKind.TAPPED, "start"),
        (InboundKind.TAPPED, "yes"),
    ):
        assert _in_turn(stage, text, kind).texts
    assert _address(stage).opted_out_at is not None
    assert faults(stage) == []


@pytest.mark.reading
@pytest.mark.parametrize(
    "text",
    """START|start|/start|UNSTOP|Subscribe|opt in|Opt-In|订阅|恢复|开启|YES|yes!|Reply START|text START please|回复START
    发送订阅|opt me in|start again|Subscribe me again|打开推送|恢复接收|取消退订|我要订阅""".replace("\n", "|").split(
        "|"
    ),
)
def test_an_explicit_word_opts_in(stage: Stage, text: str) -> None:
    stage.publish(SNACK)
    stage.say("stop")
    assert stage.say(text) == "start.done"
    assert _address(stage).opted_out_at is None
    stage.wait(seconds=1)
    assert stage.say("stop") == DONE
    assert faults(stage) == []


@pytest.mark.parametrize(
    ("text", "key"),
    [("START", "help.answer"), ("/start", "help.answer"), ("subscribe", "start.already"), ("yes", "welcome.answer")],
)
def test_where_nobody_opted_out_nothing_changes(stage: Stage, text: str, key: str) -> None:
    stage.publish(SNACK)
    assert keys_of(stage.say(text))[0] == key
    assert _address(stage).opted_out_at is None
    assert _wishes(stage) == [("in", "word")], "it is kept, for a STOP that was said before and comes after"


def test_a_yes_that_answers_something_does_not_opt_in(stage: Stage) -> None:
    stage.publish(SNACK)
    for code in stage.codes(4):
        stage.say(code)
    stage.say("stop")
    stage.say("gifts")
    stage.say("ticket")
    assert keys_of(stage.say("yes"))[0] == "gifts.bought"
    stage.say("gifts")
    stage.wait(minutes=31)
    assert stage.say("yes") == "question.expired word=GIFTS"
    assert _address(stage).opted_out_at is not None


def test_nothing_is_asked_after_stop(stage: Stage) -> None:
    stage.publish(SURE)
    assert keys_of(play(stage)) == ["redeem.won", "delivery.name"]
    assert stage.say("stop") == DONE
    assert stage.say("Anna Lee") == "unknown.answer"
    assert stage.say("prizes").startswith("delivery.name")  # nothing is lost
    assert faults(stage) == []


def test_an_address_with_such_a_word_is_an_address(stage: Stage) -> None:
    stage.publish(SURE)
    play(stage)
    for text in ("Anna Stop", "13800138000", "Stop 5, Main Road"):
        told = stage.say(text)
    assert "address=Stop 5, Main Road" in told
    assert _wishes(stage) == []


# id, channel, what waits, what is said, how it is answered, whether it opted out
CARRIER = [
    ("cancel here", "sms", "", "CANCEL", "stop.done", True),
    ("end here", "sms", "", "End.", "stop.done", True),
    ("quit here", "sms", "", "quit", "stop.done", True),
    ("remove here", "sms", "", "REMOVE", "stop.done", True),
    ("revoke here", "sms", "", "revoke", "stop.done", True),
    ("arret here", "sms", "", "ARRÊT", "stop.done", True),
    ("t here", "sms", "", "Ｔ", "stop.done", True),
    ("td here", "sms", "", "td", "stop.done", True),
    ("r here", "sms", "", "R", "stop.done", True),
    ("n here", "sms", "", "N", "stop.done", True),
    ("n is no", "sms", "confirm", "N", "gifts.kept", False),
    ("n at a delivery that is shown", "sms", "shown", "n", "delivery.which", False),
    ("t answers nothing", "sms", "confirm", "T", "stop.done", True),
    ("t is no gift", "sms", "choose", "t", "stop.done", True),
    ("t is no name", "sms", "name", "TD", "stop.done", True),
    ("end is no name", "sms", "name", "end", "stop.done", True),
    ("cancel leaves nothing open", "sms", "confirm", "cancel", "stop.done", True),
    ("leave leaves", "sms", "confirm", "leave", "cancel.done", False),
    ("chinese cancel leaves", "sms", "confirm", "取消", "cancel.done", False),
    ("cancel elsewhere", "test", "confirm", "cancel", "cancel.done", False),
    ("quit elsewhere, where nothing waits", "test", "", "quit", "cancel.nothing", False),
    ("n elsewhere is no", "test", "confirm", "n", "gifts.kept", False),
    ("n elsewhere", "test", "", "n", "unknown.answer", False),
    ("end elsewhere", "test", "", "end", "unknown.answer", False),
    ("remove elsewhere", "test", "confirm", "remove", "unknown.answer", False),
    ("end is a name elsewhere", "test", "name", "End", "delivery.phone", False),
    ("td is no address elsewhere", "test", "address", "TD", "delivery.bad_address", False),
]


def _wait_for(stage: Stage, what: str, channel: str) -> None:
    stage.publish(SMS_SURE if what in {"name", "address", "shown"} else SMS)
    said = {
        "confirm": ["gifts", "ticket"],
        "choose": ["gifts"],
        "address": ["Anna Lee", "13800138000"],
        "shown": ["Anna Lee", "13800138000", "12 King Street"],
    }
    for code in stage.codes(1 if what in {"name", "address", "shown"} else 4):
        stage.say(code, channel=channel)
    for text in said.get(what, []):
        stage.say(text, channel=channel)


@pytest.mark.reading
@pytest.mark.parametrize(("name", "channel", "waits", "text", "key", "out"), CARRIER, ids=[row[0] for row in CARRIER])
def test_carriers_words(
    stage: Stage, name: str, channel: str, waits: str, text: str, key: str, out: bool  # a table
) -> None:  # fmt: skip
    assert name
    _wait_for(stage, waits, channel)
    told = keys_of(stage.say(text, channel=channel))
    assert told[0] == key
    assert (_address(stage, channel=channel).opted_out_at is not None) == out
    if out:
        assert len(told) == 1
        assert keys_of(stage.say("yes", channel=channel)) == ["start.done"]  # so nothing waited any more
    assert faults(stage) == []


def test_a_carriers_word_does_not_wait_for_an_old_question(stage: Stage) -> None:
    _wait_for(stage, "name", "sms")
    stage.wait(days=1)
    assert stage.say("T", channel="sms") == DONE


def test_leaving_is_an_opt_out_and_coming_back_is_none(stage: Stage) -> None:
    stage.publish(SNACK)
    play(stage)
    assert _in_turn(stage, "", InboundKind.LEFT).texts == ()
    assert (_address(stage).gone_at, _wishes(stage)) == (stage.now, [("out", "left")])
    stage.wait(days=1)
    (welcomed,) = _in_turn(stage, "", InboundKind.CAME).texts
    assert "consent=help.start" in welcomed
    assert _address(stage).gone_at is None
    assert _address(stage).opted_out_at is not None
    assert stage.say("start") == "start.done"
    assert faults(stage) == []


def _timer_states(stage: Stage, kind: str) -> list[str]:
    with stage.sessions() as session:
        return sorted(session.scalars(select(Timer.state).where(Timer.kind == kind, Timer.state != "due")))


@pytest.mark.parametrize("how", ["stop", "left"])
def test_follow_ups_and_calendar_are_dropped(stage: Stage, how: str) -> None:
    stage.publish(follow_ups(f"name: again, when: 24h after first contact, {say('again')}"))
    stage.publish(calendar(f'name: hourly, cron: "0 * * * *", {say("hour")}').replace("name: snack", "name: tea"))
    for by in ("u1", "u2"):
        join(stage, by)
        play(stage, by, campaign="tea")
    _in_turn(stage, "stop" if how == "stop" else "", InboundKind.TYPED if how == "stop" else InboundKind.LEFT)
    pass_time(stage, hours=25)
    assert unasked(stage) == []
    assert {"hour"} <= set(unasked(stage, "u2"))
    assert ("dropped" in _timer_states(stage, "follow-up"), "dropped" in _timer_states(stage, "announce")) == (
        True,
        True,
    )
    assert faults(stage) == []


def test_reminders_of_a_torch_are_dropped_and_its_end_is_told(stage: Stage) -> None:
    open_relay(stage)
    begin(stage, "a")
    assert stage.say("stop", by="a").startswith("stop.done")
    stage.wait(minutes=5, seconds=1)
    stage.tick()
    stage.wait(minutes=5)
    stage.tick()
    stage.wait(hours=2)
    stage.tick()
    assert torch_of(stage, "a").state == "out"
    told = [text.split(" ")[0] for text in stage.told("a")]
    assert told == ["relay.granted", "stop.done", "relay.went_out"]
    assert stage.say("relight", by="a").startswith("relay.relit")  # playing on gets answers
    assert faults(stage) == []


def test_a_reminder_of_a_prize_is_dropped_and_its_end_is_told(stage: Stage) -> None:
    stage.publish(SURE)
    play(stage)
    stage.say("stop")
    stage.wait(days=9)
    stage.tick()
    assert keys_of(stage.told()[-1]) == ["stop.done"]
    stage.wait(days=2)
    stage.tick()
    assert keys_of(stage.told()[-1]) == ["claim.lapsed"]
    assert faults(stage) == []


def test_the_sender_drops_what_is_unwelcome(stage: Stage) -> None:
    desk = Desk(stage, Platform())
    for by in ("stopped", "gone", "stayed"):
        queue(stage, by, MARKETING, NOTICE, ANSWER)
    stage.say("stop", by="stopped")
    _in_turn(stage, "", InboundKind.LEFT, "gone")
    desk.rounds()
    sent: dict[str, list[int]] = {"stopped": [], "gone": [], "stayed": []}
    for message in desk.platform.messages:
        sent[message.user].append(message.category)
    assert {by: sorted(categories) for by, categories in sent.items()} == {
        "stopped": [ANSWER, NOTICE],
        "gone": [],
        "stayed": [ANSWER, NOTICE, MARKETING],
    }
    with stage.sessions() as session:
        assert set(session.scalars(select(OutboundJob.state))) == {"dropped"}
    assert faults(stage) == []


def test_stop_that_commits_while_a_sender_looks_is_heeded(stage: Stage) -> None:
    """The text was found due, and then its player opted out: the statement that marks it sees that."""
    queue(stage, "u1", MARKETING)
    with stage.sessions() as session:
        (found,) = session.scalars(select(OutboundJob)).all()
    key = (found.address_key, found.sequence)
    taken = ClaimedJob(*key, stage.now, found.ref, found.part, b"", None, b"", stage.now, "en", MARKETING)
    stage.say("stop")
    with stage.sessions.begin() as session:
        assert mark_sending(session, [taken], stage.now) == set()


USERS = 40


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_no_marketing_is_claimed_after_a_stop_has_committed(stage: Stage) -> None:
    users = [f"r{number}" for number in range(USERS)]
    for by in users:
        queue(stage, by, MARKETING)
    stopped_at: dict[bytes, float] = {}
    taken_at: dict[bytes, float] = {}
    gate, done = threading.Barrier(3, timeout=60), threading.Event()

    def stop(mine: Sequence[str]) -> None:
        gate.wait()
        for by in mine:
            assert stage.say("stop", by=by) != "failed"
            stopped_at[stage.key(by)] = time.monotonic()

    def send() -> None:
        gate.wait()
        while True:
            last, began = done.is_set(), time.monotonic()
            claimed = claim(stage.sessions, stage.keys, OUTLET, stage.now, 1)
            taken_at.update((each.address_key, began) for each in claimed.taken if each.category == MARKETING)
            if last and not claimed.taken and not claimed.more:
                return

    stoppers = [threading.Thread(target=stop, args=(users[half::2],)) for half in range(2)]
    sender = threading.Thread(target=send)
    for thread in (*stoppers, sender):
        thread.start()
    for thread in stoppers:
        thread.join(60)
    done.set()
    sender.join(60)
    assert len(stopped_at) == USERS
    assert [key for key, began in taken_at.items() if began > stopped_at[key]] == []
    with stage.sessions() as session:
        dropped = session.scalars(select(OutboundJob.address_key).where(OutboundJob.state == "dropped")).all()
    assert len(dropped) + len(taken_at) == USERS
    assert not set(dropped) & set(taken_at)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_marketing_waits_for_what_is_being_said(stage: Stage) -> None:
    stage.publish()
    desk = Desk(stage, Platform())
    queue(stage, "u1", MARKETING)
    with stage.sessions.begin() as turn:
        statement = database.locked(select(Address).where(Address.key == stage.key()), Address.key, Address)
        turn.scalars(statement).one().opted_out_at = stage.now
        turn.flush()
        desk.rounds()
        assert desk.platform.heard() == []
    desk.rounds()
    assert desk.platform.heard() == []
    assert states(stage) == ["dropped"]


def _linked(stage: Stage) -> None:
    stage.say("help", by="a")
    word = stage.say("link", by="a").split("word=")[1]
    assert keys_of(stage.say(word, by="b", channel="second")) == ["link.linked"]


def _unwelcome(stage: Stage) -> set[str]:
    with stage.sessions() as session:
        out = set(session.scalars(select(Address.key).where(Address.opted_out_at.is_not(None))))
    places = (("a", "test"), ("b", "second"), ("c", "test"))
    return {by for by, channel in places if stage.key(by, channel=channel) in out}


def test_one_word_is_enough_for_all_channels_of_a_person(stage: Stage) -> None:
    stage.publish()
    stage.codes(1)
    for by in ("a", "c"):
        stage.say("invite", by=by)
    _linked(stage)
    assert keys_of(stage.say("stop", by="a", id="1")) == ["stop.done"]
    assert _unwelcome(stage) == {"a", "b"}
    assert stage.say("stop", by="b", channel="second", id="1") == "new", "the same id elsewhere is another message"
    assert keys_of(stage.say("start", by="b", channel="second")) == ["start.done"]
    assert _unwelcome(stage) == {"a"}
    assert keys_of(stage.say("stop", by="b", channel="second")) == ["stop.done"]
    assert _unwelcome(stage) == {"a", "b"}
    assert faults(stage) == []


def test_who_is_linked_to_somebody_who_opted_out_has_opted_out(stage: Stage) -> None:
    stage.publish()
    stage.say("stop", by="a")
    _linked(stage)
    assert _unwelcome(stage) == {"a", "b"}
    assert faults(stage) == []


def test_a_notice_goes_where_its_player_can_be_reached(stage: Stage) -> None:
    stage.publish()
    (code,) = stage.codes(1)
    _linked(stage)
    stage.wait(seconds=1)
    stage.say(code, by="b", channel="second")

    def spokesman() -> bytes:
        with unit_of_work(stage.runtime, stage.now) as work:
            work.lock_people(work.session.scalars(select(Player.id)))
            (address,) = work.rows.preferred_addresses.values()
            return address.key

    assert spokesman() == stage.key("b", channel="second")
    stage.say("", by="b", channel="second", kind=InboundKind.LEFT)
    assert spokesman() == stage.key("a")
