"""WeChat's door on PostgreSQL under 128 connections, plain and enciphered, beside WeRoBot, which only says an echo."""

from collections.abc import Iterator

from benchmarks.accounts import write_accounts
from benchmarks.deliveries import Mode, WeChat, openid, tables
from benchmarks.ground import CAMPAIGN, Ground, opened
from benchmarks.load import Outcome, drive
from benchmarks.report import Result, compared, interleaved, say
from benchmarks.servers import Places
from benchmarks.serving import serving

WORKERS, CONNECTIONS = 2, 128
ROUNDS = 4
OURS, THEIRS = 4000, 8000
NAMES: dict[Mode, str] = {"plain": "signed", "aes": "signed and enciphered"}


def run(places: Places) -> Iterator[Result]:
    """Four rows: for each mode the ratio, and our 99th percentile."""
    for mode in NAMES:
        yield from _compare(places, mode)


def _compare(places: Places, mode: Mode) -> Iterator[Result]:
    say(f"WeChat's door on PostgreSQL, {NAMES[mode]}: {CONNECTIONS} connections, {WORKERS} workers, beside WeRoBot")
    accounts = write_accounts(places.directory / f"wechat-{mode}", *tables(mode))
    with places.postgres() as url, opened(url, places.directory, CAMPAIGN, accounts) as ground:
        ground.channel, ground.account, ground.user = "wechat", mode, openid
        ground.join()
        platform, outcomes = WeChat(mode), list[Outcome]()
        with serving("ours", ground.settings, WORKERS) as ours, serving("echo", ground.settings, WORKERS) as echo:

            def redeem() -> float:
                outcomes.append(_redeem(ground, platform, ours, OURS))
                return outcomes[-1].rate

            rates = interleaved(ROUNDS, {"ours": redeem, "WeRoBot": lambda: _echo(ground, platform, echo, THEIRS).rate})
    what = f"WeChat, {NAMES[mode]}, PostgreSQL, {CONNECTIONS} connections: redemptions, to WeRoBot's echo"
    yield compared(what, rates["ours"], rates["WeRoBot"], goal=0.6)
    late_ms = sorted(outcome.percentile_ms(99) for outcome in outcomes[1:])[ROUNDS // 2]
    share = f"generator {max(outcome.own_share for outcome in outcomes):.0%} of a core"
    yield Result("the same: 99th percentile", f"{late_ms:.0f} ms", share, late_ms, "ms", goal=250, at_least=False)


def _redeem(ground: Ground, platform: WeChat, port: int, count: int) -> Outcome:
    now = ground.installation.clock()
    requests = [platform.request(message, port, now) for message in ground.messages(count)]
    before = ground.redeemed()
    outcome = drive(port, requests, CONNECTIONS, looks=platform.redeemed)
    assert ground.redeemed() - before == count, "an answer without its redemption"
    return outcome


def _echo(ground: Ground, platform: WeChat, port: int, count: int) -> Outcome:
    now = ground.installation.clock()
    requests = [platform.request(ground.message("ABCDEFGHJKMN"), port, now) for _ in range(count)]
    return drive(port, requests, CONNECTIONS, looks=platform.echoed)
