"""Taps: each answers the question that it stood under and no other one, once, whatever ids a platform gives it."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.inbox import failed_messages
from core.messages import Answer, Button, InboundKind, Rich
from handlers import MECHANICS
from handlers.gifts import say as gifts
from tests.relay.torchbearers import RELAY, begin, open_relay
from tests.snack import SNACK, SURE
from tests.stage import Stage
from tests.talking import claims, faults, keys_of, link_up, play

pytestmark = pytest.mark.reading


TEA = SNACK.replace("name: snack", "name: tea")
SHOP = SNACK.replace("stock: 2, claim: delivery, per_player: 1", "stock: 900, claim: counter").replace(
    "stock: 3, claim: voucher", "stock: 900, claim: counter"
)


@dataclass
class Chat:
    """What one address says, and every button that was ever shown to it."""

    stage: Stage
    by: str = "u1"
    channel: str = "test"
    shown: list[Button] = field(default_factory=list)

    def say(self, text: str) -> str:
        return self._heard(self.stage.delivery(text, by=self.by, channel=self.channel))

    def tap(self, button: Button) -> str:
        """A tap with ids of its own, as all of them are."""
        more = {"by": self.by, "channel": self.channel, "kind": InboundKind.TAPPED, "question": button.question}
        return self._heard(self.stage.delivery(button.says, **more))

    def offered(self, text: str) -> list[Button]:
        """Say ``text``; the buttons below what is answered."""
        before = len(self.shown)
        self.say(text)
        return self.shown[before:]

    def _heard(self, delivery: object) -> str:
        answer: Answer
        (answer,) = self.stage.take(delivery)  # type: ignore[arg-type]
        self.shown += [button for rich in answer.rich if rich for button in rich.buttons]
        return "\n".join(answer.texts)


def points(stage: Stage, by: str = "u1", channel: str = "test") -> int:
    return int(stage.say("points", by=by, channel=channel).split("balance=")[1].split()[0])


@pytest.fixture
def chat(stage: Stage) -> Chat:
    """A player of the snack story with 100 points."""
    stage.publish(SNACK)
    play(stage)
    stage.give(90)
    return Chat(stage)


def test_a_tap_that_is_sent_again_answers_nothing_else(chat: Chat) -> None:
    _, ticket, _ = chat.offered("gifts")
    assert chat.tap(ticket).startswith("gifts.confirm")
    assert chat.tap(ticket) == "question.closed word=GIFTS"
    yes = chat.shown[-2]
    assert keys_of(chat.tap(yes))[0] == "gifts.bought"
    assert [chat.tap(button) for button in (yes, ticket, chat.shown[-1])] == ["question.closed word=GIFTS"] * 3
    assert points(chat.stage) == 90
    assert faults(chat.stage) == []


def test_an_old_keyboard_buys_nothing(chat: Chat) -> None:
    mug, *_ = chat.offered("gifts")
    assert chat.say("2").startswith("gifts.confirm balance=100 item=Cinema ticket")
    assert chat.tap(mug) == "question.closed word=GIFTS"
    assert keys_of(chat.say("yes"))[0] == "gifts.bought"
    assert points(chat.stage) == 90
    assert faults(chat.stage) == []


def _answered(chat: Chat) -> None:
    chat.say("2")


def _left(chat: Chat) -> None:
    chat.say("cancel")


def _expired(chat: Chat) -> None:
    chat.stage.wait(minutes=30)


def _replaced(chat: Chat) -> None:
    chat.say("gifts")


def _stopped(chat: Chat) -> None:
    chat.say("stop")


@pytest.mark.parametrize("close", [_answered, _left, _expired, _replaced, _stopped])
def test_a_question_that_is_not_open_any_more_is_told_so(chat: Chat, close: Callable[[Chat], None]) -> None:
    old = chat.offered("gifts")
    close(chat)
    assert {chat.tap(button) for button in old} == {"question.closed word=GIFTS"}
    assert points(chat.stage) == 100


def test_what_was_answered_is_not_said_to_have_expired(chat: Chat) -> None:
    chat.say("gifts")
    chat.say("2")
    assert chat.say("no").startswith("gifts.kept")
    assert not chat.say("1").startswith("question.")


def test_a_tap_is_good_while_something_else_is_said(chat: Chat) -> None:
    mug, *_ = chat.offered("gifts")
    for text in ("points", "rules", "invite"):
        chat.say(text)
    assert chat.tap(mug).startswith("gifts.confirm")
    yes, _ = chat.shown[-2:]
    assert keys_of(chat.say("points"))[-1] == "gifts.confirm"
    assert chat.shown[-2] == yes  # put once more, it is the same question
    assert keys_of(chat.tap(yes))[0] == "gifts.bought"
    assert faults(chat.stage) == []


def test_a_button_of_an_older_version_answers_nothing(chat: Chat) -> None:
    chat.say("gifts")
    old = [Button(str(number), "?") for number in range(1, 4)]
    assert {chat.tap(button) for button in old} == {"question.closed word=GIFTS"}
    assert chat.say("1").startswith("gifts.confirm")
    assert {tuple(keys_of(chat.tap(button))) for button in old} == {("question.closed", "gifts.confirm")}
    assert keys_of(chat.say("no"))[0] == "gifts.kept"


def test_words_that_are_tapped_mean_the_same_at_any_time(chat: Chat) -> None:
    _, ticket, _ = chat.offered("gifts")
    for question in (None, ticket.question, 7):
        assert chat.tap(Button("points", "Points", question)).startswith("points.balance")
    assert keys_of(chat.tap(Button("stop", "Stop", 7))) == ["stop.done"]


@pytest.mark.parametrize("text", ["Anna Lee", "stop", "cancel"])
def test_what_is_tapped_is_no_name(stage: Stage, text: str) -> None:
    stage.publish(SURE)
    assert keys_of(play(stage)) == ["redeem.won", "delivery.name"]
    told = Chat(stage).tap(Button(text, text))
    assert keys_of(told)[0] in {"unknown.answer", "stop.done", "cancel.done"}
    (claim,) = claims(stage)
    assert claim.details_sealed is None


def test_a_tap_below_old_details_confirms_no_new_ones(stage: Stage) -> None:
    stage.publish(SURE)
    play(stage)
    chat = Chat(stage)
    yes, *_ = chat.offered("王芳 13900001007 广东省深圳市南山区科技园1号")
    chat.say("李雷 13900001008 北京市朝阳区建国路9号")
    again = chat.shown[-4]
    assert chat.tap(yes).startswith("question.closed")
    assert next(claims(stage)).revision == 0, "nothing is confirmed"
    assert keys_of(chat.tap(again)) == ["claim.ready"]
    assert faults(stage) == []


def test_of_two_campaigns_a_tap_answers_the_one_that_asked_last(chat: Chat) -> None:
    chat.stage.publish(TEA)
    ours = chat.offered("gifts")[1]
    play(chat.stage, campaign="tea")
    tea, _ = chat.offered("gifts")
    assert keys_of(chat.tap(tea))[0] == "gifts.choose"
    theirs = chat.shown[-2]
    assert len({each.question for each in (ours, tea, theirs)}) == len("123")
    assert chat.tap(ours) == "question.closed word=GIFTS"
    assert keys_of(chat.say("points"))[0] == "points.balance"
    assert "balance=10 " in chat.tap(theirs)
    assert {chat.tap(button) for button in (ours, tea, theirs)} == {"question.closed word=GIFTS"}
    assert faults(chat.stage) == []


def test_linked_addresses_are_asked_apart_and_buy_once(chat: Chat) -> None:
    there = Chat(chat.stage, channel="second")
    assert keys_of(link_up(chat.stage, ("u1", "second"), ("u1", "test")))[0] == "link.linked"
    for one in (chat, there):
        assert one.tap(one.offered("gifts")[1]).startswith("gifts.confirm balance=100")
    yes, _ = there.shown[-2:]
    assert keys_of(chat.say("yes"))[0] == "gifts.bought"
    assert there.tap(yes) == "question.closed word=GIFTS", "of as many as the player had"
    assert points(chat.stage) == 90
    assert there.tap(there.offered("gifts")[1]).startswith("gifts.confirm balance=90")
    assert keys_of(there.say("yes"))[0] == "gifts.bought", "asked anew"
    assert faults(chat.stage) == []


def test_a_linked_address_does_not_answer_what_another_one_was_asked(chat: Chat) -> None:
    there = Chat(chat.stage, channel="second")
    assert keys_of(link_up(chat.stage, ("u1", "second"), ("u1", "test")))[0] == "link.linked"
    _, ticket, _ = chat.offered("gifts")
    assert keys_of(there.say("2")) == ["unknown.answer"]
    assert keys_of(there.say("cancel")) == ["cancel.nothing"]
    assert chat.tap(ticket).startswith("gifts.confirm balance=100")


def test_two_players_who_become_one_keep_the_questions_of_their_addresses(chat: Chat) -> None:
    stage, there = chat.stage, Chat(chat.stage, channel="second")
    play(stage, channel="second")
    stage.give(90, channel="second")
    younger = there.offered("gifts")
    older = chat.offered("gifts")
    assert keys_of(link_up(stage, ("u1", "second"), ("u1", "test")))[0] == "link.linked"
    assert there.tap(younger[1]).startswith("gifts.confirm balance=200")
    assert keys_of(there.say("yes"))[0] == "gifts.bought"
    assert chat.tap(older[1]).startswith("gifts.confirm balance=190")
    assert faults(stage) == []


def test_a_list_that_is_put_again_is_a_new_one(chat: Chat) -> None:
    old = chat.offered("gifts")[0]
    new = chat.offered("the green one")[0]
    assert old.says == new.says
    assert chat.tap(old) == "question.closed word=GIFTS"
    assert chat.tap(new).startswith("gifts.confirm")


def test_two_taps_in_one_turn_have_one_effect(chat: Chat) -> None:
    _, ticket, _ = chat.offered("gifts")
    chat.tap(ticket)
    yes = chat.shown[-2]
    taps = [chat.stage.delivery(yes.says, question=yes.question) for _ in range(3)]
    told = [keys_of("\n".join(answer.texts))[0] for answer in chat.stage.take(*taps)]
    assert told == ["gifts.bought", "question.closed", "question.closed"]
    assert points(chat.stage) == 90


def test_a_tap_that_failed_is_taken_again_under_its_own_question(stage: Stage) -> None:
    broken = True

    def choose(*arguments: object) -> object:
        if broken:
            raise ZeroDivisionError
        return show(*arguments)  # type: ignore[arg-type]

    show = gifts.ROUTE.handle
    stage.publish(SNACK)
    play(stage)
    _, ticket, _ = Chat(stage).offered("gifts")
    stage.routes = tuple(replace(route, handle=choose) if route is gifts.ROUTE else route for route in MECHANICS.routes)
    stage.say("gifts", question=ticket.question)
    broken = False
    with stage.sessions() as session:
        (failed,) = failed_messages(session, stage.keys)
    assert (failed.delivery.message.question, failed.delivery.message.kind) == (ticket.question, InboundKind.TAPPED)


TWO = "  window: 10m\n  typed_word: [test]"


@pytest.fixture
def relay(stage: Stage) -> Stage:
    """A relay in which whoever scans a friend's word is asked first."""
    open_relay(stage, RELAY.replace("  window: 10m", TWO))
    return stage


