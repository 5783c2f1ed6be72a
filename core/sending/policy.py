"""Policy: what nobody asked for goes only when it may, judged once, in the claim, for everything that is sent.

What is needless by now (consent, a stopped announcement, the campaign's end, its own end) is dropped by the statement
that marks it (core/sending/jobs.py), and swept away in thousands before its turn comes. Here is what has to wait, and
costs no try: for the opening of the campaign, the end of a pause, the end of quiet hours where the player is at home,
and the limits of a day and a week (frequency caps), which count what went to all addresses of a person. Answers and
notices are asked for, and wait for nothing of this.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, literal_column, select, update
from sqlalchemy.orm import Session, sessionmaker

from core import database, lists
from core.campaign.platforms import marketing_hours
from core.campaign.published import read_rules
from core.campaign.rules import Rules
from core.campaign.unasked import FollowUpLimits, Quiet, read_quiet
from core.database import read_only
from core.keys import Keyring, KeysUnusable
from core.models import Address, Broadcast, Campaign, CampaignVersion, OutboundJob, Touch
from core.models.base import table_of
from core.models.players import USER_COLUMN
from core.phones import phone_of
from core.sending.jobs import (
    CUT,
    DUE,
    TOO_LATE,
    WHY_NOT,
    ClaimedJob,
    JobKey,
    PutOff,
    WaitingJob,
    drop,
    put_off_each,
)
from core.sending.outbound import Category, SendingAccount
from core.sending.quiet_hours import WEEK, end_of_quiet, free_at, zone_of_phone

PAUSE = timedelta(minutes=10)
"""So long what is unasked waits at a time while its campaign is paused."""
QUIET, LIMITED, PAUSED, NOT_OPEN = "quiet_hours", "limit", "campaign_paused", "campaign_not_open"
BROADCAST_PAUSED = "broadcast_paused"
WAITS = (QUIET, LIMITED, PAUSED, NOT_OPEN, BROADCAST_PAUSED)
"""What a text that is put off by this waits for: its ``error`` while it is due."""

USUAL_LIMITS = FollowUpLimits(per_day=1, per_week=3)
"""How many texts of broadcasts and the like one person gets, where no campaign file says so of a broadcast's campaign.

A file that says only one of the two leaves the other to itself."""
_MANY = 2000  # texts that are judged or dropped in one transaction
_TABLE = table_of(OutboundJob)


class _CampaignState(NamedTuple):
    """A campaign as it stands now."""

    state: str
    opens_at: datetime
    closes_at: datetime
    rules: Rules

    def waits_until(self, at: datetime) -> tuple[datetime, str] | None:
        """Until when all that is unasked in it waits, and for what."""
        if at < self.opens_at:
            return self.opens_at, NOT_OPEN
        return (at + PAUSE, PAUSED) if self.state == "paused" else None

    def is_over(self, at: datetime) -> bool:
        return self.state == "ended" or at >= self.closes_at


class _BroadcastState(NamedTuple):
    """A broadcast as it stands now."""

    paused: bool
    quiet: Quiet | None
    """The hours in which it does not go."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of some texts: those that may ``go`` now, and those that are ``needless``, to be dropped."""

    go: Sequence[ClaimedJob]
    needless: Sequence[ClaimedJob] = ()


def judge(
    session: Session, keys: Keyring, outlet: SendingAccount, at: datetime, candidates: Sequence[ClaimedJob]
) -> Judged:
    """Which of ``candidates`` may go now; those that have to wait are put off.

    No query where nothing is unasked; else one, one more where some are of broadcasts, one more where a file limits how
    much is said, and two more where somebody has several addresses: whoever is written to at another one at this moment
    is left alone. Where most of them wait, or are needless, many of those behind them are judged with them, in three
    more.
    """
    unasked = [each for each in candidates if each.category.unasked]
    if not unasked:
        return Judged(candidates)
    campaigns = _campaigns(session, {each.campaign_id for each in unasked if each.campaign_id is not None})
    policy = _Policy(session, keys, at, campaigns, outlet.channel)
    policy.know_broadcasts(unasked)
    needless = [each for each in unasked if policy.is_needless(each)]
    left = [each for each in unasked if each not in needless]
    said, busy = _said(session, at, [each for each in left if policy.is_limited(each)])
    go = [each for each in candidates if not each.category.unasked]
    for each in left:
        who = each.person or each.address_key
        if who in busy:
            continue
        found = policy.waits(each, said[who])
        if found is None:
            said[who].append(at)
            go.append(each)
    if 2 * (len(needless) + policy.shut) > len(unasked):  # a hundred thousand of the same may be behind them
        policy.sweep(outlet)
    policy.write()
    return Judged(go, needless)


