"""Who PostgreSQL runs as, and how that account reaches its files.

PostgreSQL refuses to run as root. When we are root, it runs under an unprivileged account instead, and every
account made and every permission changed for that is said: an administrator must never find out by surprise.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from postroom.kernel.database.errors import HomeNotWritable, NoServiceAccount
from postroom.kernel.database.providers import Provider, plain_environment

Say = Callable[[str], None]
"""Takes one sentence for the administrator."""

EXISTING = "postgres"
OURS = "postroom"


@dataclass(frozen=True, slots=True)
class Account:
    """The account the server runs under. ``ours`` means: the one of this process, nothing to switch."""

    name: str
    uid: int
    gid: int
    ours: bool

    def run(
        self, command: list[str], *, inherit: tuple[int, ...] = (), stdin: str | None = None, timeout: float = 600
    ) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs as this account, output caught, from ``/`` (always reachable)."""
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            input=stdin if stdin is not None else "",
            env=plain_environment(),
            cwd="/",
            timeout=timeout,
            pass_fds=inherit,
            umask=0o077,
            check=False,
            user=None if self.ours else self.uid,
            group=None if self.ours else self.gid,
            extra_groups=None if self.ours else [],
        )

    def own(self, folder: Path) -> None:
        """Make ``folder`` (0700) this account's, or check that it is."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self.ours and folder.stat().st_uid != self.uid:
            os.chown(folder, self.uid, self.gid)


def account_for(data: Path, say: Say) -> Account:
    """The account for the server of ``data``: ours, or when we are root the owner of the data, else a service one.

    Raises HomeNotWritable when the data are somebody else's, NoServiceAccount when root finds and makes none.
    """
    owner = _owner(data)
    uid = os.geteuid()
    if uid != 0:
        if owner not in (None, uid):
            raise HomeNotWritable(
                f"The data in {data} belong to {_name(owner)}, and this process runs as {_name(uid)}.",
                hint=f"Run Postroom as {_name(owner)}, or set POSTROOM_HOME to a folder of your own.",
                path=str(data),
            )
        return Account(_name(uid), uid, os.getegid(), ours=True)
    if owner:
        try:
            entry = pwd.getpwuid(owner)
            return Account(entry.pw_name, owner, entry.pw_gid, ours=False)
        except KeyError:  # a container may know the owner by number only
            return Account(str(owner), owner, data.stat().st_gid, ours=False)
    return _service_account(say)


def _owner(data: Path) -> int | None:
    try:
        return data.stat().st_uid
    except FileNotFoundError:
        return None


def _name(uid: int | None) -> str:
    try:
        return pwd.getpwuid(uid if uid is not None else 0).pw_name
    except KeyError:
        return f"user {uid}"


def _service_account(say: Say) -> Account:
    for name in (EXISTING, OURS):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid:
            return Account(name, entry.pw_uid, entry.pw_gid, ours=False)
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    advice = "Run Postroom as an unprivileged user, or create an account named postroom."
    if useradd is None:
        raise NoServiceAccount("Postroom runs as root and there is no useradd to make an account with.", hint=advice)
    made = subprocess.run(
        [
            *(useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"),
            *("--shell", "/usr/sbin/nologin", "--comment", "Postroom's database", OURS),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        raise NoServiceAccount(f"useradd could not make the account {OURS}: {made.stderr.strip()}", hint=advice)
    entry = pwd.getpwnam(OURS)
    say(
        f"PostgreSQL refuses to run as root: created the system account {OURS} (uid {entry.pw_uid}, no login, no "
        "home folder) to run the database. Run Postroom as an unprivileged user to do without it."
    )
    return Account(OURS, entry.pw_uid, entry.pw_gid, ours=False)


def _may_search(mode: os.stat_result, account: Account) -> bool:
    if mode.st_uid == account.uid:
        return bool(mode.st_mode & stat.S_IXUSR)
    if mode.st_gid == account.gid:
        return bool(mode.st_mode & stat.S_IXGRP)
    return bool(mode.st_mode & stat.S_IXOTH)


def open_way(folder: Path, account: Account, say: Say) -> None:
    """Let the account reach ``folder``: search permission, nothing more, on the parents that lack it.

    Search permission lets a known name be opened; the folder still cannot be listed.
    """
    if account.ours:
        return
    real = folder.resolve()
    for place in (*reversed(real.parents), real):
        found = place.stat()
        if _may_search(found, account):
            continue
        _grant(place, found, stat.S_IXOTH, f"so that the account {account.name} reaches {folder}", say)


def open_home(root: Path, account: Account, say: Say) -> None:
    """Let the account pass through the home folder itself, and nobody else.

    Files beside the database (caught mail, logs) rely on the home being closed to others. So when the home's
    group has no permission at all, the account's group gets the search permission instead of everybody.
    """
    if account.ours:
        return
    open_way(root.parent, account, say)
    found = root.stat()
    if _may_search(found, account):
        return
    if found.st_mode & stat.S_IRWXG:
        _grant(root, found, stat.S_IXOTH, f"so that the account {account.name} reaches its database", say)
        return
    before = stat.S_IMODE(found.st_mode)
    try:
        os.chown(root, -1, account.gid)
        root.chmod(before | stat.S_IXGRP)
    except OSError as error:
        raise _not_opened(root, account.name, error) from error
    say(
        f"{root}: group changed to that of the account {account.name}, with search permission only "
        f"({before:04o} -> {before | stat.S_IXGRP:04o}), so that it reaches its database."
    )


def open_programs(provider: Provider, account: Account, say: Say) -> None:
    """Let the account run the provider's programs, also from an environment below ``/root`` or with umask 077."""
    if account.ours:
        return
    open_way(provider.bin, account, say)
    if _runs(provider, account):
        return
    for root in (provider.bin.parent, provider.libraries):
        for place in _tree(root) if root else ():
            found = place.lstat()
            if stat.S_ISLNK(found.st_mode):
                continue
            wanted = stat.S_IROTH
            if stat.S_ISDIR(found.st_mode) or found.st_mode & stat.S_IXUSR:
                wanted |= stat.S_IXOTH
            if found.st_mode & wanted != wanted:
                _grant(place, found, wanted, "", lambda _: None)
        if root:
            say(f"{root}: everybody may now read and run these PostgreSQL programs (the account {account.name} must).")
    if not _runs(provider, account):
        raise NoServiceAccount(
            f"The account {account.name} cannot run {provider.program('postgres')}.",
            hint="Install Postroom in a folder that other accounts may read, or run it as an unprivileged user.",
        )


def _runs(provider: Provider, account: Account) -> bool:
    try:
        return all(
            account.run([provider.program(name), "-V"], timeout=20).returncode == 0
            for name in ("postgres", "initdb", "pg_ctl")
        )
    except (OSError, subprocess.SubprocessError):
        return False


def _tree(root: Path) -> Iterator[Path]:
    yield root
    yield from root.rglob("*")


def _grant(place: Path, found: os.stat_result, bits: int, why: str, say: Say) -> None:
    before = stat.S_IMODE(found.st_mode)
    try:
        place.chmod(before | bits)
    except OSError as error:
        raise _not_opened(place, "the database account", error) from error
    say(f"{place}: search permission for others added ({before:04o} -> {before | bits:04o}) {why}.")


def _not_opened(place: Path, who: str, error: OSError) -> NoServiceAccount:
    return NoServiceAccount(
        f"{who} cannot be let through {place}: {error.strerror}.",
        hint="Choose a home folder that other accounts may pass through, or run Postroom as an unprivileged user.",
        path=str(place),
    )
