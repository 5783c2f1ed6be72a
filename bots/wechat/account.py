"""One WeChat official account: what huoju.toml and the environment say about it.

Specification: https://developers.weixin.qq.com/doc/service/en/guide/dev/push/encryption.html
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from bots.wechat.notice import Notice
from core.sending.outbound import Rate, SendingAccount

CHANNEL = "wechat"

_AES_KEY_CHARACTERS = 43
_AES_KEY_BYTES = 32


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class WeChatAccount(BaseModel):
    """One official account. ``rate`` is in texts a second; ``mode`` is the one chosen at the platform."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
    app_id: Annotated[str, Field(min_length=1)]
    token: SecretStr
    secret: SecretStr
    aes_key: SecretStr | None = None
    old_token: SecretStr | None = None
    old_aes_key: SecretStr | None = None
    """While one of them is changed at the platform both are good, whichever comes first."""
    verify: Annotated[
        tuple[Annotated[str, Field(pattern=r"^MP_verify_\w{1,64}\.txt$")], ...], BeforeValidator(_listed)
    ] = ()
    """Files by which the platform sees that our address is the account's."""
    title: str | None = Field(None, min_length=1, max_length=40)
    """The account's name in the app, which the pages behind invite links show."""
    mode: Literal["plain", "aes"] = "aes"
    api_url: Annotated[str, Field(pattern=r"^https?://[^/?#\s]+(/[^?#\s]*)?$")] = "https://api.weixin.qq.com"
    rate: Annotated[int, Field(ge=1, le=1000)] = 50
    at_once: Annotated[int, Field(ge=1, le=64)] = 8
    notices: tuple[Notice, ...] = ()
    """Templates of one-time subscribe notices: each is sent once for each time that the player agrees."""
    desk: bool = False
    """People answer for the account (客服功能): whoever asks for a person is handed to them."""
    says: Mapping[str, str] = {}
    """What keys of menus and scenes of QR codes mean that were made elsewhere: words as a player would type them."""
    template: Notice | None = None
    """The template of notices that need no consent; the platform forbids marketing by it."""

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if not self.token.get_secret_value():
            raise ValueError("token: may not be empty; it is the Token of the account's server configuration")
        if self.mode == "aes" and self.aes_key is None:
            raise ValueError('aes_key: give the EncodingAESKey of the account, or choose mode = "plain"')
        for key in self.aes_keys:
            aes_bytes(key)
        return self

    @property
    def tokens(self) -> tuple[SecretStr, ...]:
        """Those that are good now, the one of today first."""
        return tuple(each for each in (self.token, self.old_token) if each is not None)

    @property
    def aes_keys(self) -> tuple[SecretStr, ...]:
        """The same for the keys."""
        return tuple(each for each in (self.aes_key, self.old_aes_key) if each is not None)

    @property
    def address(self) -> str:
        """Below which path WeChat speaks to us."""
        return f"/{CHANNEL}/{self.name}"

    def outlet(self) -> SendingAccount:
        """How the account may be used by the sender."""
        template = self.template.id if self.template else None
        return SendingAccount(
            CHANNEL,
            self.name,
            Rate(self.rate, timedelta(seconds=1), burst=self.rate),
            at_once=self.at_once,
            templates=tuple(notice.id for notice in self.notices),
            template=template,
        )

    def notice(self, template: str | None) -> Notice | None:
        """The template called ``template``, if the account has it."""
        own = (*self.notices, self.template) if self.template else self.notices
        return next((notice for notice in own if notice.id == template), None)


def aes_bytes(aes_key: SecretStr) -> bytes:
    """The 32 bytes that an EncodingAESKey stands for. Raises ValueError, which never quotes the key."""
    spelled = aes_key.get_secret_value()
    try:
        key = base64.b64decode(f"{spelled}=", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(spelled) != _AES_KEY_CHARACTERS or len(key) != _AES_KEY_BYTES:
        raise ValueError("aes_key: an EncodingAESKey has 43 characters of a-z, A-Z and 0-9; copy it again")
    return key
