"""Processes of our own, forked from one that has imported everything and done nothing: each begins in 0.1 s, not in 1.

A spawned one would import all of Huoju first; forked from a test's process it would share its connections.
"""

import multiprocessing
from multiprocessing.context import ForkServerContext


def forks() -> ForkServerContext:
    """Where such processes, and what they share, come from."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.races.crowd", "tests.playground.rig", "tests.relay.torchbearers"])
    return context
