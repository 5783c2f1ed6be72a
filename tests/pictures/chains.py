"""Chains of torches for the tree's tests: any size and shape, the same for the same seed."""

import random

from pages.pictures.state import State
from pages.pictures.tree import Node

STATES = (State.LIT, State.UNLIT, State.OUT)


def grown(count: int, seed: int, recent: float = 0.5) -> list[Node]:
    """Torches that were handed on at random, by recent ones with this probability, in no order."""
    rng = random.Random(seed)
    nodes, lit = [Node(1, None, 1, State.LIT, "张伟")], [1]
    for node_id in range(2, count + 1):
        parent = rng.choice(lit[-40:] if rng.random() < recent else lit)
        state = rng.choice(STATES)
        nodes.append(Node(node_id, parent, nodes[parent - 1].leg + 1, state, f"名{node_id}"))
        lit += [node_id] if state is State.LIT else []
    rng.shuffle(nodes)
    return nodes


def path(count: int) -> list[Node]:
    """Everybody handed on to one friend."""
    return [Node(n, n - 1 or None, n, State.LIT, f"名{n}") for n in range(1, count + 1)]


def hub(count: int) -> list[Node]:
    """One player handed on to all others."""
    first = Node(1, None, 1, State.LIT, "张伟")
    return [first, *(Node(n, 1, 2, STATES[n % 3], f"名{n}") for n in range(2, count + 1))]


def comb(count: int) -> list[Node]:
    """Everybody handed on to two friends, of whom one does nothing."""
    nodes = [Node(1, None, 1, State.LIT)]
    for n in range(2, count, 2):
        parent = max(n - 2, 1)
        nodes += [Node(n, parent, n // 2 + 1, State.LIT), Node(n + 1, parent, n // 2 + 1, State.OUT)]
    return nodes
