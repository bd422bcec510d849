"""Nothing grows past its limit, and the exception list only shrinks."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.architecture.measures import (
    EXCEPTIONS,
    LIMITS,
    ROOT,
    Measured,
    granted,
    measure_everything,
    measure_python,
    measure_sql,
)


def verdict(measured: list[Measured], exceptions: dict[tuple[str, str], int]) -> list[str]:
    """Say what is too large, and which exceptions are stale."""
    problems = []
    sizes: dict[tuple[str, str], int] = {}
    for item in measured:
        key = (item.kind, item.where)
        sizes[key] = max(item.size, sizes.get(key, 0))
    for (kind, where), size in sizes.items():
        if size > LIMITS[kind] and (kind, where) not in exceptions:
            problems.append(f"{where}: {kind} has {size}, the limit is {LIMITS[kind]}")
    for (kind, where), allowed in exceptions.items():
        actual = sizes.get((kind, where), 0)
        if actual != allowed or actual <= LIMITS[kind]:
            problems.append(f"{where}: the exception says {allowed} for {kind}, it has {actual}; lower or remove it")
    return problems


def test_every_file_and_function_keeps_its_limit() -> None:
    assert not verdict(list(measure_everything()), granted())


def test_every_exception_gives_a_reason() -> None:
    rows = tomllib.loads(EXCEPTIONS.read_text(encoding="utf-8")).get("exception", [])
    assert all(set(row) == {"kind", "where", "size", "reason"} and len(row["reason"]) > 10 for row in rows)


def test_the_limits_people_read_are_the_limits_that_hold() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    documented = {
        name.strip(): int(limit)
        for name, limit in re.findall(r"^\| ([^|]+?) \| [^|]+ \| (\d+) \|$", text, re.MULTILINE)
    }
    assert documented == LIMITS


def _synthetic(kind: str, size: int) -> list[Measured]:
    lines = "\n".join("x = 1" for _ in range(size))
    body = "\n".join("    x = 1" for _ in range(size - 1))
    names = ", ".join(f"a{number}" for number in range(size))
    texts = {"Function": f"def f() -> None:\n{body}", "Parameters": f"def f(self, {names}): ..."}
    match kind:
        case "Python module" | "Test module":
            return list(measure_python(lines, "src/blazz/x.py", kind))
        case "Function" | "Parameters":
            return list(measure_python(texts[kind], "src/blazz/x.py", "Python module"))
        case "Domain door exports":
            exports = ", ".join(f'"a{number}"' for number in range(size))
            return list(measure_python(f"__all__ = [{exports}]", "src/blazz/domains/x/__init__.py", "Python module"))
        case "SQL statement":
            return list(measure_sql("-- one --\n" + "\n".join("SELECT" for _ in range(size)), "src/blazz/x.sql"))
        case "SQL file":
            pairs = "\n".join(f"-- s{number} --\nSELECT 1;" for number in range(size // 2))
            return list(measure_sql(pairs + "\n;" * (size % 2), "src/blazz/x.sql"))
        case _:
            return [Measured(kind, "web/x", size)]


@pytest.mark.parametrize("kind", LIMITS)
def test_each_limit_is_switched_on(kind: str) -> None:
    assert not verdict(_synthetic(kind, LIMITS[kind]), {})
    assert any(kind in problem for problem in verdict(_synthetic(kind, LIMITS[kind] + 1), {}))


def test_user_interface_files_are_measured_where_they_lie(tmp_path: Path) -> None:
    root = tmp_path
    (root / "web" / "src").mkdir(parents=True)
    (root / "web" / "src" / "Big.vue").write_text("x\n" * 251, encoding="utf-8")
    (root / "web" / "src" / "big.ts").write_text("x\n" * 301, encoding="utf-8")
    (root / "web" / "node_modules").mkdir()
    (root / "web" / "node_modules" / "theirs.ts").write_text("x\n" * 9999, encoding="utf-8")
    assert len(verdict(list(measure_everything(root)), {})) == 2


def test_an_exception_that_grew_shrank_or_went_away_fails() -> None:
    big = Measured("Python module", "src/blazz/big.py", 500)
    key = ("Python module", "src/blazz/big.py")
    assert not verdict([big], {key: 500})
    assert verdict([big], {key: 499})
    assert verdict([big], {key: 501})
    assert verdict([], {key: 500})
    assert verdict([Measured("Python module", "src/blazz/big.py", 300)], {key: 300})
