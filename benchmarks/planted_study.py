"""One invented nation, its study from end to end, and everything about it that `planted_effects.py` counts."""

import json
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from planted_truth import Truth, doses, projected, truth_of, undone_rows
from threadpoolctl import threadpool_limits

from whatworked.door.questions import QuestionData
from whatworked.door.samples import Sample
from whatworked.engine.store import Store
from whatworked.estimation.design import BeforeAfter, Treatment
from whatworked.estimation.treatments import Dose, PracticeModels, RatingDifference
from whatworked.findings.model import DecisionFact, Effect, InferenceRow, QuestionFindings, SpecificationFindings
from whatworked.protocol.model import Protocol
from whatworked.protocol.read import read_protocol
from whatworked.protocol.secondary import HIGH_RATINGS
from whatworked.records.invented.areas import Area, invented_areas
from whatworked.records.invented.days import Extent
from whatworked.records.invented.effects import Effects
from whatworked.records.invented.write import write_records
from whatworked.scaffold.national import study_text
from whatworked.study import Prepared, findings_of, own_engine, prepare
from whatworked.vocabulary import Estimator, Method, Role

Json = dict[str, Any]
LOG_ODDS = "log-odds"
# What the report calls each secondary analysis.
DELIVERY, EMBEDDEDNESS = "quality of delivery", "degree of embeddedness"
PRACTICE, RATING = "practice models of the comparators", "high against low inspection ratings"


@dataclass(frozen=True)
class Nation:
    """How many children and councils, which years, and what is planted; the first fifth of the councils are pilots."""

    persons: int
    areas: int
    years: tuple[int, int]
    effects: Effects


def study_of(nation: Nation, seed: int, change: Callable[[str, Path], str], *, told: bool) -> Json:
    """Write a nation, run the study that `change` makes of the usual one, and return all that is counted of it.

    Where its rows are not `told` by the generator, only what was decided is counted.
    """
    laps = [time.perf_counter()]
    with tempfile.TemporaryDirectory() as name, threadpool_limits(limits=1, user_api="blas"):
        folder, work = Path(name) / "study", Path(name) / "work"
        work.mkdir()
        truth = write_records(
            folder, persons=nation.persons, areas=nation.areas, years=nation.years, seed=seed,
            effect=nation.effects, form="npd",
        )  # fmt: skip
        text = change(study_text(json.loads(truth.read_text(encoding="utf-8")), "npd"), folder)
        (folder / "study.toml").write_text(text, encoding="utf-8")
        laps.append(time.perf_counter())
        protocol = read_protocol(folder / "study.toml")
        with own_engine(protocol, work, None) as engine:
            prepared, samples = _watched(prepare(protocol, engine, store=Store(work)))
            findings = findings_of(prepared, engine)
        laps.append(time.perf_counter())
    extent = Extent(*nation.years)
    everyone = invented_areas(persons=nation.persons, areas=nation.areas, extent=extent, seed=seed)
    if not told:
        samples.clear()
    asked = _Asked(protocol, {area.code: area for area in everyone if protocol_has(protocol, area)}, nation.effects)
    questions = {found.key: asked.counted(found, samples.get(found.key)) for found in findings.questions}
    laps.append(time.perf_counter())
    parts = zip(("write", "study", "truth"), laps, laps[1:], strict=False)
    return {"seed": seed, "seconds": {part: round(b - a, 1) for part, a, b in parts}, "questions": questions}


def protocol_has(protocol: Protocol, area: Area) -> bool:
    """Return whether an area is a pilot of a study."""
    return any(pilot.area == area.code for pilot in protocol.areas.pilots)


def _watched(prepared: Prepared) -> tuple[Prepared, dict[str, Sample]]:
    """Return the study, and a place in which the main sample of each question is kept."""
    samples: dict[str, Sample] = {}

    def watched(key: str, data: QuestionData) -> QuestionData:
        def read(rows: Any, matches: Any) -> Any:  # noqa: ANN401
            found = data.read(rows, matches)
            main = prepared.matches[key].groups
            if main:
                samples[key] = found.lay(main, "equal")
            return found

        return replace(data, read=read)

    return replace(prepared, data={key: watched(key, data) for key, data in prepared.data.items()}), samples


