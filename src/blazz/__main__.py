"""Runs the command line: ``python -m blazz``."""

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    from blazz.cli.app import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
