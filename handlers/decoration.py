"""Decoration: what stands around the words of a message and says nothing: signatures, quoted texts, smileys, brackets.

Phones and mail programs write below a message who made them, people put a smile behind a word, and WeChat spells its
smileys as "[呲牙]" or "/:rose". Every recogniser of words looks at a text through this one.
"""

import re
import unicodedata
from functools import lru_cache

_MADE_BY = (
    r"iphone|ipad|ipod|ios|android|galaxy|samsung|huawei|honor|xiaomi|redmi|oppo|vivo|oneplus|pixel|nokia|blackberry|"
    r"windows|outlook|hotmail|yahoo|gmail|mail|mobile|phone|smartphone|tablet|device|cell|"
    r"手机|邮箱|客户端|平板|华为|荣耀|小米|红米|三星|魅族|一加|安卓|苹果"
)
_SIGNATURE = re.compile(
    r"(?:^|[\s\-—–~*_(（]|(?<=[\W]))(?:"
    r"sent (?:from|via|with|using|by) |get (?=outlook)|written (?:on|with) |"
    r"enviado desde |envoyé (?:de|depuis) |von meine[mr] |"
    r"(?:发自|发送自|来自|从)\s?我?的?\s?(?=[^\n]))"
    rf"[^\n]{{0,30}}(?:{_MADE_BY})[^\n]{{0,40}}$",
    re.IGNORECASE | re.MULTILINE,
)
_HINT = re.compile(r"[\n【】]|sent |get outlook|written |enviado|envoy|von meine|发自|发送自|来自|从", re.IGNORECASE)
"""Without one of these there is nothing below the words: most texts are done with one look."""
_BELOW = re.compile(
    r"^(?:--\s*$|[-_=—]{5,}|-{2,} ?(?:original|forwarded|原始)|"
    r"(?:on|le|el|am|在|于).{0,120}(?:wrote|写道|a écrit|escribió|schrieb)\s?[:：]|(?:from|发件人|de|von)[:：]|"
    r"(?:(?:many|best|kind|warm) )?(?:regards|wishes|thanks|thank you|cheers)[,!.]?\n|此致)",
    re.IGNORECASE | re.MULTILINE,
)
"""From here on the text is no words of the sender: a signature, or the message that is answered."""
_QUOTED = re.compile(r"^[ \t]*[>＞|].*$", re.MULTILINE)
_SIGNED = re.compile(r"^\s*【[^【】\n]{1,24}】|【[^【】\n]{1,24}】\s*$")
_SMILEYS = re.compile(
    r"\[[A-Za-z\u3400-\u9fff]{1,12}\]|"
    r"/:(?:handclap|basketb|ladybug|showlove|coffee|hiphot|circle|strong|break|footb|heart|kotow|share|shake|skip|"
    r"beer|bome|bye|cake|dig|eat|fade|gift|hug|jump|kiss|love|lvu|moon|pig|rose|shit|sun|turn|weak|wipe|bad|jj|kn|li|"
    r"no|ok|oo|oY|pd|v|xx|<[&WLO]>?|[^\w\s]{1,4}[A-Za-z0-9]?|[A-Za-z0-9][^\w\s]{1,4})"
)
_ASCII_BREAKS = re.compile(r"[^A-Za-z0-9]+")
_APOSTROPHES = re.compile(r"['’‘`´]")


@lru_cache(maxsize=64)
def unsigned(text: str) -> str:
    """``text`` without the signature below it, the message that it quotes, and 【a name】 at either end.

    All of it where nothing else is left.
    """
    if _HINT.search(text) is None:
        return text
    said = text
    if "\n" in said:
        said = _QUOTED.sub("", said)
        if (below := _BELOW.search(said)) is not None:
            said = said[: below.start()]
    for pattern in (_SIGNATURE, _SIGNED):
        said = pattern.sub("", said.rstrip())
    return said.strip() or text


@lru_cache(maxsize=64)  # one text is compared with the words of every route
def parts(text: str) -> str:
    """``text`` undecorated, in half width and lower case: its runs of letters and digits, one space between."""
    said = unsigned(text)
    words = _words(_SMILEYS.sub(" ", said)) if "[" in said or "/:" in said else ""
    return words or _words(said)


def _words(text: str) -> str:
    if text.isascii():
        return _ASCII_BREAKS.sub(" ", text.replace("'", "").replace("`", "")).strip().lower()
    folded = _APOSTROPHES.sub("", unicodedata.normalize("NFKC", text)).casefold()
    return " ".join("".join(c if c.isalnum() else "" if _joins(c) else " " for c in folded).split())


def _joins(character: str) -> bool:
    """Whether it is a mark that belongs to the letter before it, or to an emoji, and parts no words."""
    return unicodedata.category(character) in {"Mn", "Me", "Cf"}
