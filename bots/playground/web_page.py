"""The playground's page, its files and its sign-in: read once, sent with a policy that lets nothing else in."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Response, abort, request

from bots.playground.guard import Guard

_PAGE = Path(__file__).parent / "page"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".html": "text/html"}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_WRONG = """<p class="wrong" role="alert">
  That did not work. Check the password, or wait a minute.
  <span lang="zh-CN">没有成功，请检查密码，或稍等一分钟。</span>
</p>""".encode()


def page_files() -> Mapping[str, bytes]:
    """The page's files by name."""
    return {path.name: path.read_bytes() for path in sorted(_PAGE.iterdir()) if path.suffix in _TYPES}


@dataclass(frozen=True, slots=True)
class Page:
    """The doors that a browser opens."""

    guard: Guard
    files: Mapping[str, bytes]

    def show(self) -> Response:
        """The playground, or the way in."""
        return self._file("index.html" if self.guard.knows(request) else "sign-in.html")

    def file(self, name: str) -> Response:
        """What the page is made of; none of it is secret."""
        if name not in self.files or name.endswith(".html"):
            abort(404)
        return self._file(name)

    def sign_in(self) -> Response:
        """Give the cookie for the right password; every other one is told the same."""
        self.guard.check_origin(request)
        if not self.guard.admits(request.form.get("password", "")):
            body = self.files["sign-in.html"].replace(b"<!--wrong-->", _WRONG)
            return Response(body, 401, _HEADERS, content_type="text/html; charset=utf-8")
        response = Response(status=303, headers={**_HEADERS, "Location": "/playground/"})
        self.guard.sign_in(request, response)
        return response

    def _file(self, name: str) -> Response:
        kind = f"{_TYPES[Path(name).suffix]}; charset=utf-8"
        response = Response(self.files[name], 200, _HEADERS, content_type=kind)
        response.cache_control.no_cache = True
        response.add_etag()
        response.make_conditional(request)
        return response
