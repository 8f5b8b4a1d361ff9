"""A program that sends its runs to the API and goes on, with the same idempotency key, until each has an answer."""

from __future__ import annotations

import http.client
import json
import threading
import urllib.error
import urllib.request
import uuid
from pathlib import Path

from crash.furnish import write_records
from crash.processes import waiting


class Client:
    """``with Client(port, token, folder) as client:`` posts one small run after the other until it is told to stop.

    ``sent``: records by the key of each run that was answered; ``tries``: how often each had to be posted.
    """

    RECORDS = 6

    def __init__(self, port: int, token: str, folder: Path, pause: float = 1.0) -> None:
        self._url = f"http://127.0.0.1:{port}/api/v1/runs"
        self._token, self._folder, self._pause = token, folder, pause
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self.sent: dict[str, int] = {}
        self.answers: dict[str, set[str]] = {}
        self.tries: dict[str, int] = {}
        self.strange: list[str] = []

    def __enter__(self) -> Client:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(150)
        assert not self._thread.is_alive(), "the API gave no answer in 150 s"

    def post(self, key: str, path: Path, records: int, seconds: float = 140) -> str:
        """Post one run until it is answered; its reference."""
        for _ in waiting(seconds, 0.3):
            self.tries[key] = self.tries.get(key, 0) + 1
            ref = self._try(key, path)
            if ref:
                self.sent[key] = records
                self.answers.setdefault(key, set()).add(ref)
                return ref
        raise AssertionError(f"{key} was posted {self.tries[key]} times and never answered; {self.strange[-3:]}")

    def _work(self) -> None:
        number = 0
        while not self._stopping.wait(self._pause):
            number += 1
            path = self._folder / f"program-{number}.jsonl"
            write_records(path, self.RECORDS, 100_000 + 10 * number)
            key = f"program-{number}"
            self.post(key, path, self.RECORDS)
            if number % 3 == 0:  # a program that was itself cut off before it could note the answer
                self.post(key, path, self.RECORDS)

    def _try(self, key: str, path: Path) -> str:
        border = uuid.uuid5(uuid.NAMESPACE_URL, key).hex
        fields = {"template": "invoice", "run_key": key}
        body = "".join(
            f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ).encode()
        body += f'--{border}\r\nContent-Disposition: form-data; name="data"; filename="{path.name}"\r\n'.encode()
        body += b"Content-Type: application/x-ndjson\r\n\r\n" + path.read_bytes() + f"\r\n--{border}--\r\n".encode()
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Idempotency-Key": f"key-{key}",
            "Content-Type": f"multipart/form-data; boundary={border}",
        }
        request = urllib.request.Request(self._url, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return str(json.load(answer)["run"])
        except urllib.error.HTTPError as error:
            with error:
                said = error.read(400).decode("utf-8", "replace")
            if error.code not in (409, 500, 502, 503):  # in flight, or the database was away
                self.strange.append(f"{key}: {error.code} {said}")
            elif error.code == 500:
                self.strange.append(f"{key}: 500 {said}")
        except (OSError, http.client.HTTPException, ValueError):
            pass  # killed before, during or after: that is what the key is for
        return ""
