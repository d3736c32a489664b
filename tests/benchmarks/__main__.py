"""Runs the benchmarks and prints what they found."""

from __future__ import annotations

import argparse
from pathlib import Path
from subprocess import CalledProcessError
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from tests.benchmarks import (
    attach,
    before,
    exporting,
    growth,
    hold,
    imports,
    keys,
    load,
    ops,
    page,
    replaying,
    rerun,
    start,
    timeline,
)
from tests.benchmarks.report import environment_lines, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

BENCHMARKS: Final[Mapping[str, Callable[..., list[str]]]] = {
    "imports": imports.run,
    "timeline": timeline.run,
    "rerun": rerun.run,
    "ops": ops.run,
    "replay": replaying.run,
    "start": start.run,
    "keys": keys.run,
    "hold": hold.run,
    "growth": growth.run,
    "load": load.run,
    "before": before.run,
    "export": exporting.run,
    "page": page.run,
    "attach": attach.run,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the chosen ones; a benchmark that cannot run says so and the next one follows."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    parser.add_argument(
        "--against",
        type=Path,
        metavar="TREE",
        help="a checkout of another version, for 'load', 'before' and 'keys'",
    )
    chosen = parser.parse_args(arguments)
    unknown = set(chosen.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"unknown benchmark: {', '.join(sorted(unknown))}")
    print(listed(environment_lines()), flush=True)
    for name in chosen.names or BENCHMARKS:
        with TemporaryDirectory() as home:
            others = {"against": chosen.against} if name in {"load", "before", "keys"} else {}
            print(listed(_found(name, Path(home), quick=chosen.quick, **others)), flush=True)


def _found(name: str, home: Path, *, quick: bool, **others: Path | None) -> list[str]:
    try:
        return BENCHMARKS[name](home, quick=quick, **others)
    except TimeoutError as error:
        return [f"{name}: could not be measured", f"  {error}"]
    except CalledProcessError as error:
        return [f"{name}: could not be measured", f"  {error}", str(error.stderr)]


if __name__ == "__main__":
    main()
