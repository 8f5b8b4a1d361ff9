"""The database of the tests: one embedded PostgreSQL per session, a clean copy of a finished database per test.

A copy (CREATE DATABASE .. TEMPLATE) and not a rolled back transaction, because the ledger refuses to forget, workers
and servers have connections of their own, and what a test commits must really be committed. With xdist all workers
share one cluster, and each test has a database of its own in it.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import django
import hypothesis
import psycopg
import pytest

from api_kit import Program, World, make_the_world, the_world
from journeys import twice
from postroom.kernel import database
from postroom.kernel.home import Home
from postroom.kernel.locks import FileLock

if TYPE_CHECKING:
    from postroom.identity.actor import Actor
    from postroom.identity.models import User

_ROOT = "POSTROOM_TEST_ROOT"
_BARE, _STARTERS, _WORLD = "tests_bare", "tests_starters", "tests_world"


def pytest_configure(config: pytest.Config) -> None:
    """The folder of the session, made by the process that starts it and handed down to xdist's workers."""
    if _ROOT not in os.environ:
        os.environ[_ROOT] = tempfile.mkdtemp(prefix="pr-tests-")
    # How fast a busy machine is says nothing of the code; what a test is to take is said by that test.
    hypothesis.settings.register_profile(
        "postroom", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
    )
    hypothesis.settings.load_profile("postroom")
    # Counted for the whole session, where xdist's workers report too (ADR 0042).
    config.pluginmanager.register(twice, twice.__name__)
    # No test ever touches the home folder of whoever runs it.
    os.environ["POSTROOM_HOME"] = str(Path(os.environ[_ROOT]) / "nobody")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postroom.project.settings")
    os.environ.setdefault("POSTROOM_SECRET_KEY", "tests-" + "0" * 50)
    os.environ.setdefault("POSTROOM_VAULT_KEY", "5e" * 32)  # homes are copied without a key file
    os.environ.setdefault("POSTROOM_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1],testserver")  # Django's test client


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the cluster and leave nothing behind; a worker only lets go of it."""
    root = Path(os.environ[_ROOT])
    database.stop(Home(root / "pg"), lambda _: None)
    if not hasattr(config, "workerinput"):
        shutil.rmtree(root, ignore_errors=True)
        del os.environ[_ROOT]


class Cluster:
    """The PostgreSQL of the session and the databases in it."""

    def __init__(self, root: Path, worker: str) -> None:
        self.root, self.worker = root, worker
        self.made = 0
        self.url = database.start(Home(root / "pg"), lambda _: None)
        self._hurry(Home(root / "pg"))

    def _hurry(self, home: Home) -> None:
        """No fsync: nobody reads this cluster after a power cut, and a crash of ours leaves the same either way."""
        settings = home.database / "data" / "postgresql.auto.conf"
        with FileLock(self.root / "templates.lock").holding(timeout=300):
            if "fsync" in settings.read_text("utf-8"):
                return
            with settings.open("a", encoding="utf-8") as lines:
                lines.write("fsync = off\nfull_page_writes = off\nsynchronous_commit = off\nautovacuum = off\n")
            pid = database.status(home).pid
            assert pid is not None
            os.kill(pid, signal.SIGHUP)

    def url_of(self, name: str) -> str:
        """Address of the database ``name``."""
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    def run(self, *statements: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as session:
            for statement in statements:
                session.execute(statement)  # type: ignore[arg-type]

    def copy(self, template: str) -> str:
        """A database like ``template``, in about 0.1 s."""
        self.made += 1
        name = f"t_{self.worker}_{self.made}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        """Throw a database away. Autovacuum may be in it, and only a superuser may end that: it is waited for."""
        for _ in range(100):
            try:
                self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
                return
            except psycopg.errors.InsufficientPrivilege:
                time.sleep(0.2)
        self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def finish(self, name: str, template: str | None, make: Callable[[], None], seed: str = "") -> None:
        """Make the template database ``name`` once per session, whoever comes first, on the home of ``seed``."""
        with FileLock(self.root / "templates.lock").holding(timeout=300):
            with psycopg.connect(self.url) as session:
                if session.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                    return
            raw = f"{name}_raw"
            self.drop(raw)
            self.run(f"CREATE DATABASE {raw}" + (f" TEMPLATE {template}" if template else ""))
            home = Home(self.root / name).prepare()
            if seed:
                before = Home(self.root / seed)
                shutil.copytree(before.vault, home.vault, dirs_exist_ok=True)
                shutil.copy(before.ledger_heads, home.ledger_heads)
            with self.in_use(raw, home):
                make()
            self.run(f"ALTER DATABASE {raw} RENAME TO {name}")

    @contextmanager
    def in_use(self, name: str, home: Home) -> Iterator[None]:
        """This process and its children work with the database ``name`` and the folder ``home``."""
        url = self.url_of(name)
        kept = {key: os.environ.get(key) for key in ("DATABASE_URL", "POSTROOM_DATABASE_URL", "POSTROOM_HOME")}
        os.environ.update(DATABASE_URL=url, POSTROOM_DATABASE_URL=url, POSTROOM_HOME=str(home.prepare().root))
        try:
            _boot()
            _connect_to(url)
            yield
        finally:
            _let_go()
            for key, value in kept.items():
                if value is None:
                    os.environ.pop(key, None)
                else:
                    os.environ[key] = value


def _boot() -> None:
    from postroom.project.boot import boot

    boot(migrate=False)
    from django.conf import settings

    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # whitenoise warns of a folder that is missing


def _connect_to(url: str) -> None:
    from django.conf import settings
    from django.db import connections

    from postroom.project.settings import _database

    _let_go()
    settings.DATABASE_URL = url
    connections["default"].settings_dict.update(_database(url))


def _let_go() -> None:
    """Forget whatever belongs to the database and home of another test."""
    from django.core.cache import cache
    from django.db import connections

    from postroom.delivery import determine
    from postroom.delivery.channels import close_channels
    from postroom.kernel import liveness, notices
    from postroom.vault import write

    notices.let_go()
    close_channels()
    if liveness._CURRENT is not None:
        liveness._CURRENT.release()
        liveness._CURRENT = None
    write.forget_writers_after_fork()
    determine._table.cache_clear()
    connections.close_all()
    cache.clear()


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """The shared PostgreSQL with a migrated, empty template database in it."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    made = Cluster(Path(os.environ[_ROOT]), worker)
    django.setup()

    def migrate() -> None:
        from postroom.project.boot import bring_schema_up_to_date

        bring_schema_up_to_date()

    made.finish(_BARE, None, migrate)
    yield made
    from postroom.composition.compose import close_cells

    close_cells()


