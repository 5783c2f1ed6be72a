"""What a campaign file says of who confirms: from which amount on a second operator does."""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, RootModel, field_validator

from core.answers import Line, Reach
from core.campaign.findings import Unfit, meant
from core.campaign.grammar import Section, Within
from core.campaign.quantities import span
from core.campaign.rules import Rules
from core.triggers import Words

ALONE = "self"
_HUNDREDTHS = 100
_OVER = re.compile(r"over\s+([0-9][0-9_,]*)(?:\s+([A-Z]{3}))?")
_AFTER = re.compile(r"after\s+(.+)")


class Approval(Section, RootModel[Annotated[dict[str, str], Field(max_length=50)]]):
    """By verb or group of verbs, from which amount on a second operator confirms: "any", "over 5000", "over 100 CNY".

    Of what is money, the amount is in whole units of it, its currency said or not.
    ``self: after 10 minutes`` lets the same operator confirm, so long after the plan: for whoever has nobody else.
    """

    model_config = ConfigDict(extra=None)  # a mapping has no keys of its own
    key: ClassVar[str] = "approve"
    says: ClassVar[str] = (
        "From which amount on a second operator confirms, by verb or group of verbs: any, over 5000, over 100 CNY."
        " With self: after 10m the same operator may, later."
    )
    worded: ClassVar[bool] = True

    @classmethod
    def spelling(cls) -> Mapping[str, Mapping[str, Any]]:
        """How amounts are said; which verbs there are, the check knows."""
        amount = {"type": "string", "pattern": rf"^(any|{_OVER.pattern})$", "examples": ["any", "over 5000"]}
        later = {"type": "string", "pattern": rf"^{_AFTER.pattern}$", "examples": ["after 10 minutes"]}
        examples = [{"campaign publish": "over 100000 CNY"}]
        return {"": {"properties": {ALONE: later}, "additionalProperties": amount, "examples": examples}}

    @field_validator("root")
    @classmethod
    def _readable(cls, root: dict[str, str]) -> dict[str, str]:
        known = cls.words.verbs if isinstance(cls.words, Words) else None
        for name, said in root.items():
            if name == ALONE:
                if _AFTER.fullmatch(said) is None or not span(_AFTER.fullmatch(said)[1]):  # type: ignore[index]
                    raise Unfit("self: write after and a length of time, for example: after 10m")
            elif said != "any" and _OVER.fullmatch(said) is None:
                told = "{name}: write any, or over and a number, for example: over 5000 or over 100 CNY"
                raise Unfit(told, name=name)
            elif known is not None and name not in known:
                told = "{name} is no verb{meant}; write one as it is said: points correct"
                raise Unfit(told, name=name, meant=meant(name, known))
        return root

    def findings(self, rules: Rules) -> Iterable[tuple[Within, Line]]:
        """Nothing to find: each entry was looked at alone."""
        del rules
        return ()

    def needs(self, verb: str, group: str, reach: Reach) -> Literal["self", "second", "later"]:
        """Who confirms ``verb`` of such a reach; an amount in another currency than was said is over it."""
        said = self.root.get(verb) or self.root.get(group)
        if said is None:
            return "self"
        over = _OVER.fullmatch(said)
        if over is not None and over[2] in {None, reach.currency}:
            most = int(over[1].replace("_", "").replace(",", "")) * (_HUNDREDTHS if reach.currency else 1)
            if reach.amount <= most:
                return "self"
        return "later" if ALONE in self.root else "second"

    @property
    def wait(self) -> timedelta:
        """How long a plan waits before the same operator may confirm it."""
        said = _AFTER.fullmatch(self.root.get(ALONE, ""))
        return (span(said[1]) if said else None) or timedelta(0)
