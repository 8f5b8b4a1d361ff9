"""OpenLDAP's slapd with a private folder and port: people, groups, and a search account."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from servers import need

_SUFFIX = "dc=firm,dc=example"
PASSWORD = "the-directory-knows-this"
SEARCHER, SEARCHER_PASSWORD = f"cn=searcher,{_SUFFIX}", "searching"

_CONFIG = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
database mdb
suffix "{suffix}"
rootdn "cn=root,{suffix}"
directory {folder}/data
maxsize 10485760
access to attrs=userPassword by anonymous auth by * none
access to * by users read by anonymous auth
"""


class Slapd:
    """``groups``: the logins of each group. Everybody's address is ``login@firm.example``."""

    def __init__(self, groups: dict[str, list[str]], people: list[str]) -> None:
        self._slapd, self._add = need("slapd"), need("slapadd")
        self._groups, self._people = groups, people
        self.folder = Path(tempfile.mkdtemp(prefix="postroom-slapd-"))
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.url = f"ldap://127.0.0.1:{probe.getsockname()[1]}"

    def __enter__(self) -> Slapd:
        (self.folder / "data").mkdir()
        config = self.folder / "slapd.conf"
        config.write_text(_CONFIG.format(folder=self.folder, suffix=_SUFFIX))
        (self.folder / "all.ldif").write_text(self._ldif())
        added = [self._add, "-f", str(config), "-l", str(self.folder / "all.ldif")]
        subprocess.run(added, check=True, capture_output=True, timeout=60)
        with (self.folder / "log").open("wb") as log:
            command = [self._slapd, "-f", str(config), "-h", self.url, "-d", "0"]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        host, _, port = self.url.removeprefix("ldap://").partition(":")
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                socket.create_connection((host, int(port)), 1).close()
                return self
            except OSError:
                time.sleep(0.05)
        told = (self.folder / "log").read_text(errors="replace")
        self.__exit__()
        raise RuntimeError(f"slapd does not start: {told}")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def regroup(self, groups: dict[str, list[str]]) -> Slapd:
        """The same directory with other groups, on the same port."""
        self.__exit__()
        self._groups = groups
        self.folder = Path(tempfile.mkdtemp(prefix="postroom-slapd-"))
        return self.__enter__()

    def _ldif(self) -> str:
        entries = [
            f"dn: {_SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\ndc: firm\no: Firm",
            f"dn: {SEARCHER}\nobjectClass: person\ncn: searcher\nsn: searcher\nuserPassword: {SEARCHER_PASSWORD}",
            f"dn: ou=people,{_SUFFIX}\nobjectClass: organizationalUnit\nou: people",
            f"dn: ou=groups,{_SUFFIX}\nobjectClass: organizationalUnit\nou: groups",
        ]
        for login in self._people:
            entries.append(
                f"dn: uid={login},ou=people,{_SUFFIX}\nobjectClass: inetOrgPerson\nuid: {login}\nsn: {login}\n"
                f"cn: {login.title()} Firm\nmail: {login}@firm.example\nuserPassword: {PASSWORD}"
            )
        for group, logins in self._groups.items():
            members = "\n".join(f"member: uid={login},ou=people,{_SUFFIX}" for login in logins)
            entries.append(f"dn: cn={group},ou=groups,{_SUFFIX}\nobjectClass: groupOfNames\ncn: {group}\n{members}")
        return "\n\n".join(entries) + "\n"
