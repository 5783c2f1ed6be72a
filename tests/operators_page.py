"""docs/operators.md and its Chinese twin, written from the verbs: ``python -m tests.operators_page``.

A test says whether they are up to date.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from core.arguments import Argument
from core.operators import Role
from core.verbs import Verb
from handlers import MECHANICS
from handlers.operators.access import INVITATION_LASTS, SLEEPS_AFTER
from handlers.operators.help import called, described, example
from handlers.operators.plans import GOOD_FOR, GOOD_FOR_A_SECOND
from handlers.operators.say import Teller

DOCS = Path(__file__).parent.parent / "docs"
PAGES = {"en": DOCS / "operators.md", "zh": DOCS / "operators.zh.md"}

_HOURS, _DAYS = int(INVITATION_LASTS.total_seconds()) // 3600, SLEEPS_AFTER.days
_SECONDS, _MINUTES = int(GOOD_FOR.total_seconds()), int(GOOD_FOR_A_SECOND.total_seconds()) // 60

HEAD = {
    "en": f"""# Operators

Written by `python -m tests.operators_page` from the verbs; a test fails when it is not up to date. 中文：[operators.zh.md](operators.zh.md)

Whoever runs a campaign does it in the chat app where they are anyway, by **verbs**: `/campaign pause snack`. The same verbs are
commands of a terminal (`huoju campaign pause snack`, with `--json` for scripts), where whoever has the shell is an owner.

## Who may what

| role | is trusted with |
| --- | --- |
| owner | everything: who is an operator, too |
| operator | runs campaigns: codes, prizes, what is sent |
| support | looks after players |
| auditor | only reads |
| dealer | hands out at a counter |

Each role may what the roles below it may, but for what dealers alone need. `/help` shows the verbs of your role.

**The first owner**: `huoju run` prints a word when nobody is an operator; whoever writes `/operator join WORD` first, in a chat of
their own, is the owner. Or give the role from a terminal: `huoju operator invite owner "Li Na"` makes such a word, and
`huoju operator add owner "Li Na" telegram/main/1111111` appoints somebody who wrote to us before. Words are good for {_HOURS} hours and once.
A role that nobody uses for {_DAYS} days sleeps until it is given again.

Whoever has no role reads what anybody reads for a word that we do not know.

## Where

In a private chat, typed or tapped. Forwarded messages, edits, captions of pictures and files, what was recognised in a recording,
posts of channels and what an app sends by itself run nothing; in a group you are asked to write in private.
Words that players have too (`/points`) mean to you what they mean to players: you are one of them.

- **Telegram**: the menu of commands shows your verbs; plans and pages have buttons.
- **WeChat**: no buttons; answer a plan or a page with its number (`1`). Any other text in between, and the number is a player's again.
- **SMS**: short pages. Anybody can forge a sender, so whatever changes something is a plan; its word goes to your number.
- **The playground**: without a password the phone called **Operator** is an owner's; nothing needs to be set up.

## How verbs are typed

`/points correct telegram/main/1111111 snack 50 reason="late parcel"` is a verb and its arguments: in their order, or by name
(`reason=…`, `reason: …`, `--reason …`). The last one in place takes all the words that are left; quotes of any kind hold words together.
`/`, `／` and `、` are the same slash; `campaign pause`, `campaign_pause`, `campaign.pause` and `暂停活动` are the same verb.
What is mistyped is answered with what you may have meant, and nothing is done.

## Plan, confirm, do

What spends money, reaches more than one person or cannot be taken back is a **plan** first: it says what would happen, and a word.
`/confirm WORD` within {_SECONDS} seconds, by you and in the same chat, does exactly that. Where more than 1 % of it has changed meanwhile, you get a
new plan. **A `?` at the end of any verb shows the plan only.**

A campaign's file may say from which amount on a second operator confirms (within {_MINUTES} minutes); a shop with one operator lets the
same one confirm later. A publication counts with the most that the campaign can cost:

```yaml
approve:
  campaign publish: over 100000 CNY
  points correct: over 5000
  codes: any
  self: after 10 minutes
```

`/undo` takes back what you changed last, where anything can, and says so where nothing can.

## What lasts, and files

