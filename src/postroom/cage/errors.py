"""What the cage can say no to."""

from __future__ import annotations

from postroom.kernel.errors import BadInput, ExitCode, LimitReached, PostroomError, Unavailable


class CellNotStarted(Unavailable):
    """A cell died or fell silent before it was ready."""

    code = "cell-not-started"
    title = "A caged process could not be started"


class BenchRefused(BadInput):
    """The bench was started and refused its setup, for example a template that does not compile."""

    code = "bench-refused"
    title = "The template or rules cannot be used"


class JobStopped(LimitReached):
    """A job was stopped at its time or memory limit."""

    code = "job-stopped"
    title = "The work was stopped at a limit"


class JobFailed(BadInput):
    """A job could not be done; the fault lies in what it was given."""

    code = "job-failed"
    title = "The work could not be done"


class NotPlain(PostroomError):
    """A job holds a value that has no exact JSON form. A mistake in the calling code."""

    code = "not-plain"
    title = "A job for the cage is not plain data"
    exit_code = ExitCode.INTERNAL


class CellBusy(PostroomError):
    """A second thread used a cell while the first waited for answers. A mistake in the calling code."""

    code = "cell-busy"
    title = "A cell was used twice at the same time"
