"""What each role may do. Deny by default (P7): what is not listed here is not allowed."""

from __future__ import annotations

_VIEW = frozenset(
    {
        "run.view",
        "record.view",
        "document.view",
        "document.data",
        "delivery.view",
        "party.view",
        "template.view",
        "schedule.view",
    }
)

#: Every permission there is, with what it lets its holder do.
PERMISSIONS: dict[str, str] = {
    "run.view": "See runs and their balances",
    "run.start": "Start a run",
    "run.hold": "Hold a run or a part of it",
    "run.release": "Release what is held, and a run that waits for its check",
    "run.cancel": "Cancel what has not left yet",
    "schedule.view": "See schedules, when they start next and what came of them",
    "schedule.manage": "Set up, change, pause and remove schedules",
    "event.tell": "Tell that an event happened, or that its cause lapsed",
    "record.view": "See records that were set aside",
    "record.correct": "Correct a record that was set aside and resubmit it",
    "document.view": "See documents in the folders open to the role",
    "document.data": "See the data a document was made from",
    "delivery.view": "See deliveries",
    "delivery.resend": "Send a document again",
    "delivery.hold": "Hold a delivery and release it",
    "delivery.cancel": "Cancel a delivery that has not left",
    "delivery.settle": "Decide a delivery in doubt",
    "party.view": "See parties",
    "party.edit": "Change parties and their preferences",
    "template.view": "See templates",
    "template.edit": "Change drafts of templates and send them to review",
    "template.review": "Read drafts of templates, and comment on them",
    "template.approve": "Approve or reject what others changed: templates, content blocks, brands",
    "template.publish": "Publish what was approved, and go back to an older version",
    "sample.capture": "Make a masked sample of a real record, for a draft",
    "template.publish_unreviewed": "Publish a template without a review",
    "block.edit": "Change content blocks and send them to review",
    "brand.edit": "Change brands and send them to review",
    "compose": "Make one document without sending it",
    "letter.write": "Write letters from open passages and hand them in",
    "letter.approve": "Approve letters that others wrote, or send them back",
    "letter.limits": "Say which letters need a second person",
    "outbox.view": "Read the mail caught by the built-in Outbox",
    "ledger.view": "Read and verify the ledger",
    "channel.manage": "Set up channels and destinations",
    "user.manage": "Manage people, roles and tokens",
    "health.view": "See the health of the installation",
    "alarm.acknowledge": "Acknowledge an alarm, and agree to an upgrade that changes documents",
}

ROLES: dict[str, frozenset[str]] = {
    "operator": _VIEW
    | {
        "run.start",
        "run.hold",
        "run.release",
        "run.cancel",
        "record.correct",
        "schedule.manage",
        "event.tell",
        "delivery.resend",
        "delivery.hold",
        "delivery.cancel",
        "delivery.settle",
        "compose",
        "letter.write",
        "letter.approve",
        "outbox.view",
        "channel.manage",
        "health.view",
        "alarm.acknowledge",
        "sample.capture",
    },
    "author": frozenset(
        {
            "sample.capture",
            "template.view",
            "template.edit",
            "template.review",
            "template.publish",
            "block.edit",
            "brand.edit",
            "compose",
        }
    ),
    "approver": frozenset({"template.view", "template.review", "template.approve", "template.publish", "compose"}),
    "clerk": frozenset(
        {
            "document.view",
            "delivery.view",
            "delivery.resend",
            "party.view",
            "party.edit",
            "template.view",
            "compose",
            "letter.write",
        }
    ),
    "records_manager": frozenset(
        {"document.view", "document.data", "delivery.view", "party.view", "template.view", "ledger.view"}
    ),
    "auditor": _VIEW | {"ledger.view", "outbox.view", "health.view"},
    "administrator": frozenset(PERMISSIONS),
}

#: Scopes of API tokens are permissions; a token never gets more than its owner has.
SCOPES = tuple(PERMISSIONS)


def permissions_of(roles: list[str]) -> frozenset[str]:
    """All permissions of the roles together. Unknown roles give nothing."""
    return frozenset().union(*(ROLES.get(role, frozenset()) for role in roles))
