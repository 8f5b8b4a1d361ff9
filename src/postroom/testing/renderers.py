"""The contract of a renderer as tests, for the authors of lanes.

Subclass ``RendererContract`` in a test module, say how to make your renderer and a job for it, and pytest does the
rest::

    class TestMyRenderer(RendererContract):
        renderer_class = MyRenderer

        @pytest.fixture
        def pack(self, tmp_path): ...           # folder of a template's files, unfolded
        @pytest.fixture
        def fonts(self): ...                    # folder of fonts
        @pytest.fixture
        def job(self): ...                      # a RenderJob that makes one document
        @pytest.fixture
        def other_job(self): ...                # one whose document differs
        @pytest.fixture
        def faulty_pack(self, tmp_path): ...    # a pack whose page cannot be composed
"""

from __future__ import annotations

import json
import subprocess
import sys
from abc import abstractmethod
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

import pytest

from postroom.composition.spec import Rendered, Renderer, RenderFault, RenderJob

_AGAIN = """
import importlib, json, sys
from hashlib import sha256
from postroom.composition.spec import RenderJob
given = json.load(sys.stdin)
made = getattr(importlib.import_module(given["module"]), given["name"])(given["pack"], given["fonts"])
sys.stdout.write(sha256(made.render(RenderJob(**given["job"])).content).hexdigest())
"""


class RendererContract:
    """What every renderer must do."""

    renderer_class: ClassVar[type[Renderer]]

    @abstractmethod
    @pytest.fixture
    def pack(self, tmp_path: Path) -> Path:
        """Folder of an unfolded template."""

    @abstractmethod
    @pytest.fixture
    def faulty_pack(self, tmp_path: Path) -> Path:
        """Folder of an unfolded template whose page cannot be composed."""

    @abstractmethod
    @pytest.fixture
    def fonts(self) -> Path:
        """Folder of the fonts."""

    @abstractmethod
    @pytest.fixture
    def job(self) -> RenderJob:
        """A job that makes one document."""

    @abstractmethod
    @pytest.fixture
    def other_job(self) -> RenderJob:
        """A job whose document differs from that of ``job``."""

    @pytest.fixture
    def passages(self) -> tuple[Path, RenderJob, RenderJob]:
        """For a lane that ``opens_passages``: folder of an unfolded template that shows a content block, a job, and
        the same job with other words in ``view["blocks"]``."""
        raise AssertionError(f"{self.renderer_class.__name__} opens passages: say with the fixture `passages` how")

    @pytest.fixture
    def renderer(self, pack: Path, fonts: Path) -> Renderer:
        """The renderer under test."""
        return self.renderer_class(str(pack), str(fonts))

    def test_it_says_what_it_is(self) -> None:
        assert self.renderer_class.name and self.renderer_class.engine().split()[-1][0].isdigit()
        assert all("/" in promise for promise in self.renderer_class.promises)

    def test_it_makes_a_document(self, renderer: Renderer, job: RenderJob) -> None:
        made = renderer.render(job)
        assert isinstance(made, Rendered) and made.content and "/" in made.media_type
        assert made.pages >= 1

    def test_it_leaves_the_job_as_it_was(self, renderer: Renderer, job: RenderJob) -> None:
        before = json.dumps(asdict(job), sort_keys=True)
        renderer.render(job)
        assert json.dumps(asdict(job), sort_keys=True) == before

    def test_p5_equal_jobs_give_equal_bytes(self, renderer: Renderer, job: RenderJob, other_job: RenderJob) -> None:
        self._reproducible()
        # given a renderer that has made something else in between
        first = renderer.render(job).content
        assert renderer.render(other_job).content != first
        # when it makes the first document again, then it is the same to the byte
        assert renderer.render(job).content == first

    def test_p5_a_fresh_process_gives_the_same_bytes(
        self, renderer: Renderer, job: RenderJob, pack: Path, fonts: Path
    ) -> None:
        self._reproducible()
        from hashlib import sha256

        given: dict[str, Any] = {
            "module": self.renderer_class.__module__,
            "name": self.renderer_class.__name__,
            "pack": str(pack),
            "fonts": str(fonts),
            "job": asdict(job),
        }
        ran = subprocess.run(
            [sys.executable, "-c", _AGAIN],
            input=json.dumps(given),
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        assert ran.stdout == sha256(renderer.render(job).content).hexdigest()

    def test_a_fault_of_the_page_is_told_and_the_renderer_lives_on(
        self, renderer: Renderer, job: RenderJob, faulty_pack: Path, fonts: Path
    ) -> None:
        with pytest.raises(RenderFault) as caught:
            self.renderer_class(str(faulty_pack), str(fonts)).render(job)
        assert caught.value.code and str(caught.value)
        assert renderer.render(job).content

    def test_a_lane_that_opens_passages_shows_what_they_say(self, request: pytest.FixtureRequest, fonts: Path) -> None:
        if not self.renderer_class.opens_passages:
            pytest.skip(f"{self.renderer_class.__name__} opens no passages")
        # given a template that shows a content block, and a letter that says it in other words
        pack, usual, otherwise = request.getfixturevalue("passages")
        # when both are made, then they differ: the words of a letter are never lost without a word
        made = self.renderer_class(str(pack), str(fonts))
        assert made.render(usual).content != made.render(otherwise).content

    def _reproducible(self) -> None:
        if not self.renderer_class.reproducible:
            pytest.skip(f"{self.renderer_class.__name__} does not declare that it is reproducible")
