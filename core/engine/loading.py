"""Load: lock everything that the intents of a turn name, in a fixed number of queries and one fixed order.

Addresses by key, players by id, codes by hash, prizes and gifts by campaign and name: whoever locks in this order never
deadlocks with another turn.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import String, cast, func, literal, or_, select
from sqlalchemy.orm import Session

from core import database, lists, questions
from core.context import EVERYBODY, FoundCode, TurnRows
from core.engine.circles import Wanted, find_others, load_circles
from core.engine.claiming import Delivery
from core.engine.goods import load_claims, lock_gifts, lock_prizes, read_gifts
from core.engine.locking import lock_deliverers, lock_players, refuse_moved
from core.engine.routes import Needs, Recognised, Topic
from core.engine.torches import load_torches
from core.engine.wishing import load_wishes
from core.ledger import POINTS, player_account
from core.models import Batch, Campaign, Code, Guesses, Player, Redemption, Transfer
from core.models.players import ROOT
from core.times import hour_number
from core.told import Movement

HISTORY_LINES = 5

_CODES = database.locked(
    select(Code.hash, Batch.state, Batch.campaign_id)
    .join(Batch, Batch.id == Code.batch_id)
    .where(lists.among(Code.hash, "hashes")),
    Code.hash,
    Code,
)
_USED = (
    select(Redemption.code_hash, ROOT)
    .join(Player, Player.id == Redemption.player_id)
    .where(lists.among(Redemption.code_hash, "hashes"))
)
_WRONG = (
    select(Guesses.scope, func.sum(Guesses.wrong))
    .where(lists.among(Guesses.scope, "scopes"), lists.among(Guesses.hour, "hours"))
    .group_by(Guesses.scope)
)


def load(
    session: Session, rows: TurnRows, taken: Sequence[tuple[Delivery, Recognised]], topics: Mapping[str, Topic]
) -> None:
    """Fill ``rows`` with all that the deliveries ``taken`` name."""
    wanted = [Wanted(delivery, found.needs) for delivery, found in taken]
    others = find_others(session, rows, wanted)
    lock_deliverers(session, rows, [delivery for delivery, _ in taken], others)
    lock_players(session, rows)
    refuse_moved(rows)
    _load_revealed(
        session, rows, (rows.addresses[delivery.key[0]].campaign_id for delivery, needs in wanted if needs.seed)
    )
    load_circles(session, rows, wanted)
    load_wishes(session, rows, wanted)
    redeeming = [(delivery, needs.codes) for delivery, needs in wanted if needs.codes]
    if redeeming:
        _load_codes(session, rows, {rows.code_hash(code) for _, codes in redeeming for code in codes})
        _load_wrong_guesses(session, rows, {hour_number(delivery.message.received_at) for delivery, _ in redeeming})
    _load_goods(
        session, rows, [Wanted(delivery, _full(rows, delivery, found, topics)) for delivery, found in taken], topics
    )
    load_torches(session, rows, wanted)
    now = max(delivery.message.received_at for delivery, _ in taken)
    due = [p for p in rows.people.values() if p.points_expire_at is not None and p.points_expire_at <= now]
    asked = {delivery.key[0] for delivery, needs in wanted if needs.history}
    curious = [player for (address_key, _), player in rows.players.items() if address_key in asked]
    _load_movements(session, rows, due, curious)


def _load_revealed(session: Session, rows: TurnRows, campaign_ids: Iterable[int | None]) -> None:
    """Whether the seeds of these campaigns are revealed: all else of an ended one stays as it was seen."""
    ended = rows.campaigns.ended.campaigns
    hidden = {each for each in campaign_ids if each is not None and each in ended and not ended[each].revealed}
    if hidden:
        revealed = select(Campaign.id).where(Campaign.id.in_(sorted(hidden)), Campaign.revealed_at.is_not(None))
        for campaign_id in session.scalars(revealed):
            rows.campaigns[campaign_id] = replace(rows.campaigns[campaign_id], revealed=True)


def _full(rows: TurnRows, delivery: Delivery, found: Recognised, topics: Mapping[str, Topic]) -> Needs:
    """What the message needs, and what the questions that wait do: one of them is answered, or put once more."""
    needs = found.needs
    for question in questions.all_waiting(rows, rows.addresses[delivery.key[0]]):
        needs |= topics[question.topic].needs if question.topic in topics else Needs()
    return needs


def _load_goods(session: Session, rows: TurnRows, wanted: Sequence[Wanted], topics: Mapping[str, Topic]) -> None:
    """Lock the stock that may be handed out, no other, and load what may be spoken of.

    Two messages of one sender in one turn may be a question that the first one raises and its answer.
    """
    said = Counter(delivery.key[0] for delivery, _ in wanted)
    often = {key for key, count in said.items() if count > 1}
    claiming = often | {delivery.key[0] for delivery, needs in wanted if needs.claims}
    if rows.circles.link_words:
        claiming |= rows.addresses.keys()  # two players may become one, with the claims of both
    buying = {delivery.key[0] for delivery, needs in wanted if needs.gifts}
    if rows.codes:
        lucky = {found.campaign_id for found in rows.codes.values() if _could_win(rows, found)}
        lock_prizes(session, rows, lucky, len(wanted))
    if buying:
        bought = _bought(rows, buying, topics) | _on_offer(rows, buying & often)
        lock_gifts(session, rows, bought, len(wanted))
        read_gifts(session, rows, _on_offer(rows, buying) - bought)
    claimants = [
        player
        for (key, campaign_id), player in rows.players.items()
        if key in claiming | buying and campaign_id in rows.campaigns and rows.campaigns[campaign_id].rules.has_claims()
    ]
    load_claims(session, rows, claimants)


def _bought(rows: TurnRows, buying: set[bytes], topics: Mapping[str, Topic]) -> set[int]:
    """The campaigns of which one of these addresses buys a gift, if the question that waits is answered so."""
    waiting = (question for key in buying for question in questions.all_waiting(rows, rows.addresses[key]))
    return {each.player.campaign_id for each in waiting if each.topic in topics and topics[each.topic].needs.stock}


def _on_offer(rows: TurnRows, buying: set[bytes]) -> set[int]:
    """The campaigns whose gifts these addresses could be shown: played there and not ended, or played there last."""
    buyers = [rows.addresses[key] for key in sorted(buying)]
    return {
        campaign_id
        for campaign_id, campaign in rows.campaigns.items()
        for buyer in buyers
        if campaign.rules.plays_at(buyer.place) and (campaign.state != "ended" or buyer.campaign_id == campaign_id)
    }


def _load_codes(session: Session, rows: TurnRows, hashes: set[bytes]) -> None:
    named = {"hashes": sorted(hashes)}
    for code_hash, state, campaign_id in session.execute(_CODES, named):
        rows.campaigns.meet(campaign_id)
        if campaign_id in rows.campaigns:  # else it was published while this turn waited for its locks
            rows.codes[code_hash] = FoundCode(code_hash, state, campaign_id)
    # After the lock, so that a redemption which another process has just committed is seen.
    for code_hash, player_id in session.execute(_USED, named):
        rows.used_by[code_hash] = player_id


def _load_wrong_guesses(session: Session, rows: TurnRows, hours: set[int]) -> None:
    named = {"scopes": [EVERYBODY, *rows.campaigns], "hours": sorted(hours)}
    rows.wrong.update((scope, int(wrong)) for scope, wrong in session.execute(_WRONG, named))


def _could_win(rows: TurnRows, found: FoundCode) -> bool:
    published = rows.campaigns[found.campaign_id].published
    if published.chances is None or found.hash in rows.used_by or found.batch_state != "active":
        return False
    value = rows.roll(found.hash, published).value
    return published.chances.highest.won_by(value)


def _load_movements(session: Session, rows: TurnRows, due: Sequence[Player], curious: Sequence[Player]) -> None:
    """The points history of players whose points may have expired (whole) or who ask for it (latest lines)."""
    if due:
        rows.movements.update(movements(session, due))
    rest = [player for player in curious if player.id not in rows.movements]
    if rest:
        rows.movements.update(movements(session, rest, latest=HISTORY_LINES))


def movements(session: Session, players: Sequence[Player], latest: int | None = None) -> Mapping[int, list[Movement]]:
    """Each player's movements of points, oldest first; with ``latest`` only so many of the newest. One query.

    What is held for a player between two house accounts is none of them.
    """
    mine = literal("player:").concat(cast(Transfer.owner_id, String))
    place = func.row_number().over(partition_by=Transfer.owner_id, order_by=(Transfer.at.desc(), Transfer.ref.desc()))
    statement = select(
        Transfer.owner_id, Transfer.at, Transfer.amount, Transfer.credit, Transfer.reason, place.label("place")
    ).where(
        Transfer.owner_id.in_(sorted(player.id for player in players)),
        Transfer.asset == POINTS,
        or_(Transfer.debit == mine, Transfer.credit == mine),
    )
    numbered = statement.subquery()
    chosen = select(numbered).order_by(numbered.c.owner_id, numbered.c.place.desc())
    if latest is not None:
        chosen = chosen.where(numbered.c.place <= latest)
    found: dict[int, list[Movement]] = {player.id: [] for player in players}
    for owner_id, at, amount, credit, reason, _ in session.execute(chosen):
        sign = 1 if credit == player_account(owner_id) else -1
        found[owner_id].append(Movement(at, sign * amount, reason))
    return found
