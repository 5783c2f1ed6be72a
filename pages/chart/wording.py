"""What is said where a link to a chart is good no more, in Chinese and English."""

from pages.serving import Sorry

SORRY = Sorry(
    "Chart 图表",
    "This link is good no more",
    "Ask for the numbers again: /stats",
    "这个链接已失效",
    "请再查一次：/统计",
)
