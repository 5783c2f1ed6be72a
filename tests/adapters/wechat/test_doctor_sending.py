"""What `huoju doctor` tries that sending needs: each lack says what to do, and nobody is sent anything."""

from collections.abc import Callable
from typing import Any

import pytest

from bots.wechat.client import Client
from bots.wechat.doctor import sending_findings
from bots.wechat.notice import Notice
from tests.adapters.wechat.rig import account
from tests.fakes.wechat import Platform

Spoil = Callable[[Platform], object]


def look(platform: Platform, **given: Any) -> list[str]:
    """What is not well: what it is about and what to do."""
    api = Client(account(api_url=platform.url, **given))
    found = [f"{one.what}: {one.remedy}" for one in sending_findings(api) if not one.well]
    api.close()
    assert platform.sent == []
    return found


def test_an_account_that_may_send_needs_nobody(platform: Platform) -> None:
    assert look(platform, desk=True) == []
    asked = {path.rpartition("/")[2] for path in platform.calls}
    assert asked == {"stable_token", "send", "get_all_private_template", "gettemplate", "get", "getkflist"}


CASES: list[tuple[str, Spoil, dict[str, Any], list[str]]] = [
    (
        "no right",
        lambda on: on.misbehave("custom/send", 48001),
        {},
        ["not verified (errcode 48001). Verify the account"],
    ),
    (
        "closed",
        lambda on: on.misbehave("custom/send", 48004),
        {},
        ["breach of the rules: see mp.weixin.qq.com (errcode"],
    ),
    ("no answer", lambda on: on.misbehave("custom/send", "500"), {}, ["the platform did not answer it (http_500)"]),
    ("no template", lambda on: on.templates.pop("template-1"), {}, ["the template template-1", "it has these: none"]),
    (
        "another template",
        lambda on: on.templates.update({"template-1": "{{keyword2.DATA}}{{keyword3.DATA}}"}),
        {},
        ["there is no field keyword1; keyword2 is not filled: name it in field or also; keyword3 is", "(47003)"],
    ),
    (
        "an old template",
        lambda on: on.templates.update({"template-1": "{{first.DATA}}\n{{keyword1.DATA}}\n{{remark.DATA}}"}),
        {},
        [],
    ),
    (
        "no notice",
        lambda on: on.notices.update({"n9": on.notices.pop("notice-1")}),
        {},
        ["these: n9; copy the id again"],
    ),
    (
        "a notice of several fields",
        lambda on: on.notices.update({"notice-1": "a:{{thing1.DATA}}\nb:{{time2.DATA}}\nc:{{ number3.DATA }}"}),
        {"notices": (Notice(id="notice-1", field=("thing1",), also={"time2": "{time}"}),)},
        ["number3 is not filled", "(its fields: number3, thing1, time2)"],
    ),
    ("no list", lambda on: on.misbehave("gettemplate", 48001), {}, ["the account's notices can be listed", "48001"]),
    (
        "no quota",
        lambda on: on.quota.update(remain=0),
        {"notices": ()},
        ["custom/send may be called 0 times", "template/"],
    ),
    (
        "little quota",
        lambda on: on.quota.update(remain=40_000),
        {"notices": (), "template": None},
        ["40000 times more"],
    ),
    ("a quota nobody tells", lambda on: on.misbehave("quota/get", 48001, 76022, "{}"), {}, []),
    ("nobody there", lambda on: setattr(on, "people", 0), {"desk": True}, ["nobody is: add people"]),
    ("no desk", lambda on: on.misbehave("getkflist", 65400), {"desk": True}, ["turn the desk on (客服功能)"]),
]


@pytest.mark.parametrize(("spoil", "given", "told"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_is_lacking_is_told(platform: Platform, spoil: Spoil, given: dict[str, Any], told: list[str]) -> None:
    spoil(platform)
    found = look(platform, **given)
    assert bool(found) == bool(told), found
    assert all(part in "\n".join(found) for part in told), found
    assert ("Verify" in "\n".join(found)) == ("Verify" in "".join(told))


def test_what_cannot_be_read_fails_nobody(platform: Platform) -> None:
    for path in ("get_all_private_template", "gettemplate", "quota/get", "getkflist"):
        platform.misbehave(path, *['{"template_list":[7,{}],"data":{},"quota":[],"kf_list":7}'] * 3)
    found = look(platform, desk=True)
    assert len(found) == 3