def _scan(chat: Chat, word: str) -> Button:
    """Scan ``word``; the button by which one joins."""
    before = len(chat.shown)
    (answer,) = chat.stage.take(chat.stage.delivery(word, by=chat.by, kind=InboundKind.OPENED))
    chat.shown += [button for rich in answer.rich if rich for button in rich.buttons]
    (button,) = chat.shown[before:]
    return button


def test_an_old_button_joins_by_no_other_friend(relay: Stage) -> None:
    ann, ben = begin(relay, "ann"), begin(relay, "ben")
    chat = Chat(relay, "carl")
    old, new = _scan(chat, ann), _scan(chat, ben)
    assert keys_of(chat.tap(old)) == ["question.closed"]
    assert keys_of(chat.tap(Button("1", "?"))) == ["question.closed"]  # of a version whose buttons named nothing
    assert "relay.granted" in chat.tap(new)
    assert [keys_of(chat.tap(each)) for each in (new, old)] == [["question.closed"]] * 2
    assert relay.say("torch", by="ben").startswith("relay.burns")
    assert relay.say("torch", by="ann").startswith("relay.unlit")
    assert faults(relay) == []


def test_a_button_is_good_when_the_same_word_is_scanned_again(relay: Stage) -> None:
    word, chat = begin(relay, "ann"), Chat(relay, "carl")
    old, new = _scan(chat, word), _scan(chat, word)
    assert old == new
    chat.say("english")
    assert "relay.granted" in chat.tap(old)


