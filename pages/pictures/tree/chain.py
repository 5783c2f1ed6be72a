"""The torches of a chain, or of a part of it, sorted so that each question about them is one look-up."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from handlers.relay.views import ChainNode


@dataclass(frozen=True, slots=True)
class ChainTree:
    """Nodes by id, and what follows from all of them together. The same for any order in which they were given."""

    nodes: dict[int, ChainNode]
    order: list[int]
    """Every id, parents before their children."""
    children: dict[int, list[int]]
    """The larger first. Nodes without any are not in it."""
    sizes: dict[int, int]
    """Torches from this one on, itself and hidden ones included."""
    roots: list[int]
    farthest: int | None
    """A node of the highest leg; None when there is no node."""

    def below(self, node_id: int) -> list[int]:
        """Ids of the torches that this one lit, the larger branch first."""
        return self.children.get(node_id, [])

    def way(self, node_id: int) -> list[int]:
        """Ids from the beginning to ``node_id``, both included."""
        found = [node_id]
        while (parent := self.nodes[found[-1]].parent_id) in self.nodes:
            assert parent is not None
            found.append(parent)
        return found[::-1]

    @property
    def total(self) -> int:
        """All torches, hidden ones included."""
        return sum(self.sizes[root] for root in self.roots)


def chained(given: Iterable[ChainNode]) -> ChainTree:
    """The chain of these nodes, in linear time and without recursion.

    Raises ValueError, in this order, when an id stands twice, a hidden count is negative, or a torch descends from
    itself.
    """
    listed = sorted(given, key=lambda node: node.id)
    nodes = {node.id: node for node in listed}
    if len(nodes) < len(listed):
        raise ValueError("a torch stands twice in the chain")
    if any(node.hidden < 0 for node in listed):
        raise ValueError("a torch hides fewer than no torches")
    children: dict[int, list[int]] = defaultdict(list)
    roots = []
    for node in listed:
        if node.parent_id in nodes:
            assert node.parent_id is not None
            children[node.parent_id].append(node.id)
        else:
            roots.append(node.id)
    order = list(roots)
    for node_id in order:  # it grows as it is walked
        order += children.get(node_id, ())
    if len(order) < len(nodes):
        raise ValueError("a torch descends from itself")
    sizes = {node_id: 1 + nodes[node_id].hidden for node_id in order}
    for node_id in reversed(order):
        for child in children.get(node_id, ()):
            sizes[node_id] += sizes[child]
    for siblings in (roots, *children.values()):
        siblings.sort(key=lambda node_id: (-sizes[node_id], node_id))
    farthest = min(order, key=lambda node_id: (-nodes[node_id].leg, node_id), default=None)
    return ChainTree(nodes, order, dict(children), sizes, roots, farthest)
