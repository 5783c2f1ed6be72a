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
    r"手机(?!号)|邮箱|客户端|平板|华为|荣耀|小米|红米|三星|魅族|一加|安卓|苹果"
)
_FROM = (
    r"sent (?:from|via|with|using|by)\b|get (?=outlook)|written (?:on|with)\b|enviad[oa] d(?:esde|o|e)\b|"
    r"envoyé (?:de|depuis)\b|inviato da|von meine[mr]\b|gesendet (?:von|mit|aus)\b|verstuurd vanaf|"
    r"(?:[发發][送自]|[传傳]自|[来來]自|[获獲]取 ?(?=outlook)|[从從由])\s?我?的?"
)
_SIGNATURE = re.compile(
    rf"(?:\n[ \t]{{0,4}}(?:{_FROM})[^\n]{{1,70}}"
    rf"|(?:^|[\s\-—–~*_(（]|(?<=[\W]))(?:{_FROM})[^\n]{{0,30}}(?:{_MADE_BY})[^\n]{{0,40}})$",
    re.IGNORECASE,
)
"""A last line of its own, or what names a phone or a program behind the words."""
_HINT = re.compile(
    r"[\n【】]|sent |get outlook|written |enviad|envoy|inviato|von meine|gesendet|[发發][送自]|[来來]自|[从從由]|"
    r"^\s*(?:re|fwd?|aw|答复|转发)\s?[:：]",
    re.IGNORECASE,
)
"""Without one of these there is nothing around the words: most texts are done with one look."""
_BEGINS = re.compile(
    r"^\s*(?:(?:re|fwd?|aw|答复|转发)\s?[:：]\s*)+|^\s*[「“\"][^」”\"]*[」”\"]\s*\n(?:[-—_] ?){3,}\s*\n", re.IGNORECASE
)
"""What says that this is an answer: a subject's mark, or the message that is answered, above a line."""
_WROTE = r"(?:on|le|el|am|在|于).{0,120}(?:wrote|写道|a écrit|escribió|schrieb)\s?[:：]"
_BELOW = re.compile(
    rf"^(?:--\s*$|[-_=—]{{5,}}|-{{2,}} ?(?:original|forwarded|原始)|{_WROTE}|(?:from|发件人|de|von)[:：]|"
    r"(?:(?:many|best|kind|warm) )?(?:regards|rgds|wishes|thanks|thank you|cheers|best|sincerely|yours)[,!.]?"
    r"(?: ?\n|[, ]+[^\s]{1,20}$)|此致)",
    re.IGNORECASE | re.MULTILINE,
)
"""From here on the text is no words of the sender: a signature, or the message that is answered."""
_QUOTED = re.compile(rf"^(?:{_WROTE}\s*\n(?=[ \t]*[>＞|])|[ \t]*[>＞|].*$)", re.MULTILINE | re.IGNORECASE)
_SIGNED = re.compile(r"^\s*【[^【】\n]{1,24}】|【[^【】\n]{1,24}】\s*$")
_FACE = (
    r"/:(?:handclap|basketb|ladybug|showlove|coffee|hiphot|circle|strong|break|footb|heart|kotow|share|shake|skip|"
    r"beer|bome|bye|cake|dig|eat|fade|gift|hug|jump|kiss|love|lvu|moon|pig|rose|shit|sun|turn|weak|wipe|bad|jj|kn|li|"
    r"oo|oY|pd|v|xx|<[&WLO]>?|[^\w\s]{1,4}[A-Za-z0-9]?|[A-Za-z0-9][^\w\s]{1,4})"
)
_FACES = re.compile(_FACE)
"""What no letter of is a word; a hand that says ok or no does."""
_SMILEYS = re.compile(rf"\[[A-Za-z\u3400-\u9fff]{{1,12}}\]|/:(?:no|ok)|{_FACE}")
_SIMPLIFIED = str.maketrans(
    "個為麼從們傳體後餘兌關興寫別單發號啟嗎圖場復覆獎對幫廣開棄錄總擾換擇據數無時來標樣漢點煩現碼禮種積簡紅綁絕給聯薦獲規訊訂認許話詢語說請謝賬帳轉還"
    "這選遞郵裡裏錯閱隊隨隱項領額騷沒刪報經統詳費題誰讓寧壓將會動應簽紀繫係兒塊該覺誤歡樂機權極檢確則東稱華榮馬買線級",
    "个为么从们传体后余兑关兴写别单发号启吗图场复复奖对帮广开弃录总扰换择据数无时来标样汉点烦现码礼种积简红绑绝给联荐获规讯订认许话询语说请谢账账转还"
    "这选递邮里里错阅队随隐项领额骚没删报经统详费题谁让宁压将会动应签纪系系儿块该觉误欢乐机权极检确则东称华荣马买线级",
)
"""Of the traditional characters those whose simplified ones stand in a word of ours."""
_ASCII_BREAKS = re.compile(r"[^A-Za-z0-9]+")
_APOSTROPHES = re.compile(r"['’‘`´]")


@lru_cache(maxsize=64)
def unsigned(text: str) -> str:
    """``text`` without the signature below it, the message that it quotes, and 【a name】 at either end.

    All of it where nothing else is left.
    """
    if _HINT.search(text) is None:
        return text
    said = _BEGINS.sub("", text)
    if "\n" in said:
        said = _QUOTED.sub("", said)
        if (below := _BELOW.search(said, said.find("\n") + 1)) is not None:
            said = said[: below.start()]
    for pattern in (_SIGNATURE, _SIGNED):
        said = pattern.sub("", said.rstrip())
    return said.strip() or text


@lru_cache(maxsize=64)  # one text is compared with the words of every route
def parts(text: str) -> str:
    """The runs of letters and digits of ``text``, undecorated, half width, small, simplified; one space between."""
    said = unsigned(text)
    words = _words(_SMILEYS.sub(" ", said)) if "[" in said or "/:" in said else ""
    return words or _words(_FACES.sub(" ", said) if "/:" in said else said)


def is_smileys(text: str) -> bool:
    """Whether ``text`` is smileys as WeChat spells them, and nothing else."""
    if "[" not in text and "/:" not in text:
        return False
    return _SMILEYS.search(text) is not None and not _words(_SMILEYS.sub(" ", text))


def _words(text: str) -> str:
    if text.isascii():
        return _ASCII_BREAKS.sub(" ", text.replace("'", "").replace("`", "")).strip().lower()
    folded = _APOSTROPHES.sub("", unicodedata.normalize("NFKC", text)).casefold().translate(_SIMPLIFIED)
    return " ".join("".join(c if c.isalnum() else "" if _joins(c) else " " for c in folded).split())


def _joins(character: str) -> bool:
    """Whether it is a mark that belongs to the letter before it, or to an emoji, and parts no words."""
    return unicodedata.category(character) in {"Mn", "Me", "Cf"}
