"""``postroom template capture``: a masked sample of a real record, for the draft of its template."""

from __future__ import annotations

import secrets

from postroom.cli import show


def capture(what: str, name: str, look: bool, as_json: bool) -> None:
    """Show or keep the sample of a document or of a record."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actor import SYSTEM
    from postroom.kernel.errors import NotFound
    from postroom.production.actions.capture_sample import capture_sample
    from postroom.production.sampling import of_document, of_record, propose

    try:
        origin = of_document(SYSTEM, what)
    except NotFound as missing:
        if "made of no data" in missing.message:
            raise
        try:
            origin = of_record(SYSTEM, what)
        except NotFound as none:
            raise NotFound(
                f"There is no document and no record {what!r}.",
                hint="Give the id of a document, or of a record that was set aside: see `postroom records list`.",
            ) from none
    mark = secrets.token_urlsafe(24)
    if look:
        proposal = propose(origin, mark)
        if as_json:
            show.as_json(
                {
                    "template": origin.template,
                    "sample": proposal.masked.record,
                    "fields": [{"field": field, "became": kind} for field, kind in proposal.masked.told],
                    "left_out": list(proposal.masked.dropped),
                }
            )
            return
        show.as_table(("Field", "Became"), list(proposal.masked.told), empty="The record has no fields.")
        if proposal.masked.dropped:
            show.console.print(f"Left out, not in the contract: {', '.join(proposal.masked.dropped)}.", markup=False)
        show.console.print("Nothing is kept. Leave out --look to keep a sample.")
        return
    draft, path = capture_sample(SYSTEM, origin, mark, name)
    if as_json:
        show.as_json({"template": draft.template_key, "draft": str(draft.pk), "file": path, "revision": draft.revision})
        return
    show.console.print(f"{path} is in the draft of {draft.template_key}, revision {draft.revision}.", markup=False)