A verb that lasts is a **job**: answered at once, `/job 3` tells how far it is, and a message comes when it is done; it survives restarts, and `/job stop 3`
ends it at its next step. A job that makes a file (codes for the printer, parcels, draws, the log) leaves it on the server, where only
Huoju can read it, and its message has a link that gives the file **once**. Opening the link spends nothing, so previews of chat apps do no harm;
the button on its page does. Whoever comes second reads when it was taken. `/job link 3` gives a new link and ends the old one, `/job discard 3` deletes the
file at once, and after a day it goes by itself. Each time a file is fetched stands in the log.

## The log

Whatever an operator says is one row: who, where, the exact words, what changed before and after, and how it ended. It is written in the
transaction of the effect and never changed; each row is sealed to the one before it. `/log` shows it, `/log verify` (`huoju audit log --verify`) names a row that was
touched or is gone.

## The verbs

""",
    "zh": f"""# 操作员

由 `python -m tests.operators_page` 从命令生成；内容过期时测试会失败。English: [operators.md](operators.md)

运营活动的人就在自己用的聊天软件里操作，用**命令**：`/暂停活动 snack`（英文为 `/campaign pause snack`）。同样的命令也能在终端里用
（`huoju campaign pause snack`，脚本可加 `--json`）；能用这台机器终端的人就是所有者。

## 谁能做什么

| 角色 | 权限 |
| --- | --- |
| owner 所有者 | 一切，包括任命操作员 |
| operator 操作员 | 运营活动：抽奖码、奖品、发送 |
| support 客服 | 照顾玩家 |
| auditor 审计 | 只能查看 |
| dealer 门店 | 柜台发奖 |

每个角色都能做它下面各角色能做的事（只有门店需要的除外）。发送 `/帮助` 可查看自己能用的命令。

**第一位所有者**：还没有操作员时，`huoju run` 启动时会打印一个口令；谁先在自己的私聊里发送 `/成为操作员 口令`，谁就是所有者。也可以在终端里任命：
`huoju operator invite owner "李娜"` 生成这样的口令，`huoju operator add owner "李娜" telegram/main/1111111` 直接任命给我们发过消息的人。
口令 {_HOURS} 小时内有效，只能用一次。角色 {_DAYS} 天没有使用就会休眠，需要重新任命。

没有角色的人发送命令，看到的回复和任何看不懂的话一样。

## 在哪里说

在私聊里，自己输入或点按钮。转发的消息、编辑过的消息、图片和文件的说明文字、语音识别出的文字、频道帖子以及软件自动发送的消息都不会执行任何命令；
在群里会请您私聊。玩家也有的词（如 `/积分`）对您和对玩家含义相同：您也是玩家。

- **Telegram**：菜单里列出您能用的命令；计划和分页有按钮。
- **微信**：没有按钮；对计划或分页回复它的编号（`1`）。中间说了别的话，编号就又是玩家的回答。
- **短信**：每页很短。发件号码可以伪造，所以凡是要更改的都先是计划，确认词只发到您的号码上。
- **演练场**：没有设密码时，名叫**操作员**的那部手机就是所有者的，不用任何设置。

## 命令怎么写

`/改积分 telegram/main/1111111 snack 50 reason="包裹晚到"` 是命令加参数：按顺序写，或写出名字（`reason=…`、`reason：…`、`--reason …`）。
按顺序的最后一个参数取走剩下的全部文字；各种引号都可以把几个词合在一起。`/`、`／`、`、` 是同一个斜杠；
`campaign pause`、`campaign_pause`、`campaign.pause` 和 `暂停活动` 是同一个命令。写错时会提示您可能想说的命令，什么也不会执行。

## 计划、确认、执行

要花钱、涉及多人或无法撤回的事先是一个**计划**：说明会发生什么，并给出一个确认词。{_SECONDS} 秒内由您本人在同一个聊天里发送 `/确认 确认词`，就照计划执行。
如果期间有超过 1 % 的变化，会给您一个新的计划。**任何命令末尾加 `？` 只显示计划，不执行。**

活动文件可以规定从多大数量起要由第二位操作员确认（{_MINUTES} 分钟内）；只有一位操作员的店可以让本人过一段时间再确认。发布按活动最多要花的钱计算：

```yaml
approve:
  campaign publish: over 100000 CNY
  points correct: over 5000
  codes: any
  self: after 10 minutes
```

`/撤回` 撤回您最近的一次更改；撤不回的会如实说明。

## 耗时的事，和文件

