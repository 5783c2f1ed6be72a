"""What is said where there is no such sheet or logo, in Chinese and English."""

from pages.serving import Sorry

SORRY = Sorry(
    "Look 外观",
    "There is no such picture",
    "Check the address.",
    "没有这个图片",
    "请检查地址。",
)
