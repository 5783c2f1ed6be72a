"""An aggregator's interface as huoju.toml describes it: how it calls us, how we call it, and what its codes mean.

The tables are [sms.NAME.hear], [sms.NAME.say] and [sms.NAME.receipt]. A *place* is where something stands:
"header:X-Timestamp", or "field:mobile" for a field of body or query, with dots into JSON: "field:data.id".
"""

import re
from copy import deepcopy
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    SecretStr,
    StringConstraints,
    model_validator,
)

from bots.sms.account import SmsAccount

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_IN_FIELDS = {"to", "text", "coding", "from", "id", "key", "time", "time_ms", "receipt"}
_IN_HEADERS = {"id", "key", "time", "time_ms"}
_IN_UNITS = {"s": (1, 1), "min": (1, 60), "ms": (1000, 1)}


def _path(path: str) -> str:
    """``path`` if it can lead anywhere: names and numbers of elements, with dots between them."""
    if re.search(r"[\[\]$]", path):
        dotted = re.sub(r"\[['\"]?([^\]'\"]*)['\"]?\]", r".\1", path).lstrip("$.")
        raise ValueError(f"{path!r} can never be found; elements of lists are numbers between dots: {dotted!r}")
    if not all(path.split(".")) or re.match(r"(field|header):", path) or path != path.strip():
        raise ValueError(f"{path!r} can never be found; write names with dots between them, such as messages.0.id")
    return path


Path = Annotated[str, AfterValidator(_path)]
"""Where something stands in what an aggregator tells: "data.id", "messages.0.id", or "messages.*.id" for all."""
Paths = Annotated[tuple[Path, ...], BeforeValidator(lambda given: (given,) if isinstance(given, str) else given)]
"""One path or several."""
Code = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Place = Annotated[str, StringConstraints(pattern=r"^(field|header):[^\s:]+$")]
Piece = Annotated[str, StringConstraints(pattern=r"^(body|sorted|path|text:.*|(field|header):[^\s:]+)$")]


class Table(BaseModel):
    """A table of an account's, or one in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SignatureTable(Table):
    """A signature: over which pieces, with what, and how it is written."""

    algorithm: Literal["sha256", "sha1", "md5", "sha512"] = "sha256"
    key: Literal["hmac", "before", "after", "around"] = "hmac"
    """HMAC, or a plain hash with the secret before or after the pieces, or both."""
    over: tuple[Piece, ...] = ("body",)
    """In this order: "body", "path", "sorted" (all fields by name, as pair and between say), a place, "text:…"."""
    joiner: str = ""
    """Between the pieces, and between them and the secret."""
    pair: str = "="
    """Between name and value of a field in "sorted"."""
    between: str = "&"
    """Between two fields in "sorted"."""
    instead: dict[str, str] = {}
    """What is written for a character of a value in "sorted", such as {"&" = "_"}."""
    encoding: Literal["hex", "HEX", "base64"] = "hex"
    at: Place
    """Where it stands."""
    prefix: str = ""
    """What stands before it there, such as "sha256="."""

    @property
    def names_what_it_covers(self) -> bool:
        """Whether the message itself is signed, and not only a timestamp."""
        return any(piece in {"body", "sorted"} or piece.startswith("field:") for piece in self.over)


class Proof(Table):
    """How a request to us shows who sent it: the account's ``secret`` itself, or a signature made with it."""

    secret_at: Place | None = None
    secret_prefix: str = ""
    """What stands before the secret there, such as "Bearer "."""
    signature: SignatureTable | None = None
    time_at: Place | None = None
    """Where the seconds or milliseconds since 1970 stand."""
    time_window_s: int = Field(default=300, ge=1, le=86_400)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.secret_at is None) == (self.signature is None):
            raise ValueError("proof: give secret_at or signature, one of them; nobody is heard unproven")
        if self.signature is not None:
            if not self.signature.names_what_it_covers:
                raise ValueError('proof: signature.over leaves the message unsigned; add "body" or "sorted"')
            covered = {"body", "sorted"} & set(self.signature.over) and (self.time_at or "").startswith("field:")
            if self.time_at is not None and not covered and self.time_at not in self.signature.over:
                raise ValueError("proof: time_at is not signed, so anybody can renew it; add it to signature.over")
        return self


