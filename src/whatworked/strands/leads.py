"""The effect in every period around the start, and what its leads say of the trends."""

from whatworked.diagnostics.parallel_trends import Leads
from whatworked.estimation.design import EventTime
from whatworked.strands.models import Readings
from whatworked.strands.variants import Analysis, Asked, analyse
from whatworked.vocabulary import Estimator, Role


def fit_leads(main: Analysis, readings: Readings) -> tuple[Analysis, Leads]:
    """Fit the event-time model with the main model's family, and judge its leads.

    Where that family has no estimable lead, or has random effects for people, the linear model judges.
    """
    family = Estimator.LINEAR if main.estimator is Estimator.RANDOM_EFFECTS else main.estimator
    model = analyse(main.sample, Asked("leads and lags", Role.LEADS, family, EventTime()), readings)
    leads = model.leads(readings.significance)
    if not leads.estimated and model.estimator is not Estimator.LINEAR:
        model = analyse(main.sample, Asked("leads and lags", Role.LEADS, timing=EventTime()), readings)
        leads = model.leads(readings.significance)
    return model, leads
