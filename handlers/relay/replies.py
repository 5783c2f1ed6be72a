"""What is said about torches: how a torch stands, and the notices to whoever holds one."""

from collections.abc import Mapping
from datetime import datetime

from core.alphabet import grouped
from core.context import TurnRows
from core.engine.replies import State, language_for, say
from core.messages import Phrases, Reply, Shown
from core.models import Player
from core.sending.outbound import Category
from core.texts.formats import Left, When
from handlers.invites import invite_link
from handlers.relay.load import RelayRows
from handlers.relay.relight import next_relight
from handlers.relay.rules import RelayRules
from handlers.relay.tables import Torch
from handlers.relay.torches import latest, relay_rules, shown_perk_code


def tell(rows: TurnRows, player: Player, reply: Reply, what: str, at: datetime) -> None:
    """Say ``reply`` to ``player`` at the address that was heard last, once per ``what``."""
    campaign, ref = rows.campaigns[player.campaign_id], f"notice:torch:{what}"
    say(rows, rows.preferred_addresses[player.id], campaign, [reply], ref=ref, state=State.QUEUED, at=at)


def nudge(
    rows: TurnRows, player: Player, reply: Reply, what: str, at: datetime, *, until: datetime | None = None
) -> None:
    """The same for what the player could do, and nobody asked for; ``until`` then it may be sent."""
    campaign, ref = rows.campaigns[player.campaign_id], f"notice:torch:{what}"
    address, kind = rows.preferred_addresses[player.id], Category.NUDGE
    say(rows, address, campaign, [reply], ref=ref, state=State.QUEUED, at=at, category=kind, expires_at=until)


def stands(rows: TurnRows, player: Player, at: datetime) -> Reply:
    """How the torch of ``player``, who has one, stands at ``at``."""
    mine, torch = rows.of(RelayRows).torches[player.id], latest(rows, player, at)
    assert torch is not None
    if (lit := next((each for each in mine if each.state == "lit"), None)) is not None:
        counted = rows.of(RelayRows).standings[player.id].passed if player.id in rows.of(RelayRows).standings else 0
        passed = max(counted, int("invited" in relay_rules(rows, player).qualify))  # who lit it may be counted later
        return burning(rows, "relay.burns", lit, passed=str(passed))
    if at < torch.ends_at:
        return unlit(rows, "relay.unlit", player, torch, at)
    zone = rows.campaigns[player.campaign_id].rules.zone
    shown: Shown = {"leg": torch.leg, "ended": When(torch.ends_at, zone, at)}
    return Reply("relay.is_out", {**shown, "relight": relight_hint(rows, player, at)})


def unlit(rows: TurnRows, key: str, player: Player, torch: Torch, at: datetime) -> Reply:
    """The text ``key`` about a torch that waits for a friend, with the time left and the word to pass on."""
    zone = rows.campaigns[torch.campaign_id].rules.zone
    shown: Shown = {"leg": torch.leg, "left": Left(torch.ends_at - at), "ends": When(torch.ends_at, zone, at)}
    return Reply(key, {**shown, **to_pass_on(rows, player)}, picture=_badge(rows, player, "unlit"))


def burning(rows: TurnRows, key: str, torch: Torch, **shown: str | Phrases) -> Reply:
    """The text ``key`` about a torch that is lit, with the perk that came with it, and the word to pass on."""
    rules = rows.campaigns[torch.campaign_id].rules
    player = next(rows.people[holder] for holder, mine in rows.of(RelayRows).torches.items() if torch in mine)
    perk: tuple[Reply, ...] = ()
    if torch.perk is not None:
        relay = rules.section(RelayRules)
        now = relay.perk if relay else None
        title = now.title.model_dump() if now and now.name == torch.perk else torch.perk
        perk = (Reply("relay.perk_line", {"perk": title, "code": shown_perk_code(rows.keys, torch)}),)
    filled: Shown = {"leg": torch.leg, "perk": perk, "title": rules.title.model_dump(), **to_pass_on(rows, player)}
    picture = None if key == "relay.perk" else _badge(rows, player, "lit")  # staff look at the code alone
    return Reply(key, {**filled, **shown}, picture=picture)


def to_pass_on(rows: TurnRows, player: Player) -> Mapping[str, str | tuple[Reply, ...]]:
    """The placeholders ``word`` and ``link`` of a player who holds a torch, and so has a word."""
    word = player.invite_word or ""
    link = invite_link(rows.public_url, word, torch=True)
    return {"word": grouped(word), "link": (Reply("relay.link", {"link": link}),) if link else ()}


def _badge(rows: TurnRows, player: Player, state: str) -> str | None:
    """The address of the picture of the player's torch; with its state, for platforms that keep what they once saw."""
    link = invite_link(rows.public_url, player.invite_word or "", torch=True)
    if link is None:
        return None
    address = rows.preferred_addresses.get(player.id)
    campaign = rows.campaigns[player.campaign_id]
    language = language_for(address, campaign) if address else campaign.rules.language
    return f"{link}/badge.png?lang={language}&{state}"


def relight_hint(rows: TurnRows, player: Player, at: datetime) -> tuple[Reply, ...]:
    """When the torch of ``player``, which is out, may be lit anew: now, later, or never."""
    due, campaign = next_relight(rows, player), rows.campaigns[player.campaign_id]
    if due is None or campaign.why_closed(max(due, at)):
        return ()
    if due <= at:
        return (Reply("relay.relight_now"),)
    return (Reply("relay.relight_later", {"at": When(due, campaign.rules.zone, at)}),)
