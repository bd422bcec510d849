"""Scenario files: steps that make things happen in order, checked as a whole before the first one plays."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

import msgspec
import structlog

from blazz.adapters.providers.simulator.actions import ACTIONS
from blazz.adapters.providers.simulator.errors import GraphError
from blazz.adapters.providers.simulator.files import FileInvalid, explain, line_of, parse_tree, read_text
from blazz.adapters.providers.simulator.shapes import Json
from blazz.adapters.providers.simulator.state import Simulator

_log = structlog.get_logger()
Seconds = Annotated[float, msgspec.Meta(ge=0)]


class Timing(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """When and how often a step plays; ``after`` is seconds since the step before."""

    do: str
    after: Seconds = 0.0
    times: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 1


class Wait(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Let time pass."""

    seconds: Seconds


class WaitFor(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Wait until so many messages to a recipient pattern were accepted; the scenario fails when they are not."""

    accepted: Annotated[int, msgspec.Meta(ge=1)]
    to: str = "*"
    template: str = "*"
    seconds: Seconds = 60.0


class Drain(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Wait until every webhook was acknowledged; the scenario fails when they are not."""

    seconds: Seconds = 60.0


_WAITS: Mapping[str, type[msgspec.Struct]] = {"wait": Wait, "wait_for": WaitFor, "drain": Drain}


@dataclass(frozen=True, slots=True)
class Step:
    """One checked step; ``line`` is where it stands, as far as it is known."""

    do: str
    given: Mapping[str, object]
    after: float
    times: int
    line: int | None

    @property
    def where(self) -> str:
        """Name the step for people."""
        return f"{self.do} (line {self.line})" if self.line else self.do


@dataclass(frozen=True, slots=True)
class Scenario:
    """A whole scenario."""

    name: str
    steps: tuple[Step, ...]


@dataclass(slots=True)
class ScenarioRun:
    """How far a scenario is; ``state`` is idle, playing, done or failed."""

    state: str = "idle"
    steps: int = 0
    played: int = 0
    problem: str = ""

    def as_json(self) -> Json:
        """Write it for the control door."""
        return {"state": self.state, "steps": self.steps, "played": self.played, "problem": self.problem}


class StepFailed(Exception):
    """A step could not do what it says."""


def load_scenario(path: Path) -> Scenario:
    """Read a scenario file.

    Raises:
        FileInvalid: it cannot be read, or a step is wrong; it names the line and the field.

    """
    return read_scenario(read_text(path), str(path))


def read_scenario(text: str, name: str) -> Scenario:
    """Read a scenario; a ``name`` that ends in ``.toml`` says that it is TOML, else it is JSON.

    Raises:
        FileInvalid: as ``load_scenario``.

    """
    tree = parse_tree(text, name)
    unknown = sorted(set(tree) - {"name", "steps"})
    if unknown:
        where = f"line {line_of(text, unknown[0])}, field {unknown[0]}"
        raise FileInvalid(file=name, where=where, problem="a scenario takes name and steps")
    steps = tree.get("steps")
    if not isinstance(steps, list) or not steps:
        raise FileInvalid(file=name, where="field steps", problem="a scenario needs a list of steps")
    made = tuple(_read_step(text, name, index, step) for index, step in enumerate(steps))
    return Scenario(str(tree.get("name", "")), made)


def _read_step(text: str, name: str, index: int, step: object) -> Step:
    prefix = f"steps[{index}]"
    line = line_of(text, prefix)
    if not isinstance(step, dict):
        raise FileInvalid(file=name, where=f"line {line}, field {prefix}", problem="a step is a table with do")
    own = {key: value for key, value in step.items() if key in {"do", "after", "times"}}
    given = {key: value for key, value in step.items() if key not in own}
    try:
        timing = msgspec.convert(own, Timing)
        takes = _WAITS[timing.do] if timing.do in _WAITS else ACTIONS[timing.do].takes
        msgspec.convert(given, takes)
    except KeyError:
        known = ", ".join(sorted([*_WAITS, *ACTIONS]))
        where = f"line {line_of(text, f'{prefix}.do') or line}, field {prefix}.do"
        raise FileInvalid(file=name, where=where, problem=f"{own['do']!r} is unknown; known: {known}") from None
    except msgspec.ValidationError as error:
        raise explain(name, text, error, prefix=prefix) from None
    return Step(timing.do, given, timing.after, timing.times, line)


async def play(simulator: Simulator, scenario: Scenario, run: ScenarioRun | None = None) -> None:
    """Play a scenario from beginning to end; a step that fails ends it and is told in ``run`` and the log."""
    run = run or ScenarioRun(steps=len(scenario.steps))
    run.state = "playing"
    for step in scenario.steps:
        try:
            for _ in range(step.times):
                await asyncio.sleep(step.after)
                await _play_step(simulator, step)
        except (StepFailed, GraphError) as error:
            details = error.details if isinstance(error, GraphError) else str(error)
            run.state, run.problem = "failed", f"step {run.played + 1}, {step.where}: {details}"
            _log.error("scenario failed", problem=run.problem)
            return
        run.played += 1
    run.state = "done"
    _log.info("scenario done", steps=run.played)


async def _play_step(simulator: Simulator, step: Step) -> None:
    match step.do:
        case "wait":
            await asyncio.sleep(msgspec.convert(step.given, Wait).seconds)
        case "wait_for":
            await _wait_for(simulator, msgspec.convert(step.given, WaitFor))
        case "drain":
            seconds = msgspec.convert(step.given, Drain).seconds
            await _until(lambda: simulator.webhooks.pending == 0, seconds, "webhooks are still pending")
        case _:
            ACTIONS[step.do].perform(simulator, step.given)


async def _wait_for(simulator: Simulator, wanted: WaitFor) -> None:
    seen, found = 0, 0

    def enough() -> bool:
        nonlocal seen, found
        if simulator.log.count == seen:
            return found >= wanted.accepted
        seen = simulator.log.count
        found = sum(
            fnmatchcase(one.to, wanted.to) and fnmatchcase(one.template or "", wanted.template)
            for one in simulator.log.read()
        )
        return found >= wanted.accepted

    await _until(enough, wanted.seconds, f"fewer than {wanted.accepted} messages to {wanted.to} were accepted")


async def _until(holds: Callable[[], bool], seconds: float, otherwise: str) -> None:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise StepFailed(f"after {seconds:g} s {otherwise}")
        await asyncio.sleep(0.02)