耗时的命令是**任务**：立即答复，`/任务 3` 查看进度，完成后发消息；重启后会接着做，`/停止任务 3` 让它在下一步停下。
会生成文件的任务（给印刷厂的码、包裹、抽奖、日志）把文件留在服务器上，只有火炬能读；消息里的链接**只能取一次**。打开链接不算取，聊天软件的预览不会用掉它；
点页面上的按钮才算。后来的人会看到文件何时被取走。`/任务链接 3` 给出新链接并让旧的失效，`/删除任务文件 3` 立即删除文件，一天后文件自动删除。
每次取文件都记在日志里。

## 日志

操作员说的每句话都是一行：谁、在哪里、原话、更改前后、结果如何。它和效果写在同一个事务里，不会再改；每一行都与前一行加密相连。
`/日志` 查看，`/日志 验证`（`huoju audit log --verify`）指出被改动或丢失的行。

## 全部命令

""",
}
_ARGUMENTS = {"en": "| argument | what it is |\n| --- | --- |\n", "zh": "| 参数 | 说明 |\n| --- | --- |\n"}
_NOTES = {
    "en": {
        "changes": "changes something",
        "confirm": "a plan first",
        "undo": "`/undo` takes it back",
        "final": "It cannot be taken back: ",
        "stop": ".",
        "dealers": "for dealers, too",
        "least": "from {role} up",
        "chat": "in a chat only",
        "job": "a job",
        "leaves": "a job that leaves a file",
        "example": "For example:",
        "also": "also",
        "and": "; ",
    },
    "zh": {
        "changes": "会更改",
        "confirm": "先出计划",
        "undo": "可 `/撤回`",
        "final": "不能撤回：",
        "stop": "。",
        "dealers": "门店也能用",
        "least": "{role}及以上",
        "chat": "仅限聊天",
        "job": "任务",
        "leaves": "任务，会留下文件",
        "example": "例如：",
        "also": "也可写作",
        "and": "；",
    },
}


def page(language: str) -> str:
    """The whole page in one language."""
    teller = Teller(MECHANICS.phrases(), language)
    groups: dict[str, list[Verb[Any]]] = {}
    for verb in sorted(MECHANICS.verbs, key=lambda one: one.group.name):
        groups.setdefault(verb.group.name, []).append(verb)
    return HEAD[language] + "\n".join(_group(verbs, teller, language) for verbs in groups.values())


def _group(verbs: Sequence[Verb[Any]], teller: Teller, language: str) -> str:
    group = verbs[0].group
    told = "\n".join(part for verb in verbs for part in _verb(verb, teller, language))
    return f"### {group.name}\n\n{teller.word(group.says)}\n\n{told}"


def _verb(verb: Verb[Any], teller: Teller, language: str) -> Iterator[str]:
    notes = _NOTES[language]
    role = verb.role.value if language == "en" else teller.word(verb.role.value)
    marks = [
        notes["least"].format(role=role) if verb.role is not Role.DEALER else "",
        notes["dealers"] if verb.dealers or verb.role is Role.DEALER else "",
        notes["confirm"] if verb.confirm is not None or verb.planned else notes["changes"] if verb.changes else "",
        notes["undo"] if verb.undo is not None else "",
        notes["chat"] if verb.chat_only else "",
        notes["leaves"] if verb.leaves is not None else notes["job"] if verb.long else "",
    ]
    names = (f"`/{verb.name}`", f"`/{verb.chinese}`")
    first, second = names if language == "en" else reversed(names)
    also = f" ({notes['also']} {', '.join(f'`/{name}`' for name in verb.aliases)})" if verb.aliases else ""
    yield f"**{first}** {second}{also} — {teller.word(verb.says)} *{notes['and'].join(filter(None, marks))}*\n"
    if verb.more:
        yield f"{teller.word(verb.more)}\n"
    if verb.final:
        yield f"{notes['final']}{teller.word(verb.final)}{notes['stop']}\n"
    if takes := list(verb.takes.each()):
        yield _ARGUMENTS[language] + "".join(f"| {_argument(one, teller)} |\n" for one in takes)
    said = example(verb) if language == "en" else example(verb).replace(f"/{verb.name}", f"/{verb.chinese}", 1)
    yield f"{notes['example']} `{said}`\n"


def _argument(one: Argument, teller: Teller) -> str:
    named = f"`{called(one)}` | {teller.line(described(one))}"
    return named + (f" ({', '.join(f'`{choice}`' for choice in one.choices)})" if one.choices else "")


if __name__ == "__main__":
    for written, path in PAGES.items():
        path.write_text(page(written), encoding="utf-8")
