"""The campaigns as a turn needs them: state from the database, everything frozen kept in memory.

An ended campaign never changes, but that its seed may be revealed. So a turn reads the others only, however many there
ever were, and sees by two numbers whether some have ended since.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Row, Select, event, func, literal_column, or_, select, tuple_
from sqlalchemy.orm import Mapper, Session, object_session

from core.campaign.grammar import Section
from core.campaign.platforms import asks_word
from core.campaign.published import read_rules
from core.campaign.rules import Rules
from core.keys import Keyring
from core.models import Batch, Campaign, CampaignVersion
from core.places import Place
from core.texts.catalogue import Catalogue, overridden

Made = TypeVar("Made")

SEED_COLUMN = "campaigns.seed_sealed"
_WRITTEN = "campaigns written"
"""Of a session's ``info``."""

_LAST = select(func.max(Campaign.id).label("id")).subquery("last")
_COLUMNS = (
    _LAST.c.id.label("last"),
    Campaign.id,
    Campaign.version,
    Campaign.state,
    Campaign.revealed_at,
    Campaign.ended_at,
    Batch.code_length,
    Batch.checked,
)
# Imported codes look like any word: only while they count.
_BATCHES = (Batch.campaign_id == Campaign.id) & or_(Batch.checked, Batch.state == "active")
_OPEN = Campaign.state != literal_column("'ended'")  # spelt out, for the index that holds only these


def _reading(which: Any) -> Select[Any]:
    """The campaigns that are ``which``, with what their codes look like; one row of the last one's id where none is."""
    found = select(*_COLUMNS).select_from(_LAST).outerjoin(Campaign, which).outerjoin(Batch, _BATCHES)
    return found.distinct().order_by(Campaign.id)


_GOING_ON = _reading(_OPEN)


@dataclass(frozen=True, slots=True)
class Published:
    """One version of a campaign, compiled: everything that never changes."""

    id: int
    version: int
    rules: Rules
    rules_hash: str
    seed: bytes
    seed_commitment: str
    texts: Catalogue
    opens_at: datetime
    closes_at: datetime
    _made: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    def once(self, make: Callable[["Published"], Made]) -> Made:
        """What ``make`` makes of this version; it is asked once."""
        if make not in self._made:
            self._made[make] = make(self)
        made: Made = self._made[make]
        return made


@dataclass(frozen=True, slots=True)
class LiveCampaign:
    """A published campaign and what may change: its state, and whether its seed is revealed."""

    published: Published
    state: str
    revealed: bool
    code_formats: frozenset[tuple[int, bool]]
    """(length, ends in a check symbol) of the codes that were issued or imported."""
    ended_at: datetime | None = None
    """When an operator ended it."""

    @property
    def id(self) -> int:
        """The campaign's number."""
        return self.published.id

    @property
    def rules(self) -> Rules:
        """The rules of the newest version."""
        return self.published.rules

    @property
    def closes_at(self) -> datetime:
        """When it closes, or closed: as planned, unless an operator ended it before."""
        return min(self.ended_at or self.published.closes_at, self.published.closes_at)

    def takes_codes_of(self, length: int) -> bool:
        """Whether a code of ``length`` symbols may be one of its own, by those that it has, or would have."""
        lengths = {each for each, _ in self.code_formats}
        return self.rules.takes_codes() and (length in lengths if lengths else length == self.rules.code_length)

    def why_closed(self, at: datetime) -> str | None:
        """The key of the text that says why nothing can be redeemed at ``at``, or None when it can."""
        if self.state == "ended" or at >= self.published.closes_at:
            return "campaign.over"
        if at < self.published.opens_at:
            return "campaign.not_open"
        return "campaign.paused" if self.state == "paused" else None


class Left(NamedTuple):
    """What ended campaigns leave behind at one place."""

    code_formats: frozenset[tuple[int, bool]]
    """Of their codes that end in a check symbol: those are told that it is over."""
    asks_word: bool
    """One of them was joined by a word that was typed after a scan."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The campaigns that have ended, as far as they were seen."""

    campaigns: Mapping[int, LiveCampaign] = field(default_factory=dict)
    last: int = 0
    """The greatest id that was seen; what has a greater one is new."""
    others: frozenset[int] = frozenset()
    """The campaigns up to ``last`` that had not ended when they were seen."""
    bring_friends: bool = False
    """Friends could be brought into one of them."""
    _left: dict[Place, Left] = field(default_factory=dict)

    def at(self, place: Place) -> Left:
        """What they leave behind at ``place``; looked for once."""
        if (left := self._left.get(place)) is None:
            here = [each for each in self.campaigns.values() if each.rules.plays_at(place)]
            code_formats = frozenset(shape for each in here for shape in each.code_formats if shape[1])
            asks = any(asks_word(each.rules, place) for each in self.campaigns.values())
            left = self._left[place] = Left(code_formats, asks)
        return left