@pytest.fixture
def home(request: pytest.FixtureRequest, cluster: Cluster) -> Home:
    """A home folder of this test's own: empty, or with the bytes of the layer the test asks for.

    It stays until the session ends: loaded templates keep their unfolded folders.
    """
    cluster.made += 1
    made = Home(cluster.root / "homes" / f"{cluster.worker}-{cluster.made}")
    layer = _layer(request)
    if layer != _BARE:
        _finish_layer(cluster, layer)
        seed = Home(cluster.root / layer)
        made.root.parent.mkdir(exist_ok=True)
        made.root.mkdir(mode=0o700)
        shutil.copytree(seed.vault, made.vault)
        shutil.copy(seed.ledger_heads, made.ledger_heads)
    return made.prepare()


@pytest.fixture
def db(request: pytest.FixtureRequest, cluster: Cluster, home: Home) -> Iterator[str]:
    """A clean, migrated database that Django, our workers and child processes of this test use. Its URL."""
    name = cluster.copy(_layer(request))
    try:
        with cluster.in_use(name, home):
            yield cluster.url_of(name)
    finally:
        cluster.drop(name)


@pytest.fixture
def starters(db: str) -> list[str]:
    """The starter templates are published and the letter and portal destinations set up. The templates' keys."""
    from postroom.composition.models import Template

    return list(Template.objects.order_by("key").values_list("key", flat=True))


@pytest.fixture
def world(db: str) -> World:
    """On top of the starters: one settled run with documents, deliveries, and a record that was set aside."""
    return the_world()


def _layer(request: pytest.FixtureRequest) -> str:
    """The finished database this test starts from."""
    if "world" in request.fixturenames:
        return _WORLD
    return _STARTERS if "starters" in request.fixturenames else _BARE


def _finish_layer(cluster: Cluster, layer: str) -> None:
    from postroom.project.install import STARTERS, install_starters

    assert STARTERS.is_dir(), "there are no starter templates"
    cluster.finish(_STARTERS, _BARE, install_starters)
    if layer == _WORLD:
        cluster.finish(_WORLD, _STARTERS, make_the_world, seed=_STARTERS)


@pytest.fixture
def user_of(db: str) -> Callable[[str], User]:
    """Somebody with a role, made at the first asking: ``user_of("clerk")``."""
    made: dict[str, User] = {}

    def find(role: str) -> User:
        from postroom.identity.actions.create_user import create_user
        from postroom.identity.actor import SYSTEM

        if role not in made:
            email = f"{role.replace('_', '.')}@postroom.example"
            made[role] = create_user(SYSTEM, email=email, name=role.replace("_", " ").title(), roles=[role])
        return made[role]

    return find


@pytest.fixture
def actor_of(user_of: Callable[[str], User]) -> Callable[[str], Actor]:
    """The actor of somebody with a role."""

    def find(role: str) -> Actor:
        from postroom.identity.actor import actor_of_user

        return actor_of_user(user_of(role))

    return find


@pytest.fixture
def token_of(user_of: Callable[[str], User]) -> Callable[..., str]:
    """The secret of a fresh token of somebody with a role; ``scopes`` narrows it."""

    def issue(role: str, **options: Any) -> str:
        from postroom.identity.actions.issue_token import issue_token
        from postroom.identity.actor import SYSTEM

        return issue_token(SYSTEM, user=user_of(role), name=role, **options)[1]

    return issue


@pytest.fixture
def program_of(token_of: Callable[..., str]) -> Callable[..., Program]:
    """A program that calls for somebody with a role: ``program_of("operator").get("/runs")``."""

    def make(role: str, **options: Any) -> Program:
        from django.test import Client

        return Program(Client(enforce_csrf_checks=True, raise_request_exception=False), token_of(role, **options))

    return make


@pytest.fixture
def nobody(db: str) -> Program:
    """A caller without a token."""
    from django.test import Client

    return Program(Client(raise_request_exception=False), "")