def may_go(session: Session, keys: Keyring, at: datetime, held: Sequence[WaitingJob]) -> set[JobKey]:
    """Which of ``held``, no marketing, may go now, if their players welcome them. Writes nothing; one query at most."""
    wanted = {each.campaign_id for each in held if each.category.unasked and each.campaign_id is not None}
    policy = _Policy(session, keys, at, _campaigns(session, wanted))
    needed = [each for each in held if not policy.is_needless(each)]
    return {each.key for each in needed if not each.category.unasked or policy.waits(each, ()) is None}


def drop_late(sessions: sessionmaker[Session], at: datetime) -> int:
    """Drop what was held for players who did not speak in time, many in a transaction; returns how many.

    Writes nothing when there is none. Who is speaking at this moment is left alone.
    """
    total = 0
    while True:
        with read_only(sessions) as session:
            if not session.execute(_LATE.limit(1), {"at": at}).first():
                return total
        with sessions.begin() as session:
            late = session.execute(database.taken(_LATE.limit(_MANY), OutboundJob.address_key, OutboundJob), {"at": at})
            keys = [(row[0], row[1]) for row in late]
            _drop_needless(session, keys, at)
        if not keys:
            return total
        total += len(keys)


_LATE = select(OutboundJob.address_key, OutboundJob.sequence).where(
    OutboundJob.state == literal_column("'held'"), TOO_LATE.is_not(None)
)


