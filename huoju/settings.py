"""Every setting, read from the environment (HUOJU_…) or a .env file; nothing else looks there."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AnyHttpUrl, Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an operator may set. Each is listed in docs/settings.md."""

    model_config = SettingsConfigDict(env_prefix="HUOJU_", env_file=".env", extra="ignore")

    database_url: str = "sqlite:///var/huoju.db"
    keys_file: Path = Path("var/huoju.keys")
    config_file: Path = Path("huoju.toml")
    """Our accounts on the channels; without this file there are none."""
    wrong_tries_per_hour: Annotated[int, Field(ge=1)] = 100_000
    """Wrong codes of everybody in an hour above which each sender has fewer tries."""
    helpless_answers_per_hour: Annotated[int, Field(ge=1)] = 5
    """Answers that help nobody ("not understood"), to one sender in an hour."""
    answers_per_hour: Annotated[int, Field(ge=1)] = 60
    """Answers of any kind to one sender in an hour, but for what a code has brought."""
    playground: bool = False
    """Whether the web process shows the playground."""
    playground_password: SecretStr | None = None
    """Asked for by the playground; it must be set before the playground listens beyond this machine."""
    public_url: AnyHttpUrl | None = None
    """What links that players get begin with; :attr:`links_begin_with` is ready for use."""
    proxies: Annotated[int, Field(ge=0, le=9)] = 0
    """Proxies of ours that each request passes; so many names at the end of X-Forwarded-For are believed."""
    visits_per_minute: Annotated[int, Field(ge=1)] = 1200
    """Requests for public pages and their pictures that one worker answers to one address in a minute."""
    font_file: Path | None = None
    """A font with Chinese for pictures, in the place of the one that is installed with the product."""
    files_folder: Path = Path("var/files")
    """Where jobs of operators leave files; the processes of all machines must see the same folder."""
    files_kept_hours: Annotated[int, Field(ge=1, le=24 * 30)] = 24
    """How long such a file stays."""
    metrics_folder: Path = Path("var/metrics")
    """Where the processes of one machine leave their numbers for `/metrics` of its web process."""
    metrics_token: SecretStr | None = None
    """Whoever reads `/metrics` must show it; without it only this machine may."""
    database_connections: Annotated[int, Field(ge=2, le=100)] = 8
    """At most so many connections to the database from one process."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("public_url")
    @classmethod
    def _can_begin_links(cls, url: AnyHttpUrl | None) -> AnyHttpUrl | None:
        if url is not None and (url.query is not None or url.fragment is not None or url.username is not None):
            raise PydanticCustomError("public_url", "give an address without user, query and fragment")
        return url

    @property
    def links_begin_with(self) -> str | None:
        """``public_url`` without a slash at the end."""
        return None if self.public_url is None else str(self.public_url).rstrip("/")


class SettingsRefused(Exception):
    """A setting cannot be used; the message names it and says what would do."""


def read_settings() -> Settings:
    """Read the settings. Raises SettingsRefused."""
    try:
        return Settings()
    except ValidationError as error:
        found = error.errors()[0]
        name = "HUOJU_" + "_".join(str(step) for step in found["loc"]).upper()
        raise SettingsRefused(f"{name}: {found['msg'][0].lower()}{found['msg'][1:]}") from None
