"""What every campaign knows of its players, as words for segments: where they are, how they speak, when they did."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy.orm import aliased

from core.campaign.platforms import channels_called, rights
from core.campaign.rules import Rules
from core.models import Address, Campaign, Join, Player
from core.places import Place, place_named
from core.segments.facts import Fact, Facts
from core.segments.words import Asked, Choice, Moment, Predicate, Seen, Values

_ADDRESS = ((Address, Address.key == Join.address_key),)
_PLACE = Address.channel + "/" + Address.account
_elsewhere = aliased(Join)

_CHANNELS = Facts(Join.player_id, Join.joined_at, item=Address.channel, beside=_ADDRESS, follow=True)


def _speaks(languages: Sequence[str]) -> ColumnElement[bool]:
    by_app = and_(Address.language.is_(None), Address.app_language.in_(languages))
    return or_(Address.language.in_(languages), by_app)


_LANGUAGES = Facts(
    Join.player_id,
    Join.joined_at,
    (or_(Address.language.is_not(None), Address.app_language.is_not(None)),),
    item=func.coalesce(Address.language, Address.app_language),
    one_of=_speaks,
    beside=_ADDRESS,
    follow=True,
)
_CAMPAIGNS = Facts(
    Join.player_id,
    Join.joined_at,
    item=Campaign.name,
    beside=(
        (_elsewhere, _elsewhere.address_key == Join.address_key),
        (Campaign, Campaign.id == _elsewhere.campaign_id),
    ),
    follow=True,
)
_HEARD = Facts(Join.player_id, Address.heard_at, beside=_ADDRESS, follow=True)
_WELCOME = (Address.opted_out_at.is_(None), Address.gone_at.is_(None), Address.blocked_at.is_(None))
_THERE = Facts(Join.player_id, Join.joined_at, _WELCOME, item=_PLACE, beside=_ADDRESS, follow=True)
_TYPED = Facts(
    Join.player_id, Address.typed_until, (*_WELCOME, Address.typed_left > 0), item=_PLACE, beside=_ADDRESS, follow=True
)
_TAPPED = Facts(
    Join.player_id,
    Address.tapped_until,
    (*_WELCOME, Address.tapped_left > 0),
    item=_PLACE,
    beside=_ADDRESS,
    follow=True,
)


def _channels(rules: Rules) -> Values:
    """Those where the campaign is played; whoever has an address on one that was given up still plays."""
    called = channels_called()
    return {
        channel: called.get(channel, ()) for channel in sorted(place_named(each).channel for each in rules.channels)
    }


def _played(asked: Asked, *, counted: bool) -> list[ColumnElement[bool]]:
    """The addresses where the campaign is played, on channels whose platform counts what may be sent, or does not."""
    return [
        and_(Address.channel == each.channel, *([Address.account == each.account] if each.account else []))
        for each in map(place_named, asked.rules.channels)
        if (rights(each.channel) is not None) is counted
    ]


def _reachable(asked: Asked) -> ColumnElement[bool]:
    found = []
    if plain := _played(asked, counted=False):
        found.append(_THERE.exist(or_(*plain)))
    if counted := _played(asked, counted=True):
        found += [
            _TYPED.exist(or_(*counted), Address.typed_until > asked.at),
            _TAPPED.exist(or_(*counted), Address.tapped_until > asked.at),
        ]
    return or_(*found)


def _is_reachable(seen: Seen, asked: Asked) -> bool:
    return any(
        asked.rules.plays_at(_place(each)) and rights(_place(each).channel) is None for each in seen.found[_THERE]
    ) or any(
        asked.rules.plays_at(_place(each))
        and rights(_place(each).channel) is not None
        and each.at is not None
        and each.at > asked.at
        for facts in (_TYPED, _TAPPED)
        for each in seen.found[facts]
    )


def _place(fact: Fact) -> Place:
    channel, _, account = str(fact.item).partition("/")
    return Place(channel, account)


SEGMENTS: Sequence[Choice | Moment | Predicate] = (
    Choice(
        name="channel",
        also=("channels",),
        chinese=("渠道", "平台"),
        says="The channels on which they have an address here.",
        facts=_CHANNELS,
        values=channels_called(),
        of_rules=_channels,
    ),
    Choice(
        name="language",
        chinese=("语言",),
        says="The language of their own words, or of their app; unknown before any words came.",
        facts=_LANGUAGES,
        values={"zh": ("chinese", "中文"), "en": ("english", "英文", "英语")},
        unknowable=True,
    ),
    Choice(
        name="campaign",
        also=("plays",),
        chinese=("活动", "参加"),
        says="Which campaigns they play; the one that is asked about among them.",
        facts=_CAMPAIGNS,
        open=True,
    ),
    Moment(
        name="joined",
        also=("first word",),
        chinese=("加入", "首次说话", "入群"),
        says="When they joined, by their first word.",
        column=Player.joined_at.expression,
    ),
    Moment(
        name="last word",
        also=("last spoke", "last heard"),
        chinese=("最后说话", "最近说话", "最后一句话"),
        says="When they wrote or tapped last.",
        facts=_HEARD,
    ),
    Predicate(
        name="reachable",
        also=("reachable now",),
        chinese=("可触达", "现在可触达", "能收到"),
        says="May be told something unasked now: where the campaign is played, not opted out, gone or blocked, and the"
        " platform lets us.",
        where=_reachable,
        check=_is_reachable,
        facts=(_THERE, _TYPED, _TAPPED),
    ),
)
