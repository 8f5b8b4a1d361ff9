"""The docs cannot lie: links, commands, options, variables, defaults, addresses, files and excerpts are held against
the code. `make docs` runs this alone; nothing here needs a database."""

from __future__ import annotations

import re

import docs_kit as kit
import pytest

PAGES = kit.pages()
CONFIGURATION = "docs/configuration.md"
#: What no page may say: paths of somebody's machine, and promises in place of text.
UNWANTED = re.compile(r"(?<![\w.])/(?:work|home|root|Users)/\w|\bTODO\b|\bFIXME\b|\bTBD\b|localhost:\d+/simple")


@pytest.mark.parametrize("page", PAGES)
def test_every_relative_link_leads_somewhere(page: str) -> None:
    assert kit.broken_links(page, PAGES[page]) == []


@pytest.mark.parametrize("page", PAGES)
def test_every_command_and_option_exists(page: str) -> None:
    assert kit.unknown_commands(page, PAGES[page]) == []


@pytest.mark.parametrize("page", PAGES)
def test_every_file_and_address_named_exists(page: str) -> None:
    assert kit.missing_paths(page, PAGES[page]) == []
    assert kit.unknown_addresses(page, PAGES[page], kit.routes()) == []


@pytest.mark.parametrize("page", PAGES)
def test_no_page_names_a_machine_or_promises_text(page: str) -> None:
    assert UNWANTED.findall(PAGES[page]) == []


def test_every_variable_of_the_code_is_documented_and_the_reverse() -> None:
    assert kit.variables_of(PAGES[CONFIGURATION]) == kit.variables_of_the_code()
    for page, text in PAGES.items():
        assert kit.variables_of(text) - kit.variables_of_the_code() == set(), page


def test_documented_defaults_are_those_of_the_code() -> None:
    told = kit.defaults_of(PAGES[CONFIGURATION])
    assert {name: told.get(name) for name in kit.defaults_of_the_code()} == kit.defaults_of_the_code()


def test_the_tour_has_twelve_files_and_says_of_each_what_it_says() -> None:
    found = kit.stations(PAGES["docs/tour.md"])
    assert len(found) == 12
    for path, text in found:
        assert kit.untrue_station(path, text, (kit.ROOT / path).read_text(encoding="utf-8")) == []


def test_every_dependency_is_told_with_its_licence() -> None:
    assert kit.untold_packages(PAGES["THIRD-PARTY.md"]) == []


def test_every_decision_is_in_the_index_and_numbers_are_given_once() -> None:
    decisions = sorted(path.name for path in (kit.ROOT / "docs" / "adr").glob("0*.md"))
    assert [name for name in decisions if f"({name})" not in PAGES["docs/adr/README.md"]] == []
    assert len({name[:4] for name in decisions}) == len(decisions)


def test_the_roles_of_the_security_page_are_those_of_the_code() -> None:
    from postroom.identity.roles import ROLES

    assert set(re.findall(r"^\| `(\w+)` \|", PAGES["docs/security.md"], re.M)) == set(ROLES)


def test_hints_of_the_code_name_commands_that_exist() -> None:
    sources = sorted(kit.SOURCE.rglob("*.py"))
    named = [(path.relative_to(kit.ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in sources]
    assert [wrong for path, source in named for wrong in kit.unknown_commands_of_hints(path, source)] == []


def test_the_code_names_pages_that_exist() -> None:
    for path in sorted(kit.SOURCE.rglob("*.py")):
        for page in re.findall(r"docs/[a-z]+\.md", path.read_text(encoding="utf-8")):
            assert page in PAGES, path


def test_the_tables_told_are_those_of_the_models() -> None:
    assert kit.tables_told(PAGES["ARCHITECTURE.md"]) == kit.tables_of_the_code()


def test_an_invariant_that_is_built_has_tests_with_its_number() -> None:
    rows = re.findall(r"^\| (P\d+) \|(.*)$", PAGES["ARCHITECTURE.md"], re.M)
    assert [number for number, _ in rows] == [f"P{number}" for number in range(1, 12)]
    built = {number for number, row in rows if "| *not built yet*" not in row}
    assert built - kit.proven_invariants() == set()


def test_planted_a_false_claim_of_each_kind_is_found() -> None:
    # given a page on which nothing is true
    page = (
        "See [this](nowhere.md). Run `postroom inspect`, then `postroom runs list --fast`, or `postroom runs begin`.\n"
        "Set `POSTROOM_SPEED`, read `src/postroom/nothing.py`, call `/api/v1/runs/R-1/explode`. It is in /home/me.\n"
        "```\npostroom run invoice data.jsonl --hurry\n```\n| `POSTROOM_CHUNK_SIZE` | `7` | wrong |\n"
    )
    # then every gate says so
    assert len(kit.broken_links("docs/page.md", page)) == 1
    assert [line.rpartition(": ")[2] for line in kit.unknown_commands("page", page)] == [
        "there is no option --hurry",
        "there is no command 'inspect'",
        "there is no option --fast",
        "there is no command 'begin'",
    ]
    assert "POSTROOM_SPEED" in kit.variables_of(page) - kit.variables_of_the_code()
    assert len(kit.missing_paths("page", page)) == 1
    assert len(kit.unknown_addresses("page", page, kit.routes())) == 1
    assert kit.defaults_of(page)["POSTROOM_CHUNK_SIZE"] != kit.defaults_of_the_code()["POSTROOM_CHUNK_SIZE"]
    assert UNWANTED.search(page)
    assert len(kit.unknown_commands_of_hints("x.py", """hint = f"See `postroom run list {ref} --all`." """)) == 1
    assert kit.tables_told("## ".join(["\n"] * 6 + ["6. Data\n| `nothing`, `here` | x | y |\n"])) == {"nothing", "here"}


def test_planted_a_tour_that_is_behind_the_code_is_found() -> None:
    source = "def claim() -> None:\n    state = 'claimed'\n"
    station = (
        "## 1. `src/postroom/x.py`\n`seize()` does it:\n```python\ndef claim() -> None:\n    state = 'mine'\n```\n"
    )
    assert len(kit.untrue_station("x.py", station, source)) == 2
    assert kit.untold_packages("| `Django` | BSD |") != []
    assert "left-pad" in kit.untold_packages(PAGES["THIRD-PARTY.md"] + "| `left-pad` | MIT |\n")


def test_true_claims_pass() -> None:
    page = "`postroom run invoice data.jsonl --json` and `postroom --version`, `GET /api/v1/runs/{ref}`, src/postroom/"
    assert kit.unknown_commands("page", page) == []
    assert kit.unknown_addresses("page", page, kit.routes()) == []