class Campaigns(dict[int, LiveCampaign]):
    """Campaigns by id, in the order of publication: to go through, those that matter; to look up, all that there are.

    What matters is what has not ended, and what somebody who is spoken with has to do with (:meth:`meet`).
    """

    def __init__(self, others: Mapping[int, LiveCampaign] | None = None, ended: Ended | None = None) -> None:
        super().__init__(others or {})
        self.ended = ended or Ended()

    def __missing__(self, campaign_id: int) -> LiveCampaign:
        """An ended one."""
        return self.ended.campaigns[campaign_id]

    def meet(self, campaign_id: int | None) -> None:
        """Let the campaign matter, if there is one with this id: somebody has to do with it."""
        found = self.ended.campaigns.get(campaign_id or 0)
        if found is not None:
            self.setdefault(found.id, found)

    def all(self) -> dict[int, LiveCampaign]:
        """All that there are."""
        return dict(sorted((dict(self.ended.campaigns) | self).items()))


@event.listens_for(Campaign, "after_insert")
@event.listens_for(Campaign, "after_update")
@event.listens_for(CampaignVersion, "after_insert")
def _changed(mapper: Mapper[Any], connection: Connection, changed: Campaign | CampaignVersion) -> None:
    """Mark the session that has written a campaign: what it sees from now on may be rolled back, as a plan is."""
    del mapper, connection
    session = object_session(changed)
    assert session is not None
    session.info[_WRITTEN] = True


class CampaignShelf:
    """Reads the campaigns once a turn, in one query; keeps the compiled versions. Safe to share between threads.

    Nothing is kept of what is seen by a session that has written a campaign itself.
    """

    def __init__(self, keys: Keyring, texts: Callable[[], Catalogue], kinds: tuple[type[Section], ...]) -> None:
        self._keys, self._texts, self._kinds = keys, texts, kinds
        self._published: dict[tuple[int, int], Published] = {}
        self._ended = Ended()

    def look(self, session: Session) -> Campaigns:
        """The campaigns. Further queries when one has ended, or a version is new, since this process looked last."""
        rows = session.execute(_GOING_ON).all()
        others = self._live(session, rows)
        last, ended = rows[0].last or 0, self._ended
        gone = ended.others - others.keys()
        if gone or last > ended.last:
            ended = self._with_more(session, ended, others.keys(), gone, last)
            if _WRITTEN not in session.info:
                self._ended = ended
        return Campaigns(others, ended)

    def read(self, session: Session) -> dict[int, LiveCampaign]:
        """All campaigns by id, in the order of publication: as many as there ever were, so nothing for a turn."""
        return self.look(session).all()

    def _with_more(
        self, session: Session, ended: Ended, others: Collection[int], gone: Collection[int], last: int
    ) -> Ended:
        """``ended`` with those of ``gone``, and of those behind the last one, that have ended.

        Whoever looks at the same time with an older view may put back what is told here: then it is told once more.
        """
        new = Campaign.id.in_(sorted(gone)) | (Campaign.id > ended.last)
        found = self._live(session, session.execute(_reading(~_OPEN & new)).all())
        return Ended(
            {**ended.campaigns, **found},
            max(last, ended.last),
            (ended.others | set(others)) - ended.campaigns.keys() - found.keys(),
            ended.bring_friends or any(each.rules.brings_friends for each in found.values()),
        )

    def _live(self, session: Session, rows: Collection[Row[Any]]) -> dict[int, LiveCampaign]:
        code_formats = dict[int, set[tuple[int, bool]]]()
        known = [row for row in rows if row.id is not None]
        ready = self._compiled(session, {(row.id, row.version) for row in known})
        for row in known:
            code_formats.setdefault(row.id, set()).update([(row.code_length, row.checked)] if row.code_length else [])
        return {
            row.id: LiveCampaign(
                ready[row.id, row.version],
                row.state,
                bool(row.revealed_at),
                frozenset(code_formats[row.id]),
                row.ended_at,
            )
            for row in known
        }

    def _compiled(self, session: Session, wanted: set[tuple[int, int]]) -> Mapping[tuple[int, int], Published]:
        """The versions that are ``wanted``, among others."""
        kept = dict(self._published) if _WRITTEN in session.info else self._published
        if not (missing := sorted(wanted - kept.keys())):
            return kept
        found = session.execute(
            select(Campaign, CampaignVersion)
            .join(CampaignVersion, CampaignVersion.campaign_id == Campaign.id)
            .where(tuple_(CampaignVersion.campaign_id, CampaignVersion.version).in_(missing))
        )
        for campaign, version in found:
            kept[campaign.id, version.version] = compiled(
                campaign, version, read_rules(version.rules, self._kinds), self._keys, self._texts()
            )
        return kept


def kept_seed(campaign: Campaign, keys: Keyring) -> bytes:
    """The campaign's draw seed, unsealed."""
    return bytes.fromhex(keys.unseal(SEED_COLUMN, campaign.name.encode(), campaign.seed_sealed))


def compiled(campaign: Campaign, version: CampaignVersion, rules: Rules, keys: Keyring, texts: Catalogue) -> Published:
    """Everything that one version fixes, ready for use; ``texts`` are said where it has none of its own."""
    opens_at = rules.opens.resolve(version.published_at)
    closes_at = rules.closes.resolve(version.published_at, opens_at)
    return Published(
        campaign.id,
        version.version,
        rules,
        version.rules_hash,
        kept_seed(campaign, keys),
        campaign.seed_commitment,
        overridden(texts, rules.texts, rules.language, rules.languages, rules.words),
        opens_at,
        closes_at,
    )
