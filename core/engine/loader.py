"""Load: lock everything that the intents of a turn name, in a fixed number of queries and one fixed order.

Addresses by key, players by id, then what each mechanic locks, by the rank of its loader: whoever locks in this order
never deadlocks with another turn.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import String, cast, func, literal, or_, select
from sqlalchemy.orm import Session

from core import lists, questions
from core.context import TurnRows
from core.engine.delivery import Delivery
from core.engine.locks import lock_deliverers, lock_players, refuse_moved
from core.engine.past_wishes import load_wishes
from core.engine.routes import AllWanted, Prompt, Recognised, Requires, Wanted
from core.ledger import POINTS, player_account
from core.mechanics import Mechanics
from core.models import Address, Campaign, Player, Transfer
from core.models.players import USER_COLUMN
from core.movements import Movement
from core.phones import phone_of

HISTORY_LINES = 5

_PERSONS = select(Address.person, Address.key, Address.user_sealed).where(lists.among(Address.person, "persons"))


def load(session: Session, rows: TurnRows, taken: Sequence[tuple[Delivery, Recognised]], mechanics: Mechanics) -> None:
    """Fill ``rows`` with all that the deliveries ``taken`` name.

    Raises Moved when what was looked up before the locks is not so any more.
    """
    wanted = AllWanted(Wanted(delivery, found.requires) for delivery, found in taken)
    others = _of_one_person(session, wanted)
    for related in mechanics.related:
        others |= related(session, rows, wanted)
    lock_deliverers(session, rows, [delivery for delivery, _ in taken], others)
    lock_players(session, rows)
    refuse_moved(rows)
    wanted = AllWanted(Wanted(delivery, _full(rows, delivery, found, mechanics.prompts)) for delivery, found in taken)
    asking = (rows.addresses[delivery.key[0]].campaign_id for delivery, requires in wanted if requires.seed)
    _load_revealed(session, rows, asking)
    if persons := sorted({address.person for address in rows.addresses.values() if address.person}):
        _load_persons(session, rows, persons)
    for loader in mechanics.loaders:
        loader(session, rows, wanted)
    load_wishes(session, rows, wanted)
    now = max(delivery.message.received_at for delivery, _ in taken)
    due = [p for p in rows.people.values() if p.points_expire_at is not None and p.points_expire_at <= now]
    asked = {delivery.key[0] for delivery, requires in wanted if requires.history}
    curious = [player for (address_key, _), player in rows.players.items() if address_key in asked]
    _load_movements(session, rows, due, curious)


def _full(rows: TurnRows, delivery: Delivery, found: Recognised, prompts: Mapping[str, Prompt]) -> Requires:
    """What the message requires, and what the question that waits does: it is answered, or put once more."""
    question = questions.waiting(rows, rows.addresses[delivery.key[0]])
    if question is None or question.prompt not in prompts:
        return found.requires
    return found.requires | prompts[question.prompt].requires


def _of_one_person(session: Session, wanted: Sequence[Wanted]) -> set[bytes]:
    """The addresses that were linked to senders who speak for all of theirs."""
    keys = sorted({each.delivery.key[0] for each in wanted if each.requires.person})
    if not keys:
        return set()
    persons = select(Address.person).where(Address.key.in_(keys), Address.person.is_not(None))
    return set(session.scalars(select(Address.key).where(Address.person.in_(persons))))


def _load_persons(session: Session, rows: TurnRows, persons: Sequence[bytes]) -> None:
    """All addresses of these persons, and which of them are phones."""
    for person, key, sealed in session.execute(_PERSONS, {"persons": persons}):
        rows.persons.setdefault(person or b"", []).append(key)
        if (phone := phone_of(rows.keys.unseal(USER_COLUMN, key, sealed))) is not None:
            rows.phones[key] = rows.keys.index("phone", phone)


def _load_revealed(session: Session, rows: TurnRows, campaign_ids: Iterable[int | None]) -> None:
    """Whether the seeds of these campaigns are revealed: all else of an ended one stays as it was seen."""
    ended = rows.campaigns.ended.campaigns
    hidden = {each for each in campaign_ids if each is not None and each in ended and not ended[each].revealed}
    if hidden:
        revealed = select(Campaign.id).where(Campaign.id.in_(sorted(hidden)), Campaign.revealed_at.is_not(None))
        for campaign_id in session.scalars(revealed):
            rows.campaigns[campaign_id] = replace(rows.campaigns[campaign_id], revealed=True)


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
