"""What is kept about a person is handed to them, all of it, once, and nothing of anybody else."""

import io
import json
import zipfile
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

from core.models import Base
from core.operators import Role
from handlers import MECHANICS
from handlers.rights import links
from handlers.rights.tables import DataLink
from huoju.bootstrap import Installation
from huoju.settings import Settings
from huoju.web.files import data_page
from pages.file.serve import blueprint
from tests.stage import CAMPAIGN, Stage
from tests.talking import faults, link_up, word_of

CAMPAIGN_WITH_GIFTS = (
    CAMPAIGN
    + """
invites: {inviter: 5 points, invitee: 3 points}
gifts:
  - {name: cap, title: {zh: 帽子, en: A cap}, price: 5 points, value: 20 CNY, stock: 5, claim: delivery}
"""
)


def taken(stage: Stage, said: str) -> dict[str, list[dict[str, object]]]:
    """The data behind the link in ``said``, as JSON."""
    fetched = links.fetch(stage.runtime, token_in(said), stage.now)
    assert isinstance(fetched, links.Fetched)
    with fetched.file, zipfile.ZipFile(io.BytesIO(fetched.file.read())) as archive:
        assert sorted(archive.namelist()) == ["my-data.html", "my-data.json"]
        page = archive.read("my-data.html").decode()
        assert "lang=zh" in page
        told: dict[str, dict[str, list[dict[str, object]]]] = json.loads(archive.read("my-data.json"))
    return told["data"]


def token_in(said: str) -> str:
    return said.split("/my-data/")[1].split(maxsplit=1)[0]


def test_a_person_has_all_of_it_over_all_chats(stage: Stage) -> None:
    stage.public_url = "https://huoju.example"
    stage.publish(CAMPAIGN_WITH_GIFTS)
    friend = word_of(stage, "u2")
    stage.say(friend)
    code = stage.codes(1)[0]
    stage.say(code)
    link_up(stage, ("elsewhere", "second"), ("u1", "test"))
    stage.say("personal off")
    stage.say("stop")
    stage.say("what a lovely secret")
    stage.say("u2 alone says this", by="u2")
    for text in ("gifts", "cap", "yes"):
        stage.say(text)
    stage.say("Wang Wei, 13800138000, Changsha, Furong Road 1")
    data = taken(stage, stage.say("my data"))
    told = json.dumps(data, ensure_ascii=False)
    users = {row["user"] for row in data["Where you talk with us"]}
    assert users == {"u1", "elsewhere"}
    assert "what a lovely secret" in told
    assert "u2 alone says this" not in told
    (wish,) = data["Wishes about our news"]
    assert (wish["wish"], wish["your words"]) == ("out", "stop")
    (permission,) = data["Other permissions"]
    assert (permission["for"], permission["wish"], permission["your words"]) == (
        "personalised",
        "withdrawn",
        "personal off",
    )
    assert [row["who"] for row in data["Invitations"]] == ["you were invited · 您受邀"]
    assert len(data["Codes that you used"]) == len(data["Draws with your codes"]) == 1
    assert data["You as a player"][0]["points"] == 8
    assert "13800138000" in told
    assert faults(stage) == []


def test_a_link_gives_it_once_to_whoever_presses_the_button(stage: Stage) -> None:
    here = Installation(Settings(), stage.database, stage.keys, lambda: stage.now, stage.randomness)
    stage.public_url = "https://huoju.example"
    stage.publish(spelled=False)
    stage.say("hello")
    token = token_in(stage.say("我的数据"))
    app = Flask("test", static_folder=None)
    app.register_blueprint(blueprint(data_page(here), "my-data"))
    client = app.test_client()
    for language, told in (("en", "Take my data"), ("zh", "取我的数据")) * 2:
        assert told in client.get(f"/my-data/{token}", headers={"Accept-Language": language}).text
    given = client.post(f"/my-data/{token}")
    assert given.status_code == 200
    assert given.get_data()[:2] == b"PK"
    given.close()
    assert client.post(f"/my-data/{token}").status_code == client.get(f"/my-data/{token}").status_code == 410
    later = token_in(stage.say("my data"))
    stage.wait(hours=25)
    assert client.get(f"/my-data/{later}").status_code == client.post(f"/my-data/{later}").status_code == 404


def test_two_who_press_at_once_have_it_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.public_url = "https://huoju.example"
    stage.publish()
    token = token_in(stage.say("my data"))
    found, first = links.look, list[object]()

    def looked(*given: object) -> str | datetime | None:
        seen = found(*given)  # type: ignore[arg-type]
        if not first:
            first.append(None)
            first.append(links.fetch(stage.runtime, token, stage.now))
        return seen

    monkeypatch.setattr(links, "look", looked)
    assert links.fetch(stage.runtime, token, stage.now) == stage.now
    assert isinstance(first[1], links.Fetched)
    first[1].file.close()


@pytest.mark.reading
def test_without_pages_the_chat_tells_what_it_can(stage: Stage) -> None:
    assert stage.say("my data").startswith("What we keep about you")
    stage.publish()
    stage.say(stage.codes(1)[0])
    assert stage.say("my data").startswith("data.summary ask=data.ask_organiser")
    with stage.sessions() as session:
        assert session.scalars(select(DataLink)).all() == []


@pytest.mark.reading
def test_support_hands_it_over(stage: Stage) -> None:
    stage.publish()
    stage.say("a secret of mine")
    stage.appoint(Role.SUPPORT)
    assert "HUOJU_PUBLIC_URL" in stage.command("/rights data test/main/u1", by="boss")
    stage.public_url = "https://huoju.example"
    assert "nobody has ever written" in stage.command("/rights data test/main/u9", by="boss")
    told = json.dumps(taken(stage, stage.command("/玩家数据 test/main/u1", by="boss")))
    assert "a secret of mine" in told
    stage.appoint(Role.AUDITOR, by="eye", name="Wu")
    assert "/my-data/" not in stage.command("/rights data test/main/u1", by="eye")
    assert faults(stage) == []


# Tables that name somebody in one of these columns, or hold something sealed, are about people.
_PEOPLE = {"address_key", "other_key", "player_id", "owner_id", "inviter_id", "phone_key", "taken_key", "buyer_key"}
_OF_NOBODY = {
    "campaigns": "the seed of a draw",
    "winner_records": "of whom was erased: nobody can ask for it any more",
    "receipts": "what a platform said of a text, which is handed out with its state; found by no address",
}


@pytest.mark.reading
def test_every_table_about_people_is_handed_out() -> None:
    about = {
        name
        for name, table in Base.metadata.tables.items()
        if any(column.name in _PEOPLE or column.name.endswith("_sealed") for column in table.columns)
    }
    assert len(about) > 25
    kept = {each.table.__tablename__ for each in MECHANICS.kept}
    assert sorted(about - kept - _OF_NOBODY.keys()) == []
    assert all(isinstance(each.gives, tuple) and each.gives and each.title.zh for each in MECHANICS.kept)
