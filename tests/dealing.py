"""How xdist deals tests to workers, for a suite of ten thousand."""

from xdist.scheduler import LoadGroupScheduling
from xdist.workermanage import WorkerController


class Dealer(LoadGroupScheduling):
    """Deals as xdist does, and forgets what is done: it went through all of that again after every test."""

    def __init__(self, *told: object) -> None:
        super().__init__(*told)  # type: ignore[arg-type]
        self._places: dict[WorkerController, dict[str, int]] = {}

    def mark_test_complete(self, node: WorkerController, item_index: int, duration: float = 0) -> None:
        """Note that ``node`` has done a test, and give it more when it has little left."""
        name = self.registered_collections[node][item_index]
        scope = self._split_scope(name)
        group = self.assigned_work[node][scope]
        group[name] = True
        if all(group.values()):
            del self.assigned_work[node][scope]
        self._reschedule(node)

    def _assign_work_unit(self, node: WorkerController) -> None:
        scope, group = self.workqueue.popitem(last=False)
        self.assigned_work.setdefault(node, {})[scope] = group
        if node not in self._places:
            self._places[node] = {name: place for place, name in enumerate(self.registered_collections[node])}
        node.send_runtest_some([self._places[node][name] for name, done in group.items() if not done])
