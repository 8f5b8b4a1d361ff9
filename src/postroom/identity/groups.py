"""Groups of the company's directory, mapped to roles. The same words for OpenID Connect and LDAP.

Only groups that are named here count: whoever is in none of them has no role, and without a role nobody gets in (P7).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from postroom.identity.roles import ROLES
from postroom.kernel.config import BadSetting


def parse_group_roles(text: str, variable: str) -> dict[str, str]:
    """``"ops=operator,records=records_manager"`` as a mapping. Raises BadSetting naming the variable.

    A group may hold ``=`` itself (``cn=ops,...`` is for LDAP written as its plain name): the role stands after the
    last one.
    """
    found: dict[str, str] = {}
    for part in filter(None, (word.strip() for word in text.split(","))):
        group, sign, role = (word.strip() for word in part.rpartition("="))
        if not sign or not group:
            raise BadSetting(
                f"{variable} holds {part!r}, which is not group=role.",
                hint=f"Write it like {variable}=ops=operator,records=records_manager.",
            )
        if role not in ROLES:
            raise BadSetting(
                f"{variable} gives {group!r} the role {role!r}, which does not exist.",
                hint=f"Roles: {', '.join(ROLES)}.",
            )
        found[group] = role
    if not found:
        raise BadSetting(
            f"{variable} is empty: nobody could sign in.",
            hint=f"Write which group gets which role: {variable}=ops=operator,records=records_manager.",
        )
    return found


def roles_of_groups(groups: Iterable[str], group_roles: Mapping[str, str]) -> list[str]:
    """The roles the groups give, sorted, each once. Empty: this person is not let in."""
    return sorted({group_roles[group] for group in groups if group in group_roles})


def groups_in(claims: Mapping[str, object], claim: str) -> list[str]:
    """The groups of a claim. ``claim`` may lead inwards (``realm_access.roles``).

    A list of texts is usual; some providers send one text. Anything else counts as no group.
    """
    found: object = claims.get(claim)
    if found is None:
        found = claims
        for name in claim.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return [found]
    return [group for group in found if isinstance(group, str)] if isinstance(found, list) else []
