"""Tables over all questions: who is in which, how alike the arms are, what they were like before, what the tests say.

Every number of a question is a copy of the one in its own tables, so that what is hidden there is hidden here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from whatworked.cells import Blank, Tally, Words
from whatworked.findings.model import Findings, QuestionFindings, TestFact
from whatworked.tables import matching
from whatworked.tables.effects import level_unit, main_specification
from whatworked.tables.model import Column, Copy, Place, Section, SideBySide, said
from whatworked.tables.names import AreaNames, area_names
from whatworked.tables.stars import star_key, stars
from whatworked.tables.values import SHARE
from whatworked.tables.wording import ARMS, plain, sentence_case
from whatworked.vocabulary import Arm, Estimator, Phase

PILOTS, IMBALANCE, MEANS, TESTS = (f"{what}_by_question" for what in ("pilots", "imbalance", "means", "tests"))
IN, OUT = "✓", "✗"
WHOLE = 0
_FEWEST = 2
_NOT_MATCHED = "people were not matched in this question"
_NOT_USED = "not used in this question"
_NOT_FITTED = "no analysis could be run"
_MODELS = {
    Estimator.LINEAR: "Linear",
    Estimator.LOGIT: "Logistic",
    Estimator.FIXED_EFFECTS: "Fixed effects",
    Estimator.RANDOM_EFFECTS: "Random effects",
}
_NOT_ASKED = "not tested in this question"
_VERDICTS = {"hold": "Held", "fail": "Not held", "untested": "Untested"}
_LETTERS = "abcdefghijklmnopqrstuvwxyz"

Line = tuple[Words | Blank | Tally | Copy, ...]


@dataclass(frozen=True)
class _Of:
    """A question with its section and the names that hold in it."""

    question: QuestionFindings
    section: Section
    names: AreaNames

    @property
    def heading(self) -> str:
        """What a column calls it."""
        return self.names.within(sentence_case(self.question.outcome))

    def copy(self, table: str, row: int, column: str) -> Copy:
        """Return a number of its tables as it stands there."""
        return Copy(self.question.key, Place(table, row, column))


def side_by_side(findings: Findings, sections: Sequence[Section]) -> tuple[SideBySide, ...]:
    """Return the tables over all questions; a study of one question has none."""
    if len(findings.questions) < _FEWEST:
        return ()
    every = [
        _Of(question, section, area_names(question, findings))
        for question, section in zip(findings.questions, sections, strict=True)
    ]
    made = (_pilots(every), _imbalance(every), _means(every), _tests(every, findings))
    return tuple(table for table in made if table is not None and table.rows)


def _source(every: Sequence[_Of]) -> Words:
    return Words(" ".join(dict.fromkeys(one.question.source for one in every)))


def _pilots(every: Sequence[_Of]) -> SideBySide:
    """Return which pilot stands in which question, with the reason where one does not."""
    pilots = list(dict.fromkeys(e.area for one in every for e in one.question.names if e.arm is Arm.PILOT))
    letters: dict[str, str] = {}
    body: list[Line] = []
    for pilot in pilots:
        called = next(one.names.of(pilot) for one in every if pilot in one.names.called)
        body.append((called, *(_involved(pilot, one, letters) for one in every)))
    groups = [one.question.areas.groups for one in every]
    body.append((Words("Pilots in the question"), *(Tally(len(found), "pilots") for found in groups)))
    compared = (len({area for group in found for area in group.comparators}) for found in groups)
    body.append((Words("Their comparators"), *(Tally(n, "comparators") for n in compared)))
    return SideBySide(
        key=PILOTS,
        title=Words("Which pilot is in which question"),
        kind="matching",
        columns=(Column("pilot", Words("Pilot")), *_questions(every)),
        rows=tuple(body),
        source=_source(every),
        notes=(
            said(f"{IN}: in the main analysis; {OUT}: not in it."),
            *(said(f"{letter}: {sentence_case(reason)}.") for reason, letter in letters.items()),
        ),
    )


def _involved(pilot: str, one: _Of, letters: dict[str, str]) -> Words:
    if any(group.pilot == pilot for group in one.question.areas.groups):
        return Words(IN)
    reason = next((d.reason for d in one.question.areas.dropped if d.pilot == pilot), "not a pilot of this question")
    reason = one.names.within(reason)
    letter = letters.setdefault(reason, _letter(len(letters)))
    return Words(f"{OUT} {letter}")


def _letter(n: int) -> str:
    """Return the mark of the nth reason: a, b, … z, a2, b2 and so on."""
    return _LETTERS[n % len(_LETTERS)] + (str(n // len(_LETTERS) + 1) if n >= len(_LETTERS) else "")


def _questions(every: Sequence[_Of]) -> tuple[Column, ...]:
    return tuple(Column(f"question_{i}", Words(one.heading)) for i, one in enumerate(every, start=1))


def _imbalance(every: Sequence[_Of]) -> SideBySide | None:
    """Return L1 and LCS of each question before and after matching people."""
    if not any(one.section.table(matching.OVERALL) for one in every):
        return None
    return SideBySide(
        key=IMBALANCE,
        title=Words("Multivariate imbalance and local common support, before and after matching people"),
        kind="balance",
        columns=(
            Column("question", Words("Question")),
            Column("l1_before", Words("L1 imbalance before matching")),
            Column("l1_after", Words("L1 imbalance after matching")),
            Column("lcs_before", Words("Local common support before matching")),
            Column("lcs_after", Words("Local common support after matching")),
        ),
        rows=tuple((Words(one.heading), *_imbalances(one)) for one in every),
        source=_source(every),
        notes=(
            said(
                "L1: 0 where the arms are spread alike over all cells, 1 where they share none. Local common support: "
                "the share of cells with any row that hold both arms. Both are of the covariates as recorded, before "
                "matching and among those matched; on the bins of the matching L1 is 0 by construction."
            ),
        ),
    )


def _imbalances(one: _Of) -> Line:
    if not one.section.table(matching.OVERALL):
        return (Blank(_NOT_MATCHED),) * 4
    return (
        *(one.copy(matching.OVERALL, 0, column) for column in ("before", "after")),
        *(
            Copy(one.question.key, Place(matching.OVERALL, 1, column), places=WHOLE, scale=100, mark="%")
            for column in ("before", "after")
        ),
    )


def _means(every: Sequence[_Of]) -> SideBySide:
    """Return the weighted summary statistics before the start, pilots and comparators of each question."""
    lines = dict.fromkeys(
        line for one in every if one.question.matching for line in matching.mean_lines(one.question.matching)
    )
    sides = [(one, arm) for one in every for arm in Arm]
    body: list[Line] = [(Words("Outcome"), *(_outcome(one, arm) for one, arm in sides))]
    for name, level in lines:
        label = sentence_case(plain(name)) + ("" if level is None else f" – {plain(level)}")
        body.append((Words(label), *(_characteristic((name, level), one, arm) for one, arm in sides)))
    body.append((Words("Main model, which determines the number of rows"), *(_model(one) for one, _ in sides)))
    body.append((Words("Rows of this arm before the start"), *(_rows_before(one, arm) for one, arm in sides)))
    for label, column in (
        ("Rows of both arms over all periods", "rows"),
        ("People of both arms over all periods", "persons"),
    ):
        body.append((Words(label), *(_whole(one, column) for one, _ in sides)))
    return SideBySide(
        key=MEANS,
        title=Words("The arms before the start, weighted: all questions"),
        kind="means",
        columns=(
            Column("characteristic", Words("Characteristic")),
            *(
                Column(f"question_{i}_{arm.value}", Words(f"{one.heading}: {ARMS[arm].lower()}s"))
                for i, one in enumerate(every, start=1)
                for arm in Arm
            ),
        ),
        rows=tuple(body),
        source=_source(every),
        notes=(
            said(
                "Before the start only: what comes after may be the intervention's doing. Weighted as in the analysis. "
                "Percentages are rounded to whole numbers and may not add up to 100%; the tables of each question have "
                "more digits."
            ),
            *(
                said(f"The outcome '{one.heading}' is in {level_unit(one.question)}.")
                for one in every
                if _in_units(one)
            ),
        ),
    )


def _in_units(one: _Of) -> bool:
    return one.question.unit != SHARE


def _outcome(one: _Of, arm: Arm) -> Copy | Blank:
    place = _row_of(one, arm)
    if place is None:
        return Blank(_NOT_FITTED)
    places = None if _in_units(one) else WHOLE
    return Copy(one.question.key, Place("summary", place, "mean"), places=places, unit=True)


def _row_of(one: _Of, arm: Arm) -> int | None:
    """Return the row of the summary that holds an arm before the start."""
    found = [i for i, row in enumerate(one.question.summary) if (row.arm, row.phase) == (arm, Phase.BASELINE)]
    return found[0] if found else None


def _characteristic(line: tuple[str, str | None], one: _Of, arm: Arm) -> Copy | Blank:
    found = one.question.matching
    lines = () if found is None else matching.mean_lines(found)
    if line not in lines or one.section.table(matching.MEANS) is None:
        return Blank(_NOT_USED)
    place = Place(matching.MEANS, lines.index(line), arm.value)
    return Copy(one.question.key, place, places=None if line[1] is None else WHOLE, unit=True)


def _model(one: _Of) -> Words | Blank:
    main = main_specification(one.question)
    return Blank(_NOT_FITTED) if main is None else Words(_MODELS[main.estimator])


def _rows_before(one: _Of, arm: Arm) -> Copy | Blank:
    found = one.question.matching
    if found is not None and matching.rows_behind(found, arm) is not None:
        return one.copy(matching.MEANS, len(matching.mean_lines(found)), arm.value)
    place = _row_of(one, arm)
    return Blank(_NOT_FITTED) if place is None else one.copy("summary", place, "rows")


def _whole(one: _Of, column: str) -> Copy | Blank:
    if column == "persons" and one.question.persons is None:
        return Blank("figures of areas, not of people")
    return Blank(_NOT_FITTED) if main_specification(one.question) is None else one.copy("sensitivity", 0, column)


_NO_CORRELATION = "No serial correlation of order 1 in the errors"
_NO_OWN_EFFECT = "No correlation between a person's own effect and the covariates"
# Name of a test in the findings, its words, and what it holds until shown otherwise.
_ASKED = (
    (
        "serial_correlation",
        "Serial correlation, the test that decides",
        _NO_CORRELATION,
    ),
    (
        "breusch_godfrey_chi2",
        "Breusch–Godfrey test, chi-squared form",
        _NO_CORRELATION,
    ),
    ("hausman", "Hausman test", _NO_OWN_EFFECT),
    (
        "mundlak",
        "Hausman test in Mundlak's form, clustered by person",
        _NO_OWN_EFFECT,
    ),
    (
        "recurrence_f",
        "Joint F test of who is seen again",
        "Outcome and covariates do not tell who is seen more than once",
    ),
)


def _tests(every: Sequence[_Of], findings: Findings) -> SideBySide:
    """Return the tests of each question side by side: a line for a test's figure and one for its p-value."""
    body = [line for asked in _ASKED for line in _test_lines(asked, every, findings)]
    parallel = Words("Pilots and comparators moved alike before the start: most leads should be insignificant")
    body += [
        (Words("Leads not significant"), parallel, *(_leads(one) for one in every)),
        (Words("Parallel trends by that rule"), parallel, *(_verdict(one) for one in every)),
        *_test_lines(("leads_joint", "All leads together (Hotelling's test)", parallel.text), every, findings),
    ]
    return SideBySide(
        key=TESTS,
        title=Words("Tests of the design: all questions"),
        kind="tests",
        columns=(Column("test", Words("Test")), Column("null", Words("Null hypothesis")), *_questions(every)),
        rows=tuple(body),
        source=_source(every),
        notes=(
            said(star_key(findings)),
            said(
                "The rule of the leads, the Breusch–Godfrey and the Hausman test are the source's; the other tests "
                "stand beside them. The table of tests of each question says what each test is of."
            ),
        ),
    )


