"""What a claim is about: the prize or gift in the rules, and the pool that holds its vouchers."""

from collections.abc import Iterable, Iterator

from core.campaign.goods import Goods
from core.campaign.rules import Rules
from handlers.claims.tables import Claim
from handlers.draws import PrizeRules, prize_of, prizes_of
from handlers.gifts import GiftRules, Gifts


def item_of(rules: Rules, claim: Claim) -> PrizeRules | GiftRules | None:
    """The prize or gift that ``claim`` is about; None when a later version has it no more."""
    return rules.section(Gifts).named(claim.item) if claim.source == "gift" else prize_of(rules, claim.item)


def pool_of(claim: Claim) -> str:
    """The name under which vouchers of a claim's prize or gift are kept."""
    return pool_name(claim.item, gift=claim.source == "gift")


def pool_name(item: str, *, gift: bool) -> str:
    """Vouchers of a gift are told from those of a prize of the same name."""
    return f"gift:{item}" if gift else item


def voucher_pools(rules: Rules) -> dict[str, bool]:
    """The pools of everything that is handed out by voucher, and whether their vouchers are imported."""
    return dict(_pools(prizes_of(rules))) | dict(_pools(rules.section(Gifts).each))


def imported_pools(items: Iterable[Goods]) -> list[str]:
    """The pools of those of ``items`` whose vouchers come from an imported list."""
    return [pool for pool, is_imported in _pools(items) if is_imported]


def _pools(items: Iterable[Goods]) -> Iterator[tuple[str, bool]]:
    for item in items:
        if item.claim == "voucher":
            yield pool_name(item.name, gift=isinstance(item, GiftRules)), item.vouchers != "generated"
