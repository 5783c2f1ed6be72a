"""`huoju claims`: its verbs, and the list that the warehouse sends back, which is a file."""

from huoju.cli.shipments import ship
from huoju.cli.verbs import group_of

claims = group_of("claims")
claims.add_command(ship)
