"""Stop words: the words and plain sentences of both languages by which people say that they want no more messages.

To opt somebody out by mistake does less harm than to ignore a wish, yet a code and every word of the game must keep
their meaning. So a sentence counts only as a whole: a beginning, one of a few cores, objects, an end.
"""

import re

from core.alphabet import is_checked, normalise
from core.engine.routes import CodeFormats
from core.phones import looks_like_phone
from core.speech.decoration import unsigned
from core.speech.keywords import polite

_LONGEST = 160


def _swapped(word: str) -> list[str]:
    """``word`` as fingers mistype it that are too fast."""
    return [word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)]


WORDS = frozenset(
    {
        "stop",
        "stopall",
        "unsubscribe",
        "unsub",
        "optout",
        "optmeout",
        "stop退订",
        "td退订",
        "t退订",
        "退订",
        "退订td",
        "拒收",
        *(f"stop2{end}" for end in ("end", "stop", "quit", "cancel", "unsubscribe", "optout")),
        "拒绝接收",
        "取消订阅",
        "停",
        "停止",
        "请停止",
        "停止订阅",
        "停止发送",
        "不要再发了",
        "取消短信",
        "取消推送",
        "取消通知",
        "取消提醒",
        "取消接收",
        "取消关注",
        "勿扰",
        "屏蔽",
        *("tuiding", "quxiaodingyue", "jushou", "tingzhifasong", "tingzhituisong", "buyaozaifa", "buyaozaifale"),
        "停发",
        *_swapped("stop"),
        *_swapped("unsubscribe"),
        *("unsubscribe"[:at] + "unsubscribe"[at + 1 :] for at in range(11)),
    }
)
"""The whole message, without spaces, punctuation and decorations."""
NEAR = ("stop", "stop all", "unsubscribe", "opt out", "退订", "停止", "拒收", "取消订阅", "停止订阅")
"""Of these a slip is asked about: neither taken for the wish, nor passed over."""