def test_taps_to_join_in_one_turn_have_one_effect(relay: Stage) -> None:
    ann, ben = begin(relay, "ann"), begin(relay, "ben")
    chat = Chat(relay, "carl")
    old, new = _scan(chat, ann), _scan(chat, ben)
    taps = [relay.delivery("1", by="carl", question=each.question) for each in (old, new, new, old)]
    told = [keys_of("\n".join(answer.texts))[0] for answer in relay.take(*taps)]
    assert told == ["question.closed", "relay.granted", "question.closed", "question.closed"]


def test_a_button_that_was_answered_by_typing_joins_nobody(relay: Stage) -> None:
    word, chat = begin(relay, "ann"), Chat(relay, "carl")
    button = _scan(chat, word)
    assert "relay.granted" in chat.say("1")
    assert keys_of(chat.tap(button)) == ["question.closed"]


def test_what_the_outbox_holds_of_older_versions_is_read() -> None:
    assert Rich.loaded('["Which?",[["1","Mug"]],null]') == Rich("Which?", (Button("1", "Mug"),))
    numbered = Rich("Which?", (Button("1", "Mug", 7), Button("points", "Points")))
    assert Rich.loaded(numbered.dumped()) == numbered


def test_every_number_that_is_offered_names_its_question(chat: Chat) -> None:
    for text in ("gifts", "3", "yes", "gifts", "1", "yes", "Anna Lee", "13800138000", "12 King Street", "no", "prizes"):
        chat.say(text)
    assert len([button for button in chat.shown if button.says.isdecimal()]) > 15
    assert all(button.question is not None for button in chat.shown if button.says.isdecimal())


