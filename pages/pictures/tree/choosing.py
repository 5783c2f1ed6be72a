"""What matters in a chain: the way to me, my friends, the longest branch, the largest ones; the rest is counted."""

import heapq
from collections.abc import Iterable, Sequence

from pages.pictures.tree.chain import ChainTree
from pages.pictures.tree.items import Item, Kind

SHOWN_WHOLE = 320
"""A chain of at most so many torches is shown torch by torch, unless it is too deep for that."""

_DEPTH_WHOLE = 26
_NEAR = 2
"""Up to this leg nobody is called the farthest."""
_RUN, _RUN_HEAD, _RUN_TAIL = 9, 3, 4
"""A row of torches with one friend each is shortened when it is longer."""
_WAY_HEAD, _WAY_TAIL = 2, 4
_LONGEST_HEAD, _LONGEST_TAIL = 1, 2
_FRIENDS = 12
_ITEMS, _COLUMNS, _BRANCHES = 64, 9, 5
"""Where growing ends: torches and gaps in all, columns, branches of one torch."""
_LEAST_PART = 250
"""A branch smaller than this part of the chain is folded."""
_GOES_ON = 0.75
"""A branch that passes at least so much of itself to one friend has not branched yet."""


def chosen(chain: ChainTree, me: int | None, *, whole: int = SHOWN_WHOLE, most: int = _ITEMS) -> list[Item]:
    """What the picture shows, parents before children; the first is the invisible parent of all.

    A chain of at most ``whole`` torches torch by torch; of a larger one growing ends at ``most`` things.

    Counts of all items sum up to the torches of the chain, those before its beginnings left out.
    """
    is_whole = len(chain.order) <= whole
    choice = _whole(chain, me) if is_whole else _outline(chain, me, most)
    if is_whole and max(item.column for item in choice.items) > _DEPTH_WHOLE:
        choice = _outline(chain, me, most)
    choice.fold_rest()
    choice.sort()
    return choice.items


class _Choice:
    """Items so far, and which of them stands for a node."""

    def __init__(self, chain: ChainTree, me: int | None) -> None:
        self.chain = chain
        self.way = chain.way(me) if me in chain.nodes and me is not None else []
        self.longest = chain.way(chain.farthest) if chain.farthest is not None else []
        self.items = [Item(Kind.ALL, -1)]
        self.place: dict[int, Item] = {}
        self._on_way, self._on_longest = set(self.way), set(self.longest)

    def put(self, node_id: int, *, kept: bool) -> Item:
        """The item for a node whose parent has one: a torch of its own, or one more in the gap before it."""
        if node_id in self.place:
            return self.place[node_id]
        parent = self.parent_of(node_id)
        if not kept and parent.kind is Kind.GAP:
            parent.count += 1
            self.place[node_id] = parent
            return parent
        node = self.chain.nodes[node_id]
        if parent.kind is Kind.ALL and node.leg > 1:
            parent = self._hang(Item(Kind.BEFORE, 0, parent, count=node.leg - 1))
        item = self._hang(Item(Kind.TORCH if kept else Kind.GAP, parent.column + 1, parent, count=1))
        item.weight = self.chain.sizes[node_id]
        if kept:
            item.node = node
            item.is_me = bool(self.way) and node_id == self.way[-1]
            item.is_farthest = node_id == self.chain.farthest and node.leg > _NEAR
        item.on_way, item.on_longest = node_id in self._on_way, node_id in self._on_longest
        if parent.kind is Kind.BEFORE:
            parent.on_way, parent.on_longest = item.on_way, item.on_longest
        self.place[node_id] = item
        return item

    def put_way(self, way: Sequence[int], kept: Iterable[int]) -> None:
        """Items for all of ``way``, each next one the child of the last."""
        shown = set(kept)
        for node_id in way:
            self.put(node_id, kept=node_id in shown)

    def parent_of(self, node_id: int) -> Item:
        """The item that a node's item hangs from."""
        parent = self.chain.nodes[node_id].parent_id
        return self.items[0] if parent not in self.chain.nodes or parent is None else self.place[parent]

    def fold_rest(self) -> None:
        """Hangs what is not shown below what is, as numbers; a single torch is shown, being as small as its number."""
        rest: dict[Item, list[int]] = {}
        counts: dict[Item, int] = {}
        heads = [r for r in self.chain.roots if r not in self.place]
        heads += [child for seen in list(self.place) for child in self.chain.below(seen) if child not in self.place]
        for node_id in heads:
            rest.setdefault(self.parent_of(node_id), []).append(node_id)
        for node_id, item in self.place.items():
            counts[item] = counts.get(item, 0) + self.chain.nodes[node_id].hidden
        for item in list(self.items):
            folded = rest.get(item, [])
            count = counts.get(item, 0) + sum(self.chain.sizes[node_id] for node_id in folded)
            if count == 1 and folded:
                self.put(folded[0], kept=True)
            elif count:
                self._hang(Item(Kind.MORE, item.column + 1, item, count=count))

    def sort(self) -> None:
        """Children in the order of what matters, so that the way to me is the uppermost straight line."""
        for item in self.items:
            item.children.sort(key=_importance)

    def _hang(self, item: Item) -> Item:
        assert item.parent is not None
        item.parent.children.append(item)
        self.items.append(item)
        return item