# No word stands in two alternatives of one repetition: a long text must not be tried in a thousand ways.
_WRONG = r"(?:(?:you have|youve got|this is|its) )?(?:the |a )?wrong (?:number|person)|for the last time"
_BEFORE = (
    r"please|pls|plz|kindly|just|ok|okay|hi|hello|hey|sorry|and|now|i said|(?:can|could|would|will) you|you must|"
    r"(?:i|we) (?:want|wish|need|demand|would like)(?: you)?(?: to)?|id like(?: you)?(?: to)?|"
    rf"enough|seriously|i (?:already|have) said|i told you(?: to)?|{_WRONG}"
)
_AFTER = (
    r"please|pls|plz|thanks|thank you|thx|ty|now|immediately|at once|today|asap|it|already|for good|for ever|forever|"
    r"ok|okay|very much|so much|right now|right away|stop|i said|i mean it|lol|man|guys|people|"
    r"regards|best regards|kind regards|cheers|many thanks|thank u|"
    rf"or else|or (?:ill|i will) (?:report|sue|block)(?: you)?|{_WRONG}"
)
_TELL = (
    r"(?:text|txt|messag|send|contact|writ|sms|spam|call|phon|email|bother|disturb|annoy|pester|harass|notify|msg|bug)"
    r"(?:e|ing|ging|ming)?"
)
_SENT = (
    r"texts?|messages?|messaging|sms|smses|msgs?|spam|ads?|adverts?|advertising|advertisements?|marketing|"
    r"promotions?|promos?|news|newsletters?|notifications?|notices?|reminders?|alerts?|mails?|emails?"
)
_ABOUT = (
    rf"{_SENT}|txts?|crap|shit|nonsense|junk|garbage|rubbish|me|us|to|my|our|this|these|those|that|the|your|such|"
    r"any|anymore|anything|more|all|everything|stuff|things?|again|here|from|you|so many|at all|codes?"
)
_GETTING = (
    rf"(?:(?:get|receive|see|have) )?(?:(?:any|more|your|these|those|such|this|the) )*(?:{_SENT})|hear from you|"
    r"receive (?:these|those|them|anything)|be (?:texted|messaged|contacted|called)"
)
_PHONE = r"(?:(?: (?:to|on|at))?(?: (?:my|this|our))? (?:phone|mobile|cell|phone number|mobile number|number))?"
_LIST = (
    r" (?:off|from|out of)(?: (?:your|this|the|all|that|mailing|contact|sms|text|phone|lists?|database|system|here))*"
)
_REPLY = r"(?:(?:reply|text|texting|txt|send|type|answer|respond|write)(?: (?:with|back|the word))* )"
_OUT = r"(?:stop+|stopall|stop all|unsubscribe|unsub|opt ?out)"
_NUMBER = r"(?=(?: ?\d){5})\d+(?: \d+){0,5}"
_CORES = (
    rf"{_REPLY}{_OUT}",
    rf"{_REPLY}?{_OUT} ?(?:to|2|for) ?(?:{_OUT}|end|quit|cancel|be removed|no more)(?: (?:{_ABOUT}))*",
    r"stop+",
    rf"{_OUT} (?:(?:to|from|for) )?{_NUMBER}",  # that sent it, or is not to be written to
    rf"stop(?: (?:{_ABOUT}))+",
    rf"(?:stop|quit|cease)(?: with)?(?: (?:{_TELL}))+(?: (?:{_ABOUT}))*{_PHONE}",
    rf"(?:dont|do not|never|no longer)(?: ever)? (?:{_TELL})(?: (?:{_ABOUT}))*{_PHONE}",
    rf"(?:how (?:do|can) i |how to |i )?(?:unsubscribe|unsub|opt(?: me)? out|optout)(?: of)?(?: (?:{_ABOUT}|lists?))*",
    rf"how (?:(?:do|can) i|to) stop(?: getting| receiving)?(?: (?:the|these|those|your|all|this|such))* (?:{_SENT})",
    rf"(?:take|remove|delete|get|drop) (?:me|us|my (?:phone |mobile )?number|this (?:phone )?number|{_NUMBER}){_LIST}",
    r"(?:remove|delete) (?:me|us|my number|this number)",
    r"leave (?:me|us) (?:alone|in peace)",
    rf"no more(?: of)?(?: (?:these|those|your|such))? (?:{_SENT})",
    r"no (?:spam|ads?|adverts?|advertising|advertisements?|marketing|promos?|newsletters?)",
    r"(?:i )?(?:revoke|withdraw)(?: (?:my|the|all))* (?:consent|permission)",
    rf"(?:i )?(?:dont|do not|no longer) (?:want|wish|need)(?: to)? (?:{_GETTING})(?: (?:{_ABOUT}))*",
    rf"(?:cancel|end)(?: (?:my|the|this|your|these|all))* (?:subscriptions?|{_SENT})|stop (?:my|the|this) subscription",
)
_ENGLISH = re.compile(rf"(?:(?:{_BEFORE}) )*(?:{'|'.join(_CORES)})(?: (?:{_AFTER}))*")

_REPLIED = re.compile(rf"(?:(?:please|pls|plz) )*(?:{_REPLY})?(\w{{3,16}})(?: (?:{_AFTER}))*")