class _Policy:
    """Judges one text after the other, and keeps what has to wait."""

    def __init__(
        self,
        session: Session,
        keys: Keyring,
        at: datetime,
        campaigns: Mapping[int, _CampaignState],
        channel: str = "",  # matters to marketing alone
    ) -> None:
        self._session, self._keys, self._channel, self._at, self._campaigns = session, keys, channel, at, campaigns
        self._broadcasts: Mapping[int, _BroadcastState] = {}
        self._waits: dict[JobKey, PutOff] = {}
        self._enough: list[JobKey] = []
        """Of broadcasts: those that were put off once as their players had heard enough, who have again."""
        self.shut = 0
        """How many wait for something that holds for others, too: all of a campaign, or of a zone."""

    def know_broadcasts(self, judged: Sequence[ClaimedJob | WaitingJob]) -> None:
        """Read how the broadcasts stand of which some are; no query where none is."""
        self._broadcasts = _broadcasts(
            self._session, {each.broadcast_id for each in judged if each.broadcast_id is not None}
        )

    def _campaign(self, taken: ClaimedJob | WaitingJob) -> _CampaignState | None:
        return None if taken.campaign_id is None else self._campaigns.get(taken.campaign_id)

    def is_needless(self, taken: ClaimedJob | WaitingJob) -> bool:
        """Whether it will be dropped; who opted out is looked at when it is marked."""
        campaign = self._campaign(taken)
        over = campaign is not None and taken.category >= Category.NUDGE and campaign.is_over(self._at)
        return over or (taken.expires_at is not None and taken.expires_at <= self._at)

    def is_limited(self, taken: ClaimedJob) -> bool:
        """Whether it matters how much was said to its player."""
        return self._limits(taken) is not None

    def _limits(self, taken: ClaimedJob | WaitingJob) -> FollowUpLimits | None:
        campaign = self._campaign(taken)
        limits = campaign.rules.follow_up_limits if campaign and taken.category is Category.MARKETING else None
        if limits and (limits.per_day or limits.per_week):
            return limits
        return USUAL_LIMITS if taken.broadcast_id is not None else None

    def waits(self, taken: ClaimedJob | WaitingJob, said: Sequence[datetime]) -> str | None:
        """For what ``taken`` has to wait, until it is judged again; None when it may go now."""
        campaign = self._campaign(taken)
        broadcast, enough = self._broadcasts.get(taken.broadcast_id or 0), False
        if campaign and taken.category >= Category.NUDGE and (closed := campaign.waits_until(self._at)):
            until, why = closed
        elif broadcast is not None and broadcast.paused:
            until, why = self._at + PAUSE, BROADCAST_PAUSED
        else:
            until, why = self._free(taken, campaign, said)
            if until <= self._at:
                return None
            enough = broadcast is not None and self._is_over_limit(taken, said)
        self.shut += why != LIMITED
        if enough and (taken.capped or taken.expires_at is None or taken.expires_at <= until):
            self._enough.append(taken.key)
        else:
            self._waits[taken.key] = PutOff(taken.key, until, CUT if taken.cut else why, taken.capped or enough)
        return why

    def _is_over_limit(self, taken: ClaimedJob | WaitingJob, said: Sequence[datetime]) -> bool:
        limits = self._limits(taken)
        return limits is not None and free_at(said, limits, self._at) > self._at

    def _free(
        self, taken: ClaimedJob | WaitingJob, campaign: _CampaignState | None, said: Sequence[datetime]
    ) -> tuple[datetime, str]:
        """When the limits and the hours allow it, from now on, and which of them was the last to do so."""
        limits, hours = self._limits(taken), list(self._hours(taken, campaign))
        until, why = free_at(said, limits, self._at) if limits else self._at, LIMITED
        for _ in hours:  # the end of one's quiet hours may lie within another's
            for quiet, zone in hours:
                if (end := end_of_quiet(until, quiet, zone)) is not None:
                    until, why = end, QUIET
        return until, why

    def _hours(
        self, taken: ClaimedJob | WaitingJob, campaign: _CampaignState | None
    ) -> Iterable[tuple[Quiet, ZoneInfo]]:
        """The quiet hours that hold for ``taken``: of the campaign's file, and of the law where there is one."""
        limits = campaign.rules.follow_up_limits if campaign else None
        broadcast = self._broadcasts.get(taken.broadcast_id or 0)
        quiets = [each.quiet for each in (limits, broadcast) if each is not None and each.quiet is not None]
        lawful = marketing_hours(self._channel) if taken.category is Category.MARKETING else None
        if not quiets and lawful is None:
            return
        user = self._user(taken)
        if quiets and campaign is not None:
            phone = phone_of(user)
            zone = (zone_of_phone(phone) if phone else None) or campaign.rules.zone
            yield from ((quiet, zone) for quiet in quiets)
        if lawful is not None and user.startswith(lawful.numbers):
            yield lawful.quiet, lawful.zone

    def _user(self, taken: ClaimedJob | WaitingJob) -> str:
        try:
            return self._keys.unseal(USER_COLUMN, taken.address_key, taken.user_sealed)
        except KeysUnusable:
            return ""  # it cannot be sent from here, either

    def sweep(self, outlet: SendingAccount) -> None:
        """Judge many more of what is due and unasked: what has to wait is put off, what is needless is dropped.

        What may go stays as it is: limits are looked at when its turn comes.
        """
        more = _unasked_behind(self._session, outlet, self._at)
        self._campaigns = _campaigns(self._session, {each.campaign_id for each in more if each.campaign_id is not None})
        self.know_broadcasts(more)
        needless = [each.key for each in more if self.is_needless(each)]
        _drop_needless(self._session, needless, self._at)
        gone = set(needless)
        for each in more:
            if each.key not in gone and each.key not in self._waits and each.key not in self._enough:
                self.waits(each, ())

    def write(self) -> None:
        """Put off what has to wait; drop what was put off before as its player had heard enough, and has again."""
        put_off_each(self._session, list(self._waits.values()))
        drop(self._session, self._enough, LIMITED)


_STANDING = (
    select(Campaign.id, Campaign.state, CampaignVersion.rules, CampaignVersion.published_at)
    .join(CampaignVersion, (CampaignVersion.campaign_id == Campaign.id) & (CampaignVersion.version == Campaign.version))
    .add_columns(Campaign.opens_at, Campaign.closes_at)
)