_people = itertools.count(1)
ACTS = st.lists(
    st.one_of(
        st.sampled_from(["gifts", "2", "yes", "points", "cancel", "what?"]),
        st.integers(0, 4),  # a tap on a button of the last few, old ones among them
        st.just(None),  # half an hour
    ),
    max_size=14,
)


@settings(max_examples=25)
@given(ACTS)
def test_each_question_is_answered_at_most_once(stage: Stage, acts: list[str | int | None]) -> None:
    """Whatever is typed, tapped, tapped again, or tapped late; and what is spent is what was confirmed."""
    by = f"m{next(_people)}"
    if by == "m1" or not stage.say("rules", by=by).startswith("rules."):
        stage.publish(SHOP)
    play(stage, by)
    stage.give(90, by)
    chat, spent, answered = Chat(stage, by), 0, set[int]()
    chat.say("gifts")
    for act in acts:
        match act:
            case None:
                stage.wait(minutes=31)
            case str():
                spent += _price(chat.say(act))
            case int() if chat.shown:
                button = chat.shown[-1 - act % len(chat.shown)]
                told = chat.tap(button)
                spent += _price(told)
                if button.question is not None and not told.startswith("question.closed"):
                    assert button.question not in answered
                    answered.add(button.question)
    assert points(stage, by) == 100 - spent


PRICES = {"Mug": 20, "Cinema ticket": 10, "Bag of snacks": 10}


def _price(told: str) -> int:
    """What was spent by what is told."""
    if not told.startswith("gifts.bought"):
        return 0
    return PRICES[told.partition(" item=")[2].partition("\n")[0]]


def test_a_tap_below_one_address_that_was_offered_agrees_to_no_other(stage: Stage) -> None:
    stage.publish(SURE)
    play(stage)
    chat = Chat(stage)
    chat.say("王五 13900001008 上海市浦东新区张江路1号")
    chat.say("yes")
    (yes, _), (other, _) = (chat.offered(f"{name} 13800001007 北京市朝阳区建国路88号") for name in ("张三", "李四"))
    assert chat.tap(yes).startswith("question.closed")
    assert "name=李四" in chat.tap(other)
