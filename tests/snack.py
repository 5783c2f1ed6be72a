"""The campaign of the snack story for tests: gifts of three kinds, claims with deadlines, invites, held rewards."""

from tests.stage import CAMPAIGN

SNACK = (
    CAMPAIGN.replace("stock: 10}", "stock: 10, claim: delivery}")
    + """
region: CN
gifts:
  - {name: mug, title: {zh: 马克杯, en: Mug}, price: 20 points, stock: 2, claim: delivery, per_player: 1}
  - {name: ticket, title: {zh: 电影票, en: Cinema ticket}, price: 10 points, stock: 3, claim: voucher}
  - {name: bag, title: {zh: 零食袋, en: Bag of snacks}, price: 10 points, stock: 5, claim: counter}
claims: {within: 10 days, remind: [2 days], unclaimed: stock, approve_above: 2000 CNY}
invites: {inviter: 20 points, invitee: 5 points, per_player_per_day: 10}
"""
)
SURE = SNACK.replace("1/1000000000", "1/1").replace("value: 2999 CNY", "value: 100 CNY")
"""Every code wins a phone that needs no approval."""
