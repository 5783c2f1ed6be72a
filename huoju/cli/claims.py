"""`huoju claims`: its verbs, and the list for the warehouse, which is a file."""

from huoju.cli.shipments import export, ship
from huoju.cli.verbs import group_of

claims = group_of("claims")
claims.add_command(export)
claims.add_command(ship)
