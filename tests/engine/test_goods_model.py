"""Gifts, claims, invites and links against a model in plain dicts: in whatever order, both say and hold the same."""

import itertools
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from core.database import open_database
from core.messages import Answered
from core.models import Join, Player
from handlers import MECHANICS
from handlers.claims import fulfilment
from handlers.claims.fulfilment import ClaimRefused, Parcel
from handlers.claims.tables import Claim
from handlers.claims.vouchers import serve_waiting, take_in
from handlers.gifts.tables import Gift
from handlers.invites.tables import Invite
from tests.snack import SNACK
from tests.soundness import audit
from tests.stage import Stage

PHONES = ("+8613800138001", "+8613800138002")
PEOPLE = ("anna", "bo", "cy", *PHONES)
GIFTS = (("mug", "delivery", 20, 2), ("ticket", "voucher", 10, 3), ("bag", "counter", 10, 5))
STEPS = {"name": "Anna Li", "phone": "139 1234 5678", "address": "1 Nanjing Road", "confirm": "yes"}
RULES = SNACK.replace("per_player_per_day: 10", "per_player_per_day: 1000").replace("[test, second]", "[test, sms]")
SLOW = timedelta(minutes=1)
by = st.sampled_from(PEOPLE)


@dataclass(eq=False)
class Piece:
    """What should be known of one claim."""

    item: str
    kind: str
    price: int
    deadline: datetime | None
    state: str
    known: set[str] = field(default_factory=set)

    @property
    def step(self) -> str:
        return next((step for step in STEPS if step not in self.known), "confirm")

    @property
    def lacks_phone(self) -> bool:
        """Whether a number that somebody sends is for its delivery."""
        return self.kind == "delivery" and self.state == "open" and "phone" not in self.known


@dataclass(eq=False)
class Person:
    """What one player should have; ``order`` says who joined before whom."""

    order: int
    inviter: "Person | None" = None
    invited: str = ""
    points: int = 0
    pieces: list[Piece] = field(default_factory=list)
    into: "Person | None" = None

    @property
    def root(self) -> "Person":
        return self.into.root if self.into else self


