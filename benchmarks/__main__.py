"""``python -m benchmarks [name]``: tab-separated rows on standard output, progress on standard error.

Each bench runs in a process of its own, because Django is set up once per process. Exit code 1: a ratio missed its
budget, or a bench failed.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from benchmarks.figures import Figure

BENCHES = (
    "pipeline",
    "floor",
    "scale",
    "rivals",
    "lanes",
    "studio",
    "einvoice",
    "memory",
    "startup",
    "delivery",
    "sources",
    "search",
    "vault",
    "ledger",
    "pages",
)
LATEST = Path(__file__).with_name("latest.tsv")


def one(name: str) -> int:
    """Run one bench here. Each line is a figure's row with ``kept`` or ``missed`` before it."""
    for figure in import_module(f"benchmarks.{name}").run():
        assert isinstance(figure, Figure)
        mark = "kept" if figure.kept else "gate" if figure.gate else "missed"
        print(f"{mark}\t{figure.row()}", flush=True)
    return 0


def command_for(name: str) -> list[str]:
    """The process a bench runs in."""
    return [sys.executable, "-m", "benchmarks", "--one", name]


def main(names: list[str]) -> int:
    """Run the named benches, or all, one after the other."""
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        sys.stderr.write(f"bench: there is no {unknown[0]!r}; there are: {', '.join(BENCHES)}\n")
        return 2
    rows, failed = [], False
    print("name\tvalue\tunit\tbudget\tbaseline", flush=True)
    for name in names or BENCHES:
        with subprocess.Popen(command_for(name), stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            try:
                for line in child.stdout:
                    mark, _, row = line.rstrip("\n").partition("\t")
                    print(row, flush=True)
                    rows.append(row)
                    if mark != "kept":
                        sys.stderr.write(f"bench: {row.split(chr(9))[0]} misses its budget\n")
                    failed = failed or mark == "gate"
            except BaseException:  # we are told to stop: the child clears its house away, then we go
                child.terminate()
                raise
        if child.returncode:
            sys.stderr.write(f"bench: {name} failed\n")
            failed = True
    LATEST.write_text("name\tvalue\tunit\tbudget\tbaseline\n" + "".join(f"{row}\n" for row in rows), "utf-8")
    return int(failed)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that houses are cleared away
    sys.exit(one(sys.argv[2]) if sys.argv[1:2] == ["--one"] else main(sys.argv[1:]))
