"""All commands of `huoju`, by name: where each stands, and what it does, in a sentence.

A command is imported when it is called: nobody waits for the libraries of all channels to read this list.
"""

from collections.abc import Mapping
from typing import NamedTuple

from bots import CHANNELS


class Listed(NamedTuple):
    """A command before anything of it is imported."""

    module: str
    says: str
    """The first sentence of its help."""
    chinese: str


COMMANDS: Mapping[str, Listed] = {
    "init": Listed(
        "init",
        "Begin: ask five questions, and fill a new FOLDER with huoju.toml, settings, keys, a campaign and units.",
        "从这里开始：回答五个问题，在新文件夹里写好 huoju.toml、设置、密钥、一个活动和单元文件。",
    ),
    "run": Listed(
        "run",
        "Run Huoju: web, links, sender and clock together, creating key file and database where they are missing.",
        "运行火炬：网页、长连接、发送和时钟一起；没有密钥文件和数据库就新建。",
    ),
    "web": Listed("run", "Run web processes only; the database must exist.", "只运行网页进程；数据库必须已经存在。"),
    "sender": Listed(
        "run", "Run a sender only; any number of them may run at once.", "只运行一个发送进程；可以同时运行任意多个。"
    ),
    "clock": Listed(
        "run", "Run a clock only; any number of them may run at once.", "只运行一个时钟；可以同时运行任意多个。"
    ),
    "chat": Listed(
        "run",
        "Chat with the engine as a player, line by line; Ctrl-D ends it.",
        "以玩家身份与系统逐行对话；按 Ctrl-D 结束。",
    ),
    "doctor": Listed(
        "doctor",
        "Look at this installation and all accounts (or one) and say what to do; exit 1 when something is not well.",
        "检查本机和所有账号（或其中一个），告诉您该怎么办；有不妥时退出码为 1。",
    ),
    "accounts": Listed(
        "accounts",
        "All accounts in huoju.toml: kind, the address that the platform calls, secrets; exit 1 when some are wrong.",
        "huoju.toml 里的所有账号：类型、平台调用的地址、密钥；有错时退出码为 1。",
    ),
    "campaign": Listed("campaign", "Check, publish and steer campaigns.", "检查、发布和控制活动。"),
    "codes": Listed(
        "codes", "Issue codes for a printer, import, activate and void them.", "为印厂发码，导入、激活和作废码。"
    ),
    "draws": Listed("verbs", "Reveal seeds, verify and export draws.", "公布种子，验证和导出抽奖。"),
    "player": Listed(
        "verbs", "Find a player, look at one, block one, say something to one.", "查找、查看、拉黑玩家，给玩家回话。"
    ),
    "rights": Listed(
        "verbs",
        "What a person may have: their data, and that it is erased.",
        "一个人的权利：取得自己的数据，要求删除。",
    ),
    "points": Listed(
        "verbs", "Look at points, correct them by transfer, expire them.", "查看积分、用转账更正、清理过期积分。"
    ),
    "claims": Listed(
        "claims",
        "Bring prizes and gifts to their players: approve, export for the warehouse, ship, hand over, cancel.",
        "把奖品和礼品送到玩家手里：批准、导出给仓库、发货、交付、取消。",
    ),
    "vouchers": Listed(
        "vouchers",
        "Take in the vouchers that prizes and gifts are handed out by, and see how many are left.",
        "导入发放奖品和礼品用的券，并查看还剩多少。",
    ),
    "purchases": Listed(
        "purchases",
        "Take receipts of a till in, look at what players bought, note refunds.",
        "导入收银小票、查看玩家买了什么、记录退款。",
    ),
    "invites": Listed(
        "verbs",
        "Review invites that look made up: release what is held, or take it back.",
        "审查可疑的邀请：放行，或收回。",
    ),
    "relay": Listed(
        "verbs",
        "Look at a torch relay, check a perk, remove an abusive name.",
        "查看火炬传递、查验特权、删除不当称呼。",
    ),
    "names": Listed(
        "verbs",
        "Look at the names that players chose: let those that wait be shown, or take a name away.",
        "查看玩家取的称呼：准许显示，或拿掉。",
    ),
    "simulate": Listed(
        "simulate",
        "Play the campaign FILE with a crowd that does not exist, through the very engine, and audit what came out.",
        "让一群虚构的玩家用真正的引擎玩一遍活动文件 FILE，再核对结果。",
    ),
    "stats": Listed("verbs", "Show what a campaign came to, beside the week before.", "看活动的数据，并与一周前对比。"),
    "report": Listed(
        "verbs",
        "Which reports come every morning, what became of the last ones, and what one says.",
        "每天早上有哪些日报、上一份发到没有，以及日报的内容。",
    ),
    "measures": Listed(
        "verbs", "Look at what each number counts, and count days anew.", "看每个指标怎么算，或重算每天的数据。"
    ),
    "segment": Listed(
        "verbs",
        "Count whom a segment means, and who of them can be told something now.",
        "数一数符合条件的玩家，以及现在能通知到谁。",
    ),
    "segments": Listed(
        "verbs",
        "See why somebody is in a segment, list segments and words, export one.",
        "查看某人为何在人群里，列出人群和条件，导出人群。",
    ),
    "operator": Listed("verbs", "Who may say verbs, and what they are trusted with.", "谁可以用命令，有什么权限。"),
    "console": Listed(
        "verbs",
        "A link to the live console of a campaign, for a screen and the phone: twelve hours, numbers only.",
        "某个活动的实时大屏链接，放在办公室屏幕或手机上：十二小时有效，只有数字。",
    ),
    "inbox": Listed("verbs", "Look at failed messages and replay them.", "查看处理失败的消息，并重新处理。"),
    "outbox": Listed(
        "outbox",
        "Look after what is to be delivered: how much waits, is late (is a sender running?), unknown or given up.",
        "查看待发送的消息：多少在等、多少迟了（发送进程在运行吗？）、多少结果不明或已放弃。",
    ),
    "timers": Listed(
        "verbs",
        "Look after what is due at an instant: how many wait, are late (is a clock running?) or have failed.",
        "查看定时：多少在等、多少迟了（时钟在运行吗？）、多少出错。",
    ),
    "announcements": Listed(
        "verbs",
        "Show how far each announcement came: what was planted, and what became of it, adds up.",
        "查看每条公告的进度：安排了多少，结果如何，数目对得上。",
    ),
    "broadcast": Listed(
        "verbs",
        "List what was said once to all players of a segment; its other verbs write, send, stop and report that.",
        "列出发给整个人群的群发；其他命令用来写、发、停和看报告。",
    ),
    "health": Listed(
        "verbs",
        "Whether a clock and a sender run, how much waits and is late, what failed, how large the database is.",
        "时钟和发送进程是否在跑，多少在等、迟了，哪些出错，数据库多大。",
    ),
    "backup": Listed(
        "backup",
        "Write the whole database into one new FILE, or into FOLDER (var/backups), while everybody plays on.",
        "把整个数据库写进一个新文件 FILE，或写进 FOLDER（var/backups），玩家照常玩。",
    ),
    "restore": Listed(
        "backup",
        "Fill the empty database of the settings with the backup FILE; then no account sends before you let it.",
        "用备份 FILE 填充设置里那个空的数据库；之后在您放行之前，任何账号都不发送。",
    ),
    "retention": Listed(
        "verbs",
        "How long rows are kept, which is the oldest, how many went, and when they were looked for last.",
        "各类数据保留多久、最早一条是哪天、已清理多少、上次清理是什么时候。",
    ),
    "keys": Listed(
        "keys",
        "Look after the key file: make a newer key, see what each seals, retire an old one.",
        "照看密钥文件：换新密钥，看每把密钥封着什么，让旧密钥退役。",
    ),
    "audit": Listed(
        "maintenance",
        "Whether every guarantee holds: each row at fault is shown.",
        "各项保证是否成立；有问题的每一行都会列出。",
    ),
    "db": Listed("maintenance", "Create and migrate the database.", "新建和升级数据库。"),
    "texts": Listed(
        "texts",
        "All texts that players read, by key; with a campaign FILE in its words and languages.",
        "玩家能读到的全部文案，按键名列出；给出活动文件 FILE 就按它的措辞和语言。",
    ),
    "completion": Listed(
        "completion",
        "Print what lets SHELL (bash, zsh or fish) complete the commands of huoju.",
        "输出让 SHELL（bash、zsh 或 fish）补全 huoju 命令的脚本。",
    ),
    **{
        listed.name: Listed("channels", listed.command.says, listed.command.chinese)
        for listed in CHANNELS
        if listed.command is not None
    },
}
