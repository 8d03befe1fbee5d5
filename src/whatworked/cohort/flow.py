"""The flow: how many rows and persons each rule leaves out, from one pass over the rows.

Every row carries the number of the first rule that leaves it out, 0 where it stays. So the rows of a flow are the
rows kept and the rows of every reason, to the last one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from whatworked.engine.sql import Query, literal

Rule = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Sifted:
    """Rows with a column `reason`: 0 for a row that stays, else the place in `rules` of the rule that leaves it out."""

    rows: Query
    rules: tuple[str, ...]

    @property
    def kept(self) -> Query:
        """The rows that stay, without the reason."""
        columns = tuple(column for column in self.rows.columns if column != "reason")
        text = f"SELECT {listed(columns)} FROM {self.rows} AS sifted_rows WHERE reason = 0"
        return Query(text, grain=self.rows.grain, columns=columns)


def listed(columns: Sequence[str], *, of: str = "") -> str:
    """Return names of columns of our own with commas between them, each of a table where one is named."""
    return ", ".join(f"{of}.{column}" if of else column for column in columns)


def first_reason(rules: Sequence[Rule], *, earlier: str = "", after: int = 0) -> str:
    """Return the expression of the number of the first rule whose condition holds, 0 where none does.

    Parameters
    ----------
    rules : each rule in words, with its condition; a condition that cannot be told does not hold
    earlier : expression of the reason that rows bring with them, which wins
    after : number of rules that those reasons belong to
    """
    arms = [f"WHEN {earlier} > 0 THEN {earlier}"] if earlier else []
    arms += [f"WHEN {condition} THEN {place}" for place, (_, condition) in enumerate(rules, start=after + 1)]
    lines = "\n".join(arms)
    return f"CAST(\nCASE\n{lines}\nELSE 0 END AS INTEGER)" if arms else "CAST(0 AS INTEGER)"


def sift(rows: Query, rules: Sequence[Rule], *, before: Sequence[str] = ()) -> Sifted:
    """Name the first rule that leaves each row out; `before` are the rules of a reason that the rows bring."""
    columns = tuple(column for column in rows.columns if column != "reason")
    reason = first_reason(rules, earlier="reason" if "reason" in rows.columns else "", after=len(before))
    text = f"SELECT {listed(columns)}, {reason} AS reason FROM {rows} AS unsifted_rows"
    return Sifted(Query(text, rows.grain, (*columns, "reason")), (*before, *(rule for rule, _ in rules)))


def flow(sifted: Sifted) -> Query:
    """One row a rule, in order, after a row for the start: `left_out` by it, `rows` and `persons` that are left.

    A person is left after a rule while a row of theirs is kept or falls to a later rule.
    """
    steps = "\nUNION ALL\n".join(
        f"SELECT {step} AS step, {literal(rule)} AS rule" for step, rule in enumerate(("all", *sifted.rules))
    )
    stays = len(sifted.rules) + 1
    of_persons = f"""
        SELECT reason, COUNT(*) AS n, area, person,
               MAX(MAX(CASE WHEN reason = 0 THEN {stays} ELSE reason END)) OVER (PARTITION BY area, person) AS last,
               ROW_NUMBER() OVER (PARTITION BY area, person ORDER BY reason NULLS LAST) AS place
        FROM {sifted.rows} AS sifted_rows
        GROUP BY area, person, reason
        """
    cells = f"""
        SELECT CASE WHEN reason = 0 THEN {stays} ELSE reason END AS fate, last, SUM(n) AS n,
               SUM(CASE WHEN place = 1 THEN 1 ELSE 0 END) AS persons
        FROM ({of_persons}) AS of_persons
        GROUP BY CASE WHEN reason = 0 THEN {stays} ELSE reason END, last
        """
    return Query(
        f"""
        SELECT CAST(steps.step AS INTEGER) AS step, steps.rule AS rule,
               CAST(COALESCE(SUM(CASE WHEN cells.fate = steps.step THEN cells.n ELSE 0 END), 0) AS BIGINT) AS left_out,
               CAST(COALESCE(SUM(CASE WHEN cells.fate > steps.step THEN cells.n ELSE 0 END), 0) AS BIGINT) AS rows,
               CAST(COALESCE(SUM(CASE WHEN cells.last > steps.step THEN cells.persons ELSE 0 END), 0) AS BIGINT)
                 AS persons
        FROM ({steps}) AS steps
        LEFT JOIN ({cells}) AS cells ON cells.last >= 0
        GROUP BY steps.step, steps.rule
        """,
        grain="rule",
        columns=("step", "rule", "left_out", "rows", "persons"),
    )
