"""Chains of torches for the tree's tests: any size and shape, the same for the same seed."""

import random

from handlers.relay.views import ChainNode, TorchState

STATES = (TorchState.LIT, TorchState.UNLIT, TorchState.OUT)


def grown(count: int, seed: int, recent: float = 0.5) -> list[ChainNode]:
    """Torches that were handed on at random, by recent ones with this probability, in no order."""
    rng = random.Random(seed)
    nodes, lit = [ChainNode(1, None, 1, TorchState.LIT, "张伟")], [1]
    for node_id in range(2, count + 1):
        parent = rng.choice(lit[-40:] if rng.random() < recent else lit)
        state = rng.choice(STATES)
        nodes.append(ChainNode(node_id, parent, nodes[parent - 1].leg + 1, state, f"名{node_id}"))
        lit += [node_id] if state is TorchState.LIT else []
    rng.shuffle(nodes)
    return nodes


def path(count: int) -> list[ChainNode]:
    """Everybody handed on to one friend."""
    return [ChainNode(n, n - 1 or None, n, TorchState.LIT, f"名{n}") for n in range(1, count + 1)]


def hub(count: int) -> list[ChainNode]:
    """One player handed on to all others."""
    first = ChainNode(1, None, 1, TorchState.LIT, "张伟")
    return [first, *(ChainNode(n, 1, 2, STATES[n % 3], f"名{n}") for n in range(2, count + 1))]


def comb(count: int) -> list[ChainNode]:
    """Everybody handed on to two friends, of whom one does nothing."""
    nodes = [ChainNode(1, None, 1, TorchState.LIT)]
    for n in range(2, count, 2):
        parent = max(n - 2, 1)
        nodes += [
            ChainNode(n, parent, n // 2 + 1, TorchState.LIT),
            ChainNode(n + 1, parent, n // 2 + 1, TorchState.OUT),
        ]
    return nodes
