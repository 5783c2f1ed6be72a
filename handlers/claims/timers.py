"""The timers of claims: remind the player, and end what nobody claimed at its deadline."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.campaign.rules import Rules
from core.consent import welcome
from core.context import TurnRows
from core.database import Moved
from core.engine.locks import lock_people
from core.messages import Reply, Shown
from core.models import Player, Timer
from core.timers.kinds import Later, TimerKind
from core.timers.reschedule import Due, Schedule
from core.timers.schedule import set_timer
from handlers.claims.lapse import goes_to_second_draw, lapse, runner_up
from handlers.claims.load import ClaimRows, load_claims, load_vouchers_in_stock
from handlers.claims.play import DEADLINE, DEADLINE_DRAW, REMIND, title_of
from handlers.claims.replies import last_minute, notify, remind, told
from handlers.claims.rules import ClaimRules, has_claims
from handlers.claims.stock import lock_stock
from handlers.claims.tables import Claim


def _load(session: Session, rows: TurnRows, timers: Sequence[Timer]) -> None:
    load_claims(session, rows, [rows.people[rows.root(timer.owner_id)] for timer in timers])


def _claim(rows: TurnRows, timer: Timer) -> Claim | None:
    """The claim that ``timer`` is about, while it still waits for its player."""
    mine = rows.of(ClaimRows).claims.get(rows.root(timer.owner_id), ())
    return next((claim for claim in mine if str(claim.id) == timer.subject and claim.state == "open"), None)


def _remind(rows: TurnRows, timer: Timer, at: datetime) -> bool | Later:
    claim = _claim(rows, timer)
    if claim is None or claim.deadline_at is None or claim.deadline_at <= at:
        return False
    rules = rows.campaigns[claim.campaign_id].rules
    before = rules.section(ClaimRules).reminders()[timer.occurrence - 1 : timer.occurrence]
    if not before or not welcome(rows.preferred_addresses[rows.root(claim.player_id)]):
        return False
    if (due := claim.deadline_at - before[0]) > at:
        return Later(due)  # the file wants it later than when the claim was opened
    shown: Shown = {"item": title_of(rules, claim), "deadline": last_minute(rules, claim, at)}
    reply = told(rows, claim, at) if claim.kind == "counter" else Reply("claim.reminder", shown)
    remind(rows, claim, reply, timer.occurrence, at)
    return True


def _load_deadlines(session: Session, rows: TurnRows, timers: Sequence[Timer]) -> None:
    load_with_stock(session, rows, [rows.people[rows.root(timer.owner_id)] for timer in timers])


def load_with_stock(session: Session, rows: TurnRows, people: Iterable[Player]) -> None:
    """Load the claims of ``people``, who are locked, and lock the stock that the pieces go back to."""
    people = list(people)
    load_claims(session, rows, people)
    campaigns = {player.campaign_id for player in people}
    lock_stock(session, rows, campaigns)
    load_vouchers_in_stock(session, rows, 1)


def _load_second_draw(session: Session, rows: TurnRows, timers: Sequence[Timer]) -> None:
    """Lock the player, whoever would win the second draw, and the stock.

    The runner-up is looked up before anything is locked, so that all players are locked in one order, and once more
    under the lock of the stock, which every second draw of the campaign takes.
    """
    (timer,) = timers
    runner = _runner_up(session, rows, timer)
    runners = [runner[1]] if runner else []
    load_with_stock(session, rows, lock_people(session, rows, [timer.owner_id, *runners]).values())
    if _runner_up(session, rows, timer) != runner:
        raise Moved("another code would win the second draw now")
    if runner is not None:
        rows.of(ClaimRows).runners_up[int(timer.subject)] = runner


def _runner_up(session: Session, rows: TurnRows, timer: Timer) -> tuple[bytes, int] | None:
    mine = (Claim.player_id == timer.owner_id) & (Claim.id == int(timer.subject)) & (Claim.state == "open")
    found = session.execute(select(Claim.campaign_id, Claim.source, Claim.item).where(mine)).first()
    if found is None:
        return None
    published = rows.campaigns[found[0]].published
    if not goes_to_second_draw(published, found[1], found[2]):
        return None
    root = session.scalar(select(Player.merged_into).where(Player.id == timer.owner_id)) or timer.owner_id
    return runner_up(session, published, int(timer.subject), root)


def _end(rows: TurnRows, timer: Timer, at: datetime) -> bool:
    claim = _claim(rows, timer)
    if claim is None:
        return False
    published = rows.campaigns[claim.campaign_id].published
    if timer.kind == DEADLINE and goes_to_second_draw(published, claim.source, claim.item):
        # The file did not want it when the claim was opened: a second draw needs a transaction alone.
        due_at = claim.deadline_at or at
        set_timer(rows, timer.owner_id, DEADLINE_DRAW, subject=timer.subject, due_at=due_at)
        return True
    again = lapse(rows, claim, at)
    item = title_of(rows.campaigns[claim.campaign_id].rules, claim)
    key = "claim.lapsed_refunded" if claim.price else "claim.lapsed"
    notify(rows, claim, [Reply(key, {"item": item})], "lapsed", at)
    if again is not None:
        notify(rows, again, [Reply("claim.second", {"prize": item}), told(rows, again, at)], "second", at)
    return True


KINDS = {
    kind.name: kind
    for kind in (
        TimerKind(REMIND, _load, _remind),
        TimerKind(DEADLINE, _load_deadlines, _end),
        TimerKind(DEADLINE_DRAW, _load_second_draw, _end, alone=True),
    )
}


def _load_all(session: Session, rows: TurnRows, rules: Rules, people: Mapping[int, Player]) -> None:
    if has_claims(rules):
        load_claims(session, rows, people.values())


def _due(rows: TurnRows, player: Player) -> Iterator[list[Due]]:
    rules = rows.campaigns[player.campaign_id].rules.section(ClaimRules)
    for claim in rows.of(ClaimRows).claims.get(player.id, ()):
        if claim.state == "open" and claim.deadline_at is not None:
            reminders = enumerate(rules.reminders(), start=1)
            yield [
                Due(claim.player_id, REMIND, str(claim.id), number, claim.deadline_at - before)
                for number, before in reminders
            ]


def _timed(rules: Rules) -> tuple[timedelta, ...]:
    return rules.section(ClaimRules).reminders()


SCHEDULE = Schedule(kinds=(REMIND,), timed=_timed, load=_load_all, due=_due)
