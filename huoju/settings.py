"""Every setting, read from the environment (HUOJU_…) or a .env file; nothing else looks there."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an operator may set. Each is listed in the README."""

    model_config = SettingsConfigDict(env_prefix="HUOJU_", env_file=".env", extra="ignore")

    database_url: str = "sqlite:///var/huoju.db"
    keys_file: Path = Path("var/huoju.keys")
    wrong_tries_per_hour: Annotated[int, Field(ge=1)] = 100_000
    """Wrong codes of everybody in an hour above which each sender has fewer tries."""
    playground_password: SecretStr | None = None
    """Asked for by the playground; it must be set before the playground listens beyond this machine."""
    database_connections: Annotated[int, Field(ge=2, le=100)] = 8
    """At most so many connections to the database from one process."""
    log_level: str = "info"
