"""Invite: the player's own word, link and QR; what friends have brought; and the friend who sends such a word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core import questions
from core.alphabet import grouped, normalise
from core.campaign.live import LiveCampaign
from core.campaign.platforms import friends_on, rights
from core.context import Context
from core.engine.routes import CodeFormats, Requires, Route, Stage
from core.joins import enter
from core.messages import Choice, InboundKind, Reply, Shown
from core.models import Player
from core.places import Place
from core.speech.answers import yes_or_no
from core.speech.campaign_choice import played, turn_to
from core.speech.closed import closed
from core.speech.codes_in_text import Spelt, whole, words_in
from core.speech.keywords import Means
from core.words import Kind, has_digit, is_word
from handlers.codes import CodeRequires, Redeem, played_by, redeem
from handlers.consent import agree_again, says_yes
from handlers.invites.load import Friends, InviteRequires, InviteRows
from handlers.invites.play import take_invite
from handlers.invites.rules import InviteRules, come_for_more, invites_on
from handlers.invites.words import invite_link, invite_word


@dataclass(frozen=True, slots=True)
class ShowInvite:
    """The player wants to invite friends."""

    requires = Requires(enters=True)


@dataclass(frozen=True, slots=True)
class ShowFriends:
    """The player asks what inviting has brought."""

    requires = Requires((InviteRequires(friends=True),))


@dataclass(frozen=True, slots=True)
class TakeInvite:
    """Somebody sends an invite word; ``code`` says that it could be an imported code just as well."""

    word: str
    code: bool
    alone: bool = True
    """False when other words stand around it, which may be spelt so by chance."""

    @property
    def requires(self) -> Requires:
        """Whose word it is, and the code that it may be."""
        return Requires((InviteRequires(word=self.word), CodeRequires(codes=(self.word,) if self.code else ())))


@dataclass(frozen=True, slots=True)
class Accept:
    """Somebody says yes, who came by a scan or was asked. In plain words that opts in, too, where nothing was."""

    plainly: bool = False

    @property
    def requires(self) -> Requires:
        """The word that was scanned, the one that was offered, and whom a wish may concern."""
        return Requires((InviteRequires(scanned=True),), person=self.plainly, offered=1)


def show_invite(ctx: Context, _intent: ShowInvite) -> list[Reply]:
    """Answer with the player's word, and its link where there is a page for it; of each campaign that they play."""
    mine = _brings(ctx)
    if len(mine) > 1:
        return [_of(campaign, _word(ctx, campaign, player)) for campaign, player in mine]
    if (refusal := _off(ctx)) is not None:
        return [refusal]
    assert ctx.campaign is not None
    if ctx.player is None and ctx.campaign.why_closed(ctx.now):
        return [closed(ctx)]
    return [_word(ctx, ctx.campaign, enter(ctx, ctx.campaign)), *ctx.besides()]


def _brings(ctx: Context) -> list[tuple[LiveCampaign, Player]]:
    """The campaigns that the sender plays here and can bring friends into, the one that is meant first."""
    mine = [(ctx.rows.campaigns[player.campaign_id], player) for player in played(ctx)]
    return [(campaign, player) for campaign, player in mine if friends_on(campaign.rules, ctx.message.place)]


def _of(campaign: LiveCampaign, told: Reply) -> Reply:
    """What is ``told`` of one campaign of several."""
    shown: Shown = {"title": campaign.rules.title.model_dump(), "told": (told,)}
    return Reply("invite.of", shown, picture=told.picture, campaign_id=campaign.id)


def _word(ctx: Context, campaign: LiveCampaign, player: Player) -> Reply:
    rules = campaign.rules
    word = invite_word(ctx.rows, player, ctx.now)
    link = invite_link(ctx.rows.public_url, word, torch=come_for_more(rules, ctx.message.place))
    shown: Shown = {"word": grouped(word), "link": (Reply("invite.link", {"link": link}),) if link else ()}
    picture = f"{link}/qr.png" if link else None
    if (invites := rules.section(InviteRules)) is None:
        return Reply("relay.word", shown, picture=picture)
    points = {"inviter": invites.inviter, "invitee": invites.invitee}
    return Reply("invite.word", {**shown, **points}, picture=picture)


def show_friends(ctx: Context, _intent: ShowFriends) -> list[Reply]:
    """Answer with how many came, and what they earned."""
    if (refusal := _off(ctx)) is not None:
        return [refusal]
    mine = [(each, ctx.rows.of(InviteRows).friends.get(player.id)) for each, player in _brings(ctx)]
    found = [(each, friends) for each, friends in mine if friends is not None and friends.joined + friends.waiting]
    if not found:
        return [Reply("invite.nobody")]
    told = [(campaign, _told(campaign, friends)) for campaign, friends in found]
    return [_of(*each) for each in told] if len(told) > 1 else [told[0][1]]


def _told(campaign: LiveCampaign, friends: Friends) -> Reply:
    held = (Reply("invite.some_held", {"held": friends.held}),) if friends.held else ()
    waiting = (Reply("invite.some_wait", {"waiting": friends.waiting}),) if friends.waiting else ()
    shown = {"joined": friends.joined, "rewarded": friends.rewarded, "points": friends.points}
    key = "invite.friends" if campaign.rules.section(InviteRules) else "relay.friends"
    return Reply(key, {**shown, "held": held, "waiting": waiting})


def _off(ctx: Context) -> Reply | None:
    if ctx.campaign is None:
        return Reply("campaign.none")
    found = turn_to(ctx, lambda campaign: friends_on(campaign.rules, ctx.message.place))
    return None if found else Reply("invite.off")


