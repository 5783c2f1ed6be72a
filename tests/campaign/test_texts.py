"""Texts of a campaign: listed, shown as they arrive on each channel, and changed by a version with nothing else new."""

import io
import sys

import pytest
from sqlalchemy import select

from core.campaign.published import read_rules
from core.campaign.rules import Rules
from core.models import Campaign, CampaignVersion
from core.operators import Role
from core.texts.plurals import named
from core.verbs import Previews
from handlers import MECHANICS
from huoju.account_registry import AccountRegistry
from huoju.accounts import Account
from tests.adapters.sms.rig import kannel_account
from tests.office import sit_down
from tests.operators.test_chat import endings, word_in
from tests.stage import CAMPAIGN, Stage
from tests.talking import faults

pytestmark = pytest.mark.reading

WON = MECHANICS.texts()["en"]["redeem.won"]
EVERYWHERE = CAMPAIGN.replace("[test, second]", "[sms, telegram, wechat]")
OURS = (
    Account("sms", "main", kannel_account(signature="火炬", price_micros=45_000, currency="CNY")),
    Account("sms", "abroad", kannel_account(name="abroad")),
)


def rules_of(stage: Stage, version: int | None = None) -> Rules:
    with stage.sessions() as session:
        number = version or session.scalars(select(Campaign.version)).one()
        return read_rules(session.get_one(CampaignVersion, (1, number)).rules, MECHANICS.sections)


@pytest.fixture
def office(stage: Stage) -> Stage:
    stage.settings = (Previews(AccountRegistry(OURS).previews),)
    stage.publish(EVERYWHERE, spelled=False)
    stage.appoint(Role.OPERATOR)
    stage.say("english", by="boss")
    return stage


def said(stage: Stage, text: str, by: str = "boss") -> str:
    return stage.command(f"/campaign text snack {text}".rstrip(), by=by)


def change(stage: Stage, text: str, by: str = "boss") -> str:
    return stage.command(f"/confirm {word_in(said(stage, text, by))}", by=by)


@pytest.mark.reading
def test_texts_are_listed_by_how_their_keys_begin(office: Stage) -> None:
    change(office, 'redeem.used "Used."')
    assert "redeem · 14 · 1\n" in said(office, "")
    told = said(office, "redeem.u")
    assert f"▸ redeem.used\n{MECHANICS.texts()['zh']['redeem.used']}\n(its own) Used." in told
    assert "▸ redeem.unknown\n" in told
    assert "redeem.won" not in told
    assert "there is no text redeem.wun (do you mean redeem.won?)" in said(office, "redeem.wun")
    assert endings(office)[-3:] == ["done", "done", "refused"]


@pytest.mark.reading
def test_a_text_is_shown_as_it_arrives_on_each_channel(office: Stage) -> None:
    told = said(office, "redeem.won")
    assert f"English, as it comes with Huoju: {WON}" in told
    assert "It is filled with {balance}, {prize}." in told
    length = len(named(WON))
    for row in (
        f"English · sms/main · {length + 4} · 67 · UCS-2 · 2 · 0.09 CNY",
        f"English · sms/abroad · {length} · 160 · GSM-7 · 1 · -",
        f"English · telegram · {length} · 4096 · UTF-16 · 1",
        f"English · wechat · {length} · 2048 · bytes · 1",
    ):
        assert row in told
    assert "To see what texts cost, write price_micros and currency" in told  # of the other account
    assert "At sms/main it arrives so:\n1. 【火炬】Congratulations" in told
    assert "\n2. " in told
    assert "At telegram" not in told


def test_one_text_is_changed_by_a_version_of_its_own_and_put_back(office: Stage) -> None:
    before = rules_of(office)
    planned = said(office, 'redeem.won "Hooray: {prize}?"')
    assert f"redeem.won, English, of snack:\nBefore: {WON}\nFrom now on: Hooray: {{prize}}?" in planned
    assert "English · sms/abroad · 14 · 160 · GSM-7 · 1" in planned
    assert "Change it?" in planned
    assert rules_of(office) == before, "nothing happens before it is confirmed"
    assert "It is version 2 of snack." in office.command(f"/confirm {word_in(planned)}", by="boss")
    after = rules_of(office)
    assert after.texts == {"en": {"redeem.won": "Hooray: {prize}?"}}
    assert after.model_copy(update={"texts": {}}) == before
    assert "text snack redeem.won en: - → Hooray: {prize}?; version snack: 1 → 2" in office.command("/log", by="boss")
    assert "English, its own: Hooray" in said(office, "redeem.won")
    assert "Taken back: /campaign text." in office.command("/undo", by="boss"), "whoever looked since changed nothing"
    assert rules_of(office) == before
    assert "taken back already" in office.command("/undo", by="boss")
    assert not faults(office)


