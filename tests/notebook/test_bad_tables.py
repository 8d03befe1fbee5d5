"""What a notebook may hand over by mistake: an answer in words or the right number, never a crash and never a value."""

import datetime
import json
import warnings
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from whatworked import Sturges, balance, cem, did, event_study, regress
from whatworked.cells import NotEstimated
from whatworked.errors import UsageError

N = 160
SECRET = "Zoe Hidden"


def columns(**changes):
    rng = np.random.default_rng(5)
    place = np.arange(N) % 8
    found = {
        "area": np.array([f"A{a}" for a in place]),
        "pilot": (place < 4).astype(float),
        "post": rng.integers(0, 2, N).astype(float),
        "x": rng.normal(size=N),
        "who": np.arange(N) // 16 * 8 + place,
        "year": rng.integers(2010, 2018, N).astype(float),
        "b": rng.integers(0, 2, N).astype(float),
    }
    found["y"] = found["x"] + found["pilot"] * found["post"] + rng.normal(size=N)
    return found | changes


def fitted(data, estimator="linear", terms=("pilot", "post", "x")):
    outcome = "b" if estimator == "logit" else "y"
    return regress(data, outcome=outcome, terms=terms, area="area", person="who", estimator=estimator)


CALLS = {
    **{name: lambda d, name=name: fitted(d, name) for name in ("linear", "logit", "fixed_effects", "random_effects")},
    "did": lambda d: did(d, outcome="y", pilot="pilot", post="post", area="area", covariates=["x"]),
    "event_study": lambda d: event_study(
        d, outcome="y", pilot="pilot", area="area", time="year", start=2014, covariates=["x"]
    ),
    "cem": lambda d: cem(d, treatment="pilot", coarsen={"x": Sturges()}),
    "balance": lambda d: balance(d, treatment="pilot", covariates=["x"]),
}
MODELS = [name for name in CALLS if name not in ("cem", "balance")]


@pytest.fixture(autouse=True)
def no_warning_leaks():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (None, "of the type NoneType, which cannot be read as a table"),
        (columns().items(), "of the type dict_items"),
        (7, "of the type int"),
        ("nowhere.csv", "there is no such file"),
        (columns(x=np.ones((N, 2))), 'column "x": is not one value a row'),
        (columns(x=3.0), 'column "x": is not one value a row'),
        (columns(x=[[1], [1, 2]]), 'column "x": is not one value a row'),
        (columns(x=np.ones(N) + 1j), "is of the type complex128"),
        (columns(x=np.ones(N)[:5]), "not of one length"),
        (pd.DataFrame(columns())[["x", *columns()]], 'column "x": is in the data twice'),
        (pd.DataFrame(columns(X=np.ones(N))), 'column "x": is in the data twice'),
    ],
)
def test_what_is_no_table_is_refused_in_words(call, data, said):
    with pytest.raises(UsageError, match=said):
        CALLS[call](data)


def test_columns_are_named_by_text():
    with pytest.raises(UsageError, match="column 0: is not named by text"):
        fitted(pd.DataFrame(columns()).rename(columns={"x": 0}), terms=["pilot", 0])


@pytest.mark.parametrize("call", MODELS)
def test_what_a_masked_array_hides_is_missing(call):
    hidden = np.ma.masked_array(np.where(np.arange(N) % 5, columns()["x"], 1e9), np.arange(N) % 5 == 0)
    plain = np.where(np.arange(N) % 5, columns()["x"], np.nan)
    assert CALLS[call](columns(x=hidden)).to_dict() == CALLS[call](columns(x=plain)).to_dict()


@pytest.mark.parametrize("estimator", ["linear", "logit", "random_effects"])
def test_a_model_may_have_no_term_but_its_intercept(estimator):
    found = fitted(columns(), estimator, terms=())
    assert found.names == ("(intercept)",)
    assert isinstance(found.estimate("(intercept)").std_error, float)


def test_fixed_effects_without_a_term_are_refused():
    with pytest.raises(UsageError, match="no column changes within any unit"):
        fitted(columns(), "fixed_effects", terms=())


@pytest.mark.parametrize("estimator", ["linear", "logit", "fixed_effects", "random_effects"])
@pytest.mark.parametrize("name", ["(intercept)", "x[(missing)]"])
def test_two_terms_of_one_name_are_refused(estimator, name):
    gaps = columns(x=np.where(np.arange(N) % 9, columns()["x"], np.nan))
    with pytest.raises(UsageError, match="is the name of two terms"):
        fitted(gaps | {name: columns()["x"] ** 2}, estimator, terms=("x", name))


@pytest.mark.parametrize("name", ["(intercept)", "pilot", "pilot:post", "period[2011.0]"])
def test_a_covariate_of_a_double_difference_may_not_bear_the_name_of_its_own_terms(name):
    data = columns(treated=columns()["pilot"]) | {name: columns()["x"] ** 2}
    with pytest.raises(UsageError, match="is the name of two terms"):
        did(data, outcome="y", pilot="treated", post="post", area="area", period="year", covariates=[name])


