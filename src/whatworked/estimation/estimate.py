"""One estimated coefficient; everything else about it is derived."""

from dataclasses import dataclass
from math import inf, isinf
from typing import Any

from scipy.special import stdtr, stdtrit

from whatworked.cells import OneRow


@dataclass(frozen=True, slots=True)
class Estimate(OneRow):
    """An estimate in `unit` with its standard error, read against t(df); df inf is the normal distribution."""

    term: str
    estimate: float
    unit: str
    std_error: float
    df: float = inf

    @property
    def statistic(self) -> float:
        """The estimate in standard errors; infinite where the standard error is 0."""
        if self.std_error == 0:
            return inf if self.estimate > 0 else -inf if self.estimate < 0 else 0.0
        return self.estimate / self.std_error

    @property
    def p_value(self) -> float:
        """Two-sided p-value of a true value of 0."""
        return float(2 * stdtr(self.df, -abs(self.statistic)))

    @property
    def conf_low(self) -> float:
        """Lower limit of the 95 % interval."""
        return self.interval(0.05)[0]

    @property
    def conf_high(self) -> float:
        """Upper limit of the 95 % interval."""
        return self.interval(0.05)[1]

    def interval(self, significance: float) -> tuple[float, float]:
        """Return the interval of confidence 1 − `significance`."""
        reach = float(stdtrit(self.df, 1 - significance / 2)) * self.std_error
        return self.estimate - reach, self.estimate + reach

    def to_dict(self) -> dict[str, Any]:
        """Return everything about the estimate: df None is the normal distribution, statistic None has no end."""
        return {
            "term": self.term,
            "estimate": self.estimate,
            "unit": self.unit,
            "std_error": self.std_error,
            "df": None if isinf(self.df) else self.df,
            "statistic": None if isinf(self.statistic) else self.statistic,
            "p_value": self.p_value,
            "conf_low": self.conf_low,
            "conf_high": self.conf_high,
        }
