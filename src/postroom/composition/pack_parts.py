"""The parts of a template beside its pages, each parsed and held against the rest; each fault is told with its file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import jsonschema_rs

from postroom.composition.blocks import BlockFault, Tree, block_faults, read_block
from postroom.composition.brand import FILE as BRAND
from postroom.composition.brand import Brand, BrandFault, default_brand
from postroom.composition.brand import read_brand as brand_of
from postroom.composition.codes import PLACE
from postroom.composition.contract import Contract
from postroom.composition.images import inspect_image
from postroom.composition.mail import HTML, SUBJECT, TEXT, MailTemplates, check_mail
from postroom.composition.manifest import Manifest
from postroom.composition.problems import Problem, suggestion
from postroom.composition.shape import ShapeFault


def read_contract(files: Mapping[str, bytes], problems: list[Problem]) -> Contract | None:
    """The data contract; None where it cannot be read."""
    name = "contract.json"
    if name not in files:
        problems.append(Problem(name, 0, "The file is missing.", "It says what a record must look like."))
        return None
    schema = _json(files, name, problems)
    if not isinstance(schema, dict):
        if schema is not None:
            problems.append(Problem(name, 0, "A contract is a JSON object.", "See docs/templates.md."))
        return None
    try:
        return Contract(schema)
    except ShapeFault as fault:
        problems.append(Problem(name, 0, f"{fault.where}: {fault.what}", fault.hint))
    except jsonschema_rs.ValidationError as error:
        place = "/".join(str(step) for step in error.instance_path) or "the contract"
        problems.append(Problem(name, 0, f"{place}: {error.message}.", "See JSON Schema 2020-12."))
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        problems.append(Problem(name, 0, f"This is no JSON Schema: {error}.", "See JSON Schema 2020-12."))
    return None


def read_words(files: Mapping[str, bytes], manifest: Manifest, problems: list[Problem]) -> dict[str, dict[str, str]]:
    """The words by language: the same words in each, with the same places."""
    words: dict[str, dict[str, str]] = {}
    for tag in manifest.languages:
        name = f"words/{tag}.json"
        if name not in files:
            problems.append(Problem(name, 0, "The file is missing.", f"template.yaml names the language {tag}."))
            continue
        found = _json(files, name, problems)
        if found is None:
            continue
        if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
            problems.append(Problem(name, 0, "A words file is one flat object of texts.", '{"due": "Payable by"}'))
            continue
        words[tag] = found
    for name in files:
        if name.startswith("words/") and name[6:-5] not in manifest.languages:
            problems.append(Problem(name, 0, "template.yaml does not name this language.", "Add it to languages."))
    first = words.get(manifest.languages[0], {})
    for tag, texts in words.items():
        for key in sorted(first.keys() ^ texts.keys()):
            lacking, other = (tag, manifest.languages[0]) if key in first else (manifest.languages[0], tag)
            what = f"The word {key!r} is missing; {other} has it."
            problems.append(Problem(f"words/{lacking}.json", 0, what, "Every language has the same words."))
        for key in sorted(first.keys() & texts.keys()):
            if set(PLACE.findall(first[key])) != set(PLACE.findall(texts[key])):
                what = f"The word {key!r} has other {{places}} than in {manifest.languages[0]}."
                problems.append(Problem(f"words/{tag}.json", 0, what, f"There it is {first[key]!r}."))
    return words


def read_brand(files: Mapping[str, bytes], covered: frozenset[str], problems: list[Problem]) -> Brand:
    """The template's own brand; the sample company's where it has none."""
    if BRAND not in files:
        problems += [
            Problem(name, 0, "A brand's file without brand.json.", "Add brand.json, or put the image into assets/.")
            for name in files
            if name.startswith("brand/")
        ]
        return default_brand()
    try:
        brand = brand_of(files[BRAND], {name[6:]: data for name, data in files.items() if name[:6] == "brand/"})
    except BrandFault as fault:
        problems.append(Problem(BRAND, 0, str(fault).removeprefix(f"{BRAND}: "), fault.hint))
        return default_brand()
    problems += [fault for name, data in brand.files.items() for fault in inspect_image(f"brand/{name}", data)]
    problems += [Problem(BRAND, 0, what, "Use another sign or another font.") for what in brand.uncovered(covered)]
    return brand


def read_blocks(
    files: Mapping[str, bytes],
    manifest: Manifest,
    contract: Contract,
    covered: frozenset[str],
    problems: list[Problem],
) -> dict[tuple[str, str], Tree]:
    """The template's own content blocks by key and language."""
    found: dict[tuple[str, str], Tree] = {}
    for name in sorted(files):
        if not name.startswith("blocks/"):
            continue
        key, tag = name[7:-5].split(".", 1)
        if key not in manifest.blocks:
            hint = suggestion(key, manifest.blocks) or f"Add blocks: [{key}]."
            problems.append(Problem(name, 0, f"template.yaml names no block {key!r}.", hint))
        if tag not in manifest.languages:
            problems.append(Problem(name, 0, "template.yaml does not name this language.", "Add it to languages."))
        try:
            found[key, tag] = tree = read_block(files[name], key)
        except BlockFault as fault:
            problems.append(Problem(name, 0, str(fault), fault.hint))
            continue
        problems += [Problem(name, 0, what, hint) for what, hint in block_faults(tree, contract.shape, covered)]
    for key in manifest.blocks:
        have = {tag for known, tag in found if known == key}
        for tag in manifest.languages:
            if have and tag not in have:
                what = f"The content block {key!r} is missing in {tag}; other languages have it."
                problems.append(Problem(f"blocks/{key}.{tag}.json", 0, what, "Add it in every language."))
    return found


