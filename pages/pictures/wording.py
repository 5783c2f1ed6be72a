"""What the pictures say, in Chinese and English. Braces are filled by ``str.format`` with numbers only."""

from collections.abc import Mapping

WORDING: Mapping[str, Mapping[str, str]] = {
    "en": {
        "unlit": "Waiting to be lit",
        "lit": "Burning",
        "out": "Gone out",
        "leg": "Leg {leg:,}",
        "bearer": "Torch bearer",
        "campaign": "Torch relay",
        "chain_length": "A chain of {count:,} torches",
        "chain_length_one": "The first torch of its chain",
        "take": "Take the torch!",
        "by": "by {name}",
        "word": "Invite word",
        "scan": "Scan to open the invitation",
        "how": "Scan the code, or send this word in the chat you use.",
        "me": "here",
        "nobody": "No torch has been handed on yet.",
        "torches": "{count:,} torches",
        "torches_one": "1 torch",
        "longest": "longest: leg {leg:,}",
        "before": "{count:,} before",
        "between": "{count:,} between",
        "more": "more torches, counted",
        "way": "the way here",
        "tree": "The chain of the torch",
        "tree_of": "{title}: the chain of the torch",
        "summary": "{torches}, up to leg {leg:,}: {lit:,} burning, {unlit:,} waiting to be lit, {out:,} gone out.",
        "summary_part": "{torches}. Of {listed:,} listed: {lit:,} burning, {unlit:,} waiting, {out:,} gone out.",
    },
    "zh": {
        "unlit": "等待点燃",
        "lit": "燃烧中",
        "out": "已熄灭",
        "leg": "第 {leg:,} 棒",
        "bearer": "火炬手",
        "campaign": "火炬传递",
        "chain_length": "整条链共 {count:,} 支火炬",
        "chain_length_one": "本链的第一支火炬",
        "take": "接过火炬！",
        "by": "主办方：{name}",
        "word": "邀请码",
        "scan": "扫一扫，打开邀请",
        "how": "扫描二维码，或在您常用的聊天应用里发送邀请码。",
        "me": "本棒",
        "nobody": "还没有火炬传出。",
        "torches": "{count:,} 支火炬",
        "torches_one": "1 支火炬",
        "longest": "最长：第 {leg:,} 棒",
        "before": "之前 {count:,} 棒",
        "between": "中间 {count:,} 棒",
        "more": "更多火炬（只计数）",
        "way": "传到本棒的路",
        "tree": "火炬传递链",
        "tree_of": "{title}：火炬传递链",
        "summary": "{torches}，最远第 {leg:,} 棒；燃烧中 {lit:,}，等待点燃 {unlit:,}，已熄灭 {out:,}。",
        "summary_part": "{torches}；列出的 {listed:,} 支中，燃烧中 {lit:,}，等待点燃 {unlit:,}，已熄灭 {out:,}。",
    },
}
LANGUAGES = tuple(WORDING)


def counted(say: Mapping[str, str], key: str, count: int) -> str:
    """``key`` for ``count`` things, in the singular where a language has one."""
    return say.get(f"{key}_one" if count == 1 else key, say[key]).format(count=count)
