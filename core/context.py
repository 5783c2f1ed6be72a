"""What a handler sees: the message, the player, and the rows that its turn has loaded and locked.

Handlers change mapped objects and append rows; they issue no query. The turn writes everything in one flush.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from core.brake import Brake
from core.campaign.live import Campaigns, LiveCampaign, Published
from core.consent import Event
from core.draws.lottery import Roll, roll
from core.follow_ups.known import Known
from core.keys import Keyring
from core.messages import InboundMessage
from core.models import Address, Base, Claim, Gift, Invite, LinkWord, Player, Prize, QuotaDay, Torch, Voucher
from core.places import Place
from core.randomness import Randomness, new_id
from core.relay.moderation import BlockedWords
from core.sending.outbound import Held, Limits, Spent
from core.times import local_day
from core.told import Board, Friends, Movement, Standing

if TYPE_CHECKING:
    from core.engine.routes import Topic

EVERYBODY = 0
"""The scope of wrong guesses that counts those of all campaigns."""


@dataclass(frozen=True, slots=True)
class FoundCode:
    """A code that exists, and its batch."""

    hash: bytes
    batch_state: str
    campaign_id: int


class HandedOn(NamedTuple):
    """What became of the torch of whoever brought a friend in."""

    passer: Player
    lit: bool
    """This join lit it."""
    late: timedelta | None
    """So long after its end the friend came; None for one who came in time, or later to a torch that burns."""


@dataclass(slots=True)
class Circles:
    """Whom the turn's messages concern beside their senders: inviters, friends, and other addresses of a person."""

    words: dict[str, int] = field(default_factory=dict)
    """The player of each invite word."""
    roots: dict[int, int] = field(default_factory=dict)
    """The player whom each of these has become; itself for one that was never linked."""
    invites: dict[int, Invite] = field(default_factory=dict)
    """Invites by the friend that was invited."""
    recent: dict[int, list[Invite]] = field(default_factory=dict)
    """The latest friends of each inviter, in order of joining."""
    above: dict[int, set[int]] = field(default_factory=dict)
    """The inviters above each sender who tries to invite, a few levels up."""
    recommended: dict[tuple[bytes, int], list[int]] = field(default_factory=dict)
    """Who recommended a phone in a campaign, first one first."""
    joined_phones: dict[tuple[bytes, int], int] = field(default_factory=dict)
    recommending: dict[int, int] = field(default_factory=dict)
    """How many phones each sender recommended within a day."""
    phones: dict[bytes, bytes] = field(default_factory=dict)
    """The blind index of the phone that an address is, for the sides of a link."""
    scanned: dict[bytes, str] = field(default_factory=dict)
    """The invite word that an address scanned, where a typed word makes it count."""
    link_words: dict[bytes, LinkWord] = field(default_factory=dict)
    persons: dict[bytes, list[bytes]] = field(default_factory=dict)
    """All addresses of a linked person."""
    wishes: dict[bytes, set[Event]] = field(default_factory=dict)
    """What was wished and linked at each address before, where a message of this turn is older than some of it."""
    friends: dict[int, Friends] = field(default_factory=dict)
    came: dict[int, list[tuple[datetime, int]]] = field(default_factory=dict)
    """Friends by inviter, who may light a torch that is granted after they were dealt with: (joined at, friend)."""