def read_samples(files: Mapping[str, bytes], problems: list[Problem]) -> list[tuple[str, dict[str, Any]]]:
    """The samples by file name; whether they satisfy the contract is seen when they are tried."""
    samples = []
    for name in sorted(files):
        if name.startswith("samples/"):
            record = _json(files, name, problems)
            if isinstance(record, dict):
                samples.append((name, record))
            elif record is not None:
                problems.append(Problem(name, 0, "A sample is one record, an object.", ""))
    if not any(name.startswith("samples/") for name in files):
        problems.append(Problem("samples/", 0, "There is no sample.", "Add at least one record, as samples/01.json."))
    return samples


def read_mail(files: Mapping[str, bytes], words: frozenset[str], problems: list[Problem]) -> MailTemplates | None:
    """The mail, compiled when nothing else is wrong; None for a template without one."""
    sources = {}
    for name in (SUBJECT, TEXT, HTML):
        if name in files:
            try:
                sources[name] = files[name].decode("utf-8")
            except UnicodeDecodeError:
                problems.append(Problem(name, 0, "The file is not UTF-8.", "Save it as UTF-8."))
    if not sources:
        return None
    for name in (SUBJECT, TEXT):
        if name not in files:
            problems.append(Problem(name, 0, "The file is missing.", "A mail has a subject and a text."))
    faults = check_mail(sources, words)
    problems += faults
    return None if faults or problems else MailTemplates(sources)


def _json(files: Mapping[str, bytes], name: str, problems: list[Problem]) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        out = dict(pairs)
        if len(out) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            problems.append(Problem(name, 0, f"The key {twice!r} stands twice.", "Keep one of them."))
        return out

    try:
        return json.loads(files[name].decode("utf-8"), object_pairs_hook=once)
    except UnicodeDecodeError:
        problems.append(Problem(name, 0, "The file is not UTF-8.", "Save it as UTF-8."))
    except json.JSONDecodeError as error:
        problems.append(Problem(name, error.lineno, f"This is not JSON: {error.msg} (column {error.colno}).", ""))
    except RecursionError:
        problems.append(Problem(name, 0, "The data is nested too deeply.", ""))
    return None
