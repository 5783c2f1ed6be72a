"""How an aggregator's request to us proves itself, and ours to it, as huoju.toml describes it."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Place = Annotated[str, StringConstraints(pattern=r"^(field|header):[^\s:]+$")]
Piece = Annotated[str, StringConstraints(pattern=r"^(body|sorted|path|text:.*|(field|header):[^\s:]+)$")]


class Table(BaseModel):
    """A table of an account's, or one in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Signing(Table):
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
    signature: Signing | None = None
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
