"""Where a delivery goes: name, phone and address, sealed on the claim's own row."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from core.keys import Keyring
from core.phones import masked
from handlers.claims.tables import Claim

DETAILS_COLUMN = "claims.details"
FIELDS = ("name", "phone", "address")
_SHOWN = 2


@dataclass(frozen=True, slots=True)
class Details:
    """What the courier needs, as far as it is known. ``phone`` is E.164."""

    name: str | None = None
    phone: str | None = None
    address: str | None = None
    said_at: str | None = None
    """The key, in hex, of the address where the first of them was said: elsewhere they are shown masked."""
    offered: "Details | None" = None
    """What the player was asked about, to stand in the place of some of them. Whatever is said next ends it."""

    @property
    def missing(self) -> str | None:
        """The first field that is not known."""
        return next((field for field in FIELDS if getattr(self, field) is None), None)

    @property
    def said(self) -> dict[str, str]:
        """The fields that are known."""
        return {field: value for field in FIELDS if (value := getattr(self, field)) is not None}


def shown_at(details: Details, address_key: bytes) -> dict[str, str]:
    """The details as they may be shown at an address: whole where they were said, masked on a linked one."""
    shown = {field: getattr(details, field) or "" for field in FIELDS}
    if details.said_at in {None, address_key.hex()}:
        return shown
    return {field: masked(value) if field == "phone" and value else _first(value) for field, value in shown.items()}


def _first(text: str) -> str:
    return text[:_SHOWN] + "***" if text else ""


def claim_row(player_id: int, claim_id: int) -> bytes:
    """The row part of the associated data of a claim's sealed details."""
    return f"{player_id}/{claim_id}".encode()


def details_of(keys: Keyring, claim: Claim) -> Details:
    """The details of ``claim``. Raises KeysUnusable."""
    if claim.details_sealed is None:
        return Details()
    known = json.loads(keys.unseal(DETAILS_COLUMN, claim_row(claim.player_id, claim.id), claim.details_sealed))
    offered = known.pop("offered", None)
    return Details(**known, offered=Details(**offered) if offered else None)


def details_said(said: Mapping[str, str], said_at: bytes) -> Details:
    """The fields ``said`` at the address with the key ``said_at``, as details."""
    return Details(said.get("name"), said.get("phone"), said.get("address"), said_at.hex())


def set_details(keys: Keyring, claim: Claim, said: Mapping[str, str], said_at: bytes) -> None:
    """Write the fields ``said`` at the address with the key ``said_at``; what was confirmed becomes a new revision."""
    known = details_of(keys, claim)
    partly = len(said) < len(FIELDS) and known.said_at is not None
    details = details_said({**known.said, **said}, said_at)
    _seal(keys, claim, replace(details, said_at=known.said_at) if partly else details)
    if claim.revision:
        claim.revision += 1


def offer_details(keys: Keyring, claim: Claim, offered: Details | None) -> None:
    """Keep what is ``offered`` beside the details until the player says whether it counts; None forgets it."""
    _seal(keys, claim, replace(details_of(keys, claim), offered=offered))


def _seal(keys: Keyring, claim: Claim, details: Details) -> None:
    claim.details_sealed = keys.seal(
        DETAILS_COLUMN, claim_row(claim.player_id, claim.id), json.dumps(asdict(details), ensure_ascii=False)
    )


def confirm(claim: Claim) -> None:
    """The player says that the details are right: from here on it is the organiser's turn."""
    if not claim.revision:
        claim.revision, claim.state = 1, "ready"


def is_late(claim: Claim, at: datetime) -> bool:
    """True from the deadline on, also while no clock has ended the claim yet."""
    return claim.state == "open" and claim.deadline_at is not None and claim.deadline_at <= at


def is_editable(claim: Claim, at: datetime) -> bool:
    """Until it ships, or until the deadline when the player has not said where it goes."""
    return claim.kind == "delivery" and claim.state in {"open", "ready"} and not is_late(claim, at)
