"""Recount every torch from the joins alone, by the words of the campaign file and nothing of the product's own code."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from tests.stage import Stage

WINDOW = timedelta(minutes=10)


def _rows(stage: Stage, asked: str) -> list[Any]:
    with stage.database.connect() as connection:
        return list(connection.execute(text(asked)))


def _at(value: Any) -> datetime:
    """SQLite's instants are texts."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def wrong_torches(stage: Stage) -> list[str]:
    """What is not as it should be: lit or not, by whom, in which place, at whose hand, and what the boards count."""
    root = dict(_rows(stage, "SELECT id, coalesce(merged_into, id) FROM players"))
    invites = _rows(stage, "SELECT player_id, inviter_id, joined_at FROM invites")
    joined = {friend: (by, _at(at)) for friend, by, at in invites}
    torches = _rows(
        stage,
        "SELECT player_id, number, how, chain_id, leg, parent_id, granted_at, state, lit_at, lit_by FROM torches",
    )
    leg_of = {each.player_id: (each.chain_id, each.leg) for each in torches}
    wrong = []
    for each in torches:
        name, granted_at = f"torch {each.number} of {each.player_id}", _at(each.granted_at)
        in_time = {friend: at for friend, (_, at) in joined.items() if granted_at <= at < granted_at + WINDOW}
        # Before a link each friend lit the torches of one side, after it those of both.
        own = sorted(at for friend, at in in_time.items() if joined[friend][0] == each.player_id)
        of_person = {f: at for f, at in in_time.items() if root[joined[f][0]] == root[each.player_id]}
        if each.state == "lit":
            if of_person.get(each.lit_by) != _at(each.lit_at) or (own and own[0] < _at(each.lit_at)):
                wrong.append(f"{name} was not lit by the first friend")
        elif own:
            wrong.append(f"{name} is {each.state}, {len(own)} friends came in its window")
        if each.parent_id is None and (each.leg, each.chain_id) != (1, each.player_id) and each.how != "relit":
            wrong.append(f"{name} begins no chain")
        if each.parent_id is not None and leg_of[each.parent_id] != (each.chain_id, each.leg - 1):
            wrong.append(f"{name} does not follow its parent")
        if (
            each.how == "invited"
            and each.parent_id is not None
            and root[each.parent_id] != root[joined[each.player_id][0]]
        ):
            wrong.append(f"{name} came from a stranger")
    live = Counter(each.player_id for each in torches if each.state == "unlit")
    wrong += [f"{player} has {count} live torches" for player, count in live.items() if count > 1]
    return wrong + _wrong_boards(stage, torches)


def _wrong_boards(stage: Stage, torches: list[Any]) -> list[str]:
    first = [each for each in torches if each.how != "relit"]
    chains = {
        chain: (
            sum(each.chain_id == chain for each in first),
            sum(each.chain_id == chain and each.state == "lit" for each in torches),
            max(each.leg for each in torches if each.chain_id == chain),
        )
        for chain in {each.chain_id for each in torches}
    }
    passed = Counter(each.parent_id for each in first if each.parent_id is not None)
    counted = {row[0]: tuple(row[1:]) for row in _rows(stage, "SELECT id, torches, lit, legs FROM chains")}
    runners = dict(_rows(stage, "SELECT player_id, passed FROM runners"))
    wrong = [] if counted == chains else [f"chains {counted} are {chains}"]
    return wrong if runners == dict(passed) else [*wrong, f"runners {runners} are {passed}"]
