"""A campaign that nobody can reach is told of before it begins: channels and accounts are closed lists."""

from pathlib import Path

import pytest

from core.campaign.checks import check_campaign
from core.campaign.place_checks import KnownPlaces
from core.campaign.reader import BadCampaign, read_campaign
from handlers import MECHANICS
from tests.office import Office, sit_down
from tests.stage import CAMPAIGN, START, Stage

KNOWN = KnownPlaces({"wechat", "telegram", "sms"}, {"wechat/brand-a", "wechat/brand-b", "sms/main"})
LINE = CAMPAIGN.splitlines().index("channels: [test, second]") + 1

# what is named, what is said; the accounts are known
WRONG = [
    ("wechatt", "there is no channel wechatt (do you mean wechat?); there are sms, telegram, wechat"),
    ("we-chat", "(do you mean wechat?)"),
    ("telegramm", "(do you mean telegram?)"),
    ("smss", "(do you mean sms?)"),
    ("whatsapp", "there is no channel whatsapp; there are sms, telegram, wechat"),
    ("weixin", "there is no channel weixin; "),
    ("brand-a", "there is no channel brand-a (do you mean wechat/brand-a?)"),
    ("wechatt/brand-a", "there is no channel wechatt (do you mean wechat?)"),
    (
        "wechat/brand-aa",
        "we have no account wechat/brand-aa (do you mean wechat/brand-a?); huoju.toml has wechat/brand",
    ),
    ("telegram/bot", "we have no account telegram/bot; huoju.toml has none on telegram"),
    ("wechat.brand-a", "name a channel, such as wechat, or one account of ours, such as wechat/main"),
    ("WeChat", "name a channel, such as wechat"),
    ("微信", "name a channel, such as wechat"),
    ("wechat/", "name a channel, such as wechat"),
]


def _checked(folder: Path, channels: str, known: KnownPlaces = KNOWN) -> None:
    path = folder / "campaign.yaml"
    path.write_text(CAMPAIGN.replace("[test, second]", f"[{channels}]"), encoding="utf-8")
    check_campaign(read_campaign(path, MECHANICS.sections), MECHANICS.texts(), START, known=known)


@pytest.mark.parametrize(("name", "said"), WRONG, ids=[name for name, _ in WRONG])
def test_what_is_misspelt_is_told_with_its_line(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(BadCampaign) as refused:
        _checked(tmp_path, f"sms, {name}")
    (told,) = refused.value.violations
    assert (told.line, told.place) == (LINE, "channels.2")
    assert said in told.remedy


def test_what_is_there_is_good_and_unknown_accounts_are_nobodys_fault(tmp_path: Path) -> None:
    for channels in ("wechat", "wechat/brand-a, sms/main", "telegram"):
        _checked(tmp_path, channels)
    _checked(tmp_path, "telegram/bot", KnownPlaces(KNOWN.channels, None))


def test_a_place_for_friends_that_is_none_of_the_campaigns_is_guessed(tmp_path: Path) -> None:
    with pytest.raises(BadCampaign, match=r"wechatt is none of the campaign's channels \(do you mean wechat\?\)"):
        _checked(tmp_path, "wechat]\ninvites: {inviter: 1 points, invitee: 1 points, channels: [wechatt]}\n#")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_check_publication_and_doctor_tell_of_it(
    stage: Stage, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    office: Office = sit_down(stage, database_url, monkeypatch, capsys)
    file = Path("lost.yaml")
    file.write_text(CAMPAIGN.replace("[test, second]", "[wechatt]"), encoding="utf-8")
    for word in ("check", "publish"):
        assert f"lost.yaml:{LINE}: channels.1: there is no channel wechatt (do you mean wechat?)" in office(
            "campaign", word, "lost.yaml", fails=1
        )
    stage.publish(CAMPAIGN.replace("[test, second]", "[playground, wechat/brand-a]"))
    assert "ok  installation: people can reach the campaign snack wherever" in office("doctor", fails=1)
    Path("huoju.toml").write_text("", encoding="utf-8")
    assert "we have no account wechat/brand-a; huoju.toml has none on wechat" in office("doctor", fails=1)
    file.write_text(CAMPAIGN.replace("[test, second]", "[playground/demo, terminal/demo]"), encoding="utf-8")
    assert "good" in office("campaign", "check", "lost.yaml")
