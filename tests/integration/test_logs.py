"""Logs: one JSON object a line, with ids, and without a word about persons or a secret, whatever goes wrong."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from postroom.kernel.marks import mark, marks, present
from postroom.project import logs
from served_kit import PERSON, SECRETS, person, poison_template, rude_mail, served, write_records


def lines_with(found: Mapping[str, str]) -> list[str]:
    """The gate: every line of a log that holds something of the person, or a secret."""
    forbidden = [*PERSON.values(), *SECRETS.values(), "Anneliese", "Kanarienvogel", "kanarienvogel"]
    return [
        f"{name}: {line}"
        for name, text in found.items()
        for line in text.splitlines()
        if any(word in line for word in forbidden)
    ]


# --- a line -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def told() -> Iterator[Any]:
    """A logger whose lines come back: ``told.log.warning(..); told.line()``."""

    class Told(logging.Handler):
        def __init__(self) -> None:
            super().__init__()
            self.said: list[str] = []
            self.setFormatter(logs.JsonFormatter())
            self.log = logging.getLogger("postroom.test")

        def emit(self, record: logging.LogRecord) -> None:
            self.said.append(self.format(record))

        def line(self) -> dict[str, Any]:
            found: dict[str, Any] = json.loads(self.said[-1])
            return found

    handler = Told()
    handler.log.addHandler(handler)
    handler.log.propagate = False
    yield handler
    handler.log.removeHandler(handler)
    handler.log.propagate = True


def test_a_line_has_its_fields_and_the_ids_of_what_is_worked_on(told: Any) -> None:
    with marks(run="r-1", chunk="c-1"), marks(delivery="d-1"):
        told.log.warning("delivery %s waits for %d s", "d-1", 30, extra={"event": "delivery-waits"})
    line = told.line()
    assert line["time"].endswith("Z") and line["time"][10] == "T"
    assert {name: line[name] for name in ("level", "logger", "event", "message", "run", "chunk", "delivery")} == {
        "level": "warning",
        "logger": "postroom.test",
        "event": "delivery-waits",
        "message": "delivery d-1 waits for 30 s",
        "run": "r-1",
        "chunk": "c-1",
        "delivery": "d-1",
    }
    # and without an event of its own a line has the words of its template, never those of its values
    told.log.warning("%s did not take a notice: %s", "mail", PERSON["name"])
    assert told.line()["event"] == "did-not-take-a-notice"
    assert present() == {}


def test_marks_join_change_and_go() -> None:
    with marks(run=1, chunk=None):
        with marks(record=2):
            mark(delivery=3, run=None)
            assert present() == {"record": "2", "delivery": "3"}
        assert present() == {"run": "1"}
    assert present() == {}
    with pytest.raises(KeyError), marks(name="Anneliese"):
        pass
    with pytest.raises(KeyError):
        mark(address="Zwitschergasse")


def test_exceptions_are_type_and_place_on_one_line(told: Any) -> None:
    try:
        raise ValueError(f"could not convert {PERSON['amount']}\nof {PERSON['name']}")
    except ValueError as error:
        told.log.error("a chunk failed: %r", error, exc_info=True)
    line = told.line()
    assert line["error"] == "ValueError" and line["message"] == "a chunk failed: ValueError"
    assert "test_logs.py:" in line["place"]
    assert "\n" not in told.said[-1] and lines_with({"log": told.said[-1]}) == []
    assert str(Path.cwd()) not in told.said[-1]


def test_what_is_not_available_keeps_its_words(told: Any) -> None:
    from postroom.kernel.errors import BadInput
    from postroom.vault.errors import DiskFull

    told.log.warning("upkeep: %s", DiskFull("There is no room left on the disk of the vault."))
    assert told.line()["message"] == "upkeep: DiskFull[disk-full]: There is no room left on the disk of the vault."
    told.log.warning("refused: %s", BadInput(f"{PERSON['amount']} is no amount"))
    assert told.line()["message"] == "refused: BadInput[bad-input]"


def test_the_databases_words_about_rows_stay_in_the_database(told: Any, db: str) -> None:
    from django.db import IntegrityError, connection, transaction

    # given a row that is refused, which PostgreSQL and psycopg quote in full
    statement = "INSERT INTO destination (key, channel, config, enabled) VALUES (%s, NULL, '{}', true)"
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [PERSON["name"]])
    assert PERSON["name"] in str(caught.value)
    error = caught.value
    # when it is told as an argument, by its words, and as an exception with its cause
    told.log.warning("it failed: %r", error)
    assert told.line()["message"] == "it failed: IntegrityError[23502] destination channel"
    told.log.warning(f"it failed: {error}")
    told.log.warning("it failed: %s", str(error))
    told.log.error("it failed", exc_info=error)
    assert told.line()["error"] == "IntegrityError[23502] destination channel"
    # then no line quotes the row
    assert lines_with({"log": "\n".join(told.said)}) == []


def test_planted_the_usual_formatter_lets_the_row_through(db: str) -> None:
    from django.db import IntegrityError, connection, transaction

    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO destination VALUES (%s, NULL, '{}', true)", [PERSON["name"]])
    error = caught.value
    record = logging.LogRecord("x", 30, "x.py", 1, "it failed", (), (IntegrityError, error, error.__traceback__))
    assert lines_with({"log": logging.Formatter().format(record)}) != []
    assert lines_with({"log": logs.JsonFormatter().format(record)}) == []


@pytest.mark.parametrize(
    "words",
    [
        f"smtp said 550 <{PERSON['email']}>: no such user",
        f"GET /enter/{SECRETS['portal']}/ failed",
        f"GET /portal/{SECRETS['portal']} failed",
        f"Authorization: Bearer {SECRETS['token']}",
        f"called with {SECRETS['token']}",
        f"connection to postgresql://postroom:{SECRETS['relay']}@db.example/postroom failed",
        f"password={SECRETS['sign-in']} was wrong",
        f"'RELAY_PASSWORD': '{SECRETS['relay']}'",
        f"1 validation error\nname\n  Bad [type=int_parsing, input_value='{PERSON['name']}', input_type=str]",
        f"duplicate key\nDETAIL:  Key (address)=({PERSON['name']}) already exists.",
        f'COPY failed\nCONTEXT:  COPY party, line 1, column name: "{PERSON["name"]}"',
    ],
)
def test_words_of_others_are_cleaned(told: Any, words: str) -> None:
    told.log.warning("%s", words)
    told.log.warning(words.replace("%", "%%"))
    assert lines_with({"log": "\n".join(told.said)}) == []


def test_a_librarys_own_data_are_not_told(told: Any) -> None:
    told.log.warning("job ended with %s and %r", {"name": PERSON["name"]}, [PERSON["name"]])
    assert told.line()["message"] == "job ended with (dict of 1) and (list of 1)"
    told.log.warning("%(job)s ended", {"job": {"name": PERSON["name"]}})
    assert told.line()["message"] == "(dict of 1) ended"
    wrong = logging.LogRecord("postroom.test", 30, "x.py", 1, "wrongly written %d", ("x",), None)
    assert json.loads(logs.JsonFormatter().format(wrong))["message"] == "wrongly written %d"


def test_the_format_follows_the_variable_then_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    from postroom.kernel.config import BadSetting

    monkeypatch.delenv(logs.FORMAT, raising=False)
    monkeypatch.delenv("POSTROOM_SUPERVISOR", raising=False)
    monkeypatch.setattr(sys, "argv", ["postroom", "runs", "list"])
    assert logs.chosen_format() == "line"
    monkeypatch.setenv("POSTROOM_SUPERVISOR", "1")
    assert logs.chosen_format() == ("line" if sys.stderr.isatty() else "json")
    monkeypatch.setenv(logs.FORMAT, "line")
    assert logs.chosen_format() == "line"
    monkeypatch.setenv(logs.FORMAT, "xml")
    with pytest.raises(BadSetting, match="xml"):
        logs.chosen_format()


def test_a_log_that_grew_is_moved_aside_while_it_is_written_to(tmp_path: Path) -> None:
    # given a process that appends to its log
    path = tmp_path / "web.log"
    with path.open("ab", buffering=0) as process:
        process.write(b"x" * 100 + b"\n")
        assert not logs.keep_small(path, 200)
        process.write(b"y" * 200 + b"\n")
        # when the log is too large, then it is moved aside, and the process goes on at its beginning
        assert logs.keep_small(path, 200)
        process.write(b"new\n")
    assert path.read_bytes() == b"new\n"
    assert (tmp_path / "web.old.log").read_bytes() == b"x" * 100 + b"\n" + b"y" * 200 + b"\n"
    assert not logs.keep_small(tmp_path / "none.log")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["web.log", "web.old.log"]


# --- requests ---------------------------------------------------------------------------------------------------------


def test_each_answer_has_the_id_of_its_request(db: str) -> None:
    from django.test import Client

    client = Client()
    # a request id that looks like one is taken on
    given = "0199aa00-1111-7222-8333-444455556666"
    assert client.get("/healthz", headers={"X-Request-Id": given}).headers["X-Request-Id"] == given
    # anything else is replaced: words, names, lines
    for other in ("", "short1", "anneliese-kanarienvogel", "x" * 80, "a b c d e f g h i j 1", f"{given}\n"):
        answered = client.get("/healthz", headers={"X-Request-Id": other.strip()} if other != f"{given}\n" else {})
        assert answered.headers["X-Request-Id"] not in ("", other) and len(answered.headers["X-Request-Id"]) == 32


# --- a whole installation ---------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_no_log_of_a_run_full_of_faults_names_a_person_or_a_secret(tmp_path: Path) -> None:
    with rude_mail() as mail, served() as house:
        # given an installation with a mail server that quotes everybody, and a template that does not end
        house.start()
        settings = (
            "host=127.0.0.1",
            f"port={mail.port}",
            "security=none",
            "sender_name=X",
            "sender_address=x@y.example",
        )
        house.command("channel", "set", "email", "email", *settings)
        house.command("template", "push", str(poison_template(tmp_path / "poison")), "--publish", timeout=120)
        good, poison = tmp_path / "good.jsonl", tmp_path / "poison.jsonl"
        received = write_records(good, 12)
        endless = person("P-1")
        del endless["order"]
        poison.write_text(json.dumps(endless) + "\n" + json.dumps(person("P-2")))
        # when everything is run, scraped, and asked for in every wrong way
        ran = json.loads(house.command("run", "invoice", str(good), "--to", "email", "--json", "--timeout", "70"))
        bad = json.loads(house.command("run", "poison", str(poison), "--json", "--timeout", "60"))
        for path, headers in (
            (f"/enter/{SECRETS['portal']}/", {}),
            (f"/portal/{SECRETS['portal']}/", {}),
            ("/parties/?q=" + PERSON["name"].replace(" ", "+"), {}),
            (f"/no/such/{PERSON['name'].split()[0]}/", {}),
            ("/api/v1/runs", {"Authorization": f"Bearer {SECRETS['token']}"}),
            ("/metrics", {"Authorization": f"Bearer {SECRETS['sign-in']}"}),
            ("/healthz", {"X-Request-Id": f"{PERSON['name']}"}),
        ):
            house.get(path, **headers)
        page = house.metrics()
        # (and a program fails of an error that quotes a row)
        house.python(
            "import logging\nfrom django.db import connection\n"
            "try:\n    connection.cursor().execute("
            f"\"INSERT INTO destination VALUES ('{PERSON['name']}', NULL, '{{}}', true)\")\n"
            "except Exception as error:\n"
            "    logging.getLogger('postroom.x').error('failed: %s', error, exc_info=True)\n"
        )
        house.stop()
        found = house.logs()
    # then the run was what it was meant to be
    assert ran["received"] == received and ran["set_aside"] >= 5 and ran["balance"] == 0
    assert bad["set_aside"] == 1 and bad["completed"] == 1
    # and there are logs, of every kind of process, that tell what went wrong by ids
    assert {"web.log", "render-1.log", "deliver-1.log"} <= set(found)
    told = [json.loads(line) for name in ("render-1.log", "deliver-1.log") for line in found[name].splitlines()]
    assert len(told) > 10
    assert any("chunk" in line or "delivery" in line for line in told), told
    # and none of them names a person or a secret
    assert lines_with(found) == []
    assert lines_with({"metrics": page}) == []


def test_planted_a_line_that_names_a_person_is_found() -> None:
    assert len(lines_with({"web.log": f"ok\nsent to {PERSON['email']}\nok"})) == 1
    assert len(lines_with({"web.log": f"token {SECRETS['metrics']}"})) == 1


def test_uncaught_errors_are_told_by_the_log(tmp_path: Path) -> None:
    import subprocess

    program = (
        "import logging.config, threading\nfrom postroom.project import logs\n"
        "logging.config.dictConfig(logs.logging_config())\nlogs.tell_uncaught()\n"
        f"def fail():\n    raise ValueError('{PERSON['name']}')\n"
        "thread = threading.Thread(target=fail)\nthread.start()\nthread.join()\nfail()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={**os.environ, logs.FORMAT: "json"},
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    events = [json.loads(line)["event"] for line in done.stderr.splitlines()]
    assert events == ["uncaught-in-thread", "uncaught"]
    assert lines_with({"stderr": done.stderr}) == []
