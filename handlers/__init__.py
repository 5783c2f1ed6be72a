"""What a campaign can do: one mechanic each, in the order of their precedence."""

from core.calendar import timing as calendar
from core.claims import audit as claims_audit
from core.claims import timing as claims
from core.claims.load import begin as begin_claims
from core.claims.load import inherit as inherit_claims
from core.claims.load import load as load_claims
from core.codes import audit as codes_audit
from core.codes.limits import refuse_unsafe_version
from core.codes.load import load as load_codes
from core.draws import audit as draws_audit
from core.draws.load import load as load_prizes
from core.events import Joined, Merged
from core.follow_ups import audit as follow_ups_audit
from core.follow_ups import planting, replanting
from core.follow_ups import timing as follow_ups
from core.follow_ups.replanting import replant
from core.gifts.load import load as load_gifts
from core.invites import audit as invites_audit
from core.invites.joining import attribute
from core.invites.joining import close as close_invite
from core.invites.load import load as load_invites
from core.invites.load import related as find_inviters
from core.linking.load import load as load_links
from core.linking.load import related as find_linked
from core.mechanics import Mechanic, Mechanics
from core.relay import audit as relay_audit
from core.relay import timing as relay
from core.relay.load import load as load_torches
from core.relay.passing import hand_on
from core.relay.passing import inherit as inherit_torches
from handlers import (  # the intent is called help
    board,
    cancel,
    contact,
    delivery,
    edited,
    gifts,
    help,  # noqa: A004
    invite,
    language,
    link,
    name,
    parcel,
    points,
    privacy,
    prizes,
    recommend,
    redeem,
    rules,
    shared,
    small_talk,
    start,
    stop,
    torch,
    unasked,
    unattended,
    unknown,
    wordless,
)

MECHANICS = Mechanics.of(
    Mechanic(name="events", routes=(*wordless.ROUTES, *shared.ROUTES, *edited.ROUTES, *unattended.ROUTES)),
    Mechanic(name="consent", routes=(stop.VERDICT_ROUTE, stop.ROUTE, stop.CARRIERS_ROUTE, start.ROUTE)),
    Mechanic(name="points", routes=(points.ROUTE,)),
    Mechanic(name="gifts", routes=(gifts.ROUTE,), topics=gifts.TOPICS, load=load_gifts, rank=30),
    Mechanic(
        name="invites",
        routes=(
            recommend.CONTACT_ROUTE,
            invite.ROUTE,
            invite.FRIENDS_ROUTE,
            invite.TAKE_ROUTE,
            recommend.ROUTE,
            invite.ACCEPT_ROUTE,
        ),
        related=find_inviters,
        load=load_invites,
        rank=2,
        on={Joined: attribute, Merged: close_invite},
        checks=invites_audit.CHECKS,
    ),
    Mechanic(name="linking", routes=(link.ROUTE, link.USE_ROUTE), related=find_linked, load=load_links, rank=1),
    Mechanic(
        name="claims",
        routes=(prizes.ROUTE, parcel.ROUTE),
        topics=(*prizes.TOPICS, *delivery.TOPICS, *unasked.TOPICS),
        load=load_claims,
        rank=40,
        on={Joined: begin_claims, Merged: inherit_claims},
        timers=claims.KINDS,
        checks=claims_audit.CHECKS,
    ),
    Mechanic(
        name="codes",
        routes=(
            redeem.ALONE_ROUTE,
            redeem.ASK_ROUTE,
            redeem.ROUTE,
            redeem.TYPO_ROUTE,
            redeem.HIDDEN_ALONE_ROUTE,
            redeem.HIDDEN_ROUTE,
        ),
        load=load_codes,
        rank=10,
        published=refuse_unsafe_version,
        checks=codes_audit.CHECKS,
    ),
    Mechanic(name="draws", load=load_prizes, rank=20, checks=draws_audit.CHECKS),
    Mechanic(
        name="relay",
        routes=(torch.ROUTE, torch.RELIGHT_ROUTE, torch.PERK_ROUTE, board.ROUTE, name.ROUTE),
        load=load_torches,
        rank=50,
        on={Joined: hand_on, Merged: inherit_torches},
        timers=relay.KINDS,
        checks=relay_audit.CHECKS,
    ),
    Mechanic(
        name="follow_ups",
        timers={**follow_ups.KINDS, **replanting.KINDS},
        published=replant,
        on=planting.REACTIONS,
        checks=follow_ups_audit.CHECKS,
    ),
    Mechanic(name="calendar", timers=calendar.KINDS),
    Mechanic(name="rules", routes=(rules.ROUTE,), topics=rules.TOPICS),
    Mechanic(
        name="talk",
        routes=(
            cancel.ROUTE,
            help.ROUTE,
            privacy.ROUTE,
            *language.ROUTES,
            contact.ROUTE,
            small_talk.ROUTE,
            small_talk.AGREE_ROUTE,
            small_talk.SMILE_ROUTE,
            unknown.ROUTE,
        ),
    ),
)
