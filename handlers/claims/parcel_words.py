"""Parcel words: labels of address blocks, places and surnames, as far as they tell a name from an address."""

import re

LABELS = {
    "name": r"(?:收[货貨件]人?|收件者|联系人|聯絡人|客户)?(?:姓名|名字)|收[货貨件](?:人|者)|联系人|聯絡人|我叫|"
    r"(?:full |first |last |family |recipient(?:'s)? |contact |my )?name|recipient|receiver|attn|to|ship to|deliver to",
    "phone": r"(?:收[货貨件]人?|联系|聯絡|联络)?的?(?:手机|手機|电话|電話)(?:号码?|號碼?)?|联系方式|"
    r"(?:contact |mobile |phone |tel(?:ephone)? |my )?(?:number|no\.?)|(?:mobile|cell|tel(?:e)?)[ -]?(?:phone)?|phone",
    "region": r"(?:所在)?(?:地区|地區|区域|區域|省市区?县?)|区县|省份|城市|state|province|region|city|town",
    "address": r"(?:详细|詳細|收[货貨件]人?|邮寄|寄送|家庭|住宅|公司|发货|快递)?的?(?:地址|住址)|街道地址|寄[到至往]|"
    r"(?:shipping |delivery |street |full |my )?addr(?:ess)?(?: line)?(?: ?\d)?|street",
    "post": r"邮编|郵編|邮政编码|郵遞區號|zip(?: ?code)?|post(?:al)? ?code|country",
}
LABEL = re.compile(
    r"(?:(?:^|(?<=[\s,，;；。、|/】\]]))[\[【(（]?|[\[【])(?:我的)?(?:"
    + "|".join(f"(?P<{field}>{words})" for field, words in LABELS.items())
    + r")[\]】)）]?(?:(?:是|为|如下| is)?\s*[:：=]\s*|\s+[-–—]\s+|(?<=[\]】])\s*|"
    r"(?<=[\u3400-\u9fff])(?:是|为|\s*)|[\t ]*\n)",
    re.IGNORECASE,
)
"""A label in English ends in a colon or is a line of its own; a Chinese one may stand glued to what it is of."""

_PROVINCES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|"
    "青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_CITIES = (
    "深圳|广州|杭州|南京|成都|武汉|西安|苏州|东莞|青岛|长沙|宁波|郑州|佛山|无锡|合肥|济南|厦门|福州|昆明|沈阳|大连|哈尔滨|长春|"
    "石家庄|太原|南昌|南宁|贵阳|海口|兰州|银川|西宁|乌鲁木齐|拉萨|呼和浩特|温州|珠海|中山|惠州|常州|徐州|烟台|泉州|南通"
)
CHINESE_PLACE = re.compile(
    r"[省市区區县縣镇鎮乡鄉村路街道巷弄号號栋棟幢楼樓室座层層厦廈苑园園城庄店铺旗州组坊湾里院所局馆站厂寨屯桥港]|\d|单元|小区|驿站|门口|"
    f"{_PROVINCES}|{_CITIES}"
)
WESTERN_PLACE = re.compile(
    r"\d|\b(?:st|street|rd|road|ave?|avenue|blvd|boulevard|ln|lane|dr|drive|ct|court|pl|place|sq|square|way|hwy|highway|"
    r"flat|apt|apartment|unit|suite|ste|floor|fl|building|bldg|block|tower|house|room|rm|box|p\.?o|district|county|city|"
    r"province|state|close|terrace|park|estate|village|usa?|uk|united|states|kingdom|china|hong kong|macau|taiwan|"
    r"singapore|malaysia|canada|australia|new|york|zealand|ireland|india|germany|france|spain|japan|korea|south|north|"
    r"africa|los angeles|san|las vegas|kuala|lumpur|dhabi|saint|upon|republic|arabia|lanka|rue|calle|via|"
    r"stra(?:ss|ß)e)\b",
    re.IGNORECASE,
)
_SURNAMES = (
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡林郭何高罗羅郑鄭梁谢謝宋唐许許邓鄧冯馮韩韓曹曾彭萧蕭肖蔡潘田董袁于余叶葉蒋蔣杜苏蘇魏程吕呂"
    "丁沈任姚卢盧傅钟鐘姜崔谭譚廖范汪陆陸金石戴贾賈韦韋夏邱方侯邹鄒熊孟秦白江阎閻薛尹段雷黎史龙龍陶贺賀顾顧毛郝龚龔邵万萬钱錢严嚴覃武戚莫孔向汤"
    "湯常温康施文牛樊葛邢安齐齊易乔喬伍庞龐颜顏倪庄莊聂聶章鲁魯岳翟殷詹申欧歐耿关關兰蘭焦俞左柳甘祝包宁寧尚符舒阮柯纪紀梅童凌毕畢单單季裴霍涂成"
    "苗谷盛曲翁冉骆駱蓝藍路游辛靳管柴蒙鲍鮑华華喻祁蒲房滕屈饶饒解牟艾尤阳陽时時穆农農司卓古吉缪简簡车車项項连連芦蘆麦麥褚娄婁窦竇岑景党黨宫宮费"
    "費卜冷晏席卫衛米柏宗瞿桂全佟应應臧闵閔苟邬鄔边邊卞姬师師和仇栾隋商刁沙荣榮巫寇桑郎甄丛叢仲虞敖巩鞏明佘池查麻苑迟遲邝鄺那"
)
SURE_NAME = re.compile(
    rf"(?:欧阳|歐陽|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|长孙|宇文|端木|夏侯|[{_SURNAMES}])"
    r"[\u3400-\u9fff]{1,2}(?:先生|女士|小姐|同学|老师)?"
)
"""A surname of the three hundred that nearly everybody has, and one or two characters."""
CHINESE_NAME = re.compile(r"[\u3400-\u9fff]{2,5}(?:[·•.][\u3400-\u9fff]{1,8}){0,3}(?:先生|女士|小姐|同学|老师)?")
NAME_BEFORE = re.compile(rf"({SURE_NAME.pattern})(?=(?:{_PROVINCES}|{_CITIES}))")
NAME_BEHIND = re.compile(rf"(?<=[号號室楼樓栋棟户座层層铺0-9])({SURE_NAME.pattern})$")
