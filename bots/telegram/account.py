"""One account of Telegram: a bot, as an operator describes it (core.telegram.org/bots/api#authorizing-your-bot)."""

import re
from datetime import timedelta
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from core.sending.outbound import Rate

CHANNEL = "telegram"

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # core.telegram.org/bots/api#setwebhook


class TelegramAccount(BaseModel):
    """A bot. ``token`` is what BotFather gave; ``webhook_secret`` is any long word that only Telegram is told."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")
    token: SecretStr = Field(min_length=1)
    webhook_secret: SecretStr | None = None
    api_url: str = Field("https://api.telegram.org", pattern=r"^https?://\S+$")
    username: str | None = Field(None, pattern=r"^[A-Za-z0-9_]{4,32}$")
    """The bot's name, without @; with it the pages behind invite links lead into the chat."""
    receive: Literal["webhook", "polling"] = "webhook"
    rate: int = Field(30, ge=1)
    """Texts a second, of all processes together (core.telegram.org/bots/faq: about 30 a second)."""
    burst: int = Field(30, ge=1)

    @model_validator(mode="after")
    def _check(self) -> Self:
        secret = self.webhook_secret
        if secret is None and self.receive == "webhook":
            raise ValueError("webhook_secret: a webhook needs one; set it, or receive by polling")
        if secret is not None and not _SECRET.fullmatch(secret.get_secret_value()):
            raise ValueError("webhook_secret: use 1 to 256 of A-Z, a-z, 0-9, _ and -")
        if any(character.isspace() or character in "/?#" for character in self.token.get_secret_value()):
            raise ValueError("token: copy it as BotFather gave it, like 123456:ABC-DEF")
        return self

    @property
    def webhook_path(self) -> str | None:
        """The path under which Telegram delivers; None where we fetch."""
        return f"/{CHANNEL}/{self.name}" if self.receive == "webhook" else None

    def webhook_url(self, public_url: str) -> str:
        """Where Telegram delivers our updates."""
        return f"{public_url.rstrip('/')}/{CHANNEL}/{self.name}"

    @property
    def base_url(self) -> str:
        """The address that methods begin with, without the token."""
        return self.api_url.rstrip("/") + "/bot"

    @property
    def file_url(self) -> str:
        """The address that files begin with, without the token."""
        return self.api_url.rstrip("/") + "/file/bot"

    @property
    def speed(self) -> Rate:
        """How fast all processes together may send."""
        return Rate(self.rate, timedelta(seconds=1), self.burst)
