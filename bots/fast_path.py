"""The WSGI fast path: straight to a door, past Flask, for addresses at which messages come by the thousand a second.

Flask's routing, contexts and signals cost more than all that such a door does itself. What a door needs of a request
is its WSGI environment, and what it may raise is the closed list of bots/http_errors.py; so both ways say the same.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import Blueprint, Response

from bots.http_errors import response_to

Environ = dict[str, Any]
Door = Callable[[Environ], Response]
"""Serves one request, whatever its method; raises what bots/http_errors.py knows."""
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Doors(Blueprint):
    """Routes, some of whose addresses may be served past Flask: ``fast`` has their doors by path, for POST only."""

    fast: Mapping[str, Door] = {}


class FastPath:
    """Before ``application``: serves ``doors``, and leaves everything else to it."""

    def __init__(self, application: Wsgi, doors: Mapping[str, Door]) -> None:
        self._application, self._doors = application, doors

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Serve one request."""
        door = self._doors.get(environ["PATH_INFO"]) if environ["REQUEST_METHOD"] == "POST" else None
        if door is None:
            return self._application(environ, start_response)
        try:
            response = door(environ)
        except Exception as error:  # noqa: BLE001  # as Flask would
            response = response_to(error)
        return response(environ, start_response)
