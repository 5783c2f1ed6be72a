"""docs/campaign-file.md and its Chinese twin, written from the grammar: ``python -m tests.campaign_page``.

A test says whether they are up to date.
"""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, get_args

from pydantic import BeforeValidator

from bots import CHANNELS
from core.campaign import quantities, unasked
from core.campaign.schema import json_schema
from core.campaign.templates import from_template
from handlers import MECHANICS
from handlers.operators.say import Teller
from tests.operators.test_phrases import said_in
from tests.repository import ROOT

PAGES = {"en": ROOT / "docs/campaign-file.md", "zh": ROOT / "docs/campaign-file.zh.md"}
FIRST = ("name", "title", "organiser", "zone", "region", "opens", "closes", "channels", "language", "budget")
FIRST += ("contact", "conditions", "texts", "words")
SECTIONS = (
    "codes",
    "points",
    "draw",
    "gifts",
    "claims",
    "invites",
    "quiz",
    "relay",
    "names",
    "look",
    "follow_ups",
    "calendar",
    "broadcasts",
    "segments",
    "purchases",
)
SECTIONS += ("follow_up_limits", "approve")
"""In the order in which a person writes a file."""

KINDS = {
    "points": quantities.Points,
    "odds": quantities.Odds,
    "%": quantities.Percent,
    "amount of money": quantities.MoneyField,
    "length of time": quantities.Span,
    "days": quantities.Days,
    "instant": quantities.MomentField,
    "time zone": quantities.ZoneField,
    "country": quantities.Region,
    "hours of a day": unasked.QuietField,
}
CHECKED_IN = {
    "": ("core/campaign/checks.py", "core/campaign/place_checks.py", "core/speech/own_word_checks.py"),
    "follow_up_limits": ("core/campaign/unasked.py", "core/campaign/unasked_checks.py"),
    "codes": ("handlers/codes/rules.py",),
    "draw": ("handlers/draws/rules.py",),
    "gifts": ("handlers/gifts/rules.py",),
    "claims": ("handlers/claims/rules.py",),
    "invites": ("handlers/invites/rules.py",),
    "quiz": ("handlers/quiz/rules.py",),
    "relay": ("handlers/relay/rules.py", "core/campaign/platforms.py"),
    "look": ("handlers/look/rules.py", "handlers/look/picture.py"),
    "follow_ups": ("handlers/follow_ups/rules.py",),
    "calendar": ("handlers/calendar/rules.py", "core/campaign/cron.py"),
    "broadcasts": ("handlers/broadcasts/rules.py", "handlers/broadcasts/in_files.py"),
    "segments": ("handlers/segments/rules.py",),
    "approve": ("handlers/operators/rules.py",),
}
SHOWN_BY = {
    "codes": ("stamp-card", ""),
    "points": ("stamp-card", ""),
    "draw": ("lottery", ""),
    "gifts": ("stamp-card", ""),
    "claims": ("promotion", ""),
    "invites": ("promotion", ""),
    "quiz": ("", "examples/quiz.yaml"),
    "relay": ("relay", ""),
    "names": ("relay", ""),
    "follow_ups": ("relay", ""),
    "calendar": ("", "examples/torch-relay.yaml"),
    "follow_up_limits": ("relay", ""),
}
APPROVE = """approve:
  campaign publish: over 100000 CNY
  points correct: over 5000
  codes: any
  self: after 10 minutes"""
LOOK = """look:
  colour: "#806800"
  dark: "#ffd100"
  logo: logo.png"""
SEGMENTS = """segments:
  lucky: won a prize in the last 30 days
  waiting: points >= 100 and not lucky"""
BROADCASTS = """broadcasts:
  - name: spring
    to: redeemed in the last 14 days
    say: {zh: 周末积分翻倍！, en: Double points this weekend!}
    at: 2026-12-05 18:00 Asia/Shanghai
    until: 2026-12-06 20:00 Asia/Shanghai
    hours: "10:00-20:00"
    channels: [wechat, sms]"""
PURCHASES = "purchases: {currency: CNY}"
WRITTEN = {"approve": APPROVE, "broadcasts": BROADCASTS, "look": LOOK, "segments": SEGMENTS, "purchases": PURCHASES}
"""What no example has."""

