"""Who may use the playground: whoever knows its password, or without one only this machine's own browser.

Without a password the page must be safe from other web pages: the Host header must be a loopback name (against DNS
rebinding), the client a loopback address, and nothing may have been forwarded by a proxy.
"""

import hmac
import ipaddress
from datetime import timedelta
from functools import lru_cache

from flask import Request, Response

from bots.base import Forged
from core.times import Clock

COOKIE = "huoju_playground"
SIGNED_IN_FOR = timedelta(days=7)
WRONG_TRIES_PER_MINUTE = 20
"""Wrong passwords of everybody that one process looks at in a minute."""

_MINUTE_S = 60
_REMEDY = "set HUOJU_PLAYGROUND_PASSWORD to open it to others"


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """True for localhost and addresses that only this machine reaches."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Guard:
    """Lets requests in. ``secret`` belongs to the installation, so a cookie holds for all its processes."""

    def __init__(self, password: str | None, secret: bytes, clock: Clock) -> None:
        self._password = None if password is None else password.encode("utf-8", "surrogatepass")
        self._key = hmac.digest(secret, self._password or b"", "sha256")
        self._clock = clock
        self._wrong = (0, 0)

    @property
    def asks(self) -> bool:
        """True when there is a password."""
        return self._password is not None

    def check(self, request: Request) -> None:
        """Raise Forged unless ``request`` comes from our own page and from somebody who may use it."""
        self.check_origin(request)
        if not self.knows(request):
            raise Forged("sign in first: open /playground/")

    def check_origin(self, request: Request) -> None:
        """Raise Forged for a request that another web page made, or that came where no password protects."""
        environ = request.environ
        host = environ.get("HTTP_HOST", "")
        if not self.asks:
            _check_local(environ, host)
        site = environ.get("HTTP_SEC_FETCH_SITE")
        origin = environ.get("HTTP_ORIGIN")
        if site is not None:
            ours = site in {"same-origin", "none"}
        else:
            ours = origin is None or origin.partition("://")[2] == host
        if not ours:
            raise Forged("origin: only the playground's own page may send this")

    def knows(self, request: Request) -> bool:
        """True when there is no password, or the cookie proves that it was given."""
        if not self.asks:
            return True
        until, _, mac = request.cookies.get(COOKIE, "").partition(".")
        proven = hmac.compare_digest(mac.encode("utf-8", "replace"), self._mac(until))
        return proven and int(until) > self._clock().timestamp()

    def admits(self, password: str) -> bool:
        """True for the right password. While too many wrong ones were tried this minute, no password is right."""
        minute = int(self._clock().timestamp()) // _MINUTE_S
        wrong = self._wrong[1] if self._wrong[0] == minute else 0
        given = hmac.digest(self._key, password.encode("utf-8", "surrogatepass"), "sha256")
        right = hmac.compare_digest(given, hmac.digest(self._key, self._password or b"", "sha256"))
        if right and self.asks and wrong < WRONG_TRIES_PER_MINUTE:
            return True
        self._wrong = (minute, wrong + 1)
        return False

    def sign_in(self, request: Request, response: Response) -> None:
        """Give the browser the cookie."""
        until = str(int((self._clock() + SIGNED_IN_FOR).timestamp()))
        response.set_cookie(
            COOKIE,
            f"{until}.{self._mac(until).decode()}",
            max_age=SIGNED_IN_FOR,
            path="/playground",
            secure=request.is_secure or request.headers.get("X-Forwarded-Proto") == "https",
            httponly=True,
            samesite="Strict",
        )

    def _mac(self, until: str) -> bytes:
        return hmac.digest(self._key, b"until " + until.encode("utf-8", "replace"), "sha256").hex().encode()


def _check_local(environ: dict[str, str], host: str) -> None:
    name, _, port = host.rpartition(":")
    if not is_loopback((name if port.isdigit() else host).strip("[]").lower()):
        raise Forged(f"host: this playground answers to localhost only; {_REMEDY}")
    forwarded = "HTTP_FORWARDED" in environ or "HTTP_X_FORWARDED_FOR" in environ
    if forwarded or not is_loopback(environ["REMOTE_ADDR"]):
        raise Forged(f"client: this playground serves its own machine only; {_REMEDY}")
