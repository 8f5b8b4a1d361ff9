"""A whole installation as real processes, with a run full of faults and people whose data must not get out."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from api_kit import SAMPLES, sample
from postroom.kernel import database
from postroom.kernel.home import Home
from servers.rude_smtp import RudeServer, Say

#: Everything of one person, each in a form that nothing else has.
PERSON = {
    "name": "Anneliese Kanarienvogel",
    "street": "Zwitschergasse 4711",
    "city": "Gelbfinkenstadt",
    "email": "anneliese@kanarienvogel.example",
    "amount": "98765.43",
    "text": "Vogelfutter mit Hanfsamen",
}
SECRETS = {
    "metrics": "scrape-c0ffee-1234567890-c0ffee",
    "relay": "relay-passwort-5678-geheim",
    "session": "session-key-9012-" + "z" * 40,
    "vault": "c0ffee42" * 8,
    "sign-in": "kennwort-von-anneliese-3456",
    "token": "pr_gefaelschter-schluessel-1234567890abcdef",
    "portal": "gefaelschter-portal-verweis-12345",
}


@dataclass
class Served:
    """``postroom serve`` on a home of its own."""

    home: Home
    environment: dict[str, str]
    process: subprocess.Popen[str] | None = None
    address: str = ""
    said: list[str] = field(default_factory=list)

    def command(self, *arguments: str, timeout: float = 100, code: int | None = 0) -> str:
        """A command of the terminal; its standard output. What it says on standard error is kept."""
        done = subprocess.run(
            [sys.executable, "-m", "postroom.cli.app", *arguments],
            capture_output=True,
            text=True,
            timeout=timeout,
            env=self.environment,
            check=False,
        )
        self.said.append(done.stderr)
        assert code is None or done.returncode == code, (
            f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}\n{self.ends()}"
        )
        return done.stdout

    def ends(self) -> str:
        """The ends of the logs, for a test that failed."""
        return "\n".join(f"--- {name}\n{text[-2500:]}" for name, text in self.logs().items())

    def python(self, code: str, timeout: float = 60) -> str:
        """A program of the installation; its standard output."""
        done = subprocess.run(
            [sys.executable, "-c", f"from postroom.project.boot import boot\nboot()\n{code}"],
            capture_output=True,
            text=True,
            timeout=timeout,
            env=self.environment,
            check=False,
        )
        self.said.append(done.stderr)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def get(self, path: str, **headers: str) -> tuple[int, str, dict[str, str]]:
        """Status, body and headers of an answer."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        asked = urllib.request.Request(f"{self.address}{path}", headers=named)
        try:
            with urllib.request.urlopen(asked, timeout=20) as answer:
                return answer.status, answer.read().decode(), dict(answer.headers)
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode("utf-8", "replace"), dict(error.headers)

    def metrics(self) -> str:
        status, page, _ = self.get("/metrics", Authorization=f"Bearer {SECRETS['metrics']}")
        assert status == 200, page
        return page

    def logs(self) -> dict[str, str]:
        """Every file below the logs, the database's own too, and what commands said."""
        found = {
            str(path.relative_to(self.home.logs)): path.read_text("utf-8", "replace")
            for path in self.home.logs.rglob("*")
            if path.is_file()
        }
        return found | {f"stderr-{number}": text for number, text in enumerate(self.said)}

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "postroom.cli.app", "serve", "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment,
        )
        assert self.process.stdout is not None and self.process.stderr is not None
        line = self.process.stdout.readline()
        if " at " not in line:
            self.process.kill()
            raise AssertionError(self.process.communicate()[1])
        self.address = line.split(" at ")[1].split()[0]

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.said.append(self.process.communicate(timeout=40)[1])
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.communicate()
            self.process = None


@contextlib.contextmanager
def served(**more: str) -> Iterator[Served]:
    """An installation that is not started yet: with a short home, a key of its own and quick retries."""
    root = Path(tempfile.mkdtemp(prefix="pr-served-"))
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("POSTROOM_", "DATABASE_"))}
    environment = {
        **kept,
        "POSTROOM_HOME": str(root / "home"),
        "POSTROOM_RENDER_WORKERS": "1",
        "POSTROOM_RENDER_DEADLINE": "3",
        "POSTROOM_RETRY_DELAYS": "0.5,1",
        "POSTROOM_CHUNK_SIZE": "10",
        "POSTROOM_SWEEP_INTERVAL": "0.5",
        "POSTROOM_DISK_RESERVE": "0",
        "POSTROOM_LOG_LEVEL": "INFO",
        "POSTROOM_LOG_FORMAT": "json",
        "POSTROOM_METRICS_TOKEN": SECRETS["metrics"],
        "POSTROOM_SECRET_KEY": SECRETS["session"],
        "POSTROOM_VAULT_KEY": SECRETS["vault"],
        "RELAY_PASSWORD": SECRETS["relay"],
        **more,
    }
    house = Served(Home(root / "home"), environment)
    try:
        yield house
    finally:
        house.stop()
        with contextlib.suppress(Exception):  # broad: the folder goes in any case
            database.stop(house.home, lambda _: None)
        shutil.rmtree(root, ignore_errors=True)


def person(number: str, **changes: Any) -> dict[str, Any]:
    """A good invoice to the person of the canaries."""
    made = sample("invoice", number=number)
    made["customer"] |= {"key": "K-1", "name": PERSON["name"], "contact": PERSON["name"], "email": PERSON["email"]}
    made["customer"]["address"] |= {"lines": [PERSON["street"]], "city": PERSON["city"]}
    made["lines"][0]["text"] = PERSON["text"]
    return made | changes


def write_records(path: Path, good: int) -> int:
    """Good records, and one of each fault. How many there are."""
    wrong_sum = person("W-1")
    wrong_sum["totals"]["gross"] = PERSON["amount"]
    no_name = person("W-2")
    no_name["customer"]["email"] = PERSON["name"]
    wrong_type = person("W-3", issued_on=PERSON["text"])
    torn = '{"number": "W-4", "customer": {"name": "' + PERSON["name"]
    too_much = person("W-5")
    too_much["customer"]["name"] = PERSON["name"] * 40
    lines = [json.dumps(person(f"G-{place:04d}"), ensure_ascii=False) for place in range(good)]
    lines += [json.dumps(each, ensure_ascii=False) for each in (wrong_sum, no_name, wrong_type, too_much)] + [torn]
    path.write_text("\n".join(lines), "utf-8")
    return len(lines)


def poison_template(folder: Path) -> Path:
    """A template that is published without a fault, and does not end for a record with a reference and no order."""
    shutil.copytree(SAMPLES / "invoice", folder)
    manifest = folder / "template.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace("key: invoice", "key: poison"), "utf-8")
    with (folder / "main.typ").open("a", encoding="utf-8") as source:
        source.write('\n#if flag("reference") and not flag("order") {\n')
        source.write("  for a in range(100000) { for b in range(100000) { } }\n}\n")
    return folder


def rude_mail() -> RudeServer:
    """Refuses, defers and hangs up, each with the person's name and address in its words."""
    words = f"<{PERSON['email']}> ({PERSON['name']}, {PERSON['street']})"
    acts: dict[str, Any] = {
        "RCPT": [
            None,
            Say(f"550 5.1.1 {words}: no such user"),
            Say(f"451 4.3.0 {words}: later"),
            None,
            *([None] * 500),
        ],
    }
    return RudeServer(acts)


def until(asked: Callable[[], bool], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if asked():
            return True
        time.sleep(0.3)
    return False
