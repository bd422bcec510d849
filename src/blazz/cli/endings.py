"""How a command ends: the exit codes, and the refusal that carries one."""

OK, FAILED, USAGE, NOT_FOUND, DENIED, CONFLICT, TRY_AGAIN = 0, 1, 2, 3, 4, 5, 75
INTERRUPTED = 130


class CommandRefused(Exception):
    """A command ends without having done what was asked; the text is for people, ``exit_code`` for scripts."""

    def __init__(self, text: str, exit_code: int = FAILED) -> None:
        """Keep what to say and how to end."""
        super().__init__(text)
        self.exit_code = exit_code
