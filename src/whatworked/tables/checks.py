"""Tables of what the design rests on: tests of its assumptions, the flow of records, their quality."""

from whatworked.cells import Blank, Cell, Count, Probability, Share, Statistic, Tally, Words
from whatworked.findings.model import QuestionFindings, TestFact
from whatworked.tables.effects import main_specification
from whatworked.tables.model import Column, Fact, Table
from whatworked.tables.names import AreaNames
from whatworked.tables.values import coefficient, probability, rows, words
from whatworked.tables.wording import plain, sentence_case, test_in_words

# The tests whose figure is no pure number, by the name that findings give them.
IN_UNITS = ("drift_per_year", "bias_of_drift")
SHARES_OF_STUDIES = ("power_majority_rule", "power_joint_test")
# A share of people's rows: its two counts stand in the place of degrees of freedom and are the gate's to judge.
SHARE_OF_ROWS = "repeated_share"


def tests(question: QuestionFindings, names: AreaNames) -> Table | None:
    """Return the tests of the design's assumptions and what they could have seen."""
    if not question.tests:
        return None
    return Table(
        key="tests",
        title=names.words(f"Tests of the design: {question.outcome}"),
        kind="tests",
        columns=(
            Column("test", Words("Test")),
            Column("figure", Words("Figure")),
            Column("df", Words("Out of, or degrees of freedom")),
            Column("p_value", Words("p-value")),
            Column("verdict", Words("Verdict")),
            Column("note", Words("What it says")),
        ),
        rows=tuple(_test(test, question, names=names) for test in question.tests),
        source=Words(question.source),
    )


def trend_facts(question: QuestionFindings) -> dict[str, Fact]:
    """Return what the tests of the trends found, each number typed; what was not tested is None."""
    found = {test.name: test for test in question.tests}
    leads, joint = found.get("leads_insignificant"), found.get("leads_joint")
    facts: dict[str, Fact] = {
        "leads": Tally(int(leads.df[0]), "leads") if leads and leads.df else None,
        "leads_insignificant": Tally(int(leads.statistic), "leads") if leads and leads.statistic is not None else None,
        "leads_verdict": Words(leads.verdict) if leads else None,
        "joint_p": Probability(joint.p_value) if joint and joint.p_value is not None else None,
        "joint_not_available": Words(joint.note) if joint and joint.p_value is None else None,
    }
    measured = [row for row in question.areas.candidates if row.distance is not None]
    facts["chosen_by_trend"] = any(not row.chosen for row in measured)
    for name in (*IN_UNITS, *SHARES_OF_STUDIES):
        test = found.get(name)
        facts[name] = None if test is None or test.statistic is None else figure_of(test, question)
    return facts


def figure_of(test: TestFact, question: QuestionFindings, *, why: str | None = None) -> Cell:
    """Return the figure of a test with its type: a count of leads, a drift in the outcome's unit, a power."""
    value = test.statistic
    if value is None:
        return Blank(why or "not available for this design")
    if test.name in IN_UNITS:
        main = main_specification(question)
        return coefficient(value, question.unit, residual_df=main.residual_df if main else 0.0)
    if test.name == SHARE_OF_ROWS and len(test.df) == len(("of", "among")):
        return Share(round(test.df[0]), round(test.df[1]))
    if test.name in SHARES_OF_STUDIES:
        return Probability(value)
    return Tally(int(value)) if test.name == "leads_insignificant" else Statistic(value)


def _test(test: TestFact, question: QuestionFindings, *, names: AreaNames) -> tuple[Cell, ...]:
    why = names.within(test.note) or "not available for this design"
    told = () if test.name == SHARE_OF_ROWS else test.df
    df = " and ".join(f"{df:.0f}" if float(df).is_integer() else f"{df:.1f}" for df in told)
    return (
        names.words(test_in_words(test.name)),
        figure_of(test, question, why=why),
        words(df, why="this check has none"),
        probability(test.p_value, why="this check has no p-value" if test.statistic is not None else why),
        names.words(sentence_case(plain(test.verdict))),
        names.words(sentence_case(test.note) or "None"),
    )


def flow(question: QuestionFindings, names: AreaNames) -> Table:
    """Return every step from the file to the rows that were used, with what it left out."""
    noun = "area periods" if question.persons is None else "rows"
    return Table(
        key="flow",
        title=names.words(f"From the records to the analysis: {question.outcome}"),
        kind="counts",
        columns=(
            Column("step", Words("Step")),
            Column("rule", Words("Rule")),
            Column("rows", Words(f"Remaining {noun}")),
            Column("left_out", Words(f"Left out {noun}")),
            *(() if question.persons is None else (Column("persons", Words("Remaining people")),)),
        ),
        rows=tuple(
            (
                names.words(sentence_case(plain(step.step))),
                names.words(step.rule or "None"),
                rows(step.rows, question),
                rows(step.left_out, question),
                *(() if question.persons is None else (_people(step.persons),)),
            )
            for step in question.population.flow
        ),
        source=Words(question.source),
    )


def quality(question: QuestionFindings, names: AreaNames) -> Table | None:
    """Return what was found in the records and how it was handled."""
    if not question.quality:
        return None
    return Table(
        key="quality",
        title=names.words(f"What was found in the records: {question.outcome}"),
        kind="counts",
        columns=(
            Column("what", Words("Found")),
            Column("rows", Words("Rows of the file")),
            Column("handled", Words("How it was handled")),
        ),
        rows=tuple(
            (names.words(row.what), rows(row.rows, question), names.words(row.handled)) for row in question.quality
        ),
        source=Words(question.source),
    )


def _people(n: int | None) -> Cell:
    return Blank("people are not counted at this step") if n is None else Count(n, "people")
