"""Documents keep the standards their templates promise, as judged by veraPDF."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance import verapdf
from kit.gallery import spoken
from postroom.composition import fonts
from postroom.composition.manifest import read_manifest
from postroom.composition.pack import TemplatePack, load, load_folder, read_folder
from postroom.composition.prepare import prepare
from postroom.composition.spec import RenderJob
from postroom.demo import company
from postroom.plugins.renderers.typst import TypstRenderer

ROOT = Path(__file__).parents[2]
FOLDERS = [ROOT / "tests" / "golden" / "slip", *sorted((ROOT / "src/postroom/demo/templates").glob("*/"))]
LETTERS = sorted(company.LETTERS.glob("*/"))
PROMISES = (("a-2b",), ("a-2a", "ua-1"), ("a-3b",))


@pytest.fixture(scope="module", autouse=True)
def judge() -> None:
    verapdf.needed()


def promising(pack: TemplatePack, standards: tuple[str, ...]) -> TemplatePack:
    """The template with other promises."""
    files = dict(pack.files)
    lines = files["template.yaml"].decode().splitlines()
    named = ", ".join(f"pdf/{standard}" for standard in standards)
    at = next(index for index, line in enumerate(lines) if line.startswith("promises:"))
    lines[at] = f"promises: [{named}]"
    files["template.yaml"] = "\n".join(lines).encode()
    return load(files)


def letter(folder: Path) -> TemplatePack:
    """A letter of the sample company with the content blocks that it shares with others put in, as publishing does."""
    files = read_folder(folder)
    manifest, _ = read_manifest(files["template.yaml"])
    told = json.loads(company.BLOCKS.read_text("utf-8"))
    for key in manifest.blocks:
        for tag in manifest.languages:
            (body,) = [one["body"] for one in told[key]["content"]["variants"] if one.get("language", tag) == tag]
            files[f"blocks/{key}.{tag}.json"] = json.dumps(body).encode()
    return load(files)


def rendered(pack: TemplatePack, folder: Path) -> list[Path]:
    """Every sample in every language, as a file."""
    pack.unfold(folder / "pack")
    renderer = TypstRenderer(str(folder / "pack"), str(fonts.folder()))
    paths = []
    for name, record in pack.samples:
        for tag in pack.manifest.languages:
            ready = prepare(pack, spoken(record, pack.manifest.language, tag))
            path = folder / f"{pack.key}-{Path(name).stem}-{tag}.pdf"
            path.write_bytes(renderer.render(RenderJob(ready.view, ready.codes, ready.fixed_clock)).content)
            paths.append(path)
    return paths


def test_every_sample_of_every_template_in_every_language_keeps_what_it_promises(tmp_path: Path) -> None:
    # given every sample of our own templates, in every language of theirs
    promised: dict[Path, set[str]] = {}
    for pack in [*map(load_folder, FOLDERS), *map(letter, LETTERS)]:
        for path in rendered(pack, tmp_path / pack.key):
            promised[path] = {name.removeprefix("pdf/").replace("-", "").removeprefix("a") for name in pack.promises}
    # when veraPDF judges them by the standards they claim
    verdicts = verapdf.validate(list(promised))
    # then each claims what its template promises, and keeps it
    assert [verdict for verdict in verdicts if not verdict.compliant] == []
    for path, flavours in promised.items():
        assert {verdict.flavour for verdict in verdicts if verdict.path == path} == flavours


def test_a_template_may_promise_more(tmp_path: Path) -> None:
    pack = load_folder(FOLDERS[0])
    paths = []
    for standards in PROMISES:
        paths += rendered(promising(pack, standards), tmp_path / "-".join(standards))[:1]
    verdicts = verapdf.validate(paths)
    assert [(verdict.flavour, verdict.compliant) for verdict in verdicts] == [
        ("2b", True),
        ("2a", True),
        ("ua1", True),
        ("3b", True),
    ], verdicts


def test_the_judge_finds_planted_faults(tmp_path: Path) -> None:
    # given a good file and three that were spoilt: a font no longer embedded, a claim without its standard, no PDF
    good, *_ = rendered(load_folder(FOLDERS[0]), tmp_path)
    content = good.read_bytes()
    faults = {
        "font.pdf": content.replace(b"/FontFile", b"/FantFile"),
        "claim.pdf": content.replace(b"<pdfaid:part>2<", b"<pdfaid:part>1<"),
        "none.pdf": b"This is not a PDF.",
    }
    for name, bad in faults.items():
        assert bad != content, f"the fault of {name} was not planted"
        (tmp_path / name).write_bytes(bad)
    # when they are judged together
    verdicts = {verdict.path.name: verdict for verdict in verapdf.validate([good, *(tmp_path / n for n in faults)])}
    # then only the good one passes
    assert {name for name, verdict in verdicts.items() if verdict.compliant} == {good.name}
    assert any(failure.rule.startswith("6.2.11.4.1") for failure in verdicts["font.pdf"].failed)
