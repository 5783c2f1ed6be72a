"""Every setting, read from the environment (HUOJU_…) or a .env file; nothing else looks there."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AnyHttpUrl, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

_MOST_SECRET_BYTES = 64 * 1024


class Settings(BaseSettings):
    """What an operator may set. Each is listed in docs/settings.md."""

    model_config = SettingsConfigDict(env_prefix="HUOJU_", env_file=".env", extra="ignore")

    database_url: str = "sqlite:///var/huoju.db"
    database_password: SecretStr | None = None
    """Of the user in ``database_url``, where that names none."""
    database_password_file: Path | None = None
    """Or the file with that password, such as a secret that Docker hands over."""
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
    playground_password_file: Path | None = None
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
    erase_after_days: Annotated[int, Field(ge=0, le=30)] = 7
    """For so long somebody who wants to be erased may take it back."""
    backup_days: Annotated[int, Field(ge=0)] = 2
    """After so many days without `huoju backup` the doctor warns; 0 where somebody else backs the database up."""
    metrics_folder: Path = Path("var/metrics")
    """Where the processes of one machine leave their numbers for `/metrics` of its web process."""
    metrics_token: SecretStr | None = None
    """Whoever reads `/metrics` must show it; without it only this machine may."""
    metrics_token_file: Path | None = None
    database_connections: Annotated[int, Field(ge=2, le=100)] = 8
    """At most so many connections to the database from one process."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @model_validator(mode="after")
    def _secrets_of_files(self) -> Self:
        """Take each secret from the file that was named for it, and the password into the address of the database."""
        for name, value in (
            ("database_password", self.database_password),
            ("playground_password", self.playground_password),
            ("metrics_token", self.metrics_token),
        ):
            if (file := getattr(self, f"{name}_file")) is not None:
                if value is not None:
                    raise PydanticCustomError(
                        "secret", "{one} is given twice, in HUOJU_{name} and in a file; leave one", _named(name)
                    )
                setattr(self, name, _secret_in(file, name))
        if self.database_password is not None:
            self.database_url = _with_password(self.database_url, self.database_password)
        return self

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


def _named(name: str) -> dict[str, str]:
    return {"one": name.replace("_", " "), "name": name.upper()}


def _secret_in(file: Path, name: str) -> SecretStr:
    """What stands in ``file``, without the line's end. Raises PydanticCustomError, which never quotes it."""
    told = _named(name) | {"file": str(file)}
    try:
        with file.open("rb") as opened:
            raw = opened.read(_MOST_SECRET_BYTES + 1)
        text = raw.decode("utf-8").strip()
    except OSError as error:
        wrong = "HUOJU_{name}_FILE names {file}, which cannot be read: {why}; write the {one} into it"
        raise PydanticCustomError("secret", wrong, told | {"why": error.strerror or "no reason given"}) from None
    except UnicodeDecodeError:
        raise PydanticCustomError("secret", "HUOJU_{name}_FILE names {file}, which is no text", told) from None
    if not text or len(raw) > _MOST_SECRET_BYTES:
        wrong = "HUOJU_{name}_FILE names {file}, which is {why}; write the {one} into it"
        raise PydanticCustomError("secret", wrong, told | {"why": "too large" if text else "empty"})
    return SecretStr(text)


def _with_password(url: str, password: SecretStr) -> str:
    """The address of a database with a password. Raises PydanticCustomError where that has no place for one."""
    from sqlalchemy import make_url  # noqa: PLC0415  # most never need it here
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

    try:
        parsed = make_url(url)
    except ArgumentError:
        return url  # whoever opens it says so
    if parsed.get_backend_name() == "sqlite" or parsed.username is None or parsed.password is not None:
        wrong = "a database password has its place in postgresql://user@host/name; HUOJU_DATABASE_URL is not like this"
        raise PydanticCustomError("password", wrong)
    return parsed.set(password=password.get_secret_value()).render_as_string(hide_password=False)


class SettingsRefused(Exception):
    """A setting cannot be used; the message names it and says what would do."""


def read_settings() -> Settings:
    """Read the settings. Raises SettingsRefused."""
    try:
        return Settings()
    except ValidationError as error:
        found = error.errors()[0]
        if not found["loc"]:
            raise SettingsRefused(found["msg"]) from None
        name = "HUOJU_" + "_".join(str(step) for step in found["loc"]).upper()
        raise SettingsRefused(f"{name}: {found['msg'][0].lower()}{found['msg'][1:]}") from None
