"""Short words of sentences, which are no group of a code: of two to four letters, in English and in pinyin."""

import re

_ENGLISH = frozenset(
    re.findall(
        "[a-z]+",
        """
        abc ad add age ago ah aha aid aim air al all also am amy an and ann anna ant any app apr apt area
        arm army art as asap ask at aud aug auto ave away baby back bad bag ball band bank bar base bat bath
        bay bbq bc be bean bear beat bed bee been beer bell belt best bet bid big bike bill bin bird bit
        bite bldg blog blow blue blvd boat bob body bomb bone book boot born boss both bow bowl box boy bro
        btw bug burn bus busy but buy by bye cad cafe cake call calm came camp can cap car card care case
        cash cast cat cell chat chef chen chip city club cm cn cny co coat code cold come cook cool copy
        cost cow crew cup cut dad dana dark data date day days dead deal dear dec deep deer desk did diet
        dirt dish dm do doc does dog done door down dr draw drop dry due duty each ear earn east easy eat
        egg ego eh else em end er est eta eu eur euro even ever exam exit ext eye face fact fail fair fall
        fan far farm fast fat fax fear feb fed fee feed feel feet fell felt few fifa file fill film find
        fine fire fish fit five fix flag flat flow fly folk food foot for form four free fri from ft fuel
        full fun fund fyi game gas gate gave gb gbp gear get gg gift girl give glad gmt go goal god goes
        gold golf gone good got gps grab gray grew grow gum gun guy guys ha had hair half hall hand hang
        hard has hat hate have he head hear heat held hell help her here hey hi high hill him his hit hiya
        hk hkd hmm hold hole holy home hope host hot hour how hrs huge hurt ice idea idk if ill im imo in
        inch info inn into ios ip is isbn it item its ive jam jan jane jazz job john join joke jpy jr jul
        july jump jun june jury just keen keep kept key kg kick kid kids kill kim kind king kiss km knee
        knew know la lab lack lady lake lamp land last late law lazy lb lead lee left leg leo less let lets
        life lift like line link lion list liu live llc lmao load loan lock log logo lol long look lord lose
        loss lost lot lots loud love low ltd luck ma mad made mail main make male mall man many map mar mark
        mass math max may mb me meal mean meat meet men menu mess met mia mid mike mile milk min mind mine
        mins miss mix ml mm mo mode mom mon mood moon more most move mr mrs ms much mud mum must my nah nail
        name navy nba nd near neck need net new news next nice nine no none nope nor nose not note nov now
        np nr num ny oct odd of off oh oil ok okay old omg on once one only onto open or org our out oven
        over own oz pack page paid pain pair pan park part pass past path pay pc pcs pdf peak pen per pet
        phd pick pie pig pin pink pipe plan play pls plus plz pm po poem poll pool poor pop port post pot
        pro ps pull pump pure push put qty quit quiz race rail rain ran rat rate raw rd read real red ref
        rent rest rice rich ride ring rip rise risk rm rmb road rock role roll roof room root rose row rule
        run rush sad safe said sail sale salt sam same sand sat save saw say scam sea seat see seed seem
        seen self sell send sent sep sept set sex sf she ship shoe shop shot show shut sick side sign sim
        sing sir sit site six size skin sku sky slow sm sms snow so sofa soft soil sold sole some son song
        soon sort soul soup spam spot spy sq st star stay step stop such suit sun sup sure swim tab tag tail
        take talk tall tank tap tape task tax tea team tech tel tell ten tent term test text th than that
        the them then they thin this tho thu thus thx tick tie till time tiny tip tire to toe told tom tone
        too took tool top toss tour town toy tree trip true try tube tue turn tv twin two ty type ugh ugly
        uk um unit up upon us usa usd use used user utc vast ve very via view vip visa vote wait wake walk
        wall wang want war warm wash wave way ways we weak wear web wed week well went were west wet what
        when who whom why wide wife wifi wild will win wind wine wing wise wish with won wood word wore work
        worn wow wtf xl xs ya yard yeah year yep yes yet yo yoga you your zero zhou zip zone zoo
        """,
    )
)
_PINYIN = re.compile(
    "(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
    "(?:iang|iong|uang|ang|eng|ong|iao|ian|ing|uai|uan|ai|ei|ao|ou|an|en|er|ia|ie|iu|in|ua|uo|ui|un|ue|ve|a|o|e|i|u|v)"
)


def is_short_word(run: str) -> bool:
    """Whether ``run``, some letters, is a short word or a syllable."""
    word = run.lower()
    return word in _ENGLISH or (len(word) > 1 and _PINYIN.fullmatch(word) is not None)