def _campaigns(session: Session, ids: set[int]) -> Mapping[int, _CampaignState]:
    if not ids:
        return {}
    found = session.execute(_STANDING.where(Campaign.id.in_(sorted(ids))))
    return {row[0]: _CampaignState(row[1], row[4], row[5], read_rules(row[2])) for row in found}


def _broadcasts(session: Session, ids: set[int]) -> Mapping[int, _BroadcastState]:
    if not ids:
        return {}
    found = session.execute(
        select(Broadcast.id, Broadcast.paused, Broadcast.hours).where(Broadcast.id.in_(sorted(ids)))
    )
    return {row[0]: _BroadcastState(row[1], outside(row[2])) for row in found}


def outside(hours: str | None) -> Quiet | None:
    """The hours that are not within ``hours``; None where those are all."""
    if hours is None:
        return None
    within = read_quiet(hours)
    return Quiet(within.ends, within.begins)


def _said(
    session: Session, at: datetime, limited: Sequence[ClaimedJob]
) -> tuple[Mapping[bytes, list[datetime]], set[bytes]]:
    """What marketing went within a week, by person or address, but for these texts themselves; and who is busy."""
    said: dict[bytes, list[datetime]] = defaultdict(list)
    if not limited:
        return said, set()
    whose = {each.address_key: each.person or each.address_key for each in limited}
    busy: set[bytes] = set()
    if people := {each.person for each in limited if each.person is not None}:
        of_people = select(Address.key, Address.person).where(Address.person.in_(sorted(people)))
        whose |= {key: person for key, person in session.execute(of_people) if person is not None}
        busy = people - _lock_first(session, whose, people)
    own = {each.key for each in limited}
    since = select(Touch.address_key, Touch.sequence, Touch.at).where(
        Touch.address_key.in_(sorted(whose)), Touch.at > at - WEEK
    )
    for key, sequence, touched_at in session.execute(since):
        if (key, sequence) not in own:
            said[whose[key]].append(touched_at)
    return said, busy


def _lock_first(session: Session, whose: Mapping[bytes, bytes], people: set[bytes]) -> set[bytes]:
    """Whom of ``people`` nobody else writes to now: the first address of each is locked, where it is free."""
    first = sorted(min(key for key, who in whose.items() if who == person) for person in people)
    statement = database.taken(select(Address.key).where(Address.key.in_(first)), Address.key, Address)
    return {whose[key] for key in session.scalars(statement)}


def _unasked_behind(session: Session, outlet: SendingAccount, at: datetime) -> Sequence[WaitingJob]:
    """Many of the texts of an account that are due and that nobody asked for, locked; without what others look at."""
    found = session.execute(_BEHIND, {"channel": outlet.channel, "account": outlet.account, "at": at})
    return [WaitingJob(row[0], row[1], Category(row[2]), *row[3:9]) for row in found]


_BEHIND = database.taken(
    select(
        OutboundJob.address_key,
        OutboundJob.sequence,
        OutboundJob.category,
        OutboundJob.campaign_id,
        OutboundJob.expires_at,
        Address.user_sealed,
        OutboundJob.error == CUT,
        OutboundJob.broadcast_id,
        OutboundJob.capped,
    )
    .join(Address, Address.key == OutboundJob.address_key)
    .where(
        OutboundJob.channel == bindparam("channel"),
        OutboundJob.account == bindparam("account"),
        OutboundJob.state == DUE,
    )
    .where(OutboundJob.due_at <= bindparam("at", type_=_TABLE.c.due_at.type))
    .where(OutboundJob.category >= int(Category.REMINDER))
    .limit(_MANY),
    OutboundJob.category,
    OutboundJob,
)


def _drop_needless(session: Session, keys: Sequence[JobKey], at: datetime) -> None:
    """Drop those of these texts that are needless by now."""
    if keys:
        session.connection().execute(_DROP, {"keys": list(keys), "at": at})


_DROP = (
    update(_TABLE)
    .where(lists.among_rows((_TABLE.c.address_key, _TABLE.c.sequence), "keys"), WHY_NOT.is_not(None))
    .values(state="dropped", error=WHY_NOT)
)