class Machine(RuleBasedStateMachine):
    """Plays engine and model side by side."""

    def __init__(self, made: Path, directory: Path) -> None:
        super().__init__()
        shutil.copy(made, directory / "model.db")
        self.database = open_database(f"sqlite:///{directory / 'model.db'}")
        self.stage = Stage(self.database, directory)
        self.codes = iter(self.stage.codes(400))
        self.people: dict[str, Person] = {}
        self.units: dict[str, set[str]] = {each: {each} for each in PEOPLE}
        self.all: list[Person] = []
        self.stock = {name: stock for name, _, _, stock in GIFTS}
        self.recommended: dict[str, list[Person]] = {phone: [] for phone in PHONES}
        self.joined_phones: dict[str, Person] = {}
        self.asked: dict[str, tuple[Piece, frozenset[str], datetime]] = {}
        self.free, self.serial = 0, itertools.count(1)
        self.said: list[tuple[str, str, str, tuple[str, ...]]] = []

    def _say(self, *messages: tuple[str, str], expected: list[str], together: bool = False) -> list[str]:
        """Say all of it in one turn or in one turn each; compare how each answer begins."""
        sent = [(who, text, f"m{next(self.serial)}") for who, text in messages]
        deliveries = [self.stage.delivery(text, by=who, id=external_id) for who, text, external_id in sent]
        turns = [deliveries] if together else [[each] for each in deliveries]
        answers = [answer for turn in turns for answer in self.stage.take(*turn)]
        for (who, text, external_id), answer, words in zip(sent, answers, expected, strict=True):
            assert answer.how is Answered.NEW
            assert answer.texts[0].startswith(words), f"{who} said {text}: expected {words}, told {answer.texts}"
            self.said.append((who, text, external_id, answer.texts))
        return ["\n".join(answer.texts) for answer in answers]

    def _root(self, who: str) -> Person | None:
        return self.people[who].root if who in self.people else None

    def _enter(self, who: str, inviter: Person | None = None) -> Person:
        if (known := self._root(who)) is not None:
            return known
        person = Person(len(self.all))
        self.all.append(person)
        self.people.update(dict.fromkeys(self.units[who], person))
        if who in self.recommended and who not in self.joined_phones:
            waiting = [each.root for each in self.recommended[who]]
            inviter = inviter or next(iter(waiting), None)
        for phone in self.units[who] & self.recommended.keys() - self.joined_phones.keys():
            self.joined_phones[phone] = person
        if inviter is not None:
            person.inviter, person.invited = inviter, "joined"
        return person

    def _ask(self, who: str, piece: Piece) -> None:
        self.asked[who] = piece, frozenset(piece.known), self.stage.now + timedelta(days=1)

    def _asked(self, who: str) -> tuple[Piece, frozenset[str]] | None:
        """What an address is asked about, and what was known then: addresses of one person are asked apart."""
        piece, known, until = self.asked.get(who, (None, frozenset[str](), self.stage.now))
        return (piece, known) if piece is not None and self.stage.now < until else None

    @rule(who=st.lists(by, min_size=1, max_size=3), together=st.booleans())
    def redeem(self, who: list[str], together: bool) -> None:
        self.stage.now += SLOW
        if len({id(self._root(each)) for each in who}) < len(who):
            who = who[:1]  # of newcomers who join in one instant nobody is the older one
        expected = []
        for each in who:
            person = self._enter(each)
            person.points += 10
            expected.append(f"redeem.points balance={person.points} ")
            if person.invited == "joined" and person.inviter:
                person.invited = "rewarded"
                person.points += 5
                person.inviter.root.points += 20
        self._say(*[(each, next(self.codes)) for each in who], expected=expected, together=together)

    @rule(who=by, place=st.integers(0, 2), agreed=st.booleans(), together=st.booleans())
    def exchange(self, who: str, place: int, agreed: bool, together: bool) -> None:
        person = self._root(who)
        if person is None:
            self._say((who, "gifts"), expected=["gifts.list"])
            return
        name, kind, price, _ = GIFTS[place]
        self.asked.pop(who, None)
        had = sum(each.item == name and each.state not in {"lapsed", "cancelled"} for each in person.pieces)
        why = "gone" if not self.stock[name] else "limit" if name == "mug" and had else ""
        why = why or ("poor" if person.points < price else "")
        said = [(who, "gifts"), (who, str(place + 1)), (who, "yes" if agreed else "no")]
        if why:
            self._say(*said[:2], expected=["gifts.choose", f"gifts.{why}"], together=together)
            return
        if agreed:
            person.points -= price
            self.stock[name] -= 1
            state = "open"
            if kind == "voucher":
                state = "received" if self.free else "ready"
                self.free -= state == "received"
            deadline = None if kind == "voucher" else self.stage.now + timedelta(days=10)
            person.pieces.append(piece := Piece(name, kind, price, deadline, state))
            if kind == "delivery":
                self._ask(who, piece)
        last = f"gifts.{'bought' if agreed else 'kept'} balance={person.points}"
        self._say(*said, expected=["gifts.choose", "gifts.confirm", last], together=together)

    @rule(who=by, answers=st.integers(1, 5))
    def answer(self, who: str, answers: int) -> None:
        for _ in range(answers):
            person, asked = self._root(who), self._asked(who)
            if person is None or asked is None:
                return
            piece, known = asked
            step = piece.step
            if piece.state not in {"open", "ready"}:
                self.asked.pop(who)
                self._say((who, STEPS[step]), expected=["claim."])
            elif piece.known != known:  # another address of the same person has told something: asked once more
                told = next((each for each in STEPS if each not in known), "confirm")
                self._ask(who, piece)
                self._say((who, STEPS[told]), expected=[f"delivery.{step}"])
            elif step != "confirm":
                piece.known.add(step)
                self._ask(who, piece)
                self._say((who, STEPS[step]), expected=[f"delivery.{piece.step}"])
            else:
                piece.state = "ready"
                self.asked.pop(who)
                waiting = [each for each in person.pieces if each.kind == "delivery" and each.state == "open"]
                if len(waiting) == 1:
                    self._ask(who, waiting[0])
                self._say((who, "yes"), expected=["claim.ready"])
                if len(waiting) > 1:  # which one comes first is not modelled
                    self._say((who, "cancel"), expected=["cancel.done"])

    @rule(who=by)
    def open_the_only_prize(self, who: str) -> None:
        person = self._root(who)
        if person is not None and len(person.pieces) == 1:
            (piece,) = person.pieces
            if piece.kind == "delivery" and piece.state in {"open", "ready"}:
                self._ask(who, piece)
                self._say((who, "prizes"), expected=[f"delivery.{piece.step}"])

    @rule(who=by)
    def cancel(self, who: str) -> None:
        self._say((who, "cancel"), expected=["cancel.done" if self._asked(who) else "cancel.nothing"])
        self.asked.pop(who, None)

    @rule(who=by, owner=by)
    def join_by_word(self, who: str, owner: str) -> None:
        self.stage.now += SLOW
        inviter = self._enter(owner)
        word = self._say((owner, "invite"), expected=["invite.word"])[0].split("word=")[1].split()[0]
        self.stage.now += SLOW
        if self._root(who) is None:
            self._enter(who, inviter)
            self._say((who, word), expected=["invite.joined"])
        elif self._root(who) is inviter:
            self._say((who, word), expected=["invite.yourself"])
        else:
            self._say((who, word), expected=["invite."])

    @rule(who=by, phone=st.sampled_from(PHONES))
    def recommend(self, who: str, phone: str) -> None:
        self.stage.now += SLOW
        self.cancel(who)
        mine = self._root(who)
        lacking = [each for each in mine.pieces if each.lacks_phone] if mine else []
        if lacking:  # a number alone is the courier's; which piece comes first is not modelled
            if len(lacking) == 1:
                lacking[0].known.add("phone")
                self._ask(who, lacking[0])
                self._say((who, phone), expected=[f"delivery.{lacking[0].step}"])
            return
        if who == phone:
            self._say((who, phone), expected=["recommend.yourself"])
            return
        person = self._enter(who)
        known = self.joined_phones.get(phone)
        if known is not None:
            self._say((who, phone), expected=["recommend."])
        elif person in [each.root for each in self.recommended[phone]]:
            self._say((who, phone), expected=["recommend.again"])
        else:
            self.recommended[phone].append(person)
            self._say((who, phone), expected=["recommend.waits"])

    @rule(one=by, two=by)
    def link(self, one: str, two: str) -> None:
        word = self._say((one, "link"), expected=["link.word"])[0].split("word=")[1].split()[0]
        mine, theirs = self._root(one), self._root(two)
        if one == two:
            self._say((two, word), expected=["link.same"])
        elif two in self.units[one]:
            self._say((two, word), expected=["link.known"])
        elif mine and theirs and self._brought(mine, theirs):
            self._say((two, word), expected=["link.invited"])
        else:
            unit = self.units[one] | self.units[two]
            self.units.update(dict.fromkeys(unit, unit))
            person = mine or theirs
            if mine and theirs:
                person, younger = sorted((mine, theirs), key=lambda each: each.order)
                self._merge(person, younger)
            if person:
                self.people.update(dict.fromkeys(unit, person))
                self.joined_phones |= dict.fromkeys(unit & self.recommended.keys() - self.joined_phones.keys(), person)
            self._say((two, word), expected=[f"link.linked balance={person.points if person else 0}"])

    def _brought(self, one: Person, two: Person) -> bool:
        """One of them, or somebody who became that one, was brought in by the other."""
        both = {id(one), id(two)}
        return any(each.inviter and {id(each.root), id(each.inviter.root)} == both for each in self.all)

    @staticmethod
    def _merge(older: Person, younger: Person) -> None:
        older.points += younger.points
        older.pieces += younger.pieces
        younger.points, younger.pieces, younger.into = 0, [], older
        if younger.invited == "joined":
            younger.invited = "closed"

    def _give_up(self, person: Person, piece: Piece, state: str) -> None:
        piece.state = state
        person.points += piece.price
        self.stock[piece.item] += 1

    @precondition(lambda self: any(person.pieces for person in self.all))
    @rule(data=st.data(), deed=st.sampled_from(["ship", "deliver", "cancel", "pick_up"]))
    def operate(self, data: st.DataObject, deed: str) -> None:
        person = data.draw(st.sampled_from([each for each in self.all if each.pieces]))
        places = [place for place, each in enumerate(person.pieces) if each.state not in {"lapsed", "cancelled"}]
        if not places:
            return
        piece = person.pieces[data.draw(st.sampled_from(places))]
        with self.stage.sessions() as session:  # any one like it will do: they differ in nothing but their ids
            mine = (Claim.item == piece.item) & (Claim.state == piece.state)
            found = {each.id: each.player_id for each in session.scalars(select(Claim).where(mine))}
            roots = {row[0]: row[1] for row in session.execute(select(Player.id, Player.merged_into))}
        who = next(name for name in PEOPLE if self._root(name) is person)
        mine_id = self._held()[who][0]
        ids = [claim_id for claim_id, owner in found.items() if (roots[owner] or owner) == mine_id]
        same = [each for each in person.pieces if (each.item, each.state) == (piece.item, piece.state)]
        if len(same) != 1:
            return
        may = {
            "ship": piece.kind == "delivery" and piece.state == "ready",
            "deliver": piece.state == "shipped",
            "cancel": piece.state in {"open", "ready"},
            "pick_up": piece.kind == "counter" and piece.state == "open",
        }[deed]
        told: tuple[object, ...] = {"ship": (Parcel("SF", "1"),), "cancel": ("sold out",)}.get(deed, ())
        first: object = ids[0]
        if deed == "pick_up":
            if not may:
                return
            shown = "\n".join(line for name in self.units[who] for line in self.stage.told(name))
            codes = [part.split()[0] for part in shown.split("claim.counter code=")[1:]]
            assert sum(self._picked_up(code) for code in codes) >= 1
            for each in person.pieces:
                each.state = "received" if each is piece else each.state
            return
        try:
            done = getattr(fulfilment, deed)(self.stage.runtime, first, *told, self.stage.now)
        except ClaimRefused:
            assert not may
        else:
            assert may or done is False
            if deed == "cancel":
                self._give_up(person, piece, "cancelled")
            elif may:
                piece.state = "shipped" if deed == "ship" else "received"

    def _picked_up(self, code: str) -> bool:
        try:
            fulfilment.pick_up(self.stage.runtime, code, "Li", self.stage.now)
        except ClaimRefused:
            return False
        return True

    @rule(count=st.integers(0, 2))
    def bring_vouchers(self, count: int) -> None:
        if count:
            with self.stage.sessions.begin() as session:
                codes = [(line, f"T{next(self.serial)}") for line in range(1, count + 1)]
                take_in(session, self.stage.keys, "snack", "gift:ticket", codes)
        self.free += count
        waiting = [p for person in self.all for p in person.pieces if (p.kind, p.state) == ("voucher", "ready")]
        served = serve_waiting(self.stage.runtime, self.stage.now)
        assert served == min(self.free, len(waiting))
        self.free -= served
        held = self._held()
        for person in {each for name in PEOPLE if (each := self._root(name)) is not None}:
            who = next(name for name in PEOPLE if self._root(name) is person)
            received = held[who][2]["ticket", "received"]
            tickets = [p for p in person.pieces if p.kind == "voucher" and p.state in {"ready", "received"}]
            tickets.sort(key=lambda p: p.state == "ready")
            for place, piece in enumerate(tickets):
                piece.state = "received" if place < received else "ready"

    @rule(hours=st.sampled_from([1, 30, 24 * 5, 24 * 9]))
    def wait(self, hours: int) -> None:
        self.stage.now += timedelta(hours=hours)
        self.stage.tick()
        assert self.stage.tick() == 0
        for person in self.all:
            for piece in person.pieces:
                if piece.state == "open" and piece.deadline and piece.deadline <= self.stage.now:
                    self._give_up(person, piece, "lapsed")

    @precondition(lambda self: self.said)
    @rule(data=st.data(), times=st.integers(1, 2))
    def deliver_again(self, data: st.DataObject, times: int) -> None:
        who, text, external_id, texts = data.draw(st.sampled_from(self.said))
        answers = self.stage.take(*[self.stage.delivery(text, by=who, id=external_id)] * times)
        assert [(each.how, each.texts) for each in answers] == [(Answered.REPEATED, texts)] * times

    def _held(self) -> dict[str, tuple[int, int, Counter[tuple[str, str]]]]:
        """Player, points and claims of every address that has joined."""
        name_of = {self.stage.key(name): name for name in PEOPLE}
        with self.stage.sessions() as session:
            joined = session.execute(select(Join.address_key, Player).join(Player, Player.id == Join.player_id)).all()
            roots = {row[0]: row[1] for row in session.execute(select(Player.id, Player.merged_into))}
            claims = session.execute(select(Claim.player_id, Claim.item, Claim.state)).all()
        pieces: dict[int, Counter[tuple[str, str]]] = {}
        for owner, item, state in claims:
            pieces.setdefault(roots[owner] or owner, Counter())[item, state] += 1
        return {name_of[key]: (each.id, each.points, pieces.get(each.id, Counter())) for key, each in joined}

    @invariant()
    def both_hold_the_same(self) -> None:
        held = self._held()
        expected = {name: person.root for name, person in self.people.items()}
        assert {name: points for name, (_, points, _) in held.items()} == {n: p.points for n, p in expected.items()}
        for name, (_, _, pieces) in held.items():
            assert pieces == Counter((each.item, each.state) for each in expected[name].pieces)
        for one, two in itertools.combinations(held, 2):
            assert (held[one][0] == held[two][0]) == (expected[one] is expected[two])
        with self.stage.sessions() as session:
            left = {row[0]: row[1] for row in session.execute(select(Gift.name, Gift.stock_left))}
            states = Counter(session.scalars(select(Invite.state)))
        assert left == self.stock
        assert states == Counter(person.invited for person in self.all if person.invited)

    def teardown(self) -> None:
        found = [(check.says, faults) for check, faults in audit(self.database, self.stage.keys, MECHANICS.checks)]
        self.database.dispose()
        assert found
        assert [(says, faults) for says, faults in found if faults] == []


@pytest.fixture
def made(sqlite_template: Path, tmp_path: Path) -> Path:
    path = tmp_path / "made.db"
    shutil.copy(sqlite_template, path)
    database = open_database(f"sqlite:///{path}")
    Stage(database, tmp_path).publish(RULES)
    database.dispose()
    return path


def test_engine_and_model_agree_on_goods_and_people(made: Path, tmp_path: Path) -> None:
    machine: Callable[[], Machine] = lambda: Machine(made, tmp_path)  # noqa: E731
    run_state_machine_as_test(machine, settings=settings(max_examples=8, stateful_step_count=30))