@pytest.mark.parametrize("name", ["(intercept)", "pilot", "pilot:k=0", "since[-2]"])
def test_a_covariate_of_an_event_study_may_not_either(name):
    data = columns(treated=columns()["pilot"]) | {name: columns()["x"] ** 2}
    with pytest.raises(UsageError, match="is the name of two terms"):
        event_study(data, outcome="y", pilot="treated", area="area", time="year", start=2014, covariates=[name])


@pytest.mark.parametrize("call", MODELS)
def test_numbers_in_a_column_of_objects_are_numbers(call):
    numbers = [1, None, 2.5, Decimal("0.5")] * (N // 4)
    mixed = columns(x=np.array(numbers, dtype=object))
    plain = columns(x=np.array([np.nan if v is None else float(v) for v in numbers]))
    assert CALLS[call](mixed).to_dict() == CALLS[call](plain).to_dict()


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, np.datetime64("NaT")])
def test_every_way_to_say_missing_is_a_missing_level(missing):
    kinds = np.array(["a", "b", missing, "c"] * (N // 4), dtype=object)
    assert "x[a]" in fitted(columns(x=kinds)).names
    assert "x[c]" in fitted(columns(x=kinds)).names
    assert not any("NA" in name or "NaT" in name for name in fitted(columns(x=kinds)).names)


@pytest.mark.parametrize("call", MODELS)
def test_a_text_of_30_000_levels_is_refused_before_a_dummy_is_made(call):
    many = {name: np.tile(column, 200) for name, column in columns().items()}
    many["x"] = np.array([f"{SECRET} {i}" for i in range(N * 200)], dtype=object)
    many["pilot"] = np.tile(columns()["pilot"], 200)
    with pytest.raises(UsageError, match="it is no number and has 32,000 levels") as refused:
        CALLS[call](many)
    assert 'estimator="fixed_effects"' in str(refused.value)
    assert SECRET not in str(refused.value)


def test_two_hundred_levels_are_fitted_and_one_more_is_not():
    levels = np.arange(1608)
    data = {"y": levels % 7.0, "area": levels % 8, "kind": np.array([f"k{i % 200}" for i in levels])}
    assert len(regress(data, outcome="y", terms=["kind"], area="area").names) == 200
    data["kind"] = np.array([f"k{i % 201}" for i in levels])
    with pytest.raises(UsageError, match="201 levels"):
        regress(data, outcome="y", terms=["kind"], area="area")


@pytest.mark.parametrize("call", MODELS)
@pytest.mark.parametrize(("size", "word"), [(1e-150, "small"), (1e150, "large"), (1e-300, "small"), (1e300, "large")])
def test_sizes_that_cannot_be_squared_are_refused(call, size, word):
    with pytest.raises(UsageError, match=f"its numbers are too {word} to be squared"):
        CALLS[call](columns(x=columns()["x"] * size))
    with pytest.raises(UsageError, match=f"its numbers are too {word} to be squared"):
        regress(columns(w=np.full(N, size)), outcome="y", terms=["x"], area="area", weights="w")


@pytest.mark.parametrize("size", [1e-49, 1e-12, 1e12, 1e49])
@pytest.mark.parametrize("estimator", ["linear", "fixed_effects", "random_effects"])
def test_sizes_that_can_be_squared_give_the_same_answer(estimator, size):
    plain, scaled = fitted(columns(), estimator), fitted(columns(y=columns()["y"] * size), estimator)
    for kind in ("classical", "hc1", "cr1", "cr2", "cr3", "person"):
        one, other = plain.estimate("x", kind), scaled.estimate("x", kind)
        assert other.estimate == pytest.approx(one.estimate * size, rel=1e-9)
        assert other.p_value == pytest.approx(one.p_value, rel=1e-7, abs=1e-14)


@pytest.mark.parametrize("value", [0.0, 1.0])
@pytest.mark.parametrize("call", [name for name in MODELS if name != "random_effects"])
def test_an_outcome_that_never_varies_has_no_number_that_is_none(call, value):
    found = CALLS[call](columns(y=np.full(N, value), b=np.full(N, value)))
    if isinstance(found, NotEstimated):
        assert found.reason == "every row has the same outcome"
    else:
        json.dumps(found.to_dict(), allow_nan=False)


def asked(call, data):
    """What is said where an answer is refused, nothing where it is given."""
    try:
        call(data)
    except UsageError as refused:
        return str(refused)
    return ""


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("name", ["y", "b", "x", "pilot", "post", "year"])
def test_no_message_quotes_a_value(call, name):
    spoilt = np.array([SECRET, 1.0, None, datetime.date(2020, 1, 1)] * (N // 4), dtype=object)
    answer = asked(CALLS[call], columns(**{name: spoilt}))
    assert SECRET not in answer
