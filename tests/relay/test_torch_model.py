"""Torches against a model in plain Python: in whatever order things happen, both hold the same in the end."""

import itertools
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from core.database import open_database
from core.messages import Answered
from core.models import Join, Player
from handlers.relay.tables import Torch
from tests.relay.recount import wrong_torches
from tests.relay.torchbearers import RELAY, count, open_relay, param
from tests.stage import Stage
from tests.talking import faults

WINDOW, AFTER = timedelta(minutes=10), timedelta(hours=1)
RULES = RELAY.replace("[test, second]", "[test, sms]").replace("  window: 10m", "  window: 10m\n  typed_word: [test]")
PHONES = ("+8613800138001", "+8613800138002")
PEOPLE = ("anna", "bo", "cy", "di", *PHONES)
by = st.sampled_from(PEOPLE)
_NUMBERS = itertools.count(1)
STEPS = [timedelta(seconds=1), timedelta(minutes=4), WINDOW, AFTER, timedelta(days=1), timedelta(days=-1)]


@dataclass(eq=False)
class One:
    """One torch as it should be: lit is worked out from the friends alone."""

    owner: "Person"
    relit: bool
    granted_at: datetime

    def lit_at(self) -> datetime | None:
        friends = (friend for each in self.owner.root.all() for friend in each.brought if self in friend.torches)
        return min((each.at for each in friends if self.granted_at <= each.at < self.granted_at + WINDOW), default=None)


@dataclass(eq=False)
class Friend:
    """Somebody who came, and the torches of whoever is the inviter: what is linked later is none of them."""

    at: datetime
    torches: list[One]


@dataclass(eq=False)
class Person:
    """What one player should have."""

    joined_at: datetime
    inviter: "Person | None" = None
    torches: list[One] = field(default_factory=list)
    brought: list[Friend] = field(default_factory=list)
    absorbed: "list[Person]" = field(default_factory=list)
    into: "Person | None" = None

    @property
    def root(self) -> "Person":
        return self.into.root if self.into else self

    def all(self) -> "list[Person]":
        return [self, *(each for one in self.absorbed for each in one.all())]

    def mine(self) -> list[One]:
        return sorted((torch for each in self.all() for torch in each.torches), key=lambda torch: torch.granted_at)

    def hold(self, at: datetime, *, relit: bool = False) -> None:
        torch = One(self, relit, at)
        self.torches.append(torch)
        for each in self.all():
            for friend in each.brought:
                friend.torches.append(torch)


