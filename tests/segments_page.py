"""docs/segments.md and its Chinese twin, written from the words of mechanics: ``python -m tests.segments_page``.

A test says whether they are up to date.
"""

from collections.abc import Iterator
from pathlib import Path

from core.segments.words import Choice, Happening, Moment, Number, Word
from handlers import MECHANICS
from handlers.operators.say import Teller

DOCS = Path(__file__).parent.parent / "docs"
PAGES = {"en": DOCS / "segments.md", "zh": DOCS / "segments.zh.md"}

HEAD = {
    "en": """# Segments: say whom you mean

Written by `python -m tests.segments_page` from the words of mechanics; a test fails when it is not up to date. 中文：[segments.zh.md](segments.zh.md)

Type whom you mean, in a chat or a terminal, in English or Chinese:

```text
/segment redeemed in the last 14 days and points >= 100 and not has torch
/人群 近14天兑过码 且 积分>=100 且 没有火炬
```

The answer is how many players that are, how many of them can be told something at this moment and where, and why the others cannot: opted out, gone, blocked,
quiet hours, or a platform that lets nothing be sent. The numbers add up.

- `/segment why PLAYER SEGMENT` prints each condition of one player with ✓, ✗ or ?, and what was seen.
- `/segment list` lists the segments that the campaign file gives a name; `/segment words` lists the words below.
- `/segment export SEGMENT` leaves a file with the players' numbers, behind a link that works once.
- `of snack` at the end names a campaign, where several go on.

In a terminal: `huoju segment "redeemed and points >= 100"`, `huoju segments list`.

## In a campaign file

```yaml
segments:
  lucky: won a prize in the last 30 days
  waiting: points >= 100 and not lucky
```

A name may stand wherever a segment may: in another segment, in `unless` of a [follow-up](follow-ups.md), in `to` of the calendar. `huoju campaign check`
says at which sign of which line something is wrong. In `unless`, what happened counts since the event that the follow-up follows, where the segment itself says no time.

## How it is written

| | for example | in Chinese |
| --- | --- | --- |
| together | `and`, `or`, `not`, brackets | `且`、`或`、`非`、`没有` |
| how often | `redeemed at least 3 times`, `redeemed once`, `not redeemed` | `兑码至少3次`、`兑码3次以上` |
| how much | `points >= 100`, `points between 5 and 10`, `friends at most 2` | `积分>=100`、`积分100以上` |
| one of several | `channel is wechat or sms`, `prize is not "coffee"`, `won coffee` | `渠道是微信或短信` |
| a time | `in the last 14 days`, `before 2026-12-01`, `since 2026-12-01`, `on 2026-12-01`, `today` | `近14天`、`2026-12-01前`、`自2026-12-01起` |
| two times | `between 2026-12-01 and 2026-12-24`, `since the campaign opened` | `2026-12-01到2026-12-24`、`活动开始以来` |
| long ago | `last word more than 30 days ago` | `最后说话超过30天前` |
| not known | `language is unknown`, `unknown(language is zh)` | `语言未知` |

Case and width do not matter. Days are those of the campaign's zone; a day more or less is one on the calendar, though the clocks were changed.

**What is not known is not "no".** Whoever has said no word yet is in `language is zh` as little as in `not language is zh`: ask for `language is unknown`. So the three
always add up to everybody.

**What can match nobody is refused**, with the reason and the word: `points > 5 and points < 3`, a prize that the campaign does not have, torches without a relay, a day that
has not come.

Each person counts once, however many chats they were linked from. Whoever is blocked, and operators who play, are counted like all players; who is blocked is told nothing.

## All words

""",
    "zh": """# 人群：说清楚要找哪些人

由 `python -m tests.segments_page` 根据各玩法的条件生成；内容过期时有测试会失败。English: [segments.md](segments.md)

在聊天或终端里直接写要找哪些人，中文英文都可以：

```text
/人群 近14天兑过码 且 积分>=100 且 没有火炬
/segment redeemed in the last 14 days and points >= 100 and not has torch
```

回答是符合的玩家有多少，其中此刻能通知到多少、在哪个渠道，其余的为什么不能：已退订、已取关、被拉黑、免打扰时段，或平台不让发。各项加起来就是总数。

- `/人群原因 玩家 条件`：逐条列出某个玩家是否符合，✓ 是、✗ 否、? 未知，并写出看到的值。
- `/人群列表`：活动文件里命名的人群；`/人群条件`：下面的全部条件。
- `/导出人群 条件`：留下一个写着玩家编号的文件，链接只能用一次。
- 同时有几个活动时，末尾写 `of snack` 指明活动。

在终端里：`huoju segment "兑过码 且 积分>=100"`、`huoju segments list`。

## 写在活动文件里

```yaml
segments:
  lucky: won a prize in the last 30 days
  waiting: points >= 100 and not lucky
```

能写条件的地方都能写名字：另一个人群、[后续消息](follow-ups.zh.md)的 `unless`、日历的 `to`。`huoju campaign check` 会说明哪一行第几个字有问题。
在 `unless` 里，条件自己没写时间的，从后续消息所跟的那件事算起。

## 怎么写

| | 中文 | 英文也行 |
| --- | --- | --- |
| 组合 | `且`、`或`、`非`、`没有`、括号 | `and`、`or`、`not` |
| 次数 | `兑码至少3次`、`兑码3次以上`、`没兑过码` | `redeemed at least 3 times` |
| 数量 | `积分>=100`、`积分100以上`、`好友数不到2` | `points between 5 and 10` |
| 其中之一 | `渠道是微信或短信`、`奖品不是"咖啡券"` | `channel is wechat or sms`、`won coffee` |
| 时间 | `近14天`、`2026-12-01前`、`自2026-12-01起`、`今天` | `in the last 14 days`、`before 2026-12-01` |
| 一段时间 | `2026-12-01到2026-12-24`、`活动开始以来` | `between 2026-12-01 and 2026-12-24` |
| 很久以前 | `最后说话超过30天前` | `last word more than 30 days ago` |
| 未知 | `语言未知`、`未知(语言是中文)` | `language is unknown` |

大小写、全角半角都可以。日期按活动时区；一天就是日历上的一天，即使换了夏令时。

**未知不等于“否”。** 还没说过话的人，既不算 `语言是中文`，也不算 `非 语言是中文`：请写 `语言未知`。三者加起来永远是全部。

**谁也不可能符合的条件会被拒绝**，并指出是哪个词、为什么：`积分>5 且 积分<3`、活动里没有的奖品、没有火炬传递却问火炬、还没到的日子。

一个人不论绑定了几个账号都只算一次。被拉黑的人和参加活动的操作员照样计数；被拉黑的人什么都收不到。

## 全部条件

""",
}
_COLUMNS = {
    "en": ("in English", "in Chinese", "what it means", "what may be said of it"),
    "zh": ("中文", "英文", "意思", "可以怎么说"),
}
_FORMS = {
    "en": {
        Happening: "how often, when",
        Number: "how much",
        Choice: "which",
        Moment: "when",
        "of": "how often, of what, when",
        "when": "how much, when",
        "unknown": "which; may be unknown",
    },
    "zh": {
        Happening: "次数、时间",
        Number: "数量",
        Choice: "哪个",
        Moment: "时间",
        "of": "次数、名称、时间",
        "when": "数量、时间",
        "unknown": "哪个；可能未知",
    },
}


def _form(word: Word, language: str) -> str:
    told = _FORMS[language]
    match word:
        case Happening(things=things) if things is not None:
            return told["of"]
        case Number(facts=facts) if facts is not None:
            return told["when"]
        case Choice(unknowable=True):
            return told["unknown"]
    return told.get(type(word), "")


def _rows(language: str) -> Iterator[tuple[str, ...]]:
    say = Teller(MECHANICS.phrases(), language).word
    for word in MECHANICS.segments.by_name.values():
        english = ", ".join(f"`{each}`" for each in (word.name, *word.also))
        chinese = "、".join(f"`{each}`" for each in word.chinese)
        spelt = (english, chinese) if language == "en" else (chinese, english)
        yield (*spelt, say(word.says), _form(word, language))


def page(language: str) -> str:
    """The page in ``language``."""
    columns = _COLUMNS[language]
    lines = [f"| {' | '.join(columns)} |", f"| {' | '.join('---' for _ in columns)} |"]
    lines += [f"| {' | '.join(row)} |" for row in _rows(language)]
    return HEAD[language] + "\n".join(lines) + "\n"


if __name__ == "__main__":
    for written, path in PAGES.items():
        path.write_text(page(written), encoding="utf-8")
