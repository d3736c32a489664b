"""The debugger over textual-serve: who may come in, and how many at a time.

The page and the protocol are textual-serve's. The door is ours: a page of another site must not
open a walk in the browser of somebody who looks at that site, nor may a name that somebody else
points here, and what a page loads comes from here.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
from html import escape
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

from aiohttp import web
from textual_serve.server import Server

from tui_backprop.errors import TuiBackpropError
from tui_backprop.files import reason_of
from tui_backprop.language.message import said
from tui_backprop.render.text.spans import printable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tui_backprop.language.catalogue import Language

    _Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self' data:; connect-src 'self' ws: wss:; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_PAGE: Final = """<!doctype html>
<html lang="{language}"><meta charset="utf-8"><title>tui-backprop</title>
<body style="font: 18px sans-serif; margin: 3em"><p>{sentence}</p></body></html>
"""
_HOST: Final = re.compile(r"[\w.-]+(:\d+)?|\[[0-9a-fA-F:.]+\](:\d+)?", re.ASCII)
_LOCAL: Final = "localhost"


class Welcome(NamedTuple):
    """Where visitors are received, and how many.

    Attributes:
        host: the address to listen at.
        port: 0 for any that is free.
        most: visitors at a time.
        what: is shown; empty for a list to pick from.
    """

    host: str
    port: int
    most: int
    what: str


def serve(command: str, welcome: Welcome, language: Language) -> int:
    """Receive visitors until Ctrl-C; the exit status.

    Args:
        command: starts one visitor's app, as a shell reads it.
        welcome: where, and how many.
        language: of what is said.

    Raises:
        TuiBackpropError: nothing can listen there.
    """
    with _listening(welcome) as listening:
        _Door(command, welcome, listening, language).serve()
    return 0


def _listening(welcome: Welcome) -> socket.socket:
    """A socket at the address."""
    try:
        found = socket.getaddrinfo(welcome.host, welcome.port, type=socket.SOCK_STREAM)
        family, _, _, _, address = found[0]
        return socket.create_server(address[:2], family=family)
    except (OSError, UnicodeError) as error:
        number = getattr(error, "errno", None) or 0
        reason = os.strerror(number) if number > 0 else reason_of(error)
        raise TuiBackpropError(
            said(
                "nothing can listen at {host}, port {port}: {reason}",
                host=welcome.host, port=welcome.port, reason=reason,
            )
        ) from None  # fmt: skip


def is_local(host: str) -> bool:
    """Whether a host's name or address means this machine alone."""
    if host.lower() == _LOCAL:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class _Door(Server):  # type: ignore[misc]  # its types are not asked for: it is an extra
    """Receives visitors, each with an app of their own."""

    def __init__(
        self, command: str, welcome: Welcome, listening: socket.socket, language: Language
    ) -> None:
        port = listening.getsockname()[1]
        super().__init__(command, welcome.host, port, title=f"tui-backprop {welcome.what}".strip())
        self._welcome = welcome
        self._socket = listening
        self._language = language
        self._is_local = is_local(welcome.host)
        self._visits: set[asyncio.Task[Any] | None] = set()

    def serve(self, debug: bool = False) -> None:  # noqa: ARG002 - its own signature
        """Until Ctrl-C, or the signal to end."""
        web.run_app(self._make_app(), sock=self._socket, print=None)

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()

        async def received(request: web.Request, handler: _Handler) -> web.StreamResponse:
            return await self._received(request, handler)

        app.middlewares.append(web.middleware(received))
        return app

    async def on_startup(self, app: web.Application) -> None:  # noqa: ARG002 - its own signature
        """Say where."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        lines = [
            said(
                "open http://{host}:{port} in a browser; at most {most} visitors at a time, "
                "Ctrl-C ends it",
                host=host, port=self.port, most=self._welcome.most,
            )
        ]  # fmt: skip
        if not self._is_local:
            lines.append(
                said("whoever reaches this address may walk here, unseen by you and unencrypted")
            )
        for line in lines:
            print(printable(self._language.retold(line)), flush=True)

    async def on_shutdown(self, app: web.Application) -> None:  # noqa: ARG002 - its own signature
        """End every visit: nobody else does, while its connection stands."""
        for visit in self._visits:
            if visit is not None:
                visit.cancel()

    async def _received(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Whatever is asked for, with headers that let a page load nothing from elsewhere."""
        is_visit = request.path in {"/", "/ws"}
        if not self._is_invited(request):
            answer = self._refused(403, said("this page belongs to another address"))
        elif is_visit and len(self._visits) >= self._welcome.most:
            full = said(
                "{count} visitors are here already, and no more may come: try again later",
                count=self._welcome.most,
            )
            answer = self._refused(503, full)
        else:
            answer = await handler(request)
        if not answer.prepared:
            answer.headers.update(_HEADERS)
        return answer

    def _refused(self, status: int, sentence: str) -> web.StreamResponse:
        text = escape(self._language.retold(sentence))
        page = _PAGE.format(language=self._language.code, sentence=text)
        return web.Response(status=status, text=page, content_type="text/html")

    def _is_invited(self, request: web.Request) -> bool:
        """Whether it is for this host, and from one of its own pages."""
        if not _HOST.fullmatch(request.host):
            return False
        host = urlsplit(f"//{request.host}").hostname or ""
        if self._is_local and not is_local(host):
            return False
        origin = request.headers.get("Origin")
        return origin is None or urlsplit(origin).netloc == request.host

    async def handle_index(self, request: web.Request) -> Any:
        """The page, which finds its app where it came from itself."""
        self.public_url = f"http://{request.host}"
        return await super().handle_index(request)

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """One visit, from its first byte to its last."""
        visit = asyncio.current_task()
        self._visits.add(visit)
        try:
            return await super().handle_websocket(request)
        finally:
            self._visits.discard(visit)
