"""``postroom template test``: what the tests of a template come to, before it is pushed or published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.progress import Progress

from postroom.cli import show
from postroom.kernel.errors import ExitCode, NotFound

if TYPE_CHECKING:
    from postroom.composition.checks.failures import Failure
    from postroom.composition.checks.trial import Result

_PICTURES = 60


def run_tests(what: str, sample: str, draft: bool, pictures: Path | None, as_json: bool) -> None:
    """Test a folder or a template; ends with exit code 3 when a test is red."""
    from postroom.project.boot import boot

    boot()
    from postroom.composition import freezing, pack
    from postroom.composition.checks import gate
    from postroom.composition.checks.assertions import stem
    from postroom.composition.checks.trial import try_out
    from postroom.composition.problems import suggestion

    loaded = pack.load(freezing.freeze(_files(what, draft), dt.datetime.now(dt.UTC)).files)
    names = [stem(name) for name, _ in loaded.samples]
    if sample and sample not in names:
        raise NotFound(f"There is no sample {sample!r}.", hint=suggestion(sample, names))
    quiet = as_json or not show.console.is_terminal
    with Progress(console=show.console, transient=True, disable=quiet) as bar:
        task = bar.add_task("Testing")
        result = try_out(
            loaded,
            sample=sample,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
            pictures=_PICTURES if pictures else 0,
        )
    if not sample:
        gate.keep(loaded, result)
    written = _written(result, pictures) if pictures else []
    if as_json:
        show.as_json(
            {
                "template": loaded.key,
                "documents": result.documents,
                "expectations": result.assertions,
                "seconds": round(result.seconds, 2),
                "green": result.green,
                "failures": [failure.plain() for failure in result.failures],
                "pictures": written,
            }
        )
    else:
        _tell(loaded.key, result, written)
    if not result.green:
        raise typer.Exit(ExitCode.BAD_INPUT)


def _files(what: str, draft: bool) -> Mapping[str, bytes]:
    from postroom.composition import drafts
    from postroom.composition.pack import read_folder
    from postroom.composition.queries import newest_version, sources_of

    if Path(what).is_dir():
        return read_folder(what)
    if draft:
        found = drafts.standing(what)
        if found is None:
            raise NotFound(f"There is no draft of {what}.", hint="See `postroom template drafts`.")
        return drafts.files(found)
    return sources_of(newest_version(what))


def _written(result: Result, folder: Path) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for number, (failure, picture) in enumerate(result.pictures, 1):
        path = folder / f"{number:02d}-{failure.sample}-{failure.language}-{failure.code}.png"
        path.write_bytes(picture)
        names.append(str(path))
    return names


def _tell(key: str, result: Result, written: list[str]) -> None:
    for failure in result.failures:
        show.console.print(str(failure.problem()), markup=False, highlight=False)
        places = _places(failure)
        if places:
            show.console.print(f"  at {places}", markup=False, highlight=False)
    counted = f"{result.documents} documents, {result.assertions} expectations, {result.seconds:.1f} s"
    verdict = "all hold" if result.green else f"{len(result.failures)} do not hold"
    show.console.print(f"{key}: {counted}: {verdict}.")
    if written:
        show.console.print(f"{len(written)} pages with their places outlined are in {Path(written[0]).parent}.")


def _places(failure: Failure) -> str:
    from postroom.composition.checks.pages import said

    return "; ".join(said(rect) for rect in failure.rects[:2])
