"""What the processes say, one line each: JSON for files and machines, plain lines for terminals (docs/metrics.md).

A log outlives what it tells of and is read by people who may not see documents. So a line holds ids, codes and places,
and no value of a record: exceptions are told by type and place, the database's words about rows are left out, and what
looks like an address, a token or a password is taken out of whatever else is said.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import re
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

import psycopg

from postroom.kernel.config import BadSetting
from postroom.kernel.errors import PostroomError, Unavailable
from postroom.kernel.marks import present

FORMAT = "POSTROOM_LOG_FORMAT"
JSON, LINE = "json", "line"
LIMIT = 8 << 20
_LONGEST = 2000
_OURS = f"{os.sep}postroom{os.sep}"

_TAKEN_OUT: tuple[tuple[re.Pattern[str], str], ...] = (
    # PostgreSQL's words about rows (and what psycopg and Django hand on of them), to the end of the message
    (
        re.compile(r"\s*(?:\\n|\n)?\s*\b(?:DETAIL|CONTEXT|QUERY|STATEMENT|HINT|LINE \d+):.*", re.S),
        " (details left out)",
    ),
    (re.compile(r"Failing row contains .*", re.S), "(row left out)"),
    (re.compile(r"\b(input(?:_value)?=).*?(?=, input_type=|\]|$)", re.S), r"\1(left out)"),  # pydantic
    (re.compile(r"(?i)\b(authorization|cookie|x-api-key)(['\"]?\s*[:=]\s*).*"), r"\1\2(secret)"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), r"\1 (secret)"),
    (
        re.compile(r"(?i)\b(\w*(?:password|passwd|secret|token|pass))(['\"]?\s*[:=]\s*['\"]?)[^\s,;&'\")]+"),
        r"\1\2(secret)",
    ),
    (re.compile(r"(?i)(/(?:enter|portal)/)[^/\s?'\"]+"), r"\1(secret)"),
    (re.compile(r"(\w+://[^/\s:@]*):[^@\s/]+@"), r"\1:(secret)@"),
    (re.compile(r"\bpr_[\w-]{20,}"), "(secret)"),
    (re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+"), "(address)"),
)


def clean(text: str) -> str:
    """Words without what a log may not hold, on one line."""
    for pattern, instead in _TAKEN_OUT:
        text = pattern.sub(instead, text)
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def told(error: BaseException) -> str:
    """An exception in words that hold no value of a record.

    What is not available is told in full, since that is about machines; other errors quote what they refused.
    """
    name = type(error).__name__
    if isinstance(error, Unavailable):
        return clean(f"{name}[{error.code}]: {error.message}")
    if isinstance(error, PostroomError):
        return f"{name}[{error.code}]"
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    if isinstance(cause, psycopg.Error):
        if cause.sqlstate is None:  # the connection: its words name hosts and sockets
            return clean(f"{name}: {_first_line(cause)}")
        about = [cause.diag.table_name, cause.diag.constraint_name, cause.diag.column_name]
        return f"{name}[{cause.sqlstate}] {' '.join(word for word in about if word)}".strip()
    if isinstance(error, OSError) and error.errno is not None:
        return f"{name}[{error.errno}]: {os.strerror(error.errno)}"
    return name


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0]


def error_of(record: logging.LogRecord) -> BaseException | None:
    """The exception a line is about: the one it was given to show, else one among its arguments."""
    if record.exc_info and record.exc_info[1] is not None:
        return record.exc_info[1]
    arguments = record.args if isinstance(record.args, tuple) else ()
    return next((value for value in arguments if isinstance(value, BaseException)), None)


def place_of(found: TracebackType | None) -> str:
    """Where an exception arose: the innermost line of ours, and the innermost of all."""
    frames = traceback.extract_tb(found)
    if not frames:
        return ""
    ours = [frame for frame in frames if _OURS in frame.filename]
    shown = [ours[-1], frames[-1]] if ours and ours[-1] is not frames[-1] else [frames[-1]]
    return " < ".join(f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in reversed(shown))


def _short(filename: str) -> str:
    """A file of ours from the package on, others by folder and name: no log names a machine's folders."""
    _, ours, rest = filename.rpartition(_OURS)
    return f"postroom/{rest}" if ours else "/".join(Path(filename).parts[-2:])


def message_of(record: logging.LogRecord) -> str:
    """The message, with exceptions among its arguments told as above."""
    arguments = record.args
    template = str(record.msg) if not isinstance(record.msg, BaseException) else told(record.msg)
    if isinstance(arguments, dict):
        safe: Any = {key: _safe(value) for key, value in arguments.items()}
    else:
        safe = tuple(_safe(value) for value in arguments or ())
    try:
        return clean(template % safe if safe else template)
    except (TypeError, ValueError, KeyError):  # a line that is wrongly written is told as it is written
        return clean(template)


