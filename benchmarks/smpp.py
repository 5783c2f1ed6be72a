"""A short code over SMPP beside its PostgreSQL: a phone's message in, a turn, the answer out, acknowledged both ways.

`huoju sms` holds the links, takes the turns and sends; the SMSC on loopback hands over at once what is acknowledged.
"""

import statistics
from collections.abc import Iterator
from string import Template

from sqlalchemy import text

from benchmarks.accounts import write_accounts
from benchmarks.ground import CAMPAIGN, Ground, opened
from benchmarks.processes import running
from benchmarks.report import Result, rate, say
from benchmarks.servers import Places
from benchmarks.smsc import Smsc, deliver_body, said_to

PROCESSES, WINDOW = 2, 128
ROUNDS, TEXTS = 4, 5000
ACCOUNT, CODE = "bench", "1069012345"
_TABLE = """
[sms.bench]
kind = "smpp"
host = "127.0.0.1"
port = $port
system_id = "bench"
password_file = "password"
sender = "1069012345"
window = 128
rate = 10000
at_once = 128
receipts = false
"""
_EARNED, _WON = "没有中奖，送您".encode("utf-16-be"), "恭喜您抽中".encode("utf-16-be")


def run(places: Places) -> Iterator[Result]:
    """One row."""
    say(f"SMPP on PostgreSQL: {TEXTS:,} messages of phones through a loopback SMSC")
    smsc = Smsc(WINDOW)
    table = Template(_TABLE).substitute(port=smsc.port)
    accounts = write_accounts(places.directory / "smpp", table, {"password": "secret"})
    with places.postgres() as url, opened(url, places.directory, CAMPAIGN, accounts) as ground:
        ground.channel, ground.account = "sms", ACCOUNT
        ground.join()
        with running(ground, places, "sms", PROCESSES) as processes:
            smsc.wait_for_links(PROCESSES)
            rates = [_exchange(ground, smsc, number) for number in range(ROUNDS + 1)][1:]
            for process in processes:
                process.terminate()
            smsc.idle()
    smsc.close()
    middle, spread = statistics.median(rates), f"{min(rates):,.0f} to {max(rates):,.0f}/s"
    what = f"SMPP, PostgreSQL, {PROCESSES} processes, window {WINDOW}: redemptions, answered by submit_sm"
    yield Result(what, rate(rates), spread, middle, "/s", goal=1000.0)


def _exchange(ground: Ground, smsc: Smsc, number: int) -> float:
    messages = ground.messages(TEXTS)
    bodies = [deliver_body(message.user.removeprefix("+"), CODE, message.text) for message in messages]
    before, refused = ground.redeemed(), smsc.refused
    found = smsc.exchange(bodies)
    assert ground.redeemed() - before == TEXTS, "an answer without its redemption"
    said = [said_to(body) for body in smsc.submitted]
    assert sorted(to for to, _ in said) == sorted(message.user.removeprefix("+").encode() for message in messages)
    assert all(_EARNED in octets or _WON in octets for _, octets in said), "an answer to something else"
    say(f"  round {number}: {found:,.0f}/s, {smsc.refused - refused} were to come again, {_late(ground)} not settled")
    return found


def _late(ground: Ground) -> int:
    """Texts that the sender has not written down as sent yet."""
    with ground.installation.database.connect() as connection:
        return connection.scalar(text("SELECT count(*) FROM dispatches")) or 0
