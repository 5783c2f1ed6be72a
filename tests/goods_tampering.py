"""A scene with gifts, claims, friends and a link, and what somebody could change in it behind our back."""

from sqlalchemy import select

from handlers.claims.fulfilment import cancel
from handlers.claims.tables import Claim
from handlers.claims.vouchers import take_in
from tests.snack import SURE
from tests.stage import Stage

SCENE = (
    SURE.replace("stock: 10, claim", "stock: 2, claim")
    .replace("unclaimed: stock", "unclaimed: second draw")
    .replace("invitee: 5 points, per_player_per_day: 10", "invitee: 5 points, per_player_per_day: 1")
)


def play_goods(stage: Stage) -> None:
    """u1 wins and never claims, buys each gift (a mug twice, the first one cancelled), invites u2 and u3, and links."""
    stage.publish(SCENE)
    with stage.sessions.begin() as session:
        take_in(session, stage.keys, "snack", "gift:ticket", [(1, "CINE-1"), (2, "CINE-2")])
    codes = stage.codes(5)
    assert stage.say(codes[0]).startswith("redeem.won")
    stage.say("cancel")
    stage.give(200)
    for gift in ("mug", "ticket", "bag"):
        stage.say("gifts")
        stage.say(gift)
        stage.say("yes")
        stage.say("cancel")
    with stage.sessions() as session:
        mug = session.scalars(select(Claim.id).where(Claim.item == "mug")).one()
    cancel(stage.runtime, mug, "broken", stage.now)
    for text in ("gifts", "mug", "yes", "cancel"):
        stage.say(text)
    word = stage.say("invite").split("word=")[1].split()[0]
    for number, friend in enumerate(("u2", "u3"), start=1):
        assert stage.say(word, by=friend).startswith("invite.joined")
        stage.wait(hours=1)
        stage.say(codes[number], by=friend)
    assert stage.say(codes[3], by="other", channel="second").startswith("redeem.points")
    link = stage.say("link").split("word=")[1].split()[0]
    assert stage.say(link, by="other", channel="second").startswith("link.linked")
    stage.wait(days=11)
    assert stage.tick()
    assert any("claim.second" in text for text in stage.told("u3") + stage.told() + stage.told("u2"))


def _copied(where: str, ref: str = "t.ref", others: str = "p.id <> t.owner_id") -> str:
    """SQL that copies transfers to other players, with the accounts that they would have."""
    mine = "'player:' || t.owner_id"
    sides = (f"CASE WHEN {side} = {mine} THEN 'player:' || p.id ELSE {side} END" for side in ("debit", "credit"))
    return f"""INSERT INTO transfers SELECT p.id, {ref}, t.campaign_id, asset, {", ".join(sides)}, amount, reason,
        note, at FROM transfers t, players p WHERE {others} AND p.merged_into IS NULL AND {where}"""


_FIRST_REFUND = "t.ref = (SELECT min(ref) FROM transfers WHERE ref LIKE 'refund:%')"
_SAME = "p.id = t.owner_id"
_LINK = """INSERT INTO transfers
    SELECT one.id, 'link-{0}:' || two.id, 1, 'points', {1}, {2}, 5, 'linked', NULL, one.joined_at
    FROM players one, players two WHERE one.merged_into IS NULL AND two.merged_into IS NULL AND one.id {3} two.id"""
_LINKED_STRANGERS = (
    _LINK.format("out", "'player:' || one.id", "'campaign:1:links'", "<")
    + " UNION ALL "
    + _LINK.format("in", "'campaign:1:links'", "'player:' || one.id", ">").removeprefix("INSERT INTO transfers\n")
)

