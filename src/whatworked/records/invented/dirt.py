"""What real files do: missing, conflicting, late and unreadable things, every one counted as it is made.

None of it changes what happened. What a return leaves out for good (a reason for closure, a need) is taken from the
life itself, so that the truth is told of what the files can show; all else is done to the texts.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from whatworked.records.invented.days import Extent, year_of
from whatworked.records.invented.draws import Draws
from whatworked.records.invented.lives import Case, Life

NO_REASON, NO_NEED, LATE = 0.02, 0.03, 0.02
SPELLED = 0.1
RARE = 0.01

LATE_CASES = "referrals that miss their first return and stand in the next"
MISSING_REASON = "referrals closed without a reason"
MISSING_NEED = "referrals without a need"

# (what it is, what is replaced, by what): in the texts of a child in one census.
_IN_CENSUS: tuple[tuple[str, str, str], ...] = (
    ("children with text between elements", "</ChildIdentifiers>", "stray</ChildIdentifiers>"),
    ("children with an element unknown to the census", "</ChildCharacteristics>",
     "<Nickname>x</Nickname></ChildCharacteristics>"),
    ("children whose sex is another one in one return", "<GenderCurrent>2<", "<GenderCurrent>1<"),
    ("children whose sex is missing in one return", "<GenderCurrent>1</GenderCurrent>", ""),
    ("children whose ethnicity is another one in one return", "<Ethnicity>WBRI<", "<Ethnicity>MWBC<"),
    ("children whose needs are written small", "<PrimaryNeedCode>N", "<PrimaryNeedCode>n"),
    ("children with a referral whose date is none", "</Child>",
     "<CINdetails><CINreferralDate>2015-02-31</CINreferralDate><ReferralNFA>false</ReferralNFA></CINdetails></Child>"),
    ("children with a referral that was closed before it was made", "</Child>",
     "<CINdetails><CINreferralDate>2001-02-02</CINreferralDate><CINclosureDate>2001-01-01</CINclosureDate>"
     "<ReasonForClosure>RC7</ReasonForClosure><ReferralNFA>false</ReferralNFA></CINdetails></Child>"),
    ("children with a referral of long ago", "</Child>",
     "<CINdetails><CINreferralDate>1999-01-01</CINreferralDate><ReferralNFA>true</ReferralNFA></CINdetails></Child>"),
    ("children with an assessment that ended before it started", "</CINdetails>",
     "<Assessments><AssessmentActualStartDate>2016-05-05</AssessmentActualStartDate>"
     "<AssessmentAuthorisationDate>2016-04-04</AssessmentAuthorisationDate></Assessments></CINdetails>"),
)  # fmt: skip
NAMELESS = "children without an identifier, copies of others"
SPELLINGS = "children whose truth values are written in capitals"
# (what it is, when it starts and ends): a row that is added to a child's in one return.
_IN_EPISODES: tuple[tuple[str, str, str], ...] = (
    ("episodes that start on no day", "31/02/2015", "01/05/2015"),
    ("episodes without a start", "", "01/05/2015"),
    ("episodes that end before they start", "01/06/2015", "01/05/2015"),
)
NO_CHILD_IN_EXTRACT = "rows of an extract without a child, copies of others"
NO_DAY_IN_EXTRACT = "rows of an extract whose referral is on no day, copies of others"
TWICE = "episodes that stand twice in one return"


class Dirt:
    """Spoils one child after the other and counts what it did."""

    def __init__(self, draws: Draws) -> None:
        """Take the chances to be used, those of the child at hand."""
        self._draws = draws
        self.counts: Counter[str] = Counter()

    def life(self, life: Life, extent: Extent) -> Life:
        """Return the life without what no return will ever say, and with cases that are returned late."""
        return replace(life, cases=tuple(self._case(case, extent) for case in life.cases))

    def census(self, text: str) -> str:
        """Return a child's text in one census, spoiled, now and then with a copy that has no identifier."""
        before, _, rest = text.partition("<LAchildID>")
        nameless = before + rest.partition("</LAchildID>")[2]
        for what, found, instead in _IN_CENSUS:
            if self._draws.happens(RARE) and found in text:
                text = text.replace(found, instead, 1)
                self.counts[what] += 1
        if self._draws.happens(SPELLED):
            text = text.replace(">true<", ">TRUE<").replace(">false<", ">0<")
            self.counts[SPELLINGS] += 1
        if self._draws.happens(RARE):
            text += nameless
            self.counts[NAMELESS] += 1
        return text

    def lines(self, lines: Mapping[str, str]) -> Mapping[str, str]:
        """Return a child's lines in one return of looked-after children, spoiled."""
        episodes = lines["episodes"]
        child, _, _ = episodes.partition(",")
        for what, start, end in _IN_EPISODES:
            if self._draws.happens(RARE):
                episodes += f"{child},{start},P,V2,N1,U6,PR1,{end},E8,,,,\n"
                self.counts[what] += 1
        if self._draws.happens(RARE):
            episodes += episodes.partition("\n")[0] + "\n"
            self.counts[TWICE] += 1
        return {**lines, "episodes": episodes}

    def extract(self, lines: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """Yield a child's lines in an extract, now and then with copies that are spoiled: a file's name and a line."""
        for name, line in lines:
            yield name, line
            if name.removeprefix("CIN_")[:4].isdigit():
                values = line.split(",")
                yield from ((name, spoiled) for spoiled in self._spoiled(values))

    def _spoiled(self, values: list[str]) -> Iterator[str]:
        """Yield copies of a line of children in need: without the child, and of a referral on no day."""
        child, referral = (len(values) - from_the_end for from_the_end in (27, 16))
        for what, place, instead in ((NO_CHILD_IN_EXTRACT, child, ""), (NO_DAY_IN_EXTRACT, referral, "2015-02-31")):
            if self._draws.happens(RARE):
                self.counts[what] += 1
                yield ",".join([*values[:place], instead, *values[place + 1 :]])

    def _case(self, case: Case, extent: Extent) -> Case:
        draws = self._draws
        closed, late = draws.happens(NO_REASON), draws.happens(LATE)
        if draws.happens(NO_NEED) and case.need is not None:
            case = replace(case, need=None)
            self.counts[MISSING_NEED] += 1
        if closed and case.reason is not None and case.closure is not None and case.closure <= extent.last:
            case = replace(case, reason=None)
            self.counts[MISSING_REASON] += 1
        if late and case.day >= extent.first and year_of(case.day) < extent.last_year:
            case = replace(case, late=True)
            self.counts[LATE_CASES] += 1
        return case
