"""Counts the members of categories and groups again."""

from blazz.domains.contacts.taxonomy import SQL
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.ids import encode_id


async def verify_counts(tx: WorkspaceTx) -> tuple[int, dict[str, tuple[int, int]]]:
    """Compare every stored count with a recount; return how many were looked at, and those that differ as (stored, counted).

    Each kind is one statement and so one snapshot: a change in flight moves both sides or neither.
    """
    looked_at, different = 0, {}
    for statement, prefix in ((SQL["recount_categories"], "cat"), (SQL["recount_groups"], "grp")):
        for row in await tx.fetch(statement, tx.workspace_id):
            looked_at += 1
            if row["contact_count"] != row["counted"]:
                different[encode_id(prefix, row["id"])] = (row["contact_count"], row["counted"])
    return looked_at, different
