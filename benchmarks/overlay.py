"""A Python that has one more package installed: ours for the benches, with its entry points, and nothing else changed.

Cells start in isolated mode (``-I``), so a path in the environment would not reach them. A virtual environment of a
few files does: it takes over this one's packages by a ``.pth`` file and adds a package of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.figures import Figure

_ROOT = Path(__file__).parents[1]
_PLUGIN = Path(__file__).with_name("plugin") / "postroom_bench.py"
_ENTRY_POINTS = """[postroom.renderers]
null = postroom_bench:NullRenderer
burn = postroom_bench:BurnRenderer
"""
_METADATA = "Metadata-Version: 2.1\nName: postroom-bench\nVersion: 1\n"


@contextmanager
def overlay() -> Iterator[Path]:
    """The interpreter of such an environment; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="postroom-bench-python-"))
    try:
        venv.create(folder, symlinks=True, with_pip=False)
        packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
        theirs = sysconfig.get_path("purelib")
        (packages / "house.pth").write_text(f"import site; site.addsitedir({theirs!r})\n", "utf-8")
        shutil.copy(_PLUGIN, packages)
        about = packages / "postroom_bench-1.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(_METADATA, "utf-8")
        (about / "entry_points.txt").write_text(_ENTRY_POINTS, "utf-8")
        yield folder / "bin" / "python"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def within(module: str) -> Iterator[Figure]:
    """Run ``module`` as a program of that environment; it prints what ``tell`` makes of its figures."""
    with overlay() as python:
        command = [str(python), "-m", module]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_ROOT, env={**os.environ}) as child:
            assert child.stdout is not None
            try:
                for line in child.stdout:
                    yield Figure(**json.loads(line))
            except BaseException:  # we are told to stop: the child clears its house away, then we go
                child.terminate()
                child.wait()
                raise
        if child.returncode:
            raise RuntimeError(f"{module} ended with {child.returncode}")


def tell(figures: Iterator[Figure]) -> None:
    """The other end of ``within``."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that houses are cleared away
    for one in figures:
        made = {name: getattr(one, name) for name in ("name", "value", "unit", "budget", "baseline", "gate")}
        sys.stdout.write(json.dumps(made) + "\n")
        sys.stdout.flush()
