"""Campaign files that an operator sends: checked by line, and published exactly as they were when that was planned."""

from dataclasses import dataclass, field, replace
from fractions import Fraction

import pytest
from sqlalchemy import func, select

from core.attachments import EXPIRED, TOO_LARGE, Fetched, Media, MediaKind, NotFetched
from core.campaign.reader import read_content
from core.engine.delivery import delivery
from core.messages import InboundKind
from core.models import CampaignVersion
from core.operators import Role
from core.verbs import MediaFetchers
from handlers import MECHANICS
from handlers.draws.rules import DrawRules
from tests.operators.test_chat import word_in
from tests.stage import CAMPAIGN, Stage
from tests.talking import faults

pytestmark = pytest.mark.reading


DEARER = CAMPAIGN.replace("stock: 10", "stock: 12")
AUTUMN = CAMPAIGN.replace("name: snack", "name: autumn")


@dataclass
class Files:
    """What the platform gives out, by handle."""

    content: dict[str, bytes | NotFetched] = field(default_factory=dict)

    def fetch(self, media: Media, limit_bytes: int) -> Fetched | NotFetched:
        found = self.content[media.handle]
        if isinstance(found, NotFetched):
            return found
        return NotFetched(TOO_LARGE, again=False) if len(found) > limit_bytes else Fetched(found)


@dataclass
class Office:
    stage: Stage
    files: Files

    def send(self, content: str | bytes | NotFetched, by: str = "boss", name: str = "snack.yaml") -> None:
        """Send a document, with no words beside it."""
        handle = f"file {len(self.files.content)}"
        self.files.content[handle] = content.encode() if isinstance(content, str) else content
        message = self.stage.message("", by=by, kind=InboundKind.SHOWED)
        document = Media(MediaKind.FILE, handle, name)
        self.stage.take(delivery(replace(message, attachments=(document,)), self.stage.keys))

    def say(self, text: str, by: str = "boss") -> str:
        return self.stage.command(text, by=by)

    def versions(self) -> int:
        with self.stage.sessions() as session:
            return session.scalar(select(func.count()).select_from(CampaignVersion)) or 0


@pytest.fixture
def office(stage: Stage) -> Office:
    files = Files()
    stage.settings = (MediaFetchers(lambda _place: files),)
    stage.publish(spelled=False)
    stage.appoint(Role.OWNER)
    stage.say("english", by="boss")
    return Office(stage, files)


def test_a_file_is_checked_and_published_as_it_was_planned(office: Office) -> None:
    office.send(DEARER)
    assert "The file is good: snack runs from" in office.say("/campaign check")
    planned = office.say("/campaign publish")
    assert "draw.prizes.phone.stock · '10' · '12'" in planned
    assert "Publish exactly this file?" in planned
    assert office.versions() == 1
    done = office.say(f"/confirm {word_in(planned)}")
    assert done.startswith("Published snack, version 2.")
    assert office.versions() == 2
    assert "draw.prizes.phone.stock · '10' · '12'" in office.say("/campaign diff snack")
    assert "version snack: 1 → 2" in office.say("/log")
    assert "exactly these rules already" in office.say("/campaign publish")
    assert not faults(office.stage)


def test_what_was_planned_is_published_though_another_file_came_since(office: Office) -> None:
    office.send(DEARER)
    word = word_in(office.say("/campaign publish"))
    office.send(AUTUMN)
    assert office.say(f"/confirm {word}").startswith("Published snack, version 2.")
    assert "autumn" not in office.say("/campaign list")


