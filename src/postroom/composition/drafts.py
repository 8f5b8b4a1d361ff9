"""Drafts of templates: several people change one, and nothing anybody typed is lost.

A save says which revision it was typed over. Where that is not the newest any more, both changes are merged line by
line; where they touch the same lines, nothing is saved, both texts are kept, and ``StaleDraft`` names them.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping

from django.db import IntegrityError, transaction

from postroom.composition import freezing, pack
from postroom.composition.errors import StaleDraft, UnknownDraft, WrongState
from postroom.composition.life_models import DRAFT, OPEN, Draft, DraftChange, DraftConflict
from postroom.composition.merge import merge_bytes
from postroom.composition.models import Template, TemplateVersion
from postroom.composition.problems import Problem, TemplateFaults
from postroom.composition.queries import UnknownTemplate, newest_number, sources_of
from postroom.identity.actor import SYSTEM, Actor
from postroom.kernel import clock
from postroom.kernel.ids import new_id
from postroom.ledger.append import Act, append
from postroom.vault.read import read
from postroom.vault.write import Batch

Changes = Mapping[str, bytes | None]
#: The acts of a revision, by its number.
Note = Callable[[int], list[Act]]
_TRIES = 20
#: The limits of a template (docs/templates.md); which names its lane has is told by ``check``.
_MOST_FILES, _MOST_BYTES = 400, 24_000_000
_NAME = re.compile(r"[^./\\\x00-\x1f][^\\\x00-\x1f/]*(?:/[^./\\\x00-\x1f][^\\\x00-\x1f/]*){0,8}")


def find(draft_id: uuid.UUID | str) -> Draft:
    """The draft. Raises UnknownDraft."""
    try:
        found = Draft.objects.select_related("origin", "base", "published").filter(pk=uuid.UUID(str(draft_id))).first()
    except ValueError:
        found = None
    if found is None:
        raise UnknownDraft("There is no such draft.", hint="See `postroom template drafts`.")
    return found


def standing(template_key: str) -> Draft | None:
    """The draft of the template that is on its way, if there is one."""
    return Draft.objects.select_related("origin", "base").filter(template_key=template_key, state__in=OPEN).first()


def open_for(template_key: str, actor: Actor = SYSTEM) -> Draft:
    """The draft of the template that is on its way, or a fresh one with the files of the newest version.

    Raises UnknownTemplate; ``begin`` makes a draft of a template that does not exist yet.
    """
    found = standing(template_key)
    if found is not None:
        return found
    base = newest_number(template_key)
    if base is None:
        raise UnknownTemplate(
            f"There is no template {template_key!r}.", hint="See `postroom template list`, or push its folder."
        )
    return begin(actor, template_key, base.template.name, base)


def begin(actor: Actor, template_key: str, name: str, base: TemplateVersion | None = None) -> Draft:
    """A fresh draft; the one that is there already when somebody was faster."""
    actor.require("template.edit")
    now = clock.now()
    try:
        with transaction.atomic():
            draft = Draft.objects.create(
                id=new_id(),
                template_key=template_key,
                name=name or template_key,
                origin=base,
                base=base,
                created_by=actor.name,
                created_at=now,
                changed_at=now,
            )
            facts = {"template": template_key, "base": base.no if base else 0}
            append(actor.name, [Act("draft.begun", "template_draft", draft.pk, facts)])
    except IntegrityError:
        found = standing(template_key)
        if found is None:
            raise
        return found
    return draft


def files(draft: Draft, revision: int | None = None) -> dict[str, bytes]:
    """The draft's own files at a revision, or now."""
    at = draft.revision if revision is None else revision
    found = sources_of(draft.origin) if draft.origin is not None else {}
    newest: dict[str, uuid.UUID | None] = {}
    rows = DraftChange.objects.filter(draft=draft, conflict=None, revision__lte=at).order_by("revision")
    for name, blob in rows.values_list("name", "blob_id"):
        newest[name] = blob
    for name, left in newest.items():
        if left is None:
            found.pop(name, None)
        else:
            found[name] = read(left)
    return dict(sorted(found.items()))


