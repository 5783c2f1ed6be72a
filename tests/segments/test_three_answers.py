"""Yes, no and not known: in SQL as of each player, and nobody is lost between them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from random import Random

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import ColumnElement, Text, func, select, type_coerce
from sqlalchemy.orm import Session

from core.engine.unit_of_work import unit_of_work
from core.models import Address, Player
from core.segments.segment import Segment, look_up, read
from core.segments.words import Asked
from handlers import MECHANICS
from handlers.codes.tables import Redemption
from tests.follow_ups.test_segments import history
from tests.stage import Stage

LEAVES = [
    *("redeemed", "never redeemed", "redeemed twice", "redeemed in the last 20 minutes", "兑码至少2次", "codes >= 2"),
    *(
        "redeemed at most 1 time in the last 30 minutes",
        "won",
        "won phone",
        "prize is phone",
        "prizes >= 2",
        "points > 20",
    ),
    *("points between 10 and 20", "channel is sms", "channel is test", "channel is not test", "language is zh"),
    *("language is en", "language is unknown", "joined in the last 1 hour", "joined before 2000-01-01 or joined today"),
    *("last word in the last 10 minutes", "last word more than 30 minutes ago", "opted out", "reachable", "everybody"),
    *("lit", "unlit", "has torch", "torches >= 2", "lit in the last 30 minutes", "brought a friend", "friends >= 1"),
    *("brought a friend at least 2 times", "claimed", "claim is open or received", "received", "spoke", "plays snack"),
    *("spoke in the last 20 minutes", "plays elsewhere", "won phone in the last 15 minutes"),
]


def _joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return (
        st.tuples(parts, st.sampled_from(["and", "or"]), parts).map(" ".join)
        | parts.map("({})".format)
        | parts.map("not ({})".format)
        | parts.map("unknown ({})".format)
    )


EXPRESSIONS = st.recursive(st.sampled_from(LEAVES), _joined, max_leaves=5)


def _count(stage: Stage, *conditions: ColumnElement[bool]) -> int:
    with stage.sessions() as session:
        counted = select(func.count()).select_from(Player).where(Player.merged_into.is_(None), *conditions)
        return session.scalar(counted) or 0


def _by_sql(stage: Stage, segment: Segment, asked: Asked) -> Mapping[int, bool | None]:
    with stage.sessions() as session:
        mine = select(Player.id).where(Player.merged_into.is_(None))
        kinds = {True: segment.where(asked), False: segment.fails(asked), None: segment.unknown(asked)}
        found = [(each, answer) for answer, where in kinds.items() for each in session.scalars(mine.where(where))]
    assert len(found) == len(dict(found))
    return dict(found)


def _of_all(session: Session, segment: Segment, asked: Asked) -> set[int]:
    """Those of whom it is true, where all players are asked for."""
    return set(session.scalars(segment.among_all(select(Player.id).where(Player.merged_into.is_(None)), asked)))


def _by_check(stage: Stage, segment: Segment, asked: Asked, ids: Sequence[int]) -> Mapping[int, bool | None]:
    with unit_of_work(stage.runtime, stage.now) as work:
        work.lock_people(ids)
        sought, people = look_up(work.session, [segment], ids), work.rows.people
        return {each: segment.check(sought, people[each], work.rows.preferred_addresses[each], asked) for each in ids}


def test_all_players_are_answered_for_once(stage: Stage) -> None:
    instants = list[datetime](history(stage, Random(3)))
    with stage.sessions.begin() as session:
        silent = session.scalars(select(Address).order_by(Address.key)).all()
        for one in silent[::2]:
            one.language = one.app_language = None
        (campaign,) = stage.shelf.look(session).values()
        ids = sorted(session.scalars(select(Player.id).where(Player.merged_into.is_(None))))
        linked = select(Player.id).where(Player.merged_into.is_not(None))
        assert session.scalar(select(func.count()).where(Redemption.player_id.in_(linked)))
    asked = Asked(campaign.rules, instants[-1])
    seen = set[bool | None]()

    @settings(
        max_examples=12, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @example("language is zh", "not (language is zh)")
    @example("unknown (redeemed twice and language is zh)", "redeemed twice and not (language is zh)")
    @example("unknown (points > 20 or language is zh)", "points > 20 or not (language is zh)")
    @given(EXPRESSIONS, EXPRESSIONS)
    def agree(one: str, other: str) -> None:
        words, rules = MECHANICS.segments, campaign.rules
        first = read(one, words, rules)
        answers = _by_sql(stage, first, asked)
        assert sorted(answers) == ids
        assert answers == _by_check(stage, first, asked, ids)
        seen.update(answers.values())
        parts = [f"({one}) and ({other})", f"({one}) and not ({other})", f"({one}) and unknown ({other})"]
        counts = [_count(stage, read(part, words, rules).where(asked)) for part in parts]
        assert sum(counts) == _count(stage, first.where(asked))
        both = read(parts[0], words, rules)
        assert _by_sql(stage, both, asked) == _by_check(stage, both, asked, ids)

    agree()
    assert seen == {True, False, None}
    with stage.sessions() as session:
        for text in (*LEAVES, "redeemed twice and not codes >= 3 or friends >= 1", "unknown (language is zh and lit)"):
            where = read(text, MECHANICS.segments, campaign.rules).where(asked)
            null = session.scalar(select(func.count()).select_from(Player).where(type_coerce(where, Text).is_(None)))
            assert null == 0, text
            each = set(session.scalars(select(Player.id).where(Player.merged_into.is_(None), where)))
            assert _of_all(session, read(text, MECHANICS.segments, campaign.rules), asked) == each, text