HEAD = {
    "en": """# The campaign file

Written by `python -m tests.campaign_page` from the grammar; a test fails when it is not up to date. 中文：[campaign-file.zh.md](campaign-file.zh.md)

A campaign is one text file. First a recipe from end to end, then [how values are written](#how-values-are-written), then [every word](#every-word).

## Ten codes, one free coffee

**1. Write the file.** `huoju campaign new stamp-card coffee` makes `coffee.yaml`. Or type it:

```yaml
{stamp_card}
```

Put your own name, organiser and time zone in. Nothing else has to change.

**2. Check it.** `huoju campaign check coffee.yaml` says in which line something is wrong and what to write instead, or that all is good.

**3. Publish it.** In a new folder say `huoju db upgrade` once; then `huoju campaign publish coffee.yaml`. From now on these rules hold; a changed file published again is a new version.

**4. Print codes.** `huoju codes issue coffee --count 100 --out cards.pdf` makes sheets of cards to cut (`cards.csv` for a printer). Codes count once you say
that the cards are safe with you: `huoju codes activate 1 --file cards.pdf`.

**5. Play.** `huoju run --playground` opens a phone in your browser. Send a code: one stamp. After ten, send `gifts`, choose the coffee, say yes, and show the
pick-up code at the counter. Your staff send `/claims pick-up CODE` and hand it over.

## Other recipes

| you want | begin with |
| --- | --- |
| every twentieth code wins, and the answer comes at once | `huoju campaign new lottery NAME`; the odds are `draw: odds` |
| no prize, then points; points buy gifts and better odds; friends bring points | `huoju campaign new promotion NAME` |
| people who bring people, without any code | `huoju campaign new relay NAME` |
| a quiz against the clock | [examples/quiz.yaml](../examples/quiz.yaml) |
| a prize that is sent home | `claim: delivery` in the prize: the address is asked for in the chat |
| a prize that is another shop's voucher | `claim: voucher`, then `huoju vouchers import` |
| a word to everybody at eight in the evening | [calendar](#calendar) |
| a word to many, once, when somebody says so | [broadcasts](#broadcasts) |
| a word to one person a day after something happened | [follow_ups](#follow_ups) |
| a word to some of them only | `to:` or `unless:` takes any [segment](segments.md) |
| nothing at night | [follow_up_limits](#follow_up_limits) |
| your own words in an answer | [texts](#the-campaign-itself): `huoju texts` lists the keys |
| another person has to agree before it is published | [approve](#approve) |

## Let your editor write it

`huoju campaign schema > campaign.schema.json` (or [the one in examples](../examples/campaign.schema.json)), and this as the first line of your file:

```yaml
# yaml-language-server: $schema=campaign.schema.json
```

Editors with a YAML language server (VS Code with the YAML extension, Neovim, Helix, JetBrains) complete words and values then, tell what each means,
and underline the usual mistakes while you type. `--language zh` explains in Chinese.

## The file is YAML

- `word: value`, one a line: a plain colon and a space behind it (`:`, not `：`).
- What belongs to a word stands below it, two spaces further in, or in `{{…}}` behind it. Spaces, never tabs.
- A list has a `-` before each part, or stands in `[…]`, with commas.
- A text with `: `, ` #`, or one of `{{}}[]*&!|>%@` at its beginning goes in quotes: `"Tonight: free coffee"`.
- Everything behind ` #` is for people; each word stands once; the file is saved as UTF-8.

## How values are written

| what | for example | refused |
| --- | --- | --- |
{kinds}
A **phrase** is what players read, in each language of the title: `{{zh: 一杯咖啡, en: A coffee}}`, or the words alone where the file says `language: en` and nothing else is spoken
([your campaign in another language](languages.md)). A **name** is for your lists: 1 to 32 of a-z, 0-9 and -, beginning with a letter.
A **number** is a whole one.

## Every word

What has no default has to be there; where the default is –, nothing holds without the word. `name.title` is `title` below `name`.

### The campaign itself

""",
    "zh": """# 活动文件

由 `python -m tests.campaign_page` 从语法生成；内容过期时测试会失败。English: [campaign-file.md](campaign-file.md)

一个活动就是一个文本文件。先从头到尾做一遍，再看[值怎么写](#值怎么写)，然后是[全部的词](#全部的词)。

## 集十个码，送一杯咖啡

**1. 写文件。** `huoju campaign new stamp-card coffee --language zh` 会生成 `coffee.yaml`。也可以自己输入：

```yaml
{stamp_card}
```

换上您自己的名称、主办方和时区，其他都不用改。

**2. 检查。** `huoju campaign check coffee.yaml --language zh` 会指出哪一行不对、该怎么写；没有问题也会告诉您。

**3. 发布。** 新文件夹里先运行一次 `huoju db upgrade`；然后 `huoju campaign publish coffee.yaml`。从这一刻起规则生效；改了文件再发布，就是新版本。

**4. 印码。** `huoju codes issue coffee --count 100 --out cards.pdf` 生成可裁开的卡片（给印刷厂用 `cards.csv`）。卡片拿到手后说一声，码才算数：
`huoju codes activate 1 --file cards.pdf`。

**5. 玩。** `huoju run --playground` 会在浏览器里打开一部手机。发一个码，得一个印花；集满十个后发送“礼品”，选咖啡，确认，到柜台出示取货码。
店员发送 `/核销 取货码`，把咖啡交给顾客。

## 其他做法

| 您想要 | 从这里开始 |
| --- | --- |
| 二十个码中一个，立刻知道结果 | `huoju campaign new lottery 名字`；概率在 `draw: odds` |
| 没中奖送积分；积分换礼品、提高概率；邀请好友得积分 | `huoju campaign new promotion 名字` |
| 不用码，靠人带人 | `huoju campaign new relay 名字` |
| 限时答题 | [examples/quiz.yaml](../examples/quiz.yaml) |
| 奖品寄到家 | 奖品里写 `claim: delivery`：聊天里会问地址 |
| 奖品是别家的券 | `claim: voucher`，再用 `huoju vouchers import` 导入 |
| 每晚八点对所有人说一句 | [calendar](#calendar) |
| 有人点头之后，对很多人说一次 | [broadcasts](#broadcasts) |
| 某件事过一天后对一个人说一句 | [follow_ups](#follow_ups) |
| 只对其中一些人说 | `to:`、`unless:` 里可写任何[人群条件](segments.zh.md) |
| 夜里不打扰 | [follow_up_limits](#follow_up_limits) |
| 用自己的话回答 | [texts](#活动本身)：`huoju texts` 列出全部键名 |
| 发布前要另一个人同意 | [approve](#approve) |

## 让编辑器帮您写

`huoju campaign schema --language zh > campaign.schema.json`，然后在文件第一行写：

```yaml
# yaml-language-server: $schema=campaign.schema.json
```

支持 YAML 语言服务的编辑器（装了 YAML 插件的 VS Code、Neovim、Helix、JetBrains）就会补全词和值，解释每个词的意思，并在您输入时划出常见错误。

## 文件是 YAML

- 每行写 `词: 值`：半角冒号，后面一个空格（`:`，不是 `：`）。
- 属于一个词的内容写在它下面，多缩进两个空格，或写在后面的 `{{…}}` 里。只用空格，不用制表符。
- 列表每项前面写 `-`，或写在 `[…]` 里，用半角逗号隔开。
- 文字里有 `: `、` #`，或以 `{{}}[]*&!|>%@` 开头时要加引号：`"今晚: 免费咖啡"`。
- ` #` 后面的话只给人看；每个词只写一次；文件存为 UTF-8。

## 值怎么写

| 什么 | 例如 | 不接受 |
| --- | --- | --- |
{kinds}
**文字**是玩家看到的话，标题有几种语言就写几种：`{{zh: 一杯咖啡, en: A coffee}}`；文件写了 `language: zh`、只用这一种语言时，直接写文字（见[用别的语言做活动](languages.zh.md)）。**名字**给您的清单用：1 到 32 个 a-z、0-9 和 -，以字母开头。**数字**是整数。

## 全部的词

没有默认值的词必须写；默认值是 – 的，不写就没有这回事。`name.title` 是 `name` 下面的 `title`。

### 活动本身

""",
}
_WORDS = {
    "en": {
        "columns": "| word | what it does | how it is written | default |\n| --- | --- | --- | --- |\n",
        "refused": "Refused, and what you are told then:\n",
        "must": "**must be there**",
        "phrase": "phrase",
        "name": "name",
        "text": "text",
        "language": "code of a language",
        "list": "list of {each}",
        "from": "number, {least} to {most}",
        "at least": "number from {least} on",
        "yes": "`true` or `false`",
        "several": "the words below",
        "by language": "by language and key: `{en: {key: …}}`",
        "words": "by language: `{fr: {gifts: cadeaux}}`",
        "such as": ", such as ",
        "or": ", ",
        "places": "channels or accounts",
    },
    "zh": {
        "columns": "| 词 | 作用 | 写法 | 默认值 |\n| --- | --- | --- | --- |\n",
        "refused": "不接受，会这样告诉您：\n",
        "must": "**必须写**",
        "phrase": "文字",
        "name": "名字",
        "text": "一段话",
        "language": "语言代码",
        "list": "{each}的列表",
        "from": "数字，{least} 到 {most}",
        "at least": "数字，{least} 起",
        "yes": "`true` 或 `false`",
        "several": "下面这些词",
        "by language": "按语言和键名：`{zh: {键名: …}}`",
        "words": "按语言：`{fr: {gifts: cadeaux}}`",
        "such as": "，例如 ",
        "or": "、",
        "places": "渠道或账号",
    },
}


