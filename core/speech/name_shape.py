"""What may be a name: not what people say instead of one, such as thanks, yes, a number, a question or a sentence."""

import re
import unicodedata

from core.speech import contact, small_talk
from core.speech.answers import number_in, yes_or_no
from core.speech.decoration import is_smileys, parts
from core.speech.keywords import plain, politely
from core.speech.sentences import route_of

_INSTEAD = frozenset(
    re.findall(
        r"\w+",
        """
        me myself i you us him her it same sameasbefore idk dontknow idontknow later wait skip next none nothing nobody
        noname anything whatever nvm na hi hello hey help sorry goodmorning huh what who why how when where
        test done sent name myname address phone fullname thx 3q 3q88
        我 我自己 本人 自己 你 不知道 我不知道 随便 都行 等等 等一下 等会 等会儿 稍等 稍后 马上 没有 无 不告诉你 保密
        你好 您好 在吗 早上好 什么 谁 怎么 为什么 啥 干嘛 测试 发了 已发 填好了 一样 同上
        好滴 好嘞 好哒 ok的 ok啦 谢啦 没有了 你猜 在的 我的 我老婆 我老公 她 他 它 那个谁 是我 就是我 给我 itsme mine
        姓名 名字 地址 电话 手机 收件人 收货人
        """,
    )
)
"""What is said instead of a name, as :func:`core.speech.keywords.plain` gives it."""
_ASKS = re.compile(
    r"[?？؟¿]|[吗么呢]\W*$|什么|怎么|怎样|多少|哪[里个些]|为啥|能不能|可不可以|是不是|^(?:请问|如何|谁|几)"
)
_ASKS_IN_ENGLISH = re.compile(
    r"(?:what|who|why|when|where|which|how|can|could|do|does|did|is|are|will|would|should|may|must)"
    r" (?:i|you|we|it|is|are|do|does|did|can|to|the|my|this|that|there|about|come|long|much|many|not|if)\b"
)
_SENTENCE_WORDS = frozenset(
    re.findall(
        "[a-z]+",
        """
        about after again already always am anyone anything anytime are as asap at away back be because been
        badge before brand but by called change can cannot cant changed correct could crazy did didnt different does
        doesnt dont else ever every for from get got had has have here hers his how i if important in is isnt
        it its just know
        later list maybe me missing more my names never no none not nothing now of off on once or our out please
        plate
        private right same secret should so somebody someone something sometime soon spelled spelt still stupid
        taken tell than thank thanks that their them then there they this today tomorrow tonight too unknown
        tag until up via was wasnt we were what whatever when whenever where which while who why with wont would wrong
        you your yours
        """,
    )
)
"""Of these, one makes a sentence of what would else be a name."""
_PINYIN = frozenset({"bu", "le", "ma", "men", "mingtian", "ne", "ni", "shi", "wo", "zai", "zenme"})
"""In three or more words, and all of them small, these make a sentence in pinyin."""
_FEW, _MOST_WORDS = 3, 5
_SAYS = re.compile(
    r"[怎什么吗呢哪谁我您你他她它这那了着们嘛]|还是|多少|电话|地址|号码|[今明昨]天|[上下]午|[,，;；。!！]\s*\S|[:：](?!//)\s*\S|\n|\bplease\b"
)
_BEGINS = re.compile(
    r"[不没别去想给让把被在是有会都也再还就很太说等到做干领拿玩抽看买填写改用拉问回发参叫找帮跟和]|来[这领参玩抽买看问]?$|"
    r"来[这领参玩抽买看问]|要|起床|紧急|[能可][不以]|几|多少|好[好等多久友]|朋友|同[事学]|家人|[我老][公婆爸妈爷奶哥姐弟妹]|[妈爸爷奶]|"
    r"快递|外卖|客服|人|一[声下起个]|名字|昵称|中奖|奖品|积分|活动|红包|上面|下面"
)
"""What no Chinese name begins with, where nothing but the sense parts "call me" from "they call me to"."""
_LONGEST_CHINESE = 8
_NICKNAME = re.compile(r"[a-z]+|[\u3400-\u9fff]{1,3}")
"""Of what people say in one word or three characters much is a nickname, too."""


def is_talk(text: str, *, angry: bool = False) -> bool:
    """Whether ``text`` is thanks, yes, no, a number, a question, a smile or the like: an answer, and no name.

    With ``angry`` what is only said in anger may be a name: whether that is shown is judged then.
    """
    said = politely(text)
    if not _INSTEAD.isdisjoint({said, plain(text)}) or is_smileys(text) or not any(map(str.isalpha, said)):
        return True
    if number_in(text) is not None or yes_or_no(text) is not None or small_talk.is_talk(text):
        return True
    if _NICKNAME.fullmatch(parts(text)) is None and route_of(plain(text)) == "talk":
        return True
    if contact.PERSON.mean(text) and not (angry and _is_in_anger(text)):
        return True
    return bool(_ASKS.search(text.strip()) or _ASKS_IN_ENGLISH.match(parts(text)))


def _is_in_anger(text: str) -> bool:
    return contact.PERSON.known.isdisjoint({politely(text), plain(text)})


def is_sentence(text: str) -> bool:
    """Whether ``text`` holds a word that makes a sentence, or more words than names have."""
    words = parts(text).split()
    if len(words) > _MOST_WORDS or not _SENTENCE_WORDS.isdisjoint(words) or _SAYS.search(parts(text)):
        return True
    return len(words) >= _FEW and text.islower() and not _PINYIN.isdisjoint(words)


def sounds_like_name(text: str, *, after_label: bool) -> bool:
    """Whether ``text`` may be how somebody wants to be called, rather than the rest of a sentence.

    ``after_label`` says that it stands behind "name:" and the like; behind "call me" and "我叫" more is a sentence.
    """
    if is_talk(text, angry=True) or is_sentence(text) or _SAYS.search(text):
        return False
    if after_label:
        return True
    said = parts(text)
    chinese = sum("\u3400" <= each <= "\u9fff" for each in said)
    if chinese and (chinese > _LONGEST_CHINESE or _BEGINS.match(said)):
        return False
    return not re.match(r"(?:a|an|the|to|and)\b", unicodedata.normalize("NFKC", text))