# id, what somebody did in SQL, the check that must notice
GOODS_TAMPERING = [
    ("a piece lost", "DELETE FROM transfers WHERE ref LIKE 'given:%'", "every claim has its piece"),
    ("a gift for nothing", "DELETE FROM transfers WHERE reason = 'gift'", "every claim has its piece"),
    ("a claim erased", "DELETE FROM claims WHERE source = 'gift'", "every claim has its piece"),
    ("a cancelled claim revived", "UPDATE claims SET state = 'ready' WHERE state = 'cancelled'", "what lapsed or was"),
    ("points for a gift kept back", "DELETE FROM transfers WHERE reason = 'refund'", "what lapsed or was"),
    ("a winner forgotten", "DELETE FROM claims WHERE source = 'draw'", "every prize won has the claim"),
    (
        "a voucher taken out",
        "UPDATE vouchers SET claim_id = NULL, handed_at = NULL WHERE claim_id IS NOT NULL",
        "every voucher is handed",
    ),
    ("a voucher astray", "UPDATE vouchers SET claim_id = 7 WHERE claim_id IS NOT NULL", "every voucher is handed"),
    (
        "a pick-up code exchanged",
        "UPDATE claims SET pickup_hash = (SELECT key FROM addresses LIMIT 1) WHERE kind = 'counter'",
        "every pick-up code works",
    ),
    ("a deadline forgotten", "DELETE FROM timers", "every deadline has its timer"),
    ("a mug too many", "UPDATE claims SET state = 'open' WHERE item = 'mug'", "nobody bought more of a gift"),
    ("a second winner chosen", "UPDATE second_draws SET winner_id = player_id", "every second draw follows"),
    ("a second draw bent", "UPDATE second_draws SET claim_id = claim_id + 1", "every second draw follows"),
    ("an inviter invented", "UPDATE invites SET inviter_id = 7", "every player has at most one inviter"),
    ("a reward taken", "DELETE FROM transfers WHERE reason = 'invite'", "every reward for an invite"),
    ("a friend's reward taken", "DELETE FROM transfers WHERE reason = 'invited'", "every reward for an invite"),
    ("a reward beyond the cap", "UPDATE invites SET inviter_points = 20", "nobody was rewarded for more friends"),
    (
        "an invite word of somebody else",
        "UPDATE players SET invite_word = (SELECT min(word) FROM invite_words)",
        "every invite code, phone",
    ),
    ("an invite word erased", "DELETE FROM invite_words", "every invite code, phone"),
    ("points left behind", "UPDATE players SET points = 1 WHERE merged_into IS NOT NULL", "every linked player became"),
    ("a link that ate points", "DELETE FROM transfers WHERE ref LIKE 'link-in:%'", "every linked player became"),
    (
        "details exchanged",
        "UPDATE vouchers SET code_sealed = user_sealed FROM addresses",
        "every sealed text opens",
    ),
    ("a reward to two", _copied("t.ref LIKE 'invite:%'"), "every reward for an invite"),
    (
        "a reward to the friend",
        "UPDATE transfers SET owner_id = CAST(substr(ref, 8) AS BIGINT) WHERE ref LIKE 'invite:%'",
        "every reward for an invite",
    ),
    (
        "a reward released that was never held",
        _copied("t.ref LIKE 'invite:%'", ref="'released:' || t.ref", others=_SAME),
        "every reward for an invite",
    ),
    (
        "a claw-back of nothing",
        _copied("t.ref LIKE 'invite:%'", ref="'clawed-back:invite:' || p.id"),
        "every reward for an invite",
    ),
    ("points held for nothing", _copied("t.reason = 'invite'", ref="'held:7'"), "every reward for an invite"),
    (
        "a reward for the invite of nobody",
        _copied("t.reason = 'invite'", ref="'invite:x' || p.id"),
        "every reward for an invite",
    ),
    (
        "a friend promised more",
        "UPDATE invites SET invitee_points = 50 WHERE invitee_points > 0",
        "every reward for an invite",
    ),
    ("a reward revoked by nobody", "UPDATE invites SET state = 'revoked'", "every reward for an invite"),
    (
        "a second reward on one day",
        "UPDATE invites SET inviter_points = 20, rewarded_on = (SELECT max(rewarded_on) FROM invites)",
        "nobody was rewarded for more friends",
    ),
    ("a reward on no day", "UPDATE invites SET rewarded_on = NULL", "nobody was rewarded for more friends"),
    ("a refund to two", _copied("t.ref LIKE 'refund:%'"), "every claim has its piece"),
    ("a gift paid by another, too", _copied("t.ref LIKE 'gift:%'"), "what lapsed or was"),
    (
        "a refund for a prize",
        _copied(_FIRST_REFUND, ref="'refund:' || (SELECT max(id) FROM claims WHERE source = 'draw')"),
        "every claim has its piece",
    ),
    (
        "points for a claim of none",
        _copied(_FIRST_REFUND, ref="'prize-points:' || (SELECT min(id) FROM claims)", others=_SAME),
        "every claim has its piece",
    ),
    (
        "a live piece returned by another",
        _copied("t.ref LIKE 'given:%'", ref="'returned:' || substr(t.ref, 7)"),
        "what lapsed or was",
    ),
    (
        "another item returned",
        "UPDATE transfers SET asset = 'prize:phone' WHERE ref LIKE 'returned:%' AND asset LIKE 'gift:%'",
        "every claim has its piece",
    ),
    ("a second piece to two", _copied("t.ref LIKE 'second:%'"), "every claim has its piece"),
    (
        "a second piece for no draw",
        _copied("t.ref LIKE 'second:%'", ref="'second:7' || substr(t.ref, 8)"),
        "every claim has its piece",
    ),
    ("points promised by no rules", "UPDATE claims SET points = 30", "every claim has its piece"),
    ("a gift that became dear", "UPDATE claims SET price = 900 WHERE source = 'gift'", "every claim has its piece"),
    ("two strangers linked", _LINKED_STRANGERS, "every linked player became"),
    (
        "a second draw denied",
        "UPDATE second_draws SET code_hash = NULL, winner_id = NULL WHERE winner_id IS NOT NULL",
        "every second draw follows",
    ),
]
