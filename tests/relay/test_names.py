"""Names by whole words: who says how to be called is, and no sentence becomes a name or joins a campaign."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models import Player
from handlers.relay.name import recognise_name
from handlers.relay.names import clean_name, name_of
from tests.relay.torchbearers import open_relay
from tests.sentences import SENTENCES
from tests.stage import Stage
from tests.talking import all_of, faults

GIVEN = """
name: Ann|Ann
Name:Ann|Ann
name Ann|Ann
name is Ann|Ann
name Ann Lee|Ann Lee
nickname Bo|Bo
nick: Bo|Bo
username: bo_88|bo_88
my name is: Ann|Ann
name:Ann Lee (Bo)|Ann Lee (Bo)
call me Mr. Bean|Mr. Bean
大家叫我小王|小王
朋友们都叫我阿呆|阿呆
我叫:小明|小明
名字=小明|小明
叫我女王大人|女王大人
name ann|ann
NAME: ANN LEE|ANN LEE
my name is Ann|Ann
My name is Ann.|Ann
my name's Ann|Ann
my name’s Ann Lee|Ann Lee
My name: Bo|Bo
call me Ann|Ann
Call me Ann please|Ann
call me Ann, thanks!|Ann
call me "Bo"|Bo
you can call me Al|Al
please call me Big Bo|Big Bo
Hi! my name is Ann|Ann
hello, call me Zoë|Zoë
I am called Grace|Grace
I'm called Grace|Grace
nickname: xX_Bo_Xx|xX_Bo_Xx
my nickname is Bo|Bo
my name is J. R. Tolkien|J. R. Tolkien
my name is Will Smith|Will Smith
my name is 😀 Bo|😀 Bo
my name is O'Neil|O'Neil
call me The Rock|The Rock
my name is محمد|محمد
my name is Иван|Иван
change my name to Ann|Ann
我叫小明|小明
我叫 小明|小明
我叫小明。|小明
我叫做王小明|王小明
你好，我叫小明|小明
叫我小明|小明
叫我小明吧|小明
叫我“小明”就好|小明
请叫我小太阳|小太阳
可以叫我阿花|阿花
我的名字是小明|小明
我的名字叫小明|小明
我的昵称是小明|小明
昵称 小明|小明
昵称小明|小明
昵称:小明|小明
昵称：多多|多多
名字：小明|小明
名字 小明|小明
姓名：王小明|王小明
网名：不二|不二
改名为小明|小明
改名 小明|小明
我叫Ann|Ann
我叫多多|多多
我叫王来娣|王来娣
叫我来福|来福
我叫欧阳娜娜|欧阳娜娜
我叫爱吃瓜的小明|爱吃瓜的小明
我叫阿卜杜拉·买买提|阿卜杜拉·买买提
暱稱：小明|小明
""".strip().split("\n")

SENTENCES_LIKE_NAMES = """
nameless
names
name
name?
rename
username
name of the prize
name the prize
name a price
name change
name please
name tag
name No. 1
name of Ann
my name is not Ann
my name is Ann and I love it
Call Me By Your Name
call me via whatsapp
callme Ann
names Ann
叫我起床
叫我爸爸
我叫紧急联系人
叫我要积分
名字是不是要填
昵称要改
昵称 不对
姓名 电话 地址
姓名：张三 电话：13800001007
我叫王小明，很高兴认识你
name badge
name it
name one
my name
my name is
my name is not important
my name is on the list
my name is wrong
my name is spelled wrong
my name is missing
my name is what?
my name is in the draw
my name is already taken
my name is the same
my name is a secret
My name is Ann, how do I play?
call me
call me back
call me later
call me maybe
call me now
call me tomorrow
call me when it is over
call me if I win
call me if i won something
call me at 5
call me on 13800138000
call me asap
call me please
call me when you are free
call me again
call me crazy
please call me back
can you call me
nobody called me
i am called away
name: thanks
name: yes
name: no
name: 5
name: ok
name: what
name: [呲牙]
name: me
my name is mine?
我叫不紧
叫我怎么玩
我叫什么
我叫什么来着
我叫你别发了
叫我去哪里领
叫我去领奖
叫我朋友也来
叫我妈来
叫我老公
我叫了外卖
我叫快递了
叫我好等
叫我来参加
叫我来
叫我干嘛
叫我做什么
叫我们来
叫我等
叫我说什么好
叫我发给你
叫我一声
叫我人
名字写错了怎么办
名字可以改吗
名字填什么
名字错了
名字
昵称
昵称怎么改
昵称不能改
我的名字呢
我叫谢谢
我叫好的
名字：谢谢
名字：好的
名字：1
我叫他来玩
我叫朋友来
我叫小明，我想参加活动
请叫我什么时候开奖
就叫我一个人
别叫我小明
不要叫我
我叫我朋友来了
他们叫我骗子吗
改名字
改名
怎么改名
叫我领的奖呢
""".strip().split("\n")


def named(text: str) -> str | None:
    """The name that ``text`` gives."""
    intent = recognise_name(text, frozenset())
    return clean_name(intent.name) if intent is not None else None


@pytest.mark.parametrize("line", GIVEN)
def test_who_says_a_name_is_called_by_it(line: str) -> None:
    text, _, name = line.partition("|")
    assert named(text) == name


@pytest.mark.parametrize("text", SENTENCES_LIKE_NAMES)
def test_a_sentence_is_no_name(text: str) -> None:
    assert named(text) is None


_TRIGGERS = ["", "call me ", "my name is ", "name: ", "nickname ", "我叫", "叫我", "昵称：", "名字是", "你好，叫我"]


@pytest.mark.parametrize("before", _TRIGGERS)
def test_no_sentence_becomes_a_name_whatever_it_begins_with(before: str) -> None:
    assert len(SENTENCES) > 100
    assert [sentence for sentence in SENTENCES if named(before + sentence) is not None] == []


@given(st.text(max_size=90), st.sampled_from(_TRIGGERS))
def test_whatever_becomes_a_name_is_a_clean_one(text: str, before: str) -> None:
    name = named(before + text)
    assert name is None or (clean_name(name) == name and len(name) <= 20)


def test_sentences_join_nobody_and_names_do(stage: Stage) -> None:
    open_relay(stage)
    for text in SENTENCES_LIKE_NAMES[::12]:
        assert stage.say(text).startswith(("unknown.", "welcome.", "help.", "talk.", "name.bad")), text
    assert all_of(stage, Player) == []
    assert stage.say("call me Ann").startswith("name.taken name=Ann")
    (player,) = all_of(stage, Player)
    assert isinstance(player, Player)
    assert stage.say("call me when it is over").startswith("unknown.")
    for nickname in ("锦鲤", "开心", "Sweet"):  # which people say, too
        assert stage.say(f"叫我{nickname}").startswith(f"name.taken name={nickname}")
    assert stage.say("我叫小明。").startswith("name.taken name=小明")
    (player,) = all_of(stage, Player)
    assert isinstance(player, Player)
    assert name_of(stage.keys, player.id, player.name_sealed) == "小明"
    assert faults(stage) == []