class _Asked:
    """The planted rows of a study's pilots, and what a question's findings are beside them."""

    def __init__(self, protocol: Protocol, pilots: Mapping[str, Area], effects: Effects) -> None:
        self._protocol, self._pilots = protocol, pilots
        self._planted = undone_rows(pilots.values(), effects)

    def counted(self, found: QuestionFindings, sample: Sample | None) -> Json:
        """Return what is counted of a question."""
        decided: Json = {
            "rating": found.evidence.rating.value,
            "decisions": [
                *(_decided(decision) for decision in found.decisions),
                ["evidence", found.evidence.rating.value, "; ".join(found.evidence.because)],
            ],
            "pilots": len(found.areas.groups),
        }
        if sample is None or not found.specifications:
            return decided | {"none": "no pilot is left with a comparator, or the truth is not told"}
        main = next(one for one in found.specifications if one.role is Role.MAIN)
        decided |= {"estimator": main.estimator.value, "rows": main.rows}
        if not isinstance(main.effect, Effect):
            return decided | {"none": main.effect.not_estimated}
        truth = self._truth(found.key, sample, main)
        secondary = self._secondary(found, sample, truth) if main.estimator is not Estimator.LOGIT else {}
        return decided | _main(main, truth) | {
            "projected": projected(sample, truth, BeforeAfter()).get("pilot:post"),
            "secondary": secondary,
        }  # fmt: skip

    def _truth(self, key: str, sample: Sample, main: SpecificationFindings) -> Truth:
        return truth_of(
            sample, key, self._planted, self._pilots, repeated=main.estimator is Estimator.FIXED_EFFECTS
        )  # fmt: skip

    def _secondary(self, found: QuestionFindings, sample: Sample, truth: Truth) -> Json:
        """Return each secondary analysis with what the planted effects put into it."""
        ran = {one.name: one for one in found.specifications if one.role is Role.SECONDARY}
        counted = {}
        for name, treatment in self._treatments(sample).items():
            if name in ran and isinstance(ran[name].effect, Effect):
                counted[name] = _beside(ran[name], projected(sample, truth, treatment))
        return counted

    def _treatments(self, sample: Sample) -> dict[str, Treatment]:
        areas, periods = self._protocol.areas, sample.cells.periods
        similar = frozenset(entry.area for entry in areas.practice_models if entry.model == "similar")
        high = [entry.area for entry in areas.ratings if entry.rating in HIGH_RATINGS]
        return {
            DELIVERY: Dose("delivery", doses(self._protocol, "delivery")),
            EMBEDDEDNESS: Dose("embeddedness", doses(self._protocol, "embeddedness")),
            PRACTICE: PracticeModels(similar),
            RATING: RatingDifference(frozenset((area, period) for area in high for period in periods)),
        }


def _decided(decision: DecisionFact) -> list[str]:
    return [decision.decision, decision.chosen, "; ".join(decision.because)]


def _main(main: SpecificationFindings, truth: Truth) -> Json:
    """Return the main analysis' answers by every method, each beside the truth that it is an answer about."""
    assert isinstance(main.effect, Effect)
    unit = main.effect.unit
    own = truth.log_odds if unit == LOG_ODDS else truth.pooled()
    # beside a logit these two are linear, and the collapsed form weighs areas, not rows
    linear = {Method.COLLAPSED_T: truth.of_mean_area, Method.STACKED: truth.pooled()}
    points = "share" if unit == LOG_ODDS else unit
    methods = {
        row.method: _answer(row, points, linear[row.method]) if row.method in linear else _answer(row, unit, own)
        for row in main.inference
    }
    counted: Json = {
        "cr1": _answer(main.effect, unit, own),
        "planted": truth.pooled(),
        "methods": {method.value: answer for method, answer in methods.items() if answer["low"] is not None},
    }
    headline = next((row for row in main.inference if row.headline), None)
    if headline is None or headline.p_value is None:
        return counted | {"none": "no method of inference: " + (headline.note or "" if headline else "no row")}
    counted["headline"] = methods[headline.method] | {"method": headline.method.value}
    if isinstance(main.average_marginal_effect, Effect):
        counted["points"] = _answer(main.average_marginal_effect, "share", truth.pooled())
    return counted


def _beside(secondary: SpecificationFindings, planted: Mapping[str, float]) -> Json:
    """Return a secondary analysis' headline, and each of its answers by the source's test, beside the truth."""
    assert isinstance(secondary.effect, Effect)
    headline = next((row for row in secondary.inference if row.headline), None)
    counted: Json = {
        "terms": {
            term.term: _answer(term, term.unit, planted[term.term]) for term in secondary.terms if term.term in planted
        }
    }
    # the collapsed form weighs areas, not rows: what the effects put into it is another number
    if headline is not None and headline.method is Method.WILD_RESTRICTED and headline.p_value is not None:
        counted["headline"] = _answer(headline, secondary.effect.unit, planted.get(secondary.effect.term))
    return counted


def _answer(found: Effect | InferenceRow, unit: str, truth: float | None) -> Json:
    return {
        "unit": unit, "estimate": found.estimate, "low": found.conf_low, "high": found.conf_high,
        "p": found.p_value, "truth": truth,
    }  # fmt: skip
