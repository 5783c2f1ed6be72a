"""What a handler sees: the message, the player, and the rows that its turn has loaded and locked.

Handlers change mapped objects and append rows; they issue no query. The turn writes everything in one flush.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from core.campaign.live import LiveCampaign, Published
from core.draws.lottery import Roll, roll
from core.keys import Keyring
from core.messages import InboundMessage
from core.models import Address, Base, Join, Player, Prize
from core.randomness import Randomness, new_id
from core.times import local_day

EVERYBODY = 0
"""The scope of wrong guesses that counts those of all campaigns."""


@dataclass(frozen=True, slots=True)
class FoundCode:
    """A code that exists, and its batch."""

    hash: bytes
    batch_state: str
    campaign_id: int


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of a player's points: positive when earned."""

    at: datetime
    points: int
    reason: str


@dataclass(slots=True)
class TurnRows:
    """All rows of one turn: loaded under lock, changed by handlers, appended at the end."""

    campaigns: Mapping[int, LiveCampaign]
    keys: Keyring
    randomness: Randomness
    wrong_per_hour: int
    """Wrong codes of everybody in an hour above which each sender has fewer tries."""
    addresses: dict[bytes, Address] = field(default_factory=dict)
    players: dict[tuple[bytes, int], Player] = field(default_factory=dict)
    codes: dict[bytes, FoundCode] = field(default_factory=dict)
    used_by: dict[bytes, int] = field(default_factory=dict)
    """The player of each redeemed code."""
    prizes: dict[tuple[int, str], Prize] = field(default_factory=dict)
    wrong: dict[int, int] = field(default_factory=dict)
    """Wrong guesses of this hour by scope, those of this turn included."""
    movements: dict[int, list[Movement]] = field(default_factory=dict)
    new_players: dict[int, Player] = field(default_factory=dict)
    new_wrong: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    appended: dict[type[Base], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    _hashes: dict[str, bytes] = field(default_factory=dict)
    _rolls: dict[bytes, Roll] = field(default_factory=dict)

    def code_hash(self, code: str) -> bytes:
        """The hash of a normalised code, computed once a turn."""
        if (code_hash := self._hashes.get(code)) is None:
            code_hash = self._hashes[code] = self.keys.code_hash(code)
        return code_hash

    def roll(self, code_hash: bytes, published: Published) -> Roll:
        """The roll of a code in its campaign, computed once a turn."""
        if (rolled := self._rolls.get(code_hash)) is None:
            rolled = self._rolls[code_hash] = roll(published.seed, published.rules.name, code_hash)
        return rolled

    def append(self, model: type[Base], **row: Any) -> None:
        """Keep ``row`` for the bulk insert into an append-only table."""
        self.appended[model].append(row)


@dataclass(slots=True)
class Context:
    """One message in its turn. ``campaign`` is the one that the message means, None when there is none."""

    message: InboundMessage
    address: Address
    rows: TurnRows
    campaign: LiveCampaign | None

    @property
    def now(self) -> datetime:
        """When the message was received; every deadline is judged by it."""
        return self.message.received_at

    @property
    def player(self) -> Player | None:
        """Whom the address speaks for in the campaign; None before the first join."""
        return self.rows.players.get((self.address.key, self.campaign.id)) if self.campaign else None

    def today(self) -> date:
        """The campaign's day (UTC where there is no campaign)."""
        return local_day(self.now, self.campaign.rules.zone) if self.campaign else self.now.date()

    def enter(self, campaign: LiveCampaign) -> Player:
        """Turn to ``campaign``, joining it when this address has not: returns its player."""
        self.campaign = campaign
        self.address.campaign_id = campaign.id
        if (player := self.player) is not None:
            return player
        player = Player(
            id=self._new_player_id(),
            campaign_id=campaign.id,
            points=0,
            points_expire_at=None,
            active_on=None,
            redeemed_today=0,
            drawn_today=0,
            wins=0,
            joined_at=self.now,
        )
        self.rows.players[self.address.key, campaign.id] = player
        self.rows.new_players[player.id] = player
        self.rows.append(
            Join, address_key=self.address.key, campaign_id=campaign.id, player_id=player.id, joined_at=self.now
        )
        return player

    def _new_player_id(self) -> int:
        """An id that no other new player of this turn has; the primary key looks after all others."""
        while (player_id := new_id(self.now, self.rows.randomness)) in self.rows.new_players:
            pass
        return player_id
