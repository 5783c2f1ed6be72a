"""Words for what is true of players, and for what happens to them: both ways to find out say the same of everybody."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy import select

from core.engine.unit_of_work import unit_of_work
from core.messages import InboundKind
from core.models import Player, Timer
from core.segments.segment import Segment, look_up, segment_of
from core.segments.words import Asked, Happening, Predicate
from handlers import MECHANICS
from handlers.follow_ups.schedule import SCHEDULE
from tests.relay.torchbearers import begin, param
from tests.snack import SURE
from tests.stage import Stage
from tests.talking import faults, link_up, play

CAMPAIGN = (
    SURE.replace("channels: [test, second]", "channels: [test, second/main]")
    + """
relay: {window: 20m, qualify: [invited, quota], quota_per_day: 100, relight: {after: 1h, times: 3}}
"""
)
CAMPAIGN += "follow_ups:\n" + "".join(
    f"  - {{name: f{number}, when: 30 days after {name}, say: {{zh: 来, en: come}}}}\n"
    for number, name in enumerate(MECHANICS.triggers)
)
PEOPLE = [(f"u{number}", channel) for number in range(6) for channel in ("test", "second")]
STEPS, OFTEN = 80, 16


def history(stage: Stage, random: Random) -> Iterator[datetime]:
    """Let people do this and that; the instants at which they did. Halfway one channel is given up."""
    stage.publish(CAMPAIGN)
    words = [begin(stage, "passer")]
    stage.say(words[0], by="friend")
    for step in range(STEPS):
        if step == STEPS // 2:
            stage.publish(CAMPAIGN.replace("[test, second/main]", "[test]"))
        by, channel = random.choice(PEOPLE)
        match random.choice(["code", "torch", "relight", "hello", "friend", "invite", "claim", "link", "left"]):
            case "code":
                play(stage, by, channel=channel)
            case "friend":
                stage.say(random.choice(words[-3:]), by=random.choice([by, f"new{step}"]), channel=channel)
            case "claim":
                for answer in ("prizes", "Anna Lee", "13800138000", "12 King Street", "yes"):
                    stage.say(answer, by=by, channel=channel)
            case "link" if step < STEPS // 2:
                stage.say("hello", by=by, channel="second")
                link_up(stage, (by, "test"), (by, "second"))
            case "left":
                stage.say("", by=by, channel=channel, kind=InboundKind.LEFT)
            case said:
                answer = stage.say(said, by=by, channel=channel)
                words += [param(answer, "word")] if "word=" in answer else []
        yield stage.now
        stage.wait(minutes=random.choice([0, 1, 4, 15]))
        if random.random() < 0.6:
            stage.tick()


def _by_sql(stage: Stage, segment: Segment, asked: Asked) -> set[int]:
    of_own = select(Player.id).where(Player.merged_into.is_(None), segment.where(asked))
    with stage.sessions() as session:
        return set(session.scalars(of_own))


def _by_check(stage: Stage, segment: Segment, all_asked: Sequence[Asked]) -> list[set[int]]:
    with stage.sessions() as session:
        ids = sorted(session.scalars(select(Player.id).where(Player.merged_into.is_(None))))
    with unit_of_work(stage.runtime, stage.now) as work:
        work.lock_people(ids)
        sought = look_up(work.session, [segment], ids)
        seen = [(sought, work.rows.people[each], work.rows.preferred_addresses[each]) for each in ids]
        return [{one[1].id for one in seen if segment.check(*one, asked)} for asked in all_asked]


WORDS = {
    name: segment_of(word)
    for name, word in MECHANICS.segments.by_name.items()
    if isinstance(word, Predicate) or (isinstance(word, Happening) and word.bare is not None)
}


@pytest.mark.parametrize("seed", range(2))
def test_the_condition_says_what_the_check_says(stage: Stage, seed: int) -> None:
    random, instants = Random(seed), list[datetime]()
    said: dict[str, set[bool]] = {name: set() for name in WORDS}
    assert len(said) >= 9
    for instant in history(stage, random):
        instants.append(instant)
        if len(instants) % OFTEN:
            continue
        with stage.sessions() as session:
            (campaign,) = stage.shelf.look(session).values()
            everybody = set(session.scalars(select(Player.id).where(Player.merged_into.is_(None))))
        ats, sinces = [instant, instant + timedelta(minutes=5)], [None, *random.sample(instants, 7), instant]
        each = [Asked(campaign.rules, at, since) for at in ats for since in sinces]
        for name, segment in WORDS.items():
            checked = _by_check(stage, segment, each)
            assert [_by_sql(stage, segment, asked) for asked in each] == checked, name
            said[name] |= {one in found for found in checked for one in everybody}
    assert {name for name, both in said.items() if len(both) == 1} == {"everybody"}
    assert faults(stage) == []


@pytest.mark.parametrize("seed", range(2))
def test_what_is_found_later_is_what_was_told_at_once(stage: Stage, seed: int) -> None:
    assert len(list(history(stage, Random(seed)))) == STEPS
    begin(stage, "last")
    with stage.sessions() as session:
        linked = set(session.scalars(select(Player.merged_into).where(Player.merged_into.is_not(None))))
        alone = select(Player.id).where(Player.merged_into.is_(None), Player.id.not_in(linked))
        ids = list(session.scalars(alone))
        key = (Timer.owner_id, Timer.subject, Timer.occurrence, Timer.since)
        told = {tuple(row) for row in session.execute(select(*key).where(Timer.kind == "follow-up"))}
    with unit_of_work(stage.runtime, stage.now) as work:
        work.lock_people(ids)
        people = {each: work.rows.people[each] for each in ids}
        (campaign,) = work.rows.campaigns.values()
        SCHEDULE.load(work.session, work.rows, campaign.rules, people)
        due = [one for player in people.values() for (one,) in SCHEDULE.due(work.rows, player)]
    found = {(one.owner_id, one.subject, one.occurrence, one.since) for one in due}
    assert found == {row for row in told if row[0] in people}
    assert {subject.split(":")[1] for _, subject, _, _ in found} == set(MECHANICS.triggers)
