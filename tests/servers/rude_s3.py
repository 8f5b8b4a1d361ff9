"""An S3 server in front of another one's answers that is slow, broken or unwilling, on purpose."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class RudeS3:
    """``mood``: ``500``, ``403``, ``slow``, ``half`` (of the body it announced)."""

    def __init__(self, mood: str) -> None:
        self.mood, self.calls = mood, 0

    def __enter__(self) -> RudeS3:
        rude = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                rude.calls += 1
                length = int(self.headers.get("content-length") or 0)
                self.rfile.read(length)
                if rude.mood == "slow":
                    time.sleep(5)
                if rude.mood in ("500", "403"):
                    self.send_response(int(rude.mood))
                    self.send_header("content-length", "0")
                    self.end_headers()
                    return
                self.send_response(206 if "range" in self.headers else 200)
                self.send_header("content-length", "1000")
                self.send_header("content-range", "bytes 0-999/1000")
                self.send_header("etag", '"x"')
                self.send_header("last-modified", "Sun, 22 Nov 2026 02:00:00 GMT")
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(bytes(500))
                self.close_connection = True

            do_PUT = do_HEAD = do_GET  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
