"""What the environment says of signing in: mapped groups, secrets by name, and mistakes that stop the start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from postroom.identity.agents import browser_and_system
from postroom.identity.from_environment import secret
from postroom.identity.groups import groups_in, parse_group_roles, roles_of_groups
from postroom.identity.ldap_config import ldap_config, ldap_installed
from postroom.identity.oidc_config import oidc_config
from postroom.kernel.config import BadSetting

OIDC = {
    "POSTROOM_OIDC_ISSUER": "https://login.firm.example",
    "POSTROOM_OIDC_CLIENT_ID": "postroom",
    "POSTROOM_OIDC_CLIENT_SECRET_ENV": "THE_SECRET",
    "THE_SECRET": "s3cret",
    "POSTROOM_OIDC_GROUP_ROLES": "ops=operator",
}
LDAP = {
    "POSTROOM_LDAP_URL": "ldaps://directory.firm.example",
    "POSTROOM_LDAP_USER_BASE": "ou=people",
    "POSTROOM_LDAP_GROUP_BASE": "ou=groups",
    "POSTROOM_LDAP_GROUP_ROLES": "ops=operator",
}


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Settings are read once per process; not here."""
    for read in (oidc_config, ldap_config):
        read.cache_clear()
    yield
    for read in (oidc_config, ldap_config):
        read.cache_clear()


def environment(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def test_groups_give_roles_and_unmapped_ones_give_none() -> None:
    mapped = parse_group_roles(" ops=operator, records=records_manager ,Domain Users=clerk,a=b=auditor", "X")
    assert mapped == {"ops": "operator", "records": "records_manager", "Domain Users": "clerk", "a=b": "auditor"}
    assert roles_of_groups(["records", "ops", "ops", "others"], mapped) == ["operator", "records_manager"]
    assert roles_of_groups(["OPS"], mapped) == []


@pytest.mark.parametrize("wrong", ["", " , ", "ops", "=operator", "ops=boss"])
def test_a_mapping_that_cannot_be_meant_stops_the_start(wrong: str) -> None:
    with pytest.raises(BadSetting) as told:
        parse_group_roles(wrong, "POSTROOM_OIDC_GROUP_ROLES")
    assert "POSTROOM_OIDC_GROUP_ROLES" in told.value.message and told.value.hint


@pytest.mark.parametrize(
    ("claims", "claim", "found"),
    [
        ({"groups": ["a", "b"]}, "groups", ["a", "b"]),
        ({"groups": "a"}, "groups", ["a"]),
        ({"realm_access": {"roles": ["a"]}}, "realm_access.roles", ["a"]),
        ({"https://firm/groups": ["a"]}, "https://firm/groups", ["a"]),
        ({"groups": {"a": 1}}, "groups", []),
        ({"groups": ["a", 7, None]}, "groups", ["a"]),
        ({}, "groups", []),
    ],
)
def test_groups_are_found_where_providers_put_them(claims: dict[str, object], claim: str, found: list[str]) -> None:
    assert groups_in(claims, claim) == found


def test_a_secret_comes_from_a_named_variable_or_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="Neither"):
        secret("A_ENV", "A_FILE", because="B")
    kept = tmp_path / "secret"
    kept.write_text("from the file\n")
    monkeypatch.setenv("A_FILE", str(kept))
    assert secret("A_ENV", "A_FILE", because="B") == "from the file"
    monkeypatch.setenv("A_FILE", str(tmp_path / "none"))
    with pytest.raises(BadSetting, match="cannot be read"):
        secret("A_ENV", "A_FILE", because="B")
    monkeypatch.setenv("A_ENV", "HELD")
    with pytest.raises(BadSetting, match="HELD, which is empty"):
        secret("A_ENV", "A_FILE", because="B")
    monkeypatch.setenv("HELD", "from the variable")
    assert secret("A_ENV", "A_FILE", because="B") == "from the variable"


def test_a_provider_is_read_whole_and_never_prints_its_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    assert oidc_config() is None
    oidc_config.cache_clear()
    environment(monkeypatch, OIDC)
    found = oidc_config()
    assert found is not None
    assert (found.client_secret, found.groups_claim, found.name, found.only) == (
        "s3cret",
        "groups",
        "login.firm.example",
        False,
    )
    assert "s3cret" not in repr(found)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"POSTROOM_OIDC_ISSUER": "http://login.firm.example"}, "POSTROOM_OIDC_ISSUER"),
        ({"POSTROOM_OIDC_CLIENT_ID": ""}, "POSTROOM_OIDC_CLIENT_ID"),
        ({"POSTROOM_OIDC_GROUP_ROLES": ""}, "POSTROOM_OIDC_GROUP_ROLES"),
        ({"POSTROOM_OIDC_ISSUER": "", "POSTROOM_OIDC_ONLY": "1"}, "POSTROOM_OIDC_ONLY"),
    ],
)
def test_half_a_provider_stops_the_start(monkeypatch: pytest.MonkeyPatch, change: dict[str, str], named: str) -> None:
    environment(monkeypatch, OIDC | change)
    with pytest.raises(BadSetting) as told:
        oidc_config()
    assert named in told.value.message and told.value.hint


@pytest.mark.skipif(not ldap_installed(), reason="the extra ldap is not installed")
@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"POSTROOM_LDAP_URL": "ldap://directory.firm.example"}, "in the clear"),
        ({"POSTROOM_LDAP_URL": "https://directory.firm.example"}, "POSTROOM_LDAP_URL"),
        ({"POSTROOM_LDAP_USER_FILTER": "(objectClass=*)"}, "POSTROOM_LDAP_USER_FILTER"),
        ({"POSTROOM_LDAP_GROUP_BASE": ""}, "POSTROOM_LDAP_GROUP_BASE"),
        ({"POSTROOM_LDAP_BIND_DN": "cn=x"}, "POSTROOM_LDAP_BIND_PASSWORD_ENV"),
    ],
)
def test_half_a_directory_stops_the_start(monkeypatch: pytest.MonkeyPatch, change: dict[str, str], named: str) -> None:
    environment(monkeypatch, LDAP | change)
    with pytest.raises(BadSetting) as told:
        ldap_config()
    assert named in told.value.message and told.value.hint


def test_without_the_extra_a_directory_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch, LDAP)
    monkeypatch.setattr("postroom.identity.ldap_config.ldap_installed", lambda: False)
    with pytest.raises(BadSetting) as told:
        ldap_config()
    assert "postroom[ldap]" in told.value.hint


@pytest.mark.parametrize(
    ("agent", "found"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", ("Firefox", "Linux")),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", ("Edge", "Windows")),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", ("Safari", "macOS")),
        ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", ("Chrome", "Android")),
        ("curl/8.5", ("", "")),
    ],
)
def test_a_browser_is_named_in_two_words(agent: str, found: tuple[str, str]) -> None:
    assert browser_and_system(agent) == found
