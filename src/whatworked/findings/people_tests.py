"""The tests of people's rows as `findings.json` writes them: what a choice of model was made from."""

from whatworked.cells import NotEstimated
from whatworked.diagnostics.composition import Shift
from whatworked.diagnostics.recurrence import Recurrence
from whatworked.diagnostics.result import Test
from whatworked.estimation.estimate import Estimate
from whatworked.findings.model import TestFact
from whatworked.strands.choice import PeopleTests

NOT_AVAILABLE = "not available"


def people_tests(found: PeopleTests, *, significance: float) -> tuple[TestFact, ...]:
    """Write down every test of people's rows, those that could not be had with their reason."""
    forms = found.serial_forms
    chi, f = (forms, forms) if isinstance(forms, NotEstimated) else (forms.n_r_squared, forms.f)
    serial = (
        "residuals against the same person's residual before, its variance summed over people; the test that decides"
    )
    correlated = ("errors follow one another", "no correlation found")
    differ = ("fixed and random effects differ", "no difference found")
    return (
        _fact("serial_correlation", found.serial, correlated, serial, significance),
        _fact(
            "breusch_godfrey_chi2", chi, correlated, "n times R squared; too large with unequal weights", significance
        ),
        _fact("breusch_godfrey_f", f, correlated, "the F form; too large with unequal weights", significance),
        _fact("hausman", found.hausman, differ, "on people seen more than once, classical covariances", significance),
        _fact("mundlak", found.mundlak, differ, "the same question, errors clustered on people", significance),
        *_recurrence(found.recurrence, significance),
        *(_shift(one, significance) for one in found.composition),
    )


def _fact(name: str, found: Test | NotEstimated, verdicts: tuple[str, str], note: str, significance: float) -> TestFact:
    if isinstance(found, NotEstimated):
        return TestFact(name, None, (), None, NOT_AVAILABLE, found.reason)
    df = found.df if isinstance(found.df, tuple) else (found.df,)
    told = note if found.note is None else f"{note}; {found.note}"
    verdict = verdicts[0] if found.p_value < significance else verdicts[1]
    return TestFact(name, found.statistic, tuple(float(part) for part in df), found.p_value, verdict, told)


def _recurrence(found: Recurrence | NotEstimated, significance: float) -> tuple[TestFact, ...]:
    """Write down the share of repeated rows and whether outcome and covariates tell which repeat."""
    if isinstance(found, NotEstimated):
        return (TestFact("repeated_share", None, (), None, NOT_AVAILABLE, found.reason),)
    share = found.repeated / found.rows if found.rows else None
    note = "rows of people seen more than once in their area and group, of all matched rows"
    joint = "whether outcome and covariates tell who is seen more than once"
    verdicts = ("people seen again differ", "no difference found")
    return (
        TestFact("repeated_share", share, (float(found.repeated), float(found.rows)), None, "share", note),
        _fact("recurrence_f", found.joint, verdicts, joint, significance),
    )


def _shift(shift: Shift, significance: float) -> TestFact:
    name, found = f"composition: {shift.covariate}", shift.effect
    note = "the effect on a covariate, before matching: is the intervention changing who is seen?"
    if not isinstance(found, Estimate):
        return TestFact(name, None, (), None, NOT_AVAILABLE, found.reason)
    verdict = "who is seen changes" if found.p_value < significance else "no change found"
    return TestFact(name, found.estimate, (float(found.df),), found.p_value, verdict, note)
