"""A domain's tables are its own: its SQL names no table of another domain without a reviewed reason."""

import re
from pathlib import Path

import pytest

from blazz.kernel.db.queries import parse_queries
from blazz.migrations import TABLES
from tests.architecture.measures import ROOT

DOMAINS = ROOT / "src" / "blazz" / "domains"
OWNERS = {table.name: table.domain for table in TABLES}
_TABLE = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE|USING|TABLE)\s+(?:ONLY\s+)?([a-z_]+)\b", re.IGNORECASE)
_REVIEWED = re.compile(r"--\s*Reviewed exception: \S.{10,}")


def foreign_tables(domain: str, statement: str) -> list[str]:
    """List tables of other domains that a statement names without saying why."""
    if _REVIEWED.search(statement):
        return []
    code = "\n".join(line for line in statement.splitlines() if not line.lstrip().startswith("--"))
    named = {name.lower() for name in _TABLE.findall(code)}
    return sorted(name for name in named if OWNERS.get(name, domain) not in {domain, "kernel"})


def sql_files() -> list[Path]:
    """Every file of statements that belongs to a domain."""
    return sorted(DOMAINS.rglob("*.sql"))


def test_statements_touch_only_tables_their_domain_owns() -> None:
    problems = []
    for path in sql_files():
        domain = path.relative_to(DOMAINS).parts[0]
        for name, statement in parse_queries(path.read_text(encoding="utf-8"), str(path)).items():
            problems += [f"{domain}: {name} touches {table}" for table in foreign_tables(domain, statement)]
    assert not problems


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("SELECT 1 FROM contacts", []),
        ("SELECT 1 FROM campaigns", ["campaigns"]),
        ("UPDATE contacts SET x = 1 FROM messages", ["messages"]),
        ("INSERT INTO outbox VALUES (1)", ["outbox"]),
        ("SELECT 1 FROM rate_limits", []),
        ("-- FROM campaigns, in a comment\nSELECT 1 FROM contacts", []),
        ("-- Reviewed exception: the frozen audience is one statement.\nSELECT 1 FROM campaigns", []),
        ("-- Reviewed exception: \nSELECT 1 FROM campaigns", ["campaigns"]),
    ],
)
def test_the_ownership_rule_tells_right_from_wrong(statement: str, found: list[str]) -> None:
    assert foreign_tables("contacts", statement) == found


def test_every_table_belongs_to_a_domain_of_the_layers() -> None:
    layers = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert not [table.name for table in TABLES if f"domains.{table.domain})" not in layers and table.domain != "kernel"]


def test_no_statement_selects_every_column_of_a_table() -> None:
    starred = re.compile(r"\b\w+\.\*|\bSELECT\s+\*\s+FROM\s+(?:" + "|".join(OWNERS) + r")\b", re.IGNORECASE)
    problems = []
    for path in sql_files():
        statements = parse_queries(path.read_text(encoding="utf-8"), str(path))
        problems += [
            f"{path.relative_to(DOMAINS)}: {name}" for name, text in statements.items() if starred.search(text)
        ]
    assert not problems
