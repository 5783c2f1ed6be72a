"""The timers of torches: remind the player, put the torch out at its end, say when it may be lit anew."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from core.campaign.rules import Rules
from core.consent import welcome
from core.context import TurnRows
from core.messages import Reply
from core.models import Player, Timer
from core.timers.kinds import Later, TimerKind
from core.timers.reschedule import Due, Schedule
from handlers.relay.load import RelayRows, load_torches_of
from handlers.relay.relight import next_relight
from handlers.relay.replies import nudge, relight_hint, tell, unlit
from handlers.relay.rules import RelayRules
from handlers.relay.tables import Torch
from handlers.relay.torches import MAY_RELIGHT, OUT, REMIND, burns, latest, put_out, relay_rules, time_relight


def _load(session: Session, rows: TurnRows, timers: Sequence[Timer]) -> None:
    """Load the torches of the players, who are locked."""
    load_torches_of(session, rows, {rows.root(timer.owner_id) for timer in timers})


def _torch(rows: TurnRows, timer: Timer) -> tuple[Player, Torch] | None:
    """The player and the torch that ``timer`` is about, while it is not lit."""
    player = rows.people[rows.root(timer.owner_id)]
    for torch in rows.of(RelayRows).torches.get(player.id, ()):
        if (torch.player_id, str(torch.number)) == (timer.owner_id, timer.subject) and torch.state != "lit":
            return player, torch
    return None


def _is_on(rows: TurnRows, player: Player, at: datetime) -> bool:
    """Whether a friend could come now."""
    campaign = rows.campaigns[player.campaign_id]
    return campaign.rules.section(RelayRules) is not None and campaign.why_closed(at) is None


def _remind(rows: TurnRows, timer: Timer, at: datetime) -> bool | Later:
    found = _torch(rows, timer)
    if found is None or found[1].ends_at <= at or burns(rows, found[0]) or not _is_on(rows, found[0], at):
        return False
    player, torch = found
    after = sorted(relay_rules(rows, player).remind)[timer.occurrence - 1 : timer.occurrence]
    if not after or not welcome(rows.preferred_addresses[player.id]):
        return False
    if (due := torch.granted_at + after[0]) > at:
        return Later(due)  # the file wants it later than when the torch was granted
    what = f"{torch.player_id}:{torch.number}:remind-{timer.occurrence}"
    nudge(rows, player, unlit(rows, "relay.remind", player, torch, at), what, at, until=torch.ends_at)
    return True


def _put_out(rows: TurnRows, timer: Timer, at: datetime) -> bool:
    found = _torch(rows, timer)
    if found is None or found[1].state != "unlit":
        return False
    player, torch = found
    put_out(rows, torch, at)
    if burns(rows, player) or torch is not latest(rows, player):
        return True  # another one, of a linked address or lit anew, is what counts
    due = next_relight(rows, player)
    if due is not None and due > at:
        time_relight(rows, torch, due)
    reply = Reply("relay.went_out", {"leg": torch.leg, "relight": relight_hint(rows, player, at)})
    tell(rows, player, reply, f"{torch.player_id}:{torch.number}:out", at)
    return True


def _may_relight(rows: TurnRows, timer: Timer, at: datetime) -> bool | Later:
    found = _torch(rows, timer)
    if found is None or found[1] is not latest(rows, found[0]):
        return False
    player, torch = found
    due = next_relight(rows, player)
    if due is None or not _is_on(rows, player, at) or not welcome(rows.preferred_addresses[player.id]):
        return False
    if due > at:
        return Later(due)  # the file wants it later than when the torch went out
    nudge(rows, player, Reply("relay.may_relight"), f"{torch.player_id}:{torch.number}:relight", at)
    return True


KINDS = {
    kind.name: kind
    for kind in (
        TimerKind(REMIND, _load, _remind),
        TimerKind(OUT, _load, _put_out),
        TimerKind(MAY_RELIGHT, _load, _may_relight),
    )
}


def _load_torches(session: Session, rows: TurnRows, rules: Rules, people: Mapping[int, Player]) -> None:
    if rules.section(RelayRules) is not None:
        load_torches_of(session, rows, people)


def _timed(rules: Rules) -> object:
    relay = rules.section(RelayRules)
    return (relay.remind, relay.relight) if relay else ()


def _due(rows: TurnRows, player: Player) -> Iterator[list[Due]]:
    rules = rows.campaigns[player.campaign_id].rules.section(RelayRules)
    mine = rows.of(RelayRows).torches.get(player.id, ())
    if rules is None:
        return
    for torch in mine:
        if torch.state == "unlit":
            reminders = enumerate(sorted(rules.remind), start=1)
            yield [
                Due(torch.player_id, REMIND, str(torch.number), number, torch.granted_at + after)
                for number, after in reminders
            ]
    last, again_at = latest(rows, player), next_relight(rows, player)
    if last is not None and last.state == "out" and again_at is not None:
        yield [Due(last.player_id, MAY_RELIGHT, str(last.number), 1, again_at)]


SCHEDULE = Schedule(kinds=(REMIND, MAY_RELIGHT), timed=_timed, load=_load_torches, due=_due)