class Validity(Table):
    """Where a request says how long a text may be tried: the place, with dots into JSON, the unit, and what is taken.

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


class RequestFormat(Table):
    """How the fields of a request to us are written."""

    format: Literal["json", "form", "query"] = "json"
    inside: str | None = None
    """The field of the form that holds the JSON, where a form holds JSON."""
    items: str | None = None
    """Where the list stands when one request tells several things: a name, with dots into JSON, or "" for the whole."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.items:
            _path(self.items)
        if self.inside is not None and self.format == "json":
            raise ValueError('inside: is for format = "form" or "query"')
        if self.items is not None and self.format != "json" and self.inside is None:
            raise ValueError("items: only JSON has lists")
        return self


class PartPlaces(Table):
    """Where it stands which part of a long message was told: three fields, or the header of its user data in hex."""

    reference: Path | None = None
    total: Path | None = None
    place: Path | None = None
    header: Path | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        named = [self.reference, self.total, self.place]
        if all(named) == (self.header is not None) or any(named) != all(named):
            raise ValueError("part: give reference, total and place, or header")
        return self


class LeftTable(Table):
    """How an aggregator tells, instead of a message, that somebody opted out there: as good as STOP."""

    known_by: Path
    """A field that only such a notice has."""
    sender: Path
    """Who it was."""


class HearTable(RequestFormat):
    """How the aggregator tells us what a player wrote."""

    proof: Proof
    sender: Path
    text: Path
    id: Path | None = None
    """Its id of the message. Without one ``time`` must be there: sender, time and text then tell messages apart."""
    time: Path | None = None
    """When the message was sent, in whatever form; it is never read, only compared."""
    left: LeftTable | None = None
    part: PartPlaces | None = None
    """Where an aggregator that does not join long messages says which part this is."""
    answer: str = "OK"
    """What it gets when all is well."""
    answer_type: str = "text/plain; charset=utf-8"
    reply: JsonValue = None
    """What it gets instead when there are texts for the player, with {text} in it: a string, or a table for JSON."""

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        if self.id is None and self.time is None:
            raise ValueError("hear: give id or time; a repeated delivery could not be told from a new message")
        if self.reply is not None and self.items is not None:
            raise ValueError(
                "hear: with items there is no reply; the answers to several players cannot go back together"
            )
        return self


