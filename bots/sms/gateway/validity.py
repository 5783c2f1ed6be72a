"""Where a described request says for how long the aggregator may try to deliver a text."""

from typing import Literal

from pydantic import Field, JsonValue

from bots.sms.gateway.proof import Table

_IN_UNITS = {"s": (1, 1), "min": (1, 60), "ms": (1000, 1)}


class Validity(Table):
    """The place, with dots into JSON, the unit, and what the aggregator takes.

    Tables on the way need not stand in ``fields``. Of a text that may be tried for longer than ``most_s`` nothing is
    said: the aggregator tries as long as it ever does.
    """

    at: str = Field(pattern=r"^[^.\s]+(\.[^.\s]+)*$")
    unit: Literal["s", "min", "ms"] = "s"
    least_s: int = Field(default=60, ge=1)
    most_s: int | None = Field(default=None, ge=60)

    def put(self, fields: dict[str, JsonValue], valid_s: int) -> None:
        """Say ``valid_s`` in ``fields``. Raises ValueError where there can be no such place."""
        if self.most_s is not None and valid_s > self.most_s:
            return
        *way, last = self.at.split(".")
        here: JsonValue = fields
        for name in way:
            if isinstance(here, list) and name.isdecimal() and int(name) < len(here):
                here = here[int(name)]
            else:
                here = here.setdefault(name, {}) if isinstance(here, dict) else None
        if not isinstance(here, dict):
            raise ValueError(f"{self.at!r} is in no table of fields")  # noqa: TRY004  # of huoju.toml
        times, by = _IN_UNITS[self.unit]
        here[last] = max(valid_s, self.least_s) * times // by
