"""Money in minor units with its currency and exponent; never a float."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount of ``currency`` in units of ``10 ** -exponent`` (150000 IDR with exponent 0 is Rp 150.000)."""

    amount: int
    currency: str
    exponent: int

    def __post_init__(self) -> None:
        """Refuse currencies that are not three capital letters and exponents outside 0 to 4."""
        if len(self.currency) != 3 or not self.currency.isascii() or not self.currency.isupper():
            msg = f"currency must be three capital letters, got {self.currency!r}"
            raise ValueError(msg)
        if not 0 <= self.exponent <= 4:
            msg = f"exponent must be 0 to 4, got {self.exponent}"
            raise ValueError(msg)

    def __add__(self, other: "Money") -> "Money":
        """Add two amounts of the same currency."""
        self._require_same(other)
        return Money(amount=self.amount + other.amount, currency=self.currency, exponent=self.exponent)

    def __mul__(self, factor: int) -> "Money":
        """Multiply by a whole number."""
        return Money(amount=self.amount * factor, currency=self.currency, exponent=self.exponent)

    def _require_same(self, other: "Money") -> None:
        if (self.currency, self.exponent) != (other.currency, other.exponent):
            msg = f"cannot combine {self.currency}/{self.exponent} with {other.currency}/{other.exponent}"
            raise ValueError(msg)