class SayTable(Table):
    """How we hand the aggregator a text.

    In ``fields`` stand {to} {text} {coding} {from} {id} {key} {time} (seconds since 1970) {time_ms} and {receipt} (the
    address that takes receipts, with the secret where a field proves them), in ``headers`` {id} {key} {time} {time_ms};
    each fills one value and is never read again.
    """

    url: str = Field(pattern=r"^https?://[^/?#]+(/[^?#]*)?$")
    method: Literal["POST", "GET", "PUT"] = "POST"
    format: Literal["json", "form", "query"] = "json"
    fields: dict[str, JsonValue]
    headers: dict[str, str] = Field(default={})
    numbers: Literal["e164", "digits", "national"] = "e164"
    """How {to} is written: +8613800138000, 8613800138000 or 13800138000."""
    codings: tuple[str, str] = ("0", "2")
    """What {coding} is for a text in GSM-7, and for one that needs sixteen bits."""
    valid: Validity | None = None
    """Where it says for how long a text may be tried, which is as over SMPP: no longer than anybody wants it."""
    signature: SignatureTable | None = None
    taken_status: tuple[int, ...] = (200, 201, 202)
    taken_field: Path | None = None
    """The field of its JSON that says whether the text was taken; without one the status alone says it."""
    taken_values: tuple[str, ...] = ()
    external_id: Path | None = None
    """The field that holds its id of the text, or of each part with a "*" for the elements of a list."""
    error: Path | None = None
    """The field that holds the code of what went wrong; ``taken_field`` when that is not said."""
    again: tuple[Code, ...] = ()
    """Codes: this text later. Where the answer says none, its HTTP status is one, such as "400", here and below; but
    one that stands for a wrong address, a wrong key or too much says nothing of a player."""
    closed: tuple[Code, ...] = ()
    """Codes: nothing of this account for ``closed_s``, such as too fast, no balance or a wrong key."""
    closed_s: int = Field(default=60, ge=1, le=86_400)
    gone: tuple[Code, ...] = ()
    """Codes: this player cannot be reached any more."""
    opted_out: tuple[Code, ...] = ()
    """Codes: this player opted out at the aggregator, which is as good as STOP."""
    refused: tuple[Code, ...] = ()
    """Codes: this text never."""
    other: Literal["refused", "again", "unknown"] = "unknown"
    """What a code means that is in none of these lists."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.taken_field is not None and not self.taken_values:
            raise ValueError("say: taken_values: what does taken_field say when the text was taken?")
        if self.method == "GET" and self.format != "query":
            raise ValueError('say: a GET has no body; use format = "query"')
        if self.format != "json" and any(isinstance(value, dict | list) for value in self.fields.values()):
            raise ValueError("say: only JSON has tables and lists in its fields")
        if self.valid is not None:
            if self.format != "json" and "." in self.valid.at:
                raise ValueError("say: valid: only JSON has tables; name a field")
            self.valid.put(deepcopy(self.fields), 60)
        if "{text}" not in str(self.fields) or "{to}" not in str(self.fields):
            raise ValueError("say: fields must hold {to} and {text} somewhere")
        wrong = set(PLACEHOLDER.findall(str(self.fields))) - _IN_FIELDS
        wrong |= set(PLACEHOLDER.findall(str(self.headers))) - _IN_HEADERS
        if wrong:
            raise ValueError(f"say: there is nothing to put for {{{wrong.pop()}}}")
        if self.signature is not None and self.signature.at.startswith("field:") and "body" in self.signature.over:
            raise ValueError("say: a signature over the body cannot stand in it")
        return self


class ReceiptTable(RequestFormat):
    """How the aggregator tells us what became of a text; it proves itself as in ``hear`` unless ``proof`` is given."""

    proof: Proof | None = None
    external_id: Path | None = None
    dispatch: Path | None = None
    """The field in which it returns our {id}."""
    state: Path
    error: Paths = ()
    """Where codes of what went wrong stand; the first that says anything is shown, else the state."""
    no_error: tuple[Code, ...] = ()
    """What stands there when nothing is said, such as "0"."""
    delivered: tuple[Code, ...]
    failed: tuple[Code, ...] = ()
    waiting: tuple[Code, ...] = ()
    other: Literal["failed", "waiting"] | None = None
    """What a state means that is in none of these lists; when that is not said, a failure where ``failed`` lists
    nothing, and else nothing follows, and it is counted."""
    gone: tuple[Code, ...] = ()
    opted_out: tuple[Code, ...] = ()
    """Errors or states that mean the same as in ``say``; those at each place of ``error`` count."""
    answer: str = "OK"
    answer_type: str = "text/plain; charset=utf-8"

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.external_id is None and self.dispatch is None:
            raise ValueError("receipt: give external_id or dispatch; the text must be named somehow")
        return self


class GatewayAccount(SmsAccount):
    """An account of kind "gateway"."""

    kind: Literal["gateway"] = "gateway"
    secret: SecretStr = Field(min_length=8)
    """What the aggregator proves itself with."""
    key: SecretStr | None = None
    """What we prove ourselves with, where it is another one: {key}."""
    hear: HearTable | None = None
    say: SayTable
    receipt: ReceiptTable | None = None

    @model_validator(mode="after")
    def _proven(self) -> Self:
        if self.validity_s is not None and self.say.valid is None:
            raise ValueError("validity_s: say.valid: where does a request say for how long a text may be tried?")
        if self.receipt is not None and self.receipt.proof is None and self.hear is None:
            raise ValueError("receipt: give proof, as there is no hear to take it from")
        return self

    @property
    def receipt_proof(self) -> Proof | None:
        """How receipts prove themselves; None when none are taken."""
        if self.receipt is None or self.receipt.proof is not None or self.hear is None:
            return None if self.receipt is None else self.receipt.proof
        return self.hear.proof

    @property
    def key_shown(self) -> str:
        """What we prove ourselves with."""
        return (self.key or self.secret).get_secret_value()
