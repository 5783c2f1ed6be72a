"""What hostile senders, careless adapters and impatient waiters do: everybody gets one answer, nothing breaks."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core.alphabet import normalise
from core.engine.engine import Busy, Engine
from core.engine.routes import Requires, Route, recognise
from core.messages import TEXT_LIMIT, Answer, Answered, InboundMessage, NotAMessage, Reply
from core.models import Inbox, Player, Transfer
from core.speech.keywords import Means
from handlers import MECHANICS
from tests.soundness import audit
from tests.stage import CAMPAIGN, START, Stage

PATIENCE_S = 60
EARNED = "redeem.points balance=10 points=10"
SHAPES = frozenset({(12, True), (8, False)})

HELP = (
    "help.answer consent=help.stop friends= goods= languages=help.languages names=CHINESE organiser=Huoju Foods"
    " title=Open a bag torch="
)

TEXTS = [
    ("nothing", ""),
    ("one space", " "),
    ("spacers only", "-\u2060\u200b \t\r\n"),
    ("64 KiB", "A" * 65_536),
    ("1 MB of emoji", "🔥" * 250_000),
    ("long digits", "1" * 100_000),
    ("NUL", "\x00"),
    ("NUL in a word", "po\x00ints"),
    ("all control characters", "".join(map(chr, range(32))) + "\x7f\x80\x9f"),
    ("a lone surrogate", "\ud800"),
    ("two the wrong way round", "\udc00\ud800"),
    ("a surrogate in a word", "help\udfff"),
    ("a surrogate where the text is cut", "x" * (TEXT_LIMIT - 1) + "🔥"),
    ("emoji with joiners", "👩‍👩‍👧‍👦🏳️‍🌈"),
    ("right-to-left", "\u202e\u2067נקודות\u2069\u202c"),
    ("a thousand accents", "e" + "\u0301" * 1000),
    ("grows when folded", "\ufdfa" * 80),
    ("grows in upper case", "ß" * 80),
    ("not a character", "\uffff\U0010ffff"),
    ("placeholders", "{balance} {0} {0.__class__} %s %(x)d ${x} {{7*7}}"),
    ("SQL", "'; DROP TABLE codes; --"),
    ("markup", "<!DOCTYPE x [<!ENTITY a 'b'>]><script>alert(1)</script>"),
    ("every code symbol", "0123456789ABCDEFGHJKMNPQRSTVWXYZ" * 3),
    ("look-alikes", "ΑВСЕНІЈКМΝОРԚЅТХУΖ"),
    ("digits of other scripts", "٠١٢٣٤٥٦٧٨٩१२३𝟘𝟙𝟚①②Ⅻ"),
]

IDS = [
    ("NUL", "\x00"),
    ("10,000 characters", "i" * 10_000),
    ("129 characters", "i" * 129),
    ("a space", "a b"),
    ("a new line", "a\n"),
    ("Chinese", "编号一"),
    ("emoji", "🔥"),
    ("a lone surrogate", "\ud800"),
    ("another lone surrogate", "\ud801"),
    ("composed", "\u00e9"),
    ("decomposed", "e\u0301"),
    ("percent", "%_%"),
    ("quote", "'\"\\"),
    ("like a ref", "re:1"),
    ("128 characters", "i" * 128),
    ("zero", "0"),
]


def _typed(text: str) -> InboundMessage:
    return InboundMessage.received(("test", "main", "u1"), "1", text, START, waits=True)


def _sound(stage: Stage) -> bool:
    return not any(faults for _, faults in audit(stage.database, stage.keys, MECHANICS.checks))


@pytest.mark.parametrize("text", [text for _, text in TEXTS], ids=[name for name, _ in TEXTS])
def test_a_strange_text_means_something_harmless(text: str) -> None:
    for each in (text, text[:TEXT_LIMIT], text * 2):
        assert recognise(_typed(each), SHAPES, MECHANICS.routes).route.name in {
            *("unknown", "help", "showed", "points", "talk"),
            "hidden code",  # which is only looked up
        }


def test_strange_texts_in_one_turn_each_get_one_answer(stage: Stage) -> None:
    stage.publish()
    (code,) = stage.codes(1)
    said = [text for _, text in TEXTS] + [code]
    answers = stage.take(*[stage.delivery(text) for text in said])
    assert [answer.how for answer in answers] == [Answered.NEW] * len(said)
    assert [len(answer.texts) for answer in answers] == [1] * len(said)
    assert [answer.sequence for answer in answers] == [(place,) for place in range(1, len(said) + 1)]
    assert answers[-1].texts == (EARNED,)
    said_to_them = {text for answer in answers[:-1] for text in answer.texts}
    assert {text for text in said_to_them if not text.startswith("points.balance ")} == {  # whose NUL nobody sees
        "unknown.answer",
        "showed.answer",
        "talk.answer",
        HELP,
    }
    assert _sound(stage)


@pytest.mark.parametrize("by", ["\x00", "'; --", "名字", "🔥", "a\x1fb", "\ud800", "x" * 128], ids=ascii)
def test_a_strange_sender_is_one_sender(stage: Stage, by: str) -> None:
    stage.publish()
    first, second = stage.codes(2)
    assert stage.say(first, by=by) == EARNED
    assert stage.say(second, by=by) == "redeem.points balance=20 points=10"
    assert stage.say(second, by=f"{by[1:]}?") == "redeem.used"


def test_every_id_names_its_own_message(stage: Stage) -> None:
    stage.publish()
    codes = dict(zip([external_id for _, external_id in IDS], stage.codes(len(IDS)), strict=True))
    first = stage.take(*[stage.delivery(code, by=f"u{n % 2}", id=i) for n, (i, code) in enumerate(codes.items())])
    again = [stage.take(stage.delivery(code, by=f"u{n % 2}", id=i))[0] for n, (i, code) in enumerate(codes.items())]
    assert [answer.how for answer in first] == [Answered.NEW] * len(IDS)
    assert [answer.how for answer in again] == [Answered.REPEATED] * len(IDS)
    assert [answer.texts for answer in again] == [answer.texts for answer in first]
    assert all(text.startswith("redeem.points") for answer in first for text in answer.texts)
    assert _sound(stage)


@pytest.mark.parametrize(
    ("address", "external_id"),
    [
        (("test", "main", "u1"), ""),
        (("test", "main", ""), "m1"),
        (("test", "main", "x" * 129), "m1"),
        (("test", "main", "x" * 10_000), "m1"),
        (("", "main", "u1"), "m1"),
        (("Test", "main", "u1"), "m1"),
        (("test\n", "main", "u1"), "m1"),
        (("test", "m\x1fain", "u1"), "m1"),
        (("test", "m" * 33, "u1"), "m1"),
        (("тест", "main", "u1"), "m1"),
    ],
    ids=ascii,
)
def test_what_cannot_be_a_message_is_said_so(address: tuple[str, str, str], external_id: str) -> None:
    with pytest.raises(NotAMessage, match=r"^(channel|account|user|id): "):
        InboundMessage.received(address, external_id, "hi", START, waits=True)


SPELT = st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZoil- ", min_size=10, max_size=16)
ANY = st.one_of(
    st.text(max_size=60),
    st.text(st.characters(codec=None), max_size=30),
    SPELT,
    st.builds("{} {}".format, st.sampled_from(["code", "抽奖码：", "redeem"]), SPELT),
    st.sampled_from(["points", "积分", "rules", "help", "中文", "english", "/start", "？", "ＰＯＩＮＴＳ"]),
)


@settings(max_examples=40)
@given(said=st.lists(ANY, min_size=1, max_size=12))
def _anything(stage: Stage, codes: set[str], said: list[str]) -> None:
    before = _holdings(stage)
    answers = stage.take(*[stage.delivery(text) for text in said])
    assert [answer.how for answer in answers] == [Answered.NEW] * len(said)
    assert all(len(answer.texts) == 1 for answer in answers)
    assert not codes & {normalise(text) for text in said}
    assert _holdings(stage) == before


def _holdings(stage: Stage) -> list[tuple[int, ...]]:
    with stage.sessions() as session:
        held = session.execute(select(Player.points, Player.wins, Player.redeemed_today)).all()
        moved = session.execute(select(Transfer.owner_id, Transfer.ref)).all()
    return [tuple(row) for row in held] + [(len(moved),)]


def test_whatever_is_said_only_a_code_changes_points(stage: Stage) -> None:
    stage.publish(CAMPAIGN.replace("wrong_tries_per_day: 5", "wrong_tries_per_day: 100000"))
    code, *others = stage.codes(200)
    assert stage.say(code) == EARNED
    _anything(stage, {normalise(other) for other in others})
    assert _sound(stage)
    assert stage.say(others[0]) == "redeem.points balance=20 points=10"


@settings(max_examples=400)
@given(text=ANY)
def test_recognising_is_total_and_always_the_same(text: str) -> None:
    assert recognise(_typed(text), SHAPES, MECHANICS.routes) == recognise(_typed(text), SHAPES, MECHANICS.routes)


@contextmanager
def _engine(stage: Stage, **limits: int) -> Iterator[Engine]:
    engine = Engine(stage.runtime, **limits)
    try:
        yield engine
    finally:
        engine.close(PATIENCE_S)


class _Held:
    requires = Requires()


class Gate:
    """A route that keeps its turn open until the test lets it go."""

    def __init__(self, stage: Stage) -> None:
        self.entered, self.open = threading.Event(), threading.Event()
        stage.routes = (Route("hold", Means(_Held(), "hold"), self._hold), *MECHANICS.routes)

    def _hold(self, _ctx: object, _intent: object) -> list[Reply]:
        self.entered.set()
        assert self.open.wait(PATIENCE_S)
        return [Reply("help.none")]

    def hold(self, stage: Stage, engine: Engine) -> "Future[Answer]":
        """Start a turn that lasts until the gate is opened; everything that is submitted from now on waits."""
        held = engine.submit(stage.message("hold", by="holder"))
        assert self.entered.wait(PATIENCE_S)
        return held


def test_a_flood_of_one_sender_is_answered_in_order_and_drowns_nobody(stage: Stage) -> None:
    stage.publish()
    accepted: list[Future[Answer]] = []
    others: list[Future[Answer]] = []
    refused: Counter[str] = Counter()
    with _engine(stage) as engine:
        for number in range(10_000):
            try:
                accepted.append(engine.submit(stage.message(f"flood {number}", by="flooder")))
            except Busy as why:
                refused[str(why)] += 1
            if number % 250 == 0:
                others.append(engine.submit(stage.message("help", by=f"other{number}")))
        answers = [future.result(PATIENCE_S) for future in accepted]
        assert [future.result(PATIENCE_S).texts for future in others] == [(HELP,)] * 40
    assert sum(refused.values()) + len(accepted) == 10_000
    assert list(refused) == ["too many messages of one sender wait"]
    assert [answer.sequence for answer in answers] == [(place,) for place in range(1, len(accepted) + 1)]
    assert _sound(stage)


def test_a_full_queue_refuses_and_forgets_nothing_it_took(stage: Stage) -> None:
    stage.publish()
    gate = Gate(stage)
    with _engine(stage, waiting_limit=8) as engine:
        held = gate.hold(stage, engine)
        waiting = [engine.submit(stage.message("help", by=f"p{number}")) for number in range(8)]
        with pytest.raises(Busy, match="too many messages wait"):
            engine.submit(stage.message("help", by="late", id="late"))
        gate.open.set()
        assert {future.result(PATIENCE_S).how for future in [held, *waiting]} == {Answered.NEW}
        assert engine.submit(stage.message("help", by="late", id="late")).result(PATIENCE_S).how is Answered.NEW


def test_a_share_is_free_again_when_its_turn_begins(stage: Stage) -> None:
    stage.publish()
    gate = Gate(stage)
    with _engine(stage, waiting_per_sender=2) as engine:
        gate.hold(stage, engine)
        waiting = [engine.submit(stage.message("help")) for _ in range(2)]
        with pytest.raises(Busy, match="of one sender"):
            engine.submit(stage.message("help"))
        waiting.append(engine.submit(stage.message("help", by="somebody else")))
        gate.open.set()
        assert [future.result(PATIENCE_S).sequence for future in waiting] == [(1,), (2,), (1,)]
        assert engine.submit(stage.message("help")).result(PATIENCE_S).sequence == (3,)


def test_an_engine_that_is_closed_answers_those_who_wait(stage: Stage) -> None:
    stage.publish()
    gate = Gate(stage)
    engine = Engine(stage.runtime, turn_limit=2)
    held = gate.hold(stage, engine)
    waiting = [engine.submit(stage.message("help", by=f"p{number}")) for number in range(9)]
    engine.close(0)
    with pytest.raises(Busy):
        engine.submit(stage.message("help"))
    assert not any(future.done() for future in [held, *waiting])
    gate.open.set()
    engine.close(PATIENCE_S)
    assert all(future.done() for future in [held, *waiting])
    assert {future.result(0).how for future in [held, *waiting]} == {Answered.NEW}
    engine.close(PATIENCE_S)


def test_a_waiter_who_gives_up_harms_nobody_else(stage: Stage) -> None:
    stage.publish()
    gate = Gate(stage)
    with _engine(stage, turn_limit=1) as engine:
        held = gate.hold(stage, engine)
        impatient = engine.submit(stage.message("help", by="impatient", id="m1"))
        patient = engine.submit(stage.message("help", by="patient"))
        assert impatient.cancel()
        assert not held.cancel()  # its turn has begun, so its answer comes
        gate.open.set()
        assert patient.result(PATIENCE_S).how is Answered.NEW
        assert held.result(PATIENCE_S).how is Answered.NEW
        with pytest.raises(CancelledError):
            impatient.result(0)
        again = engine.submit(stage.message("help", by="impatient", id="m1"))
        assert again.result(PATIENCE_S).how is Answered.NEW
    with stage.sessions() as session:
        assert len(session.scalars(select(Inbox.external_id)).all()) == 3