def _importance(item: Item) -> tuple[bool, bool, bool, int, int]:
    node_id = item.node.id if item.node else 0
    return (not item.on_way, not item.on_longest, item.kind is Kind.MORE, -item.weight, node_id)


def _whole(chain: ChainTree, me: int | None) -> _Choice:
    """Every torch; only what stands in a long row, one below the other, is shortened."""
    choice = _Choice(chain, me)
    skipped = _inside_runs(chain, {me, *chain.roots})
    for node_id in chain.order:
        choice.put(node_id, kept=node_id not in skipped)
    return choice


def _inside_runs(chain: ChainTree, kept: set[int | None]) -> set[int]:
    skipped: set[int] = set()
    run_of: dict[int, list[int]] = {}
    for node_id in chain.order:
        parent = chain.nodes[node_id].parent_id
        is_single = len(chain.below(node_id)) == 1 and not chain.nodes[node_id].hidden and node_id not in kept
        if is_single:
            run = run_of.get(parent, []) if parent is not None else []
            run.append(node_id)
            run_of[node_id] = run
    for run in {id(run): run for run in run_of.values()}.values():
        if len(run) > _RUN:
            skipped.update(run[_RUN_HEAD:-_RUN_TAIL])
    return skipped


def _outline(chain: ChainTree, me: int | None, most: int) -> _Choice:
    """The ways and friends that matter first, then the largest branches for as long as there is room."""
    choice = _Choice(chain, me)
    shared = set(choice.way)
    fork = sum(node_id in shared for node_id in choice.longest) - 1
    forks = choice.longest[max(fork, 0) : fork + 1]
    choice.put_way(choice.way, [*_ends(choice.way, _WAY_HEAD, _WAY_TAIL), *forks])
    if choice.way:
        for friend in chain.below(choice.way[-1])[:_FRIENDS]:
            choice.put(friend, kept=True)
    branch = choice.longest[fork + 1 :]
    choice.put_way(branch, _ends(branch, _LONGEST_HEAD, _LONGEST_TAIL))
    _grow(choice, most)
    return choice


def _ends(way: Sequence[int], head: int, tail: int) -> Sequence[int]:
    """The first and last of ``way``; all of it where that leaves out no more than two."""
    return way if len(way) <= head + tail + 2 else [*way[:head], *way[-tail:]]


def _grow(choice: _Choice, most: int) -> None:
    chain = choice.chain
    heads = [r for r in chain.roots if r not in choice.place]
    heads += [child for seen in choice.place for child in chain.below(seen) if child not in choice.place]
    waiting = [(-chain.sizes[node_id], node_id) for node_id in heads]
    heapq.heapify(waiting)
    least = max(2, chain.total // _LEAST_PART)
    while waiting and len(choice.items) < most and -waiting[0][0] >= least:
        _, node_id = heapq.heappop(waiting)
        parent = choice.parent_of(node_id)
        room = 2 * _BRANCHES if parent.kind is Kind.ALL else _BRANCHES
        if parent.column >= _COLUMNS or len(parent.children) >= room:
            continue
        run = _run(chain, node_id)
        choice.put_way(run, _ends(run, 1, 1))
        for child in chain.below(run[-1]):
            heapq.heappush(waiting, (-chain.sizes[child], child))


def _run(chain: ChainTree, node_id: int) -> list[int]:
    """From a branch's first torch to the one where it really branches."""
    run = [node_id]
    while (below := chain.below(run[-1])) and chain.sizes[below[0]] >= _GOES_ON * chain.sizes[run[-1]]:
        run.append(below[0])
    return run
