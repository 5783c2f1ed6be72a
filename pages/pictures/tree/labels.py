"""Which torches of a tree bear their name, and what is small put close to its parent."""

from pages.pictures.tree.items import Item, Kind

ALL_NAMED = 24
"""So many torches are all named."""

_WAY_NAMED, _WAY_HEAD, _WAY_TAIL = 9, 2, 4
_FRIENDS_NAMED = 12
_LARGE, _LARGE_PARTS = 6, 50
_HUNG_TORCHES = 4


def label(items: list[Item]) -> None:
    """Marks the items that are named: all of few; of many the beginning, my way, my friends, farthest and largest."""
    torches = [item for item in items if item.kind is Kind.TORCH]
    if len(torches) <= ALL_NAMED:
        for item in torches:
            item.labelled = True
        return
    way = [item for item in torches if item.on_way]
    named = way if len(way) <= _WAY_NAMED else [*way[:_WAY_HEAD], *way[-_WAY_TAIL:]]
    friends = [item for item in torches if item.parent is not None and item.parent.is_me]
    least = max(3, items[0].weight // _LARGE_PARTS)
    heads = [item for item in torches if not item.on_way and _parts(item) and item.weight >= least]
    large = sorted(heads, key=lambda item: -item.weight)[:_LARGE]
    for item in large:
        item.is_large = True
    beginnings = [item for item in torches if item.parent is not None and item.parent.kind is not Kind.TORCH]
    first = [item for item in beginnings if item.column <= 1][:_LARGE]
    for item in (*named, *friends[:_FRIENDS_NAMED], *large, *first, *(t for t in torches if t.is_farthest)):
        item.labelled = True


def _parts(item: Item) -> bool:
    """Whether this branch parts from another one here: it is not just what its parent goes on with."""
    assert item.parent is not None
    return item.parent.kind is not Kind.TORCH or item.parent.on_way or item.parent.children[0] is not item


def gather_pods(items: list[Item]) -> list[Item]:
    """The items, with two or more unnamed torches of one parent that end there as one pod."""
    gone: set[Item] = set()
    pods: list[Item] = []
    for item in items:
        plain = [c for c in item.children if c.kind is Kind.TORCH and not c.labelled and not c.children]
        if len(plain) > 1:
            pod = Item(Kind.POD, item.column + 1, item, count=len(plain))
            pod.pod = [child.node for child in plain if child.node is not None]
            gone.update(plain)
            pods.append(pod)
            others = [child for child in item.children if child not in gone]
            more = [child for child in others if child.kind is Kind.MORE]
            item.children[:] = [*(child for child in others if child not in more), pod, *more]
    return [item for item in items if item not in gone] + pods


def hang_small(items: list[Item]) -> None:
    """Puts numbers, single torches and short pods right below their parent, before its larger branches."""
    for item in items[1:]:
        hung = [child for child in item.children[1:] if _is_small(child)]
        for child in hung:
            child.is_hung = True
        item.children[1:] = [*hung, *(child for child in item.children[1:] if not child.is_hung)]


def _is_small(item: Item) -> bool:
    match item.kind:
        case Kind.MORE:
            return True
        case Kind.TORCH:
            return not item.labelled and not item.children
        case _:
            return item.kind is Kind.POD and len(item.pod) <= _HUNG_TORCHES