@pytest.mark.reading
def test_the_language_is_known_by_its_letters_or_said(office: Stage) -> None:
    change(office, "redeem.used 这个码用过了")
    change(office, 'redeem.used "OK 好" language=en')
    assert rules_of(office).texts == {"zh": {"redeem.used": "这个码用过了"}, "en": {"redeem.used": "OK 好"}}
    assert "say of which language" in said(office, "redeem.used reset=yes")
    change(office, "redeem.used reset=yes language=en")
    assert rules_of(office).texts == {"zh": {"redeem.used": "这个码用过了"}}
    office.command("/undo", by="boss")
    assert rules_of(office).texts == {"zh": {"redeem.used": "这个码用过了"}, "en": {"redeem.used": "OK 好"}}
    assert "reads like that already" in said(office, "redeem.used 这个码用过了")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            'redeem.won "You won {cake} and {pie}"',
            f"{{pie}} cannot be filled here; this text has {{balance}}, {{prize}}. For example: {WON}",
        ),
        ('rules.odds "Great odds"', "the rules must publish {boost}, {odds}, {points}"),
        ('redeem.won " "', "it may not be empty"),
        (f'redeem.won "{"x" * 501}"', "a text has at most 500 characters"),
        ("redeem.wun hello", "there is no text redeem.wun (do you mean redeem.won?)"),
        ('text="hello"', "name the text that you mean"),
        ('redeem.won "hello" reset=yes', "not both"),
        ('redeem.won "hello" language=fr', "snack does not speak fr; it speaks zh, en"),
    ],
)
@pytest.mark.reading
def test_what_cannot_be_said_is_refused_by_name_and_nothing_is_done(office: Stage, text: str, why: str) -> None:
    assert why in said(office, text)
    assert rules_of(office, 1) == rules_of(office)
    assert endings(office)[-1] == "refused"


def test_what_somebody_changed_meanwhile_is_not_overwritten(office: Stage) -> None:
    office.appoint(Role.OPERATOR, by="wang", name="Wang Wu")
    mine = word_in(said(office, 'redeem.won "Mine: {prize}"'))
    elsewhere = word_in(said(office, 'redeem.used "Used."'))
    change(office, 'redeem.won "Yours: {prize}"', by="wang")
    assert "redeem.won reads otherwise by now" in office.command(f"/confirm {mine}", by="boss")
    assert "version 3" in office.command(f"/confirm {elsewhere}", by="boss"), "another text is another matter"
    assert rules_of(office).texts == {"en": {"redeem.won": "Yours: {prize}", "redeem.used": "Used."}}
    change(office, 'redeem.used "Used up."', by="wang")
    assert "Wang Wu has changed the same since" in office.command("/undo", by="boss")
    office.publish(EVERYWHERE, spelled=False)
    assert "reads otherwise by now" in office.command("/undo", by="wang"), "a file changed it, which no log says"
    assert not faults(office)


def test_a_campaign_that_is_over_gets_no_version(office: Stage) -> None:
    office.wait(days=89)
    said(office, "")
    office.wait(days=2)
    assert "closes: the campaign would be over already" in said(office, 'redeem.won "{prize}!"')
    with office.sessions.begin() as session:
        session.get_one(Campaign, 1).state = "ended"
    assert "snack has ended" in said(office, 'redeem.won "{prize}!"')


def test_a_file_says_who_confirms_a_text(stage: Stage) -> None:
    stage.publish(CAMPAIGN + "approve: {campaign text: any}\n", spelled=False)
    stage.appoint(Role.OPERATOR)
    assert "A second operator confirms" in said(stage, 'redeem.used "Used."')
    assert "Used." not in said(stage, "redeem.used")


def test_a_terminal_asks_only_before_it_changes_something(
    office: Stage, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    huoju = sit_down(office, database_url, monkeypatch, capsys)
    shown = huoju("campaign", "text", "snack", "redeem.won")
    assert WON in shown
    assert "4096" in shown
    assert "It is version 2" in huoju("campaign", "text", "snack", "redeem.won", "Hooray: {prize}", "--yes")
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    assert "Change it? [y/N]" in huoju("campaign", "text", "snack", "redeem.won", "Hurray: {prize}", fails=1)
    assert rules_of(office).texts == {"en": {"redeem.won": "Hooray: {prize}"}}
