"""WeChat's door under twice the load that it can take: it must answer in time or refuse at once, and lose nothing.

What it can take is measured first, by as many connections as keep it busy. Then messages arrive at fixed instants,
twice as many a second, each on a connection of its own if need be; WeChat gives up after five seconds.
"""

from collections.abc import Iterator, Sequence

from benchmarks.accounts import write_accounts
from benchmarks.arrivals import Crowd, Seen
from benchmarks.deliveries import WeChat, openid, tables
from benchmarks.ground import CAMPAIGN, Ground, opened
from benchmarks.load import drive
from benchmarks.report import Result, say
from benchmarks.servers import Places
from benchmarks.serving import serving

WORKERS, CONNECTIONS = 2, 128
WARM_UP, CLOSED = 4000, 8000
TIMES, LASTS_S = 2, 15
IN_TIME_S = 4.5
REFUSALS = {429, 503}


def run(places: Places) -> Iterator[Result]:
    """Three rows."""
    say("WeChat's door under twice the load that it can take")
    accounts = write_accounts(places.directory / "wechat-overload", *tables("plain"))
    with places.postgres() as url, opened(url, places.directory, CAMPAIGN, accounts) as ground:
        ground.channel, ground.account, ground.user = "wechat", "plain", openid
        ground.join()
        with serving("ours", ground.settings, WORKERS) as port:
            yield from _overload(ground, WeChat("plain"), port)


def _overload(ground: Ground, platform: WeChat, port: int) -> Iterator[Result]:
    for count in (WARM_UP, CLOSED):
        capacity = drive(port, _requests(ground, platform, port, count), CONNECTIONS, looks=platform.redeemed).rate
    before = ground.redeemed()
    requests = _requests(ground, platform, port, int(TIMES * capacity * LASTS_S))
    say(f"  it can take {capacity:,.0f}/s; now {TIMES * capacity:,.0f}/s arrive for {LASTS_S} s")
    crowd = Crowd(port, requests, TIMES * capacity, platform.redeemed)
    seen = crowd.run()
    answered = [one for one in seen if one.status == 200 and one.looks and one.after_s <= IN_TIME_S]
    refused = [one for one in seen if one.status in REFUSALS]
    told = f"{_share(answered, seen)} answered, {_share(refused, seen)} refused, {crowd.connections:,} connections"
    late_s = _percentile(seen, 99)
    say(f"  {told}; p99 of answers {_percentile(answered, 99):.2f} s, of refusals {_percentile(refused, 99):.2f} s")
    what = f"WeChat under {TIMES} times the load that it can take: p99 of answers and refusals"
    baseline = f"p50 {_percentile(seen, 50):.2f} s"
    yield Result(what, f"{late_s:.2f} s", baseline, late_s, "s", goal=IN_TIME_S, at_least=False)
    goodput = len(answered) / LASTS_S
    rates = f"{goodput:,.0f}/s", f"{capacity:,.0f}/s"
    yield Result("the same: answered in time, to what it can take", *rates, goodput / capacity, "×", goal=0.7)
    lost = len(seen) - len(answered) - len(refused)
    share, what = 100 * lost / len(seen), "the same: neither answered in time nor refused"
    yield Result(what, f"{lost:,}", f"of {len(seen):,}", share, "%", goal=0.0, at_least=False)
    again = [raw for raw, one in zip(requests, seen, strict=True) if one.status != 200]
    if again:
        drive(port, again, CONNECTIONS, looks=platform.redeemed)
    assert ground.redeemed() - before == len(requests), "a message that was delivered again has no redemption"


def _requests(ground: Ground, platform: WeChat, port: int, count: int) -> list[bytes]:
    now = ground.installation.clock()
    return [platform.request(message, port, now) for message in ground.messages(count)]


def _share(some: Sequence[Seen], seen: Sequence[Seen]) -> str:
    return f"{len(some) / len(seen):.0%}"


def _percentile(seen: Sequence[Seen], percent: float) -> float:
    found = sorted(one.after_s for one in seen)
    return found[min(int(len(found) * percent / 100), len(found) - 1)] if found else 0.0