def _test_lines(asked: tuple[str, str, str], every: Sequence[_Of], findings: Findings) -> Iterator[Line]:
    name, words, null = asked
    tests = [_test(one, name) for one in every]
    if not any(tests):
        return
    yield Words(words), Words(null), *(_figure(one, found, findings) for one, found in zip(every, tests, strict=True))
    yield Words(f"{words}: p-value"), Words(null), *(_p(one, found) for one, found in zip(every, tests, strict=True))


def _test(one: _Of, name: str) -> tuple[int, TestFact] | None:
    """Return the place of a test among those of a question, and the test."""
    return next(((i, test) for i, test in enumerate(one.question.tests) if test.name == name), None)


def _figure(one: _Of, found: tuple[int, TestFact] | None, findings: Findings) -> Copy | Blank:
    if found is None:
        return Blank(_NOT_ASKED)
    i, test = found
    return Copy(one.question.key, Place("tests", i, "figure"), mark=stars(test.p_value, findings))


def _p(one: _Of, found: tuple[int, TestFact] | None) -> Copy | Blank:
    return Blank(_NOT_ASKED) if found is None else one.copy("tests", found[0], "p_value")


def _leads(one: _Of) -> Tally | Blank:
    found = _test(one, "leads_insignificant")
    if found is None or found[1].statistic is None or not found[1].df:
        return Blank(_NOT_ASKED)
    return Tally(int(found[1].statistic), "leads", of=int(found[1].df[0]))


def _verdict(one: _Of) -> Words | Blank:
    found = _test(one, "leads_insignificant")
    return Blank(_NOT_ASKED) if found is None else Words(_VERDICTS.get(found[1].verdict, found[1].verdict))
