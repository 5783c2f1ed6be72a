"""Beginning: what is looked at and told when a broadcast that has a test is confirmed."""

from collections.abc import Iterator
from datetime import timedelta

from core.answers import Line, Verbatim, VerbName, line
from core.campaign.live import LiveCampaign
from core.engine.runtime import Runtime
from core.models import Broadcast, BroadcastTest
from core.operators import VerbRefused
from handlers.broadcasts.deciding import FEWEST_PEOPLE
from handlers.broadcasts.versions import Sizes, start, versions_of


def begin(
    runtime: Runtime, campaign: LiveCampaign, broadcast: Broadcast, test: BroadcastTest, people: int
) -> list[Line]:
    """Set the parts of the test of a broadcast that reaches ``people``; what is told of them. Raises VerbRefused."""
    _refuse(runtime, campaign, broadcast, test)
    sizes, names = start(broadcast, test, people), [one.name for one in versions_of(broadcast, test)]
    if len(names) > 1 and not sizes.each:
        raise VerbRefused(
            "{count} people are too few for {name}, which has {versions} versions",
            count=people,
            name=broadcast.name,
            versions=len(names),
        )
    return list(_told(broadcast, test, names, sizes))


def _refuse(runtime: Runtime, campaign: LiveCampaign, broadcast: Broadcast, test: BroadcastTest) -> None:
    """Raises VerbRefused for a test that cannot be."""
    compare = VerbName(f"broadcast compare {broadcast.name}")
    result = runtime.mechanics.results.get(test.result or "")
    if result is None:
        raise VerbRefused("say first what counts for {name}: {verb} codes", name=broadcast.name, verb=compare)
    if (why := result.absent(campaign.rules)) is not None:
        raise VerbRefused("nobody can do that in {campaign}: {why}", campaign=campaign.rules.name, why=why)
    spoken = campaign.published.texts.keys()
    for one in versions_of(broadcast, test):
        if missing := sorted(spoken - one.words.keys()):
            told = "version {version} of {name} has no text yet in: {languages}"
            raise VerbRefused(told, version=Verbatim(one.name), name=broadcast.name, languages=", ".join(missing))
    assert broadcast.starts_at is not None
    assert broadcast.expires_at is not None
    if test.versions and broadcast.starts_at + timedelta(seconds=test.wait_s) >= broadcast.expires_at:
        raise VerbRefused(
            "{name} would be news no more when its best version is known; say a later time until which it is, or"
            " compare for fewer hours",
            name=broadcast.name,
        )


def _told(broadcast: Broadcast, test: BroadcastTest, names: list[str], sizes: Sizes) -> Iterator[Line]:
    if len(names) > 1:
        assert broadcast.starts_at is not None
        yield line(
            "About {each} people hear each of {versions}; {rest} wait for the version that does best, by {result}"
            " within {days} d. It is known at {at:%Y-%m-%d %H:%M} UTC, and goes to them by itself.",
            each=sizes.each,
            versions=Verbatim(", ".join(names)),
            rest=sizes.rest,
            result=test.result,
            days=timedelta(seconds=test.within_s).days,
            at=broadcast.starts_at + timedelta(seconds=test.wait_s),
        )
        if sizes.each < FEWEST_PEOPLE:
            yield line(
                "Fewer than {least} hear each: you will be asked which version goes to the rest.", least=FEWEST_PEOPLE
            )
    if sizes.held_out:
        yield line(
            "About {count} people hear nothing, so that you see what would have come without it.", count=sizes.held_out
        )