def test_a_new_campaign_shows_its_commitment(office: Office) -> None:
    office.send(AUTUMN, name="autumn.yaml")
    planned = office.say("/campaign publish")
    assert "It runs from 2026-12-01 12:00:00 Asia/Shanghai to 2027-03-01 12:00:00 Asia/Shanghai." in planned
    assert "Commitment" not in planned, "the seed is drawn when it is done"
    done = office.say(f"/confirm {word_in(planned)}")
    assert done.startswith("Published autumn, version 1.")
    assert "Commitment to the draw seed" in done
    assert done.rpartition(" ")[2] in office.say("/campaign show autumn")


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        (CAMPAIGN.replace("odds:", "ods:"), "snack.yaml:13: draw.ods: this word is not known here (do you mean odds?)"),
        (CAMPAIGN.replace("2999 CNY", "2999 EUR"), "use one currency"),
        ("hello", "snack.yaml is no campaign: send the file of one"),
        ("services: {web: {image: nginx}}", "snack.yaml is no campaign: send the file of one"),
        (b"\xff\xfe", "such as name: snack; say it like this: /campaign "),
        ("a: [", "close it with ]"),
        (b"x" * (2 << 20), "larger than 1 MiB"),
        (NotFetched(EXPIRED, again=False), "does not give the file out any more"),
        (NotFetched("timed_out", again=True), "try again in a moment"),
    ],
    ids=[
        "a wrong word",
        "a wrong sum",
        "no campaign",
        "another thing",
        "no text",
        "no YAML",
        "too large",
        "expired",
        "late",
    ],
)
@pytest.mark.parametrize("verb", ["check", "publish"])
def test_what_is_no_campaign_is_said_and_nothing_is_published(
    office: Office, verb: str, content: str | bytes | NotFetched, answer: str
) -> None:
    office.send(content)
    assert answer in office.say(f"/campaign {verb}")
    assert office.versions() == 1
    assert not faults(office.stage)


def test_only_a_file_of_the_last_minutes_from_the_same_chat_counts(office: Office) -> None:
    assert "there is no file" in office.say("/campaign publish")
    office.send(DEARER, by="anna")
    assert "there is no file" in office.say("/campaign publish")
    office.send(DEARER)
    office.stage.wait(minutes=11)
    assert "older than ten minutes" in office.say("/campaign publish")
    office.send("hello")
    office.send(DEARER)
    assert "Publish exactly this file?" in office.say("/campaign publish")
    assert "takes no" in office.say("/campaign check file=x")


def test_who_may_not_publish_has_nothing_fetched(office: Office) -> None:
    office.stage.appoint(Role.SUPPORT, by="eve", name="Eve")
    office.files.content.clear()
    assert "no verb like that for you" in office.say("/campaign publish", by="eve")


def test_where_nothing_fetches_files_that_is_said(office: Office) -> None:
    office.stage.settings = ()
    office.send(DEARER)
    assert "files cannot be fetched from here" in office.say("/campaign publish")


def test_what_is_wrong_is_said_in_the_language_of_the_operator(office: Office) -> None:
    office.say("中文")
    office.send(CAMPAIGN.replace("odds:", "ods:").replace("stock: 10", "stock: 0"))
    told = office.say("/检查活动")
    assert "⚠ snack.yaml:13: draw.ods: 这里没有这个词（您是不是要写 odds？）" in told
    assert "⚠ snack.yaml:16: draw.prizes.1.stock: 不能小于 1" in told
    assert office.say("/发布活动").startswith("这个文件不能发布：\nsnack.yaml:13: draw.ods: 这里没有这个词")


JUDGED = "approve: {campaign publish: over 30000 CNY}\n"


def planned_by(office: Office, content: str) -> str:
    office.send(content)
    return office.say("/campaign publish")


def test_a_plan_says_what_the_campaign_can_cost_and_of_what(office: Office) -> None:
    dear = CAMPAIGN.replace("{length: 12,", "{length: 12, planned: 1000,") + "points: {worth: 0.50 CNY}\n"
    planned = planned_by(office, dear)
    assert "It can cost at most 34990 CNY of a budget of 100000 CNY." in planned
    assert "draw · 29990 CNY\npoints · 5000 CNY" in planned
    assert "At stake: 34990 CNY." in planned
    free = (
        CAMPAIGN.split("draw:")[0].replace("budget: 100000 CNY\n", "") + "points: {earn: 1 points, worth: 0.01 CNY}\n"
    )
    assert "does not say how many codes are planned" in planned_by(office, free)


