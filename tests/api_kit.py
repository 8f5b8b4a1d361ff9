"""What tests of the API and of whole runs share: a program that calls, records, and a run carried through here."""

from __future__ import annotations

import json
import subprocess
import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.test import Client

SAMPLES = Path(__file__).resolve().parents[1] / "src" / "postroom" / "demo" / "templates"


@dataclass(frozen=True)
class Program:
    """A program with a token; ``get`` and ``post`` take addresses below /api/v1."""

    client: Client
    secret: str

    def get(self, address: str, query: dict[str, Any] | None = None, **headers: str) -> Any:
        return self.client.get(f"/api/v1{address}", query, headers=self._headers(headers))

    def post(self, address: str, body: Any = None, *, form: bool = False, **headers: str) -> Any:
        if form:
            return self.client.post(f"/api/v1{address}", body or {}, headers=self._headers(headers))
        text = body if isinstance(body, str | bytes) else json.dumps(body if body is not None else {})
        return self.client.post(
            f"/api/v1{address}", text, content_type="application/json", headers=self._headers(headers)
        )

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        own = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        return own | {name.replace("_", "-"): value for name, value in more.items()}


def sample(template: str, name: str = "01-usual", **changes: Any) -> dict[str, Any]:
    """A sample record of a starter template, with top-level fields changed."""
    record: dict[str, Any] = json.loads((SAMPLES / template / "samples" / f"{name}.json").read_text("utf-8"))
    return record | changes


def records(count: int, template: str = "invoice") -> list[dict[str, Any]]:
    """``count`` good records with numbers of their own."""
    return [sample(template, number=f"T-{number:04d}") for number in range(1, count + 1)]


def as_file(items: list[Any], name: str = "orders.jsonl") -> Any:
    """Records as an upload, one JSON object per line; text stays as it is (a broken line)."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    lines = [item if isinstance(item, str) else json.dumps(item, ensure_ascii=False) for item in items]
    return SimpleUploadedFile(name, "\n".join(lines).encode(), content_type="application/x-ndjson")


def carry_through(run_id: Any) -> None:
    """Read, compose and deliver a run in this process, as the workers would."""
    from postroom.delivery.dispatch import dispatch, due_destinations
    from postroom.production.models import READY, Chunk
    from postroom.production.pipeline import compose_chunk
    from postroom.production.reading import read_parcel
    from postroom.production.settling import settle_run

    run_id = uuid.UUID(str(run_id))  # as the workers' tasks do with the text they were sent
    read_parcel(run_id)
    for chunk_id in list(Chunk.objects.filter(run_id=run_id, state=READY).values_list("pk", flat=True)):
        compose_chunk(chunk_id)
    for destination in due_destinations():
        dispatch(destination)
    settle_run(run_id)


@dataclass(frozen=True)
class World:
    """What the ``world`` fixture put in place: ids by which tests name things."""

    run: str
    run_id: str
    document: str
    number: str
    delivery: str
    record: str
    party: str
    party_id: str


def make_the_world() -> None:
    """One settled run: three invoices, and a line that is no record."""
    from postroom.identity.actor import SYSTEM
    from postroom.production.actions.start_run import start_run

    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        file.write(as_file([*records(3), '{"number": ']).read())
        file.flush()
        carry_through(start_run(SYSTEM, template="invoice", path=Path(file.name), name="orders.jsonl").run.pk)


def the_world() -> World:
    """The names of things in a database that ``make_the_world`` filled."""
    from postroom.delivery.models import Delivery
    from postroom.documents.models import Document
    from postroom.production.models import Run, SetAside

    run, document = Run.objects.get(), Document.objects.select_related("party").order_by("number")[0]
    return World(
        run=run.ref,
        run_id=str(run.pk),
        document=str(document.pk),
        number=document.number,
        delivery=str(Delivery.objects.filter(communication__enclosures__document=document)[0].pk),
        record=str(SetAside.objects.get().record_id),
        party=document.party.key,
        party_id=str(document.party_id),
    )


@contextmanager
def live_server() -> Iterator[str]:
    """The web process as it is served, on loopback at a port of its own; its address. Ended by its handle."""
    from postroom.project.ports import free_port
    from postroom.project.serving import await_answer, web_command

    port = free_port("127.0.0.1", 0)
    with tempfile.TemporaryFile() as said:  # a pipe nobody reads would stop the server when it is full
        process = subprocess.Popen(web_command("127.0.0.1", port), stdout=said, stderr=said)
        try:
            await_answer(f"http://127.0.0.1:{port}/api/v1/health", threading.Event(), 60)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