def recognise_invite(text: str, code_formats: CodeFormats) -> TakeInvite | None:
    """A text that is spelt like an invite word, perhaps after a leading word or inside a link."""
    if not has_digit(text):
        return None  # plain words
    for word in (*whole(text), normalise(text.rstrip("/ ").rpartition("/")[2])):
        if is_word(Kind.INVITE, word):
            return TakeInvite(word, (len(word), False) in code_formats)
    held = (word for word in words_in(text) if has_digit(word) and is_word(Kind.INVITE, word))
    return next((TakeInvite(word, code=False, alone=False) for word in held), None)


def take(ctx: Context, intent: TakeInvite) -> list[Reply]:
    """Join by the word of a friend."""
    if intent.code and played_by(ctx, intent.word):
        return redeem(ctx, Redeem((Spelt(intent.word, 0, len(intent.word), typed=True),)))
    return _taken(ctx, intent.word, alone=intent.alone)


def _taken(ctx: Context, word: str, *, alone: bool) -> list[Reply]:
    outcome = take_invite(ctx, word)
    match outcome:
        case "unknown" if not alone or ctx.message.named:
            return [ctx.reception.unknown(ctx)]
        case "closed":
            return [closed(ctx)]
        case "type":
            return [_asked(ctx)]
        case "again":
            return [Reply(f"{_what(ctx)}.again")]
        case "joined":
            assert ctx.campaign is not None
            return _welcome(ctx, ctx.campaign)
        case _:
            return [Reply(f"invite.{outcome}")]


def _asked(ctx: Context) -> Reply:
    """The question whether to join by the word that was scanned. Only a typed answer counts where that gives rights."""
    what = _what(ctx)
    label = Reply("choice.join" if what == "invite" else "choice.take_torch")
    take = Choice("1", label, listed=True, question=questions.number_of_scan(ctx.address))
    return Reply(f"{what}.type_word", _title(ctx), () if rights(ctx.message.channel) else (take,))


def _welcome(ctx: Context, campaign: LiveCampaign) -> list[Reply]:
    """What a friend hears: the torch that was handed on, or what to do for one, and what the first code brings."""
    if (invites := campaign.rules.section(InviteRules)) is None:
        return ctx.besides()
    shown: Shown = {"title": campaign.rules.title.model_dump(), "points": invites.invitee}
    return [*ctx.besides(), Reply("invite.joined", shown)]


def _what(ctx: Context) -> str:
    """What a friend comes for here: a torch, or an invitation."""
    assert ctx.campaign is not None
    return "relay" if come_for_more(ctx.campaign.rules, ctx.message.place) else "invite"


def _title(ctx: Context) -> Shown:
    assert ctx.campaign is not None
    return {"title": ctx.campaign.rules.title.model_dump()}


def accept(ctx: Context, intent: Accept) -> list[Reply]:
    """Join by the word that was scanned before, now that the sender typed something."""
    word = ctx.rows.of(InviteRows).scanned.get(ctx.address.key)
    if word is None or ctx.address.scanned is None:
        return (agree_again(ctx) if intent.plainly else None) or [ctx.reception.unknown(ctx)]
    if not ctx.message.typed and rights(ctx.message.channel) is None:
        if ctx.message.question != questions.number_of_scan(ctx.address):
            return [questions.closed(ctx)]  # it stood under another friend's word
        ctx.message = replace(ctx.message, kind=InboundKind.TYPED)  # as good as the word, where it gives us as much
    replies = _taken(ctx, word, alone=True)
    if ctx.message.typed:
        ctx.address.scanned = None
    return replies


def recognise_yes(text: str, _shapes: CodeFormats) -> Accept | None:
    """Yes, or 1."""
    return Accept(says_yes(text)) if yes_or_no(text) else None


def help_lines(campaign: LiveCampaign, place: Place) -> Mapping[str, Sequence[Reply]]:
    """The word for friends, whatever they are brought in for."""
    return {"friends": (Reply("help.friends"),) if friends_on(campaign.rules, place) else ()}


def terms(campaign: LiveCampaign, place: Place) -> Mapping[str, Sequence[Reply]]:
    """What friends bring, and how many a day."""
    invites = campaign.rules.section(InviteRules)
    if invites is None or not invites_on(campaign.rules, place):
        return {"invites": ()}
    shown = {"inviter": invites.inviter, "invitee": invites.invitee, "friends": invites.per_player_per_day}
    return {"invites": (Reply("rules.invites", shown),)}


ROUTE = Route(
    "invite",
    Means(
        ShowInvite(),
        "invite",
        "invite friends",
        "invite a friend",
        "recommend",
        "my word",
        "邀请",
        "邀请好友",
        "邀请朋友",
        "邀请码",
        "我的邀请码",
        "推荐",
        "推荐好友",
        "推荐朋友",
        "推薦",
        asked="invite",
    ),
    show_invite,
)
FRIENDS_ROUTE = Route(
    "friends",
    Means(ShowFriends(), "my invites", "invites", "my friends", "我的邀请", "我的好友", "我的推荐"),
    show_friends,
)
TAKE_ROUTE = Route("take", recognise_invite, take, sets_language=False, defers_to_prompt=True, stage=Stage.PATTERN)
ACCEPT_ROUTE = Route("accept", recognise_yes, accept, defers_to_prompt=True, is_keyword=False, stage=Stage.LOOSE)
