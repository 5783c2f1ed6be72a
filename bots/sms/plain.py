"""Plain twins of typographic characters: one curly quote would make a Latin text cost twice (UCS-2).

Only what loses nothing is changed, and only in a text that then fits GSM-7 as a whole. An accent that the alphabet does
not have is part of a word, so such a text stays as it is. No twin has more octets of UTF-8 than what it stands for.
"""

import unicodedata

from bots.sms.segments import Alphabet, alphabet_of

_TWINS = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′ʼʹ＇´`", "'"),
        **dict.fromkeys("“”„‟″«»＂", '"'),
        **dict.fromkeys("‹", "<"),
        **dict.fromkeys("›", ">"),
        **dict.fromkeys("‐‑‒–—―−⁃•‣", "-"),
        **dict.fromkeys("\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\t", " "),
        **dict.fromkeys("\u202f\u205f\u3000", " "),
        **dict.fromkeys("\x0b\x85\u2028\u2029", "\n"),
        # what nobody sees: joiners, marks of direction, soft hyphens, and which picture a character is
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0e\ufe0f", ""),
        **dict.fromkeys(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))), ""),
        **{chr(0xFEE0 + ascii_): chr(ascii_) for ascii_ in range(0x21, 0x7F) if chr(ascii_) not in "'\"`"},
        "…": "...",
        "‥": "..",
        "→": "->",
        "×": "x",
        "。": ".",
        "、": ",",
        "ﬀ": "ff",
        "ﬁ": "fi",
        "ﬂ": "fl",
        "ﬃ": "ffi",
        "ﬄ": "ffl",
    }
)


def plainer(text: str) -> str:
    """``text`` in GSM-7 where its twins are in it, else as it is."""
    if alphabet_of(text) is Alphabet.GSM7:
        return text
    twin = unicodedata.normalize("NFC", text).translate(_TWINS)
    return twin if alphabet_of(twin) is Alphabet.GSM7 else text