class Machine(RuleBasedStateMachine):
    """Plays engine and model side by side."""

    def __init__(self, made: Path, directory: Path) -> None:
        super().__init__()
        path = directory / f"model-{next(_NUMBERS)}.db"
        shutil.copy(made, path)
        self.database = open_database(f"sqlite:///{path}")
        self.stage = Stage(self.database, directory)
        self.stage.now += timedelta(days=40)  # far from both ends of the campaign, however the clock jumps
        self.codes = iter(self.stage.codes(100, "torch"))
        self.people: dict[str, Person] = {}
        self.linked: dict[str, set[str]] = {each: {each} for each in PEOPLE}
        self.scans: dict[str, Person] = {}
        self.recommended: dict[str, list[Person]] = {}
        self.taken: dict[str, int] = {}
        self.said: list[tuple[str, str, str, tuple[str, ...]]] = []
        self.serial = itertools.count(1)

    def _say(self, who: str, text: str, *begins: str, typed: bool = True) -> str:
        self.stage.now += timedelta(milliseconds=7)
        external_id = f"m{next(self.serial)}"
        (answer,) = self.stage.take(self.stage.delivery(text, by=who, id=external_id, typed=typed))
        assert answer.how is Answered.NEW
        if begins:
            assert answer.texts[0].startswith(begins), f"{who} said {text}: expected {begins}, told {answer.texts}"
        if typed:
            self.said.append((who, text, external_id, answer.texts))
        return "\n".join(answer.texts)

    def _root(self, who: str) -> Person | None:
        return self.people[who].root if who in self.people else None

    def _enter(self, who: str, inviter: Person | None = None) -> Person:
        """``who`` has just joined, or had before."""
        if (known := self._root(who)) is not None:
            return known
        now = self.stage.now
        person = Person(now)
        self.people.update(dict.fromkeys(self.linked[who], person))
        inviter = inviter or self.scans.get(who)
        if inviter is None and (waiting := self.recommended.pop(who, [])):
            inviter = waiting[0]
        self.scans.pop(who, None)
        if inviter is not None:
            person.inviter = inviter.root
            person.hold(now)
            inviter.root.brought.append(Friend(now, inviter.root.mine()))
        return person

    @rule(who=by)
    def ask(self, who: str) -> None:
        said = self._say(who, "torch", "relay.")
        person = self._enter(who)
        day = f"{self.stage.now + timedelta(hours=8):%F}"
        if not person.mine():
            gets = self.taken.get(day, 0) < 3
            assert said.startswith("relay.granted" if gets else "relay.quota_gone")
            if gets:
                self.taken[day] = self.taken.get(day, 0) + 1
                person.hold(self.stage.now)

    @rule(who=by)
    def redeem(self, who: str) -> None:
        self._say(who, next(self.codes), "redeem.")
        person = self._enter(who)
        if not person.mine():
            person.hold(self.stage.now)

    @rule(who=by)
    def relight(self, who: str) -> None:
        said = self._say(who, "relight", "relay.")
        person, now = self._root(who), self.stage.now
        mine = person.mine() if person else []
        used = sum(torch.relit for torch in mine)
        may = bool(mine) and now >= mine[-1].granted_at + WINDOW + AFTER and used < 2
        may = may and all(torch.lit_at() is None for torch in mine)
        if may and person is not None:
            person.hold(now, relit=True)
        assert said.startswith(("relay.relit", "relay.burns") if may else ("relay.", "campaign."))
        assert may or not said.startswith("relay.relit")

    @rule(who=by, owner=by, scan=st.booleans())
    def come(self, who: str, owner: str, scan: bool) -> None:
        word = param(self._say(owner, "invite", "relay.word"), "word")
        inviter = self._enter(owner)
        known = self._root(who)
        asks = scan and known is None
        if asks:
            self._say(who, word, "relay.type_word", typed=False)
            self.scans[who] = inviter
            return
        self._say(who, word, *(("invite.yourself",) if known is inviter else ("relay.", "invite.")), typed=not scan)
        if known is None:
            self._enter(who, inviter)

    @rule(who=by)
    def type_it(self, who: str) -> None:
        if who not in self.scans:
            self._say(who, "1", "unknown.", "welcome.")
        elif self._root(who) is None:
            self._say(who, "1", "relay.granted")
            self._enter(who)
        else:
            self._say(who, "1", "invite.")  # whoever was linked to somebody who plays has no friend to take it from
            del self.scans[who]

    @rule(who=by)
    def call_oneself(self, who: str) -> None:
        self._say(who, "my name is {word} \u202eB", "name.taken name={word} B")
        self._enter(who)

    @rule(who=by, phone=st.sampled_from(PHONES))
    def recommend(self, who: str, phone: str) -> None:
        said = self._say(who, phone, "relay.recommended", "recommend.")
        if who == phone:
            return
        person = self._enter(who)
        if said.startswith("relay.recommended"):
            assert phone not in self.people
            self.recommended.setdefault(phone, []).append(person)

    @rule(one=by, other=by)
    def link(self, one: str, other: str) -> None:
        word = param(self._say(one, "link"), "word")
        if not self._say(other, word, "link.").startswith("link.linked"):
            return
        both = self.linked[one] | self.linked[other]
        self.linked.update(dict.fromkeys(both, both))
        roots = {root for each in both if (root := self._root(each)) is not None}
        if not roots:
            return
        older, *younger = sorted(roots, key=lambda person: person.joined_at)
        for person in younger:
            person.into = older
            older.absorbed.append(person)
        self.people.update(dict.fromkeys(both, older))
        for each in both:
            self.recommended.pop(each, None)

    @rule(step=st.sampled_from(STEPS), counts=st.booleans())
    def pass_time(self, step: timedelta, counts: bool) -> None:
        self.stage.now += step
        self.stage.tick()
        assert self.stage.tick() == 0
        if counts:
            count(self.stage)

    @precondition(lambda self: self.said)
    @rule(data=st.data(), times=st.integers(1, 3))
    def deliver_again(self, data: st.DataObject, times: int) -> None:
        who, text, external_id, texts = data.draw(st.sampled_from(self.said))
        answers = self.stage.take(*[self.stage.delivery(text, by=who, id=external_id)] * times)
        assert [(each.how, each.texts) for each in answers] == [(Answered.REPEATED, texts)] * times

    def teardown(self) -> None:
        count(self.stage)
        held: dict[int, list[tuple[datetime, datetime | None]]] = {}
        with self.stage.sessions() as session:
            roots = {row[0]: row[1] for row in session.execute(select(Player.id, Player.merged_into))}
            owner = {row[0]: row[1] for row in session.execute(select(Join.address_key, Join.player_id))}
            for torch in session.scalars(select(Torch)):
                held.setdefault(roots[torch.player_id] or torch.player_id, []).append((torch.granted_at, torch.lit_at))
        for who in PEOPLE:
            person = self._root(who)
            expected = [(torch.granted_at, torch.lit_at()) for torch in person.mine()] if person else []
            assert sorted(held.get(owner.get(self.stage.key(who)), []), key=str) == sorted(expected, key=str), who
        assert wrong_torches(self.stage) == []
        found = faults(self.stage)
        self.database.dispose()
        assert found == []


@pytest.fixture
def made(sqlite_template: Path, tmp_path: Path) -> Path:
    path = tmp_path / "made.db"
    shutil.copy(sqlite_template, path)
    database = open_database(f"sqlite:///{path}")
    open_relay(Stage(database, tmp_path), RULES)
    database.dispose()
    return path


def test_engine_and_model_agree_on_torches(made: Path, tmp_path: Path) -> None:
    machine: Callable[[], Machine] = lambda: Machine(made, tmp_path)  # noqa: E731
    run_state_machine_as_test(
        machine, settings=settings(max_examples=8, stateful_step_count=30, phases=[Phase.generate])
    )
