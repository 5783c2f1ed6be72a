"""A scene with gifts, claims, friends and a link, and what somebody could change in it behind our back."""

from sqlalchemy import select

from core.claims.operating import cancel
from core.claims.vouchers import take_in
from core.models import Claim
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
    cancel(stage.world, mug, "broken", stage.now)
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
        "UPDATE claims SET state = 'open', pickup_hash = (SELECT key FROM addresses LIMIT 1) WHERE kind = 'counter'",
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
    ("an invite word erased", "DELETE FROM invite_words", "every invite word, phone"),
    ("points left behind", "UPDATE players SET points = 1 WHERE merged_into IS NOT NULL", "every linked player became"),
    ("a link that ate points", "DELETE FROM transfers WHERE ref LIKE 'link-in:%'", "every linked player became"),
    ("details exchanged", "UPDATE vouchers SET code_sealed = user_sealed FROM addresses", "every sealed text opens"),
]