class _Page:
    """The page in one language."""

    def __init__(self, language: str) -> None:
        self.language, self.words = language, _WORDS[language]
        self.tell = Teller(MECHANICS.phrases(), language).word
        self.schema = json_schema(
            MECHANICS.sections, [channel.name for channel in CHANNELS], MECHANICS.words(), self.tell
        )
        keys = set(self.schema["properties"])
        assert keys == {*FIRST, *SECTIONS}, keys ^ {*FIRST, *SECTIONS}

    def text(self) -> str:
        stamp_card = from_template("stamp-card", "coffee", self.language).rstrip()
        head = HEAD[self.language].format(stamp_card=stamp_card, kinds="".join(self._kinds()))
        top = {key: self.schema["properties"][key] for key in FIRST}
        first = self._table(self._rows(top, self.schema["required"])) + self._refused(CHECKED_IN[""])
        return head + first + "".join(self._section(key) for key in SECTIONS)

    def _kinds(self) -> Iterator[str]:
        for kind, annotated in KINDS.items():
            reader = next(one.func for one in get_args(annotated) if isinstance(one, BeforeValidator))
            readers = {quantities.Span: [quantities.span], quantities.MomentField: [reader, quantities.clock_trouble]}
            said = [each for one in readers.get(annotated, [reader]) for each in self._sentences(_lines_of(one))]
            schema = next(one.json_schema for one in get_args(annotated) if hasattr(one, "json_schema"))
            yield f"| {self.tell(kind)} | {self._quoted(schema['examples'])} | {'<br>'.join(said)} |\n"

    def _section(self, key: str) -> str:
        said = self.schema["properties"][key]
        node = self._whole(said)
        node = self._whole(node["items"]) if "items" in node else node
        mapped = not node.get("properties", {}).keys() - {"self"}
        rows = [] if mapped else self._rows(node["properties"], node.get("required", ()))
        shown = f"```yaml\n{_shown(key, self.language)}\n```\n\n"
        table = self._table(rows) if rows else ""
        return f"### {key}\n\n{said['description']}\n\n{shown}{table}{self._refused(CHECKED_IN.get(key, ()))}"

    def _table(self, rows: Sequence[str]) -> str:
        return self.words["columns"] + "".join(rows) + "\n"

    def _whole(self, node: Mapping[str, Any]) -> dict[str, Any]:
        """``node`` without "or nothing" and with what it refers to."""
        found = next((one for one in node.get("anyOf", ()) if {"type": "null"} in node["anyOf"]), node)
        referred = self.schema["$defs"][found["$ref"].rpartition("/")[2]] if "$ref" in found else {}
        own = {key: value for key, value in {**found, **node}.items() if key not in {"anyOf", "$ref"}}
        others = {"anyOf": found["anyOf"]} if found is node and "anyOf" in node else {}
        return {**referred, **own, **others}

    def _rows(self, properties: Mapping[str, Any], required: Sequence[str], above: str = "") -> list[str]:
        rows: list[str] = []
        for key, said in properties.items():
            node = self._whole(said)
            default = self._default(node) if key not in required else self.words["must"]
            how = self.words["words"] if f"{above}{key}" == "words" else self._how(node)
            rows.append(f"| `{above}{key}` | {node['description']} | {how} | {default} |\n")
            inner = self._whole(node["items"]) if isinstance(node.get("items"), dict) else node
            if "properties" in inner and set(inner["properties"]) != {"zh", "en"}:
                rows += self._rows(inner["properties"], inner.get("required", ()), f"{above}{key}.")
        return rows

    def _default(self, node: Mapping[str, Any]) -> str:
        match node.get("default"):
            case None | [] | {}:
                return "–"
            case bool() as value:
                return f"`{str(value).lower()}`"
            case list() as several:
                return f"`[{', '.join(map(str, several))}]`"
        return f"`{node['default']}`"

    def _how(self, node: Mapping[str, Any]) -> str:
        """How a value is written."""
        words, title = self.words, node.get("title")
        if isinstance(title, str):
            known = title in map(self.tell, KINDS)
            return title + words["such as"] + self._quoted(node["examples"][:1] if known else node["examples"])
        if "const" in node or "enum" in node:
            return self._quoted(node.get("enum") or [node["const"]])
        if "anyOf" in node:
            first, *others = node["anyOf"]
            return words["places"] if others and "pattern" in others[0] else self._how(first)
        return self._of_type(node)

    def _of_type(self, node: Mapping[str, Any]) -> str:
        words, pattern = self.words, node.get("pattern", "")
        match node.get("type"):
            case "integer":
                most = f"{node['maximum']:,}" if "maximum" in node else None
                return words["at least" if most is None else "from"].format(least=node["minimum"], most=most)
            case "array":
                return words["list"].format(each=self._how(self._whole(node["items"])))
            case "string" if "a-z0-9-" in pattern:
                return words["places" if "/" in pattern else "name"]
            case "string":
                examples = node.get("examples", ())
                kind = "language" if pattern == "^[a-z]{2,3}$" else "text"
                return words[kind] + (words["such as"] + self._quoted(examples) if examples else "")
        kinds = {"boolean": "yes", "object": "by language" if "propertyNames" in node else "several"}
        kind = "phrase" if set(node.get("properties", ())) == {"zh", "en"} else kinds[node["type"]]
        return words[kind]

    def _quoted(self, each: Sequence[str]) -> str:
        return self.words["or"].join(f"`{one}`" for one in each)

    def _refused(self, files: Sequence[str]) -> str:
        sentences = self._sentences(lambda where: where.rpartition(":")[0] in files)
        if not files or not sentences:
            return ""
        return self.words["refused"] + "\n" + "".join(f"- {each}\n" for each in sentences) + "\n"

    def _sentences(self, stands: Callable[[str], bool]) -> list[str]:
        """What is said of what is refused where it ``stands``, each once, with … for what depends."""
        told = [self.tell(sentence) for sentence, where in _refusals() if stands(where)]
        plain = (each.replace("{meant}", "").replace("{asked}", "") for each in told)
        return list(dict.fromkeys(re.sub(r"\{\w+\}", "…", each) for each in plain))


