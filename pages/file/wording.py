"""What the pages of a file and of a person's data say, in Chinese and English."""

from collections.abc import Mapping

from pages.serving import Sorry
from pages.wording import SHARED

WORDING: Mapping[str, Mapping[str, str]] = {
    "en": {
        **SHARED["en"],
        "title": "Your file",
        "once": "This link gives it once. Take it on the device where it is to stay.",
        "take": "Take the file",
        "taken": "This link has given its file",
        "taken_at": "The file was taken on {at} (UTC).",
        "again": "Was it not you? Write /job discard and the number of the job, and tell an owner."
        " If it was you and it did not arrive, /job link and the number gives a new link.",
    },
    "zh": {
        **SHARED["zh"],
        "title": "您的文件",
        "once": "这个链接只能取一次。请在要保存文件的设备上取。",
        "take": "取文件",
        "taken": "这个链接的文件已被取走",
        "taken_at": "文件于 {at}（UTC）被取走。",
        "again": "不是您取的？请发送“/删除任务文件 任务号”，并告诉所有者。"
        "是您取的但没有收到：发送“/任务链接 任务号”可得到新链接。",
    },
}
SORRY = Sorry(
    "File 文件",
    "This link gives no file",
    "Links work once and for a time. Write /job to see your jobs, and /job link with a number for a new link.",
    "这个链接取不到文件",
    "链接只能用一次，而且有时限。发送“/任务”查看您的任务，发送“/任务链接 任务号”得到新链接。",
)
DATA: Mapping[str, Mapping[str, str]] = {
    "en": {
        **SHARED["en"],
        "title": "Your data",
        "lede": "Everything we keep about you: a page to read, and the same for computers.",
        "once": "This link gives it once. Take it on a device of your own, and keep it where only you can read it.",
        "take": "Take my data",
        "taken": "This link has given your data",
        "taken_at": "It was taken on {at} (UTC).",
        "again": "Was it not you? Tell whoever runs the campaign. For another copy, send MY DATA in the chat.",
    },
    "zh": {
        **SHARED["zh"],
        "title": "您的数据",
        "lede": "我们保存的与您有关的全部信息：一份可直接阅读，一份供程序使用。",
        "once": "这个链接只能取一次。请在您自己的设备上取，并妥善保管。",
        "take": "取我的数据",
        "taken": "这个链接的数据已被取走",
        "taken_at": "数据于 {at}（UTC）被取走。",
        "again": "不是您取的？请告诉主办方。想再要一份，请在聊天中发送“我的数据”。",
    },
}
DATA_SORRY = Sorry(
    "Data 数据",
    "This link gives nothing",
    "Links work once and for a day. Send MY DATA in the chat for a new one.",
    "这个链接取不到数据",
    "链接只能用一次，一天内有效。请在聊天中发送“我的数据”得到新链接。",
)
