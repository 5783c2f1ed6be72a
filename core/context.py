"""What a handler sees: the message, the player, and the rows that its turn has loaded and locked.

Handlers change mapped objects and append rows; they issue no query. The turn writes everything in one flush.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from core.brake import Brake
from core.campaign.live import Campaigns, LiveCampaign
from core.consent import Event
from core.keys import Keyring
from core.messages import InboundMessage, Reply
from core.models import Address, Base, Player
from core.movements import Movement
from core.places import Place
from core.randomness import Randomness, new_id
from core.segments.reading import Lexicon
from core.sending.outbound import Held, Limits, Spent
from core.texts.catalogue import Catalogue, shipped
from core.times import local_day

if TYPE_CHECKING:
    from core.mechanics import Mechanics
    from core.reception import Reception
    from core.triggers import Trigger


Slot = TypeVar("Slot")


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
    texts: Callable[[], Catalogue] = shipped
    """What is said to whom no campaign says it in words of its own."""
    settings: tuple[object, ...] = ()
    """What the installation sets for mechanics, at most one of a class."""
    addresses: dict[bytes, Address] = field(default_factory=dict)
    players: dict[tuple[bytes, int], Player] = field(default_factory=dict)
    """By address and campaign."""
    people: dict[int, Player] = field(default_factory=dict)
    """All of them by id, inviters included."""
    preferred_addresses: dict[int, Address] = field(default_factory=dict)
    """The address of each player that was heard last: where a notice goes."""
    roots: dict[int, int] = field(default_factory=dict)
    """The player whom each of these has become; itself for one that was never linked."""
    persons: dict[bytes, list[bytes]] = field(default_factory=dict)
    """All addresses of a linked person."""
    phones: dict[bytes, bytes] = field(default_factory=dict)
    """The blind index of the phone that an address is, for those of linked people and the sides of a link."""
    sides: dict[bytes, set[bytes]] = field(default_factory=dict)
    """By sender: the addresses that its messages would make one person with it. Then two players may become one."""
    wishes: dict[bytes, set[Event]] = field(default_factory=dict)
    """What was wished and linked at each address before, where a message of this turn is older than some of it."""
    movements: dict[int, list[Movement]] = field(default_factory=dict)
    new: dict[type[Base], list[Base]] = field(default_factory=lambda: defaultdict(list))
    appended: dict[type[Base], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    over_limit: set[bytes] = field(default_factory=set)
    """Addresses whose answers wait for the next hour: their account, or their block of numbers, is over its limit."""
    released: set[bytes] = field(default_factory=set)
    """Addresses that may be sent again what was held for them."""
    held: Held = field(default_factory=Held)
    """What was held for those who speak, and rides on their answers."""
    withheld: set[tuple[bytes, str]] = field(default_factory=set)
    """Messages, by address and external id, that are not answered, as their senders were answered often enough, or are
    blocked."""
    agreed: dict[tuple[bytes, str], int] = field(default_factory=lambda: defaultdict(int))
    """Notices that an address agreed to get, by address and template."""
    scenes: Counter[tuple[Place, date, str, str]] = field(default_factory=Counter)
    """What scenes brought, by our account, day (UTC), scene and counter."""
    spent: dict[tuple[str, str, int, str], Spent] = field(default_factory=dict)
    """What texts that went back at once have cost, by channel, account, hour and block of numbers."""
    gains: int = 0
    """How many codes were redeemed in this turn, and how much was won or bought: that is told to whoever it is."""
    merged: dict[int, int] = field(default_factory=dict)
    """Players that become another one: their joins and what was linked to them follow."""
    reactions: Mapping[type[Any], Sequence[Callable[["TurnRows", Any], object]]] = field(default_factory=dict)
    """Who reacts to an event, by its class."""
    outcomes: dict[type[Any], Any] = field(default_factory=dict)
    """What reactions made of what happened by the message that is dealt with, by the class of what they return."""
    segments: Lexicon = field(default_factory=lambda: Lexicon(()))
    """The words for what is true of players."""
    triggers: Mapping[str, "Trigger"] = field(default_factory=dict)
    """The words for what happens to them."""
    _slots: dict[type[Any], Any] = field(default_factory=dict)
    _ids: set[int] = field(default_factory=set)

    def of(self, kind: type[Slot]) -> Slot:
        """The rows of one mechanic, which are of ``kind``; empty until it has loaded some."""
        try:
            found: Slot = self._slots[kind]
        except KeyError:
            found = self._slots[kind] = kind()
        return found

    def setting(self, kind: type[Slot]) -> Slot | None:
        """What the installation sets of ``kind``; None where it does not."""
        return next((each for each in self.settings if isinstance(each, kind)), None)

    def happened(self, event: object) -> None:
        """Let all those react whom ``event`` concerns, in the order of mechanics, and keep what each makes of it."""
        for reaction in self.reactions.get(type(event), ()):
            if (made := reaction(self, event)) is not None:
                self.outcomes[type(made)] = made

    def outcome(self, kind: type[Slot]) -> Slot | None:
        """What a reaction made last of what happened by the message that is dealt with, where that is of ``kind``."""
        found: Slot | None = self.outcomes.get(kind)
        return found

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
        return self.roots.get(player_id, player_id)


@dataclass(slots=True)
class Context:
    """One message in its turn. ``campaign`` is the one that the message means, None when there is none."""

    message: InboundMessage
    address: Address
    rows: TurnRows
    campaign: LiveCampaign | None
    mechanics: "Mechanics"
    offered: str | None = None
    """The words that the sender's last text may have meant: it was asked which."""

    def outcome(self, kind: type[Slot]) -> Slot | None:
        """What a reaction made of what happened by this message, where that is of ``kind``."""
        found: Slot | None = self.rows.outcomes.get(kind)
        return found

    def besides(self) -> list[Reply]:
        """What mechanics say of what happened by this message, beside what its handler says; what asks comes last."""
        return [reply for says in self.mechanics.besides for reply in says(self)] if self.rows.outcomes else []

    @property
    def reception(self) -> "Reception":
        """Whoever answers where no mechanic is concerned."""
        return self.mechanics.reception

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