def left_behind(draft: Draft, name: str) -> bytes:
    """What a file held before it was taken out of the draft; nothing for one that never was in it."""
    rows = DraftChange.objects.filter(draft=draft, conflict=None, name=name, blob_id__isnull=False)
    held: uuid.UUID | None = rows.order_by("-revision").values_list("blob_id", flat=True).first()
    if held is not None:
        return read(held)
    return sources_of(draft.origin).get(name, b"") if draft.origin is not None else b""


def changed_names(draft: Draft) -> list[str]:
    """Names of the files that are not as in the draft's base."""
    before = sources_of(draft.base) if draft.base is not None else {}
    now = files(draft)
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))


def authors(draft: Draft) -> set[str]:
    """Everybody who changed the draft, as the ledger knows them: none of them approves it."""
    return set(DraftChange.objects.filter(draft=draft, conflict=None).values_list("by", flat=True))


def save(
    actor: Actor, draft_id: uuid.UUID | str, changes: Changes, expected_revision: int, note: Note | None = None
) -> Draft:
    """Keep ``changes`` (None takes a file away), typed over ``expected_revision``. The draft at its new revision.
    ``note`` gives the acts of that revision, which stand in the ledger if and only if it is kept.

    Raises UnknownDraft, WrongState (it is being reviewed), TemplateFaults (a name or size no template has), StaleDraft.
    """
    actor.require("template.edit")
    _nameable(changes)
    for _ in range(_TRIES):
        draft = find(draft_id)
        _still_open(draft)
        expected = min(max(0, expected_revision), draft.revision)
        current = files(draft)
        wanted, clashes = _merged(draft, current, changes, expected)
        if clashes:
            raise _kept(actor, draft, changes, expected, clashes)
        wanted = {name: content for name, content in wanted.items() if current.get(name) != content}
        if not wanted:
            return draft
        _small({**current, **wanted})
        saved = _written(actor, draft, wanted, note=note)
        if saved is not None:
            return saved
    raise WrongState("The draft is changed faster than this can be saved.", hint="Save again.")


def check(draft: Draft) -> list[Problem]:
    """Everything that would keep the draft from being published, with file and line; content blocks included."""
    own = files(draft)
    try:
        loaded = pack.load(freezing.freeze(own, draft.valid_from or clock.now()).files)
    except TemplateFaults as faults:
        return list(faults.problems)
    problems = freezing.unkept_promises(loaded)
    if loaded.key != draft.template_key:
        what = f"The key is {loaded.key!r}; this is the draft of {draft.template_key!r}."
        problems.append(Problem("template.yaml", 1, what, "A template keeps its key for life."))
    return problems


def move(actor: Actor, draft: Draft, wanted: Changes, base: TemplateVersion) -> Draft:
    """The draft over a newer ``base``, with ``wanted`` as one revision. Raises WrongState."""
    _small({**files(draft), **wanted})
    moved = _written(actor, draft, wanted, base)
    if moved is None:
        raise WrongState("The draft was changed at this moment.", hint="Try again.")
    return moved


def settle_conflict(actor: Actor, conflict_id: uuid.UUID, chosen: Changes, expected_revision: int) -> Draft:
    """Save what was made of the two texts, and let go of the kept one."""
    conflict = conflict_of(conflict_id)
    draft = save(actor, conflict.draft_id, chosen, expected_revision)
    DraftConflict.objects.filter(pk=conflict.pk).update(settled_at=clock.now())
    return draft


def conflict_of(conflict_id: uuid.UUID | str) -> DraftConflict:
    """What somebody wanted to save. Raises UnknownDraft."""
    found = DraftConflict.objects.select_related("draft", "draft__origin", "draft__base").filter(pk=conflict_id).first()
    if found is None:
        raise UnknownDraft("There is no such unsettled text.", hint="Open the draft again.")
    return found


def typed_in(conflict: DraftConflict) -> dict[str, bytes | None]:
    """The files of a conflict as they were typed."""
    rows = DraftChange.objects.filter(conflict=conflict).values_list("name", "blob_id")
    return {name: None if blob is None else read(blob) for name, blob in rows}