class _Words(str):
    """Already in words: ``%r`` shows them without quotes."""

    def __repr__(self) -> str:
        return str(self)


def _safe(value: object) -> object:
    if isinstance(value, BaseException):
        return _Words(told(value))
    if isinstance(value, dict | list | tuple | set | frozenset):  # a library's own data may hold anybody's
        return _Words(f"({type(value).__name__} of {len(value)})")
    return value


def event_of(record: logging.LogRecord) -> str:
    """A short code to search and alert by: what the line says it is, else the words of its template."""
    given = getattr(record, "event", None) or getattr(record, "action", None)  # the task queue names its own
    if isinstance(given, str):
        return given[:60].replace("_", "-")
    if not isinstance(record.msg, str):
        return type(record.msg).__name__
    words = re.findall(r"[a-z]+", re.sub(r"%[\d.(\w)]*[sdrifgx]", " ", clean(record.msg)).lower())
    return "-".join(words)[:60].rstrip("-")


class LineFormatter(logging.Formatter):
    """For people at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        at = dt.datetime.fromtimestamp(record.created, dt.UTC).strftime("%Y-%m-%d %H:%M:%S")
        marks = "".join(f" {name}={value}" for name, value in present().items())
        line = f"{at} {record.levelname} {record.name} {message_of(record)}{marks}"
        error = error_of(record)
        if error is not None:
            line += f" | {told(error)} at {place_of(error.__traceback__)}"
        return line


class JsonFormatter(logging.Formatter):
    """One JSON object a line. Fields: docs/metrics.md."""

    def format(self, record: logging.LogRecord) -> str:
        at = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {
            "time": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": event_of(record),
            "message": message_of(record),
            "process": os.environ.get("POSTROOM_PROCESS", ""),
            "pid": record.process,
            **present(),
        }
        error = error_of(record)
        if error is not None:
            line["error"] = told(error)
            line["place"] = place_of(error.__traceback__)
        return json.dumps({name: value for name, value in line.items() if value != ""}, ensure_ascii=False)


def chosen_format() -> str:
    """``POSTROOM_LOG_FORMAT``; else JSON where serve and worker write to a file, lines elsewhere. Raises BadSetting."""
    wanted = os.environ.get(FORMAT, "")
    if wanted in (JSON, LINE):
        return wanted
    if wanted:
        raise BadSetting(f"{FORMAT} is {wanted!r}.", hint="Use json or line, or unset it.")
    lasting = "POSTROOM_SUPERVISOR" in os.environ or any(word in sys.argv[1:2] for word in ("serve", "worker"))
    return JSON if lasting and not sys.stderr.isatty() else LINE


def logging_config() -> dict[str, Any]:
    """The value of ``LOGGING``: one handler on standard error, which the supervisor leads into a file."""
    level, loud = os.environ.get("POSTROOM_LOG_LEVEL", "WARNING"), os.environ.get("POSTROOM_LOG_LEVEL", "ERROR")
    form = JsonFormatter if chosen_format() == JSON else LineFormatter
    quiet: dict[str, Any] = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"chosen": {"()": form}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "chosen"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "procrastinate": {"level": loud},
            # Django's own handlers would write lines of their own, and mail of whole requests.
            "django": {**quiet, "level": level},
            "django.server": {**quiet, "level": level},
            "django.request": {**quiet, "level": loud},
        },
    }


def tell_uncaught() -> None:
    """Send what nobody caught through the log as well: Python would print the exception with all it quotes."""
    log = logging.getLogger("postroom.uncaught")

    def uncaught(kind: type[BaseException], error: BaseException, found: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, found)
        else:
            log.critical("this process ends by an error", exc_info=(kind, error, found), extra={"event": "uncaught"})

    def in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not issubclass(args.exc_type, SystemExit):
            log.error(
                "a thread ended by an error",
                exc_info=(args.exc_type, args.exc_value, args.exc_traceback),
                extra={"event": "uncaught-in-thread"},
            )

    sys.excepthook = uncaught
    threading.excepthook = in_thread
    logging.captureWarnings(True)


def keep_small(path: Path, limit: int = LIMIT) -> bool:
    """Move what a log holds beside it and begin it anew, while a process goes on writing to it. Whether it was due.

    Copied and cut, not renamed: the process has the file open for appending, so it goes on at the new beginning. A
    line written between the last look and the cut is lost; that is microseconds in eight megabytes.
    """
    try:
        if path.stat().st_size <= limit:
            return False
        fresh = path.with_suffix(".old.log.part")
        with path.open("r+b") as log, fresh.open("wb") as kept:
            while piece := log.read(1 << 20):
                kept.write(piece)
            log.truncate(0)
        fresh.replace(path.with_suffix(".old.log"))
        return True
    except OSError:  # a full disk: the log stays as long as it is
        return False