@pytest.mark.parametrize(
    ("said", "stock", "by_whom"),
    [
        ("over 30000 CNY", 10, "Confirm within"),
        ("over 30000 CNY", 11, "A second operator confirms"),
        ("over 29990", 10, "Confirm within"),
        ("over 29_989", 10, "A second operator confirms"),
        ("over 900000 USD", 10, "A second operator confirms"),
        ("any", 10, "A second operator confirms"),
    ],
)
def test_a_publication_is_judged_by_what_it_can_cost(office: Office, said: str, stock: int, by_whom: str) -> None:
    new = AUTUMN.replace("stock: 10", f"stock: {stock}") + f"approve: {{campaign publish: {said}}}\n"
    assert by_whom in planned_by(office, new), "a campaign that has no rules yet is judged by its own"


def test_a_new_version_is_judged_by_the_rules_that_stand(office: Office) -> None:
    office.stage.appoint(Role.OWNER, by="wang", name="Wang Wu")
    done = office.say(f"/confirm {word_in(planned_by(office, CAMPAIGN + JUDGED))}")
    assert done.startswith("Published snack, version 2.")
    dearer = planned_by(office, DEARER)
    assert "A second operator confirms" in dearer, "no file takes the rule away by which it is judged"
    assert "needs a second operator" in office.say(f"/confirm {word_in(dearer)}")
    assert "Published snack, version 3." in office.say(f"/confirm {word_in(dearer)}", by="wang")
    assert not faults(office.stage)


def test_what_somebody_published_meanwhile_is_not_overwritten(office: Office) -> None:
    office.stage.appoint(Role.OWNER, by="wang", name="Wang Wu")
    word = word_in(planned_by(office, DEARER))
    office.send(CAMPAIGN.replace("Open a bag", "Open two bags"), by="wang")
    office.say(f"/confirm {word_in(office.say('/campaign publish', by='wang'))}", by="wang")
    assert office.versions() == 2
    assert "snack is at version 2 by now" in office.say(f"/confirm {word}")
    assert office.versions() == 2
    assert "Confirm within" in office.say("/campaign publish")
    assert not faults(office.stage)


def test_what_a_new_version_changes_is_said_in_words_before_it_is_published(office: Office) -> None:
    other = CAMPAIGN.replace("1/1000000000", "1/500000000").replace("stock: 10", "stock: 12")
    other = other.replace("budget: 100000 CNY", "budget: 120000 CNY").replace("[test, second]", "[test, sms]")
    other = other.replace("90 days after", "100 days after").replace("{length: 12,", "{length: 12, planned: 1000,")
    other = other.replace(
        "name: phone, title: {zh: 手机, en: A phone}, value: 2999", "name: car, title: {zh: 车, en: C}, value: 3000"
    )
    planned = planned_by(
        office, other + "gifts: [{name: mug, title: {zh: 杯, en: Mug}, price: 9 points, stock: 5, claim: counter}]\n"
    )
    for each in (
        "The odds are 2 times as good: 1/1000000000 → 1/500000000.",
        "Stock of car: 0 → 12.",
        "Stock of phone: 10 → 0.",
        "Stock of mug: 0 → 5.",
        "The budget: 100000 CNY → 120000 CNY.",
        "What it can cost at most: 29990 CNY → 36000 CNY.",
        "Planned codes: 0 → 1000.",
        "It closes: 2027-03-01 12:00:00 Asia/Shanghai → 2027-03-11 12:00:00 Asia/Shanghai.",
        "Newly played at: sms.",
        "No longer played at: second.",
        "New in it: gifts.",
    ):
        assert each in planned, planned
    assert office.versions() == 1
    office.say(f"/confirm {word_in(planned)}")
    office.say("中文")
    assert "中奖概率提高到 2 倍：1/1000000000 → 1/500000000。" in office.say("/比较版本 snack")


def test_the_average_of_a_code_is_told_where_it_changes() -> None:
    rules = read_content("a", CAMPAIGN.replace("1/1000000000", "1/100").encode(), MECHANICS.sections).rules
    draw = rules.section(DrawRules)
    assert draw is not None
    assert str(draw.expected()) == "29.99 CNY"
    worse = draw.model_copy(update={"odds": Fraction(1, 300)})
    assert [each.text for each in worse.changes(draw)] == [
        "The odds are 3 times as bad: 1/100 → 1/300.",
        "What a code wins on average: 29.99 CNY → 10 CNY.",
    ]