def known_templates() -> list[str]:
    """Keys of templates and of drafts of new ones."""
    named = set(Template.objects.values_list("key", flat=True))
    return sorted(named | set(Draft.objects.filter(state__in=OPEN).values_list("template_key", flat=True)))


def _merged(
    draft: Draft, current: dict[str, bytes], changes: Changes, expected: int
) -> tuple[dict[str, bytes | None], list[str]]:
    if expected == draft.revision:
        return dict(changes), []
    before = files(draft, expected)
    wanted: dict[str, bytes | None] = {}
    clashes = []
    for name, mine in changes.items():
        clean, merged = merge_bytes(before.get(name), mine, current.get(name))
        if clean:
            wanted[name] = merged
        else:
            clashes.append(name)
    return wanted, clashes


def _kept(actor: Actor, draft: Draft, changes: Changes, expected: int, clashes: list[str]) -> StaleDraft:
    """The refusal, after what was typed has been kept."""
    batch, rows = _blobs(changes)
    now = clock.now()
    with transaction.atomic():
        batch.record()
        conflict = DraftConflict.objects.create(id=new_id(), draft=draft, expected=expected, by=actor.name, at=now)
        DraftChange.objects.bulk_create(
            DraftChange(
                id=new_id(), draft=draft, conflict=conflict, revision=0, name=name, blob_id=blob, by=actor.name, at=now
            )
            for name, blob in rows.items()
        )
    return StaleDraft(
        f"Somebody else changed the same lines of {', '.join(sorted(clashes))} meanwhile (revision {draft.revision};"
        f" this was typed over {expected}).",
        hint="Both texts are kept: look at them side by side and choose.",
        conflict=str(conflict.pk),
        files=sorted(clashes),
        revision=draft.revision,
    )


def _written(
    actor: Actor, draft: Draft, wanted: Changes, base: TemplateVersion | None = None, note: Note | None = None
) -> Draft | None:
    """The next revision, over ``base`` where that is another one now; None when somebody else made one meanwhile."""
    batch, blobs = _blobs(wanted)
    now = clock.now()
    with transaction.atomic():
        locked = Draft.objects.select_for_update().get(pk=draft.pk)
        _still_open(locked)
        if locked.revision != draft.revision:
            return None
        batch.record()
        DraftChange.objects.bulk_create(
            DraftChange(
                id=new_id(), draft=draft, revision=draft.revision + 1, name=name, blob_id=blob, by=actor.name, at=now
            )
            for name, blob in blobs.items()
        )
        moved = {"base": base} if base is not None else {}
        Draft.objects.filter(pk=draft.pk).update(revision=draft.revision + 1, changed_at=now, **moved)
        if note is not None:
            append(actor.name, note(draft.revision + 1))
    return find(draft.pk)


def _blobs(changes: Changes) -> tuple[Batch, dict[str, uuid.UUID | None]]:
    batch = Batch()
    rows = {name: None if content is None else batch.add(content).id for name, content in sorted(changes.items())}
    batch.sync()
    return batch, rows


def _still_open(draft: Draft) -> None:
    if draft.state != DRAFT:
        raise WrongState(
            f"The draft of {draft.template_key} cannot be changed: its state is {draft.state}.",
            hint="Withdraw it first." if draft.state in OPEN else "Begin a new draft.",
            state=draft.state,
        )


def nameable(name: str) -> bool:
    """Whether a file of a draft can be called so."""
    return bool(_NAME.fullmatch(name)) and ".." not in name.split("/")


def _nameable(changes: Changes) -> None:
    problems = [
        Problem(name, 0, "No file of a template can be called so.", "Use a relative name of letters, digits, - and _.")
        for name in changes
        if not nameable(name)
    ]
    if problems:
        raise TemplateFaults(problems)


def _small(whole: Changes) -> None:
    kept = [content for content in whole.values() if content is not None]
    if len(kept) > _MOST_FILES or sum(map(len, kept)) > _MOST_BYTES:
        what = f"A template has at most {_MOST_FILES} files and {_MOST_BYTES // 1_000_000} MB."
        raise TemplateFaults([Problem(".", 0, what, "Make images smaller, and keep other files elsewhere.")])
