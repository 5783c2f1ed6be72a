"""Kinds of transfers of gifts: what they cost, what is handed out, what is loaded."""

from core.audit.transfer_checks import PLAYER, hands_out, house, loads, moves
from handlers.gifts.tables import Gift

TRANSFERS = (moves("gift:", PLAYER, house("gifts")), hands_out("given:", Gift), loads(Gift))
