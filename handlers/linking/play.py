"""Link two addresses of one person: a one-time word is said on one and typed on the other; two players become one.

No row of the past changes: the points of the younger player move to the older one by two transfers through one house
account, and draws, redemptions, claims and invites stay with the player who made them.
"""

from datetime import timedelta
from typing import Literal

from core import ledger
from core.blocks import share_block
from core.context import Context, TurnRows
from core.database import Moved
from core.engine.replies import State, say
from core.events import Addressed, KeptApart, Merged, Merging
from core.guesses import count_wrong_guess, locked_out
from core.messages import Reply
from core.models import Address, Join, Player
from core.opt_outs import become_one
from core.words import LENGTH, Kind, new_word
from handlers.linking.load import LinkRows
from handlers.linking.tables import LinkWord

LINKS = "links"
GOOD_FOR = timedelta(minutes=15)

Linked = Literal["linked", "locked", "unknown", "expired", "same", "known", "invited"]


def link_word(ctx: Context) -> str:
    """A new word that links another address to the sender's, once, within GOOD_FOR."""
    word = new_word(Kind.LINK, ctx.rows.randomness)
    ctx.rows.append(
        LinkWord,
        word_hash=ctx.rows.keys.index("link-word", word),
        address_key=ctx.address.key,
        expires_at=ctx.now + GOOD_FOR,
        used_at=None,
    )
    return word


def link(ctx: Context, word: str) -> Linked:
    """Make the sender and the address that was given ``word`` one person, in every campaign that either has joined.

    That other address is told.

    Refusals, in order of precedence: "locked" (too many wrong codes or words today), "unknown", "expired" (or used),
    "same" (typed where it was said), "known" (they are one person already), "invited" (one brought the other in: a
    friend stays a friend).
    """
    if locked_out(ctx):
        return "locked"
    found = ctx.rows.of(LinkRows).words.get(ctx.rows.keys.index("link-word", word))
    other = ctx.rows.addresses.get(found.address_key) if found else None
    if found is None or other is None:
        count_wrong_guess(ctx, LENGTH)
        return "unknown"
    if (refusal := _why_not(ctx, found, other)) is not None:
        if refusal == "known":  # it may be older than what made them one, and wishes were made between
            become_one(ctx.rows, ctx.address, ctx.message, other)
        return refusal
    found.used_at = ctx.now
    for one, two in _pairs(ctx.rows, ctx.address, other):
        older, younger = sorted((one, two), key=lambda player: (player.joined_at, player.id))
        _merge(ctx, older, younger)
    _become_one(ctx, other)
    notice = Reply("link.told", {"channel": ctx.message.channel})
    ref = f"notice:link:{found.word_hash.hex()}"
    say(ctx.rows, other, ctx.campaign, [notice], ref=ref, state=State.QUEUED, at=ctx.now)
    return "linked"


def _why_not(ctx: Context, found: LinkWord, other: Address) -> Linked | None:
    if found.used_at is not None or found.expires_at <= ctx.now:
        return "expired"
    if other is ctx.address:
        return "same"
    if other.person is not None and other.person == ctx.address.person:
        return "known"
    for one, two in _pairs(ctx.rows, ctx.address, other):
        ctx.rows.happened(Merging(one, two))
    return "invited" if ctx.outcome(KeptApart) else None


def _pairs(rows: TurnRows, one: Address, other: Address) -> list[tuple[Player, Player]]:
    """The two players of each campaign that both addresses play as different players."""
    pairs = [
        (rows.players.get((one.key, campaign)), rows.players.get((other.key, campaign))) for campaign in rows.campaigns
    ]
    return [(mine, theirs) for mine, theirs in pairs if mine and theirs and mine is not theirs]


def _merge(ctx: Context, older: Player, younger: Player) -> None:
    rows, now = ctx.rows, ctx.now
    for player in (older, younger):
        if player.points_expire_at is not None and player.points_expire_at <= now:
            ledger.expire(rows, player, now)  # else it would begin a new life with the other one
    if younger.points:
        points = younger.points
        ledger.take(rows, younger, points, to=LINKS, ref=f"link-out:{older.id}", reason="linked", at=now)
        ledger.award(rows, older, points, ref=f"link-in:{younger.id}", reason="linked", at=now, source=LINKS)
    younger.points_expire_at = None
    younger.merged_into = older.id
    rows.merged[younger.id] = older.id
    rows.roots.update({each: older.id for each, root in rows.roots.items() if root == younger.id})
    rows.roots[younger.id] = older.id
    for place, player in rows.players.items():
        if player is younger:
            rows.players[place] = older
    rows.happened(Merged(older, younger, now))


def _become_one(ctx: Context, other: Address) -> None:
    """All addresses of both sides are one person, and speak for the same player in every campaign.

    Raises Moved when one of the sides was linked to somebody else while we waited for the locks.
    """
    rows = ctx.rows
    person = other.person or ctx.address.person or other.key
    ctx.address.language = ctx.address.language or other.language
    sides = {each for side in (ctx.address, other) for each in _addresses_of(rows, side)}
    if not sides <= rows.addresses.keys():
        raise Moved("an address was linked meanwhile")
    become_one(rows, ctx.address, ctx.message, other)
    for key in sorted(sides):
        rows.addresses[key].person = person
    share_block(rows.keys, [rows.addresses[key] for key in sorted(sides)])
    rows.persons[person] = sorted(sides)
    for campaign in rows.campaigns:
        players = [rows.players[key, campaign] for key in sorted(sides) if (key, campaign) in rows.players]
        for key in sorted(sides) if players else ():
            if (key, campaign) not in rows.players:
                rows.players[key, campaign] = players[0]
                rows.append(Join, address_key=key, campaign_id=campaign, player_id=players[0].id, joined_at=ctx.now)
        if players:
            rows.happened(Addressed(players[0], sides, ctx.now))


def _addresses_of(rows: TurnRows, address: Address) -> list[bytes]:
    return rows.persons.get(address.person, [address.key]) if address.person else [address.key]
