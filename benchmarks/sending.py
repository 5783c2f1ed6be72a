"""`huoju sender` beside its PostgreSQL: texts that wait in the outbox, handed one by one to a platform on loopback.

The platform answers at once, so what is measured is the sender; half of the texts are answers, a quarter of them is
notices, and a quarter an announcement, which the policy judges: limits, quiet hours, the addresses of a person.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from string import Template

from sqlalchemy import text

from benchmarks.accounts import write_accounts
from benchmarks.gateway import Gateway, gateway
from benchmarks.ground import Ground, opened
from benchmarks.processes import running
from benchmarks.queueing import limited_campaign, queue_texts
from benchmarks.report import Result, rate, say
from benchmarks.servers import Places

ROUNDS = 3
ACCOUNT = "bench"
_PATIENCE_S = 180
_SECRETS = {"secret": "0123456789abcdef", "token": "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11"}
_SMS = """
[sms.bench]
kind = "gateway"
sender = "1069012345"
secret_file = "secret"
signature = "火炬食品"
rate = 10000
at_once = 128
[sms.bench.say]
url = "http://127.0.0.1:$port/v1/send"
fields = {mobile = "{to}", content = "{text}", sender = "{from}", id = "{id}", time = "{time}"}
taken_field = "code"
taken_values = ["0"]
external_id = "sms_id"
signature = {over = ["body"], at = "header:X-Signature"}
"""
_PAID = _SMS.replace("rate =", 'price_micros = 45000\ncurrency = "CNY"\nrate =')
_TELEGRAM = """
[telegram.bench]
token_file = "token"
api_url = "http://127.0.0.1:$port"
receive = "polling"
rate = 10000
burst = 10000
"""
_SMS_TAKEN = '{"code": "0"}'
_TELEGRAM_TAKEN = '{"ok":true,"result":{"message_id":7,"date":1795000000,"chat":{"id":7,"type":"private"},"text":"7"}}'


@dataclass(frozen=True, slots=True)
class _Side:
    """One platform: how it is described, what it says to a text, and by what it knows one."""

    what: str
    channel: str
    table: str
    taken: str
    known_by: str
    user: Callable[[int], str]
    texts: int = 20_000
    goal: float | None = None


def _abroad(number: int) -> str:
    """A phone number where no law keeps marketing silent at night, so that it does not matter when this runs."""
    return f"+447{number:09d}"


_SIDES = (
    _Side("an HTTP gateway on loopback, signed", "sms", _SMS, _SMS_TAKEN, r'"id": "([^"]+)"', _abroad, goal=1500.0),
    _Side("the same, each text paid for in the ledger", "sms", _PAID, _SMS_TAKEN, r'"id": "([^"]+)"', _abroad),
    _Side("Telegram on loopback", "telegram", _TELEGRAM, _TELEGRAM_TAKEN, r"chat_id=(\d+)", str, texts=2000),
)


def run(places: Places) -> Iterator[Result]:
    """Three rows."""
    for place, side in enumerate(_SIDES):
        say(f"the sender: {side.texts:,} texts to {side.what}")
        with gateway(side.taken, side.known_by) as platform:
            table = Template(side.table).substitute(port=platform.port)
            accounts = write_accounts(places.directory / f"sender-{place}", table, _SECRETS)
            campaign = limited_campaign(places.directory, datetime.now(UTC))
            with places.postgres() as url, opened(url, places.directory, campaign, accounts) as ground:
                ground.channel, ground.account, ground.user = side.channel, ACCOUNT, side.user
                rates = [_empty(ground, places, platform, side.texts) for _ in range(ROUNDS)]
        middle, spread = sorted(rates)[ROUNDS // 2], f"{min(rates):,.0f} to {max(rates):,.0f}/s"
        yield Result(f"sender, PostgreSQL: texts to {side.what}", rate(rates), spread, middle, "/s", goal=side.goal)


def _empty(ground: Ground, places: Places, platform: Gateway, texts: int) -> float:
    """Texts a second, from the first one that the platform takes to the last one that is settled."""
    queue_texts(ground, texts, ground.installation.clock())
    platform.clear()
    with running(ground, places, "sender"):
        until = time.monotonic() + _PATIENCE_S
        while len(platform.taken) < texts or _waiting(ground):
            assert time.monotonic() < until, f"{len(platform.taken)} of {texts} texts came"
            time.sleep(0.02)
        took_s = time.perf_counter() - platform.first_at
    assert len(set(platform.taken)) == len(platform.taken) == texts, "a text came twice"
    say(f"  {texts / took_s:,.0f}/s")
    return texts / took_s


def _waiting(ground: Ground) -> bool:
    with ground.installation.database.connect() as connection:
        return connection.scalar(text("SELECT 1 FROM dispatches LIMIT 1")) is not None
