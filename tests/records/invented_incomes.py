"""What is known of a child's income on a day, from the generator's lives alone, in plain Python."""

from collections import Counter
from math import floor

from whatworked.records.invented import school_writer
from whatworked.records.invented.days import last_day_of, year_of
from whatworked.records.invented.draws import Draws
from whatworked.records.invented.returns import spans_of_case, spans_of_episode

NAMES = school_writer.HEAD.strip().split(",")
SCHOOL_AGE = 4 * 365


def returned_years(life, extent):
    """The years whose returns, of either kind, speak of a child."""
    episodes = (*life.short_breaks, *(episode for period in life.periods for episode in period))
    cases = {span.year for case in life.cases for span in spans_of_case(case, extent)}
    return cases | {span.year for episode in episodes for span in spans_of_episode(episode, extent)}


def pupil_rows(area, number, life, extent):
    """The school censuses of a child, if any return gives the number that leads to them."""
    linked = any(last_day_of(year) - life.person.birth >= SCHOOL_AGE for year in returned_years(life, extent))
    if life.person.pupil is None or not linked:
        return []
    draws = Draws()
    draws.begin(area.seed, number, about="school")
    lines = [school_writer.line_of(life.person, said) for said in school_writer.pupil_years(life.person, extent, draws)]
    return [dict(zip(NAMES, line.strip().split(","), strict=True)) for line in lines]


def known(rows, name):
    return [int(row[name]) for row in rows if row[name]]


def low_income(rows, birth, day):
    """The level of low income on a day: free meals and the premium as last known, the flag for earlier years ever."""
    so_far = [row for row in rows if int(row["census_year"]) <= year_of(day)]
    last = [flags[-1] for name in ("free_meals", "early_years_premium") if (flags := known(so_far, name))]
    said = [*last, *known(so_far, "ever_free_meals")]
    if said:
        return "yes" if 1 in said else "no"
    return "below_school_age" if floor((day - birth) / 365.25) < 5 else "missing"


def truth_of_incomes(lives, rows_of, extent):
    """The level of every row of a question: (area, child, day of the row, level) → how often.

    `lives` are (area, number, life); `rows_of` gives the days on which a life's rows describe the child.
    """
    found = Counter()
    for area, number, life in lives:
        days = rows_of(life)
        censuses = pupil_rows(area, number, life, extent) if days else []
        for day in days:
            found[area.code, life.person.child, day, low_income(censuses, life.person.birth, day)] += 1
    return found
