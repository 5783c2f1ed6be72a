"""What people call the columns of codes and vouchers, in Chinese and in English."""

from huoju.tables.columns import Wanted


def _listed(*lines: str) -> tuple[str, ...]:
    return tuple(name.strip() for line in lines for name in line.split(","))


_CODE = _listed(
    "code, coupon code, coupon, promo code, promotion code, promotional code, discount code, promo, voucher code",
    "voucher, gift code, redeem code, redemption code, activation code, lucky code, draw code, prize code",
    "raffle code, card code, pack code, on-pack code, unique code, game code, winning code, entry code, access code",
    "scratch code, serial code, claim code, campaign code, your code, the code, code number, code no",
    "gift card code, lottery code, lucky draw code, scratch-off code, cdk, cd key, ticket code",
    "coupon codes list, code list, codes list",
    "coupon number, coupon no, voucher number, voucher no, Gutscheincode, Gewinncode, Gutschein-Nr, Code-Nr",
    "code promo, code unique, code cadeau, code coupon, código, kode, codice, codigo promocional",
    "兑换码, 抽奖码, 码, 券码, 优惠码, 优惠券码, 兑奖码, 激活码, 礼品码, 礼品券, 兑换券, 优惠券, 卡券码, 券号",
    "兑换券码, 活动码, 幸运码, 刮奖码, 开奖码, 中奖码, 促销码, 提货码, 核销码, 一物一码, 礼品券码, 电子券码",
    "兑换编码, 抽奖编码, 抽奖号码, 兑奖号码, 兑换号码, 兑奖编号, 券编码, 优惠券编码, 礼包码, 福利码",
    "刮刮码, 瓶盖码, 抽奖序号, 兑换序号, 兑换码列表, 抽奖码列表, 券码列表",
    "兌換碼, 抽獎碼, 優惠碼, 兌獎碼, 券碼, 抽獎序號, 兌換序號, 禮品碼, 序號碼",
)
_NUMBER = _listed("card number, card no, account, account number, 卡号, 卡號, 账号, 帐号, 电子卡号, 礼品卡号")
_SECRET = _listed(
    "secret, pin, pin code, password, passcode, card secret, card password, card pin, security code",
    "卡密, 礼品卡卡密, 礼品卡密, 密码, 卡密码, 密碼, 卡片密码, 兑换密码, 券密码, 提货密码, 电子卡密",
)
_LESS_CLEAR = (
    *_NUMBER,
    *_SECRET,
    *_listed(
        "key, token, string, license key, activation key, product key, ticket number, ticket no",
        "串码, 编码, 序列码, 字符串, 码值, 码号, 码串, 数码, 数字码, 暗码, 明码, 唯一码, 随机码",
        "防伪码, 验证码, 会员码, 盖内码, 袋内码, 箱内码, 包装码",
    ),
)
_SERIAL = _listed(
    "serial, serial number, serial no, sn, s/n, s/n code, sn码, Seriennummer, Serien-Nr, numéro de série",
    "número de serie, 序列号, 序列號, 串号, 串號, 流水号, 流水號",
)
"""A code, or what counts the rows: only what stands below it can tell."""
_LINK = _listed("link, url, address, qr, qr code, 链接, 网址, 地址, 二维码, 二维码内容, 連結")

CODES = Wanted("codes", (_CODE, _LESS_CLEAR, _LINK, _SERIAL))
VOUCHERS = Wanted("vouchers", (_CODE, _LESS_CLEAR, _LINK, _SERIAL))
SERIALS = Wanted("serials", (_SERIAL,))
NUMBERS = Wanted("card numbers", (_NUMBER, _CODE))
SECRETS = Wanted("card secrets", (_SECRET,))
"""An e-card is a number and a secret, in two columns: a player needs both."""