_PARTS = re.compile(r".*→| |\{what\} on|ON because|.*; $")
"""What only completes another sentence, or refuses nothing."""


@cache
def _refusals() -> Sequence[tuple[str, str]]:
    """Each sentence that a check may say, and where it stands; not what only completes another one."""
    paths = {"core/campaign/quantities.py", *(path for each in CHECKED_IN.values() for path in each)}
    found = ((one.sentence or "", one.where) for path in sorted(paths) for one in said_in(ROOT / path))
    return [
        (sentence, where)
        for sentence, where in found
        if re.search(r"[;,:] |example", sentence) and not _PARTS.match(sentence)
    ]


def _lines_of(function: Callable[..., Any]) -> Callable[[str], bool]:
    """Whether something stands in ``function``."""
    lines, begins = inspect.getsourcelines(function)
    path = inspect.getsourcefile(function)
    assert path is not None
    within = range(begins, begins + len(lines))

    def stands(where: str) -> bool:
        file, _, line = where.rpartition(":")
        return path.endswith(file) and int(line) in within

    return stands


def _shown(key: str, language: str) -> str:
    """The section ``key`` as an example has it."""
    template, path = SHOWN_BY.get(key, ("", ""))
    if not template and not path:
        return WRITTEN[key]
    text = from_template(template, template, language) if template else (ROOT / path).read_text("utf-8")
    found = re.search(rf"^{key}:.*\n((?:[ #-].*\n)*)", text, re.MULTILINE)
    assert found is not None, key
    return found[0].rstrip()


def page(language: str) -> str:
    """The whole page in one language."""
    return _Page(language).text().rstrip() + "\n"


if __name__ == "__main__":
    for written, path in PAGES.items():
        path.write_text(page(written), encoding="utf-8")
