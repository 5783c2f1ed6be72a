"""An account at each of three platforms that work, in a folder of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.times import system_clock
from tests.fakes import telegram, wechat
from tests.fakes.smsc import Smsc


@dataclass
class Three:
    """The platforms, and the secrets of our accounts there, as they stand in the environment."""

    official: wechat.Platform
    bot: telegram.Bot
    smsc: Smsc
    secrets: dict[str, str]


@contextmanager
def three_platforms(folder: Path) -> Iterator[Three]:
    """wechat/main, telegram/bot (polling) and sms/code (SMPP), described in ``folder``."""
    with wechat.running(system_clock) as official, telegram.fake_telegram() as bots:
        smsc = Smsc(password="pa55word")
        (folder / "huoju.toml").write_text(
            f"""
            [wechat.main]
            app_id = "{wechat.APP_ID}"
            api_url = "{official.url}"

            [telegram.bot]
            api_url = "{bots.url}"
            receive = "polling"

            [sms.code]
            kind = "smpp"
            host = "127.0.0.1"
            port = {smsc.port}
            system_id = "huoju"
            sender = "12345"
            """,
            encoding="utf-8",
        )
        secrets = {
            "HUOJU_WECHAT_MAIN_TOKEN": wechat.TOKEN,
            "HUOJU_WECHAT_MAIN_SECRET": wechat.SECRET,
            "HUOJU_WECHAT_MAIN_AES_KEY": wechat.AES_KEY,
            "HUOJU_TELEGRAM_BOT_TOKEN": telegram.TOKEN,
            "HUOJU_SMS_CODE_PASSWORD": "pa55word",
        }
        yield Three(official, bots.bot, smsc, secrets)
        smsc.close()