@dataclass(slots=True)
class TurnRows:
    """All rows of one turn: loaded under lock, changed by handlers, appended at the end."""

    campaigns: Campaigns
    keys: Keyring
    randomness: Randomness
    wrong_per_hour: int
    """Wrong codes of everybody in an hour above which each sender has fewer tries."""
    public_url: str | None = None
    """What links for players begin with."""
    brake: Brake = field(default_factory=Brake)
    """How often an address is answered within an hour."""
    limits: Mapping[tuple[str, str], Limits] = field(default_factory=dict)
    """What texts cost and what may be spent, by channel and account, where texts cost money."""
    blocked_words: BlockedWords | None = None
    """The installation's own list of words that no name holds."""
    addresses: dict[bytes, Address] = field(default_factory=dict)
    players: dict[tuple[bytes, int], Player] = field(default_factory=dict)
    """By address and campaign."""
    people: dict[int, Player] = field(default_factory=dict)
    """All of them by id, inviters included."""
    spokesmen: dict[int, Address] = field(default_factory=dict)
    """The address of each player that was heard last: where a notice goes."""
    codes: dict[bytes, FoundCode] = field(default_factory=dict)
    used_by: dict[bytes, int] = field(default_factory=dict)
    """The player of each redeemed code."""
    prizes: dict[tuple[int, str], Prize] = field(default_factory=dict)
    gifts: dict[tuple[int, str], Gift] = field(default_factory=dict)
    claims: dict[int, list[Claim]] = field(default_factory=dict)
    """By player, oldest first, those of the players that were linked to this one included."""
    free_vouchers: dict[tuple[int, str], list[Voucher]] = field(default_factory=dict)
    handed_vouchers: dict[int, Voucher] = field(default_factory=dict)
    """By claim."""
    runners_up: dict[int, tuple[bytes, int]] = field(default_factory=dict)
    """The code, and its player, that would win the second draw of a claim that lapses."""
    known: Known = field(default_factory=Known)
    torches: dict[int, list[Torch]] = field(default_factory=dict)
    """By player, those of the players that were linked to this one included."""
    quotas: dict[tuple[int, date], QuotaDay] = field(default_factory=dict)
    """How many torches of a campaign day were given out, by campaign and day."""
    standings: dict[int, Standing] = field(default_factory=dict)
    boards: dict[int, Mapping[str, Board]] = field(default_factory=dict)
    """By campaign: "longest" (chains by legs), "lit" (chains by lit torches), "today" (players by friends)."""
    circles: Circles = field(default_factory=Circles)
    wrong: dict[int, int] = field(default_factory=dict)
    """Wrong guesses of this hour by scope, those of this turn included."""
    movements: dict[int, list[Movement]] = field(default_factory=dict)
    new_wrong: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    new: dict[type[Base], list[Base]] = field(default_factory=lambda: defaultdict(list))
    appended: dict[type[Base], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    over_limit: set[bytes] = field(default_factory=set)
    """Addresses whose answers wait for the next hour: their account, or their block of numbers, is over its limit."""
    released: set[bytes] = field(default_factory=set)
    """Addresses that may be sent again what was held for them."""
    held: Held = field(default_factory=Held)
    """What was held for those who speak, and rides on their answers."""
    withheld: set[tuple[bytes, str]] = field(default_factory=set)
    """Messages, by address and external id, that are not answered, as their senders were answered often enough."""
    agreed: dict[tuple[bytes, str], int] = field(default_factory=lambda: defaultdict(int))
    """Notices that an address agreed to get, by address and template."""
    scenes: Counter[tuple[Place, date, str, str]] = field(default_factory=Counter)
    """What scenes brought, by our account, day (UTC), scene and counter."""
    spent: dict[tuple[str, str, int, str], Spent] = field(default_factory=dict)
    """What texts that went back at once have cost, by channel, account, hour and block of numbers."""
    merged: dict[int, int] = field(default_factory=dict)
    """Players that become another one: their joins and what was linked to them follow."""
    _hashes: dict[str, bytes] = field(default_factory=dict)
    _rolls: dict[bytes, Roll] = field(default_factory=dict)
    _ids: set[int] = field(default_factory=set)

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

    def add(self, instance: Base) -> None:
        """Keep a new mapped object, which handlers may still change, for the bulk insert."""
        self.new[type(instance)].append(instance)

    def new_id(self, at: datetime) -> int:
        """An id that no other new row of this turn has; the primary key looks after all others."""
        while (made := new_id(at, self.randomness)) in self._ids:
            pass
        self._ids.add(made)
        return made

    def random_id(self) -> int:
        """A 63-bit id that does not tell when it was made: for rows of which thousands are of one instant."""
        return int.from_bytes(self.randomness.take(8), "big") >> 1

    def root(self, player_id: int) -> int:
        """The player whom ``player_id`` has become."""
        return self.circles.roots.get(player_id, player_id)


@dataclass(slots=True)
class Context:
    """One message in its turn. ``campaign`` is the one that the message means, None when there is none."""

    message: InboundMessage
    address: Address
    rows: TurnRows
    campaign: LiveCampaign | None
    handed: HandedOn | None = None
    """What the sender's first join, if this message is one, did to the torch of whoever brought the sender in."""
    topics: Mapping[str, "Topic"] = field(default_factory=dict)
    """All kinds of questions by name."""
    offered: str | None = None
    """The words that the sender's last text may have meant: it was asked which."""

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