_CHINESE_LONGEST = 40
_ZH_BEFORE = (
    r"请|麻烦|你们?|您|能不能|能否|可以|可不可以|我要求?|我想要?|我们?|帮我|给我|求|拜托|以后|今后|现在|马上|"
    r"立即|快|赶紧|赶快|全部|回复?|说了|[你您]好|不好意思|抱歉|谢谢|不需要了|不用了|够了"
)
_ZH_SENT = r"短信|简讯|消息|信息|讯息|广告|推送|通知|提醒|推广|垃圾"
_ZH_ABOUT = (
    rf"{_ZH_SENT}|你们?的?|您的?|我的?|任何|关注|这些|这种|这类|此类|那些|所有|一切|东西|手机|给|向|到|再|一直|总是?|"
    r"老是?"
)
_ZH_TELL = r"发送|发来|发|群发|推送|提醒|打扰|骚扰|来烦|烦|联系"
_ZH_OUT = r"(?:退订|(?:取消|退出|终止|停止)订阅)"
_ZH_LETTER = r"(?:td|t|r|n|stop)"
_ZH_REPLY = r"请?(?:回复?|复|发送?|按|编辑)"
_ZH_CORES = (
    rf"(?:怎么|怎样|如何)(?:才能)?{_ZH_OUT}(?:{_ZH_SENT})?",
    rf"回复?{_ZH_LETTER}|(?:回复?)?{_ZH_LETTER}可?拒收|拒收(?:{_ZH_REPLY}(?:{_ZH_LETTER}|退订))?",
    rf"{_ZH_LETTER}?{_ZH_OUT}+(?:{_ZH_REPLY})?(?:{_ZH_LETTER}|{_ZH_OUT})?",
    rf"{_ZH_OUT}\d{{5,21}}",  # the number that is not to be written to, or that wrote
    rf"{_ZH_OUT}(?:全部|所有)|(?:{_ZH_OUT}|取消)(?:{_ZH_ABOUT})*(?:{_ZH_SENT}|订阅)",
    rf"(?:别|不要|不许|不准|请勿|勿|禁止|停止)(?:{_ZH_ABOUT}|跟)*(?:{_ZH_TELL})(?:{_ZH_ABOUT})*了?(?:{_ZH_ABOUT})*",
    rf"(?:不想|不愿意?|不要|不需要|不希望|拒绝|不再|不)(?:{_ZH_ABOUT})*(?:收到|接收|接受|接到|看到|收)(?:{_ZH_ABOUT})*(?:{_ZH_SENT})",
    r"(?:不想|不愿意?|不希望)再?(?:收到|接收)|不再(?:接收|收)",
    rf"(?:拒收|关闭|关掉|停掉|停止|停了|停发|拒绝|不需要)(?:{_ZH_ABOUT})*(?:{_ZH_SENT})",
    r"把?我的?(?:号码|手机号码?)?从.{0,6}(?:名单|列表)(?:里|中|上)?(?:删除|移除|去掉|删掉|拿掉|删)",
    r"(?:删除|移除|删掉)我的(?:号码|手机号码?)",
)
_ZH_AFTER = r"呢|谢谢你?们?|谢谢您|谢了|多谢|感谢|了|吧|啊|啦|哦|呀|好吗|好么|可以吗|行吗|ok|一下"
_CHINESE = re.compile(rf"(?:{_ZH_BEFORE})*(?:{'|'.join(_ZH_CORES)})(?:{_ZH_AFTER})*")


def word_of(text: str) -> str:
    """``text`` as one word, its decorations left out; "" for one that is too long to be one."""
    return said.replace(" ", "") if len(said := polite(text)) <= _LONGEST else ""


def is_line(text: str) -> bool:
    """Whether the first or the last of several lines is one of WORDS, and no other one could hold a code.

    A name stands below it that nothing marks as one, with a phone number perhaps, or above it what is answered.
    """
    lines = unsigned(text).splitlines()
    if len(lines) < 2 or any(map(_holds_code, text.splitlines())):  # noqa: PLR2004
        return False
    return word_of(lines[0]) in WORDS or word_of(lines[-1]) in WORDS


def _holds_code(line: str) -> bool:
    return any(map(str.isdigit, line)) and looks_like_phone(line) is None


def replied(text: str) -> str:
    """The word that ``text`` replies with, as in "reply END please" or "回复R"; "" for none."""
    found = _REPLIED.fullmatch(polite(text))
    return found[1] if found else ""


def is_sentence(text: str, code_formats: CodeFormats) -> bool:
    """Whether ``text`` says in plain words that no more messages are wanted, and could be no code."""
    said = polite(text)
    if len(said) > _LONGEST or not _says_so(said):
        return False
    return not (any(map(str.isdigit, said)) and _may_be_code(normalise(unsigned(text)), code_formats))


def says_stop(text: str) -> bool:
    """Whether ``text`` says by a word or a sentence that no more messages are wanted; no code is looked for in it."""
    return word_of(text) in WORDS or is_sentence(text, frozenset())


def _says_so(said: str) -> bool:
    together = said.replace(" ", "")
    return bool(_ENGLISH.fullmatch(said) or (len(together) <= _CHINESE_LONGEST and _CHINESE.fullmatch(together)))


def _may_be_code(code: str, code_formats: CodeFormats) -> bool:
    return (len(code), False) in code_formats or ((len(code), True) in code_formats and is_checked(code))
