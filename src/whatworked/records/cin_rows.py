"""From the modules of a child to rows of text, one table each; every row that cannot be is counted with its reason."""

from collections import Counter
from collections.abc import Callable, Sequence

from whatworked.records.cin_values import Values
from whatworked.records.cin_xml import OVERLONG, Module

# The columns of the text tables. `place` numbers the rows of a table in the order of the files.
TEXT_TABLES = {
    "child": (
        "area", "child", "census_year", "birth_date", "expected_birth_date", "death_date", "sex", "ethnicity",
        "disabled", "pupil",
    ),
    "referral": (
        "area", "child", "census_year", "place", "referral_date", "referral_source", "need", "no_further_action",
        "closure_date", "closure_reason", "previous_plans",
    ),
    "assessment": ("area", "child", "census_year", "place", "start_date", "end_date", "referral_date"),
    "conference": ("area", "child", "census_year", "conference_date", "origin", "referral_date"),
    "plan": (
        "area", "child", "census_year", "place", "start_date", "end_date", "referral_date", "initial_abuse",
        "previous_plans",
    ),
}  # fmt: skip

FOUND = "found"
NO_CHILD = "no child"
NO_DATE = "no date"

Write = Callable[[str, Sequence[str | int]], None]


class ChildRows:
    """Writes the rows of one file's children."""

    def __init__(self, area: str, year: int, *, write: Write, values: Values, counts: Counter[tuple[str, str]]) -> None:
        """Take whose return it is, where rows go to, and what counts them: (table, FOUND or why not) → rows."""
        self._area, self._year = area, year
        self._write, self._values, self._counts = write, values, counts

    def add(self, child: Module) -> None:
        """Write the rows of a child; one without an identifier has none."""
        values = self._values
        identifiers = child.modules.get("ChildIdentifiers", [])
        # Blanks inside an identifier, even a line's end, are one blank.
        identifier = " ".join(values.one(identifiers, "LAchildID").split())
        self._counts["child", FOUND] += 1
        if not identifier or identifier == OVERLONG:
            self._leave_out(child)
            return
        key = (self._area, identifier, self._year)
        pupil = "".join(values.one(identifiers, "UPN").split()).upper()
        birth, expected, death = (
            values.date(item, values.one(identifiers, item))
            for item in ("PersonBirthDate", "ExpectedPersonBirthDate", "PersonDeathDate")
        )
        ethnicity, disabled = self._characteristics(child.modules.get("ChildCharacteristics", []))
        sex = values.sex(identifiers)
        pupil = "" if pupil == OVERLONG else pupil
        row = (*key, birth, expected, death, sex, ethnicity, disabled, pupil)
        self._write("child", row)
        for referral in child.modules.get("CINdetails", ()):
            self._add_referral(referral, key)

    def _characteristics(self, modules: Sequence[Module]) -> tuple[str, str]:
        """Return the ethnicity and whether any disability is recorded; without a disability element none is."""
        values = self._values
        disabilities = {
            values.code("Disability", text, "disability")
            for module in modules
            for listed in module.modules.get("Disabilities", ())
            for text in listed.texts.get("Disability", ())
        }
        ethnicity = values.code("Ethnicity", values.one(modules, "Ethnicity"), "ethnicity")
        if disabilities - {"", "NONE"}:
            return ethnicity, "1"
        # A code that cannot be used may have been any disability.
        return ethnicity, "" if "" in disabilities else "0"

    def _add_referral(self, referral: Module, key: tuple[str, str, int]) -> None:
        """Write a referral and what the return files under it; without its date the rest stays."""
        values = self._values
        self._counts["referral", FOUND] += 1
        one = (referral,)
        referred = values.date("CINreferralDate", values.one(one, "CINreferralDate"))
        for assessment in referral.modules.get("Assessments", ()):
            self._add_assessment(assessment, key, referred)
        self._add_conferences((referral,), key, referred, origin="referral")
        self._add_conferences(referral.modules.get("Section47", ()), key, referred, origin="section47")
        previous = [self._add_plan(plan, key, referred) for plan in referral.modules.get("ChildProtectionPlans", ())]
        row = (
            referred,
            values.code("ReferralSource", values.one(one, "ReferralSource"), "referral_source"),
            values.code("PrimaryNeedCode", values.one(one, "PrimaryNeedCode"), "need"),
            values.truth("ReferralNFA", values.one(one, "ReferralNFA")),
            values.date("CINclosureDate", values.one(one, "CINclosureDate")),
            values.code("ReasonForClosure", values.one(one, "ReasonForClosure"), "closure_reason"),
            min((n for n in previous if n), key=int, default=""),
        )
        self._write_dated("referral", referred, (*key, self._counts["referral", FOUND], *row))

    def _add_assessment(self, assessment: Module, key: tuple[str, str, int], referred: str) -> None:
        values, one = self._values, (assessment,)
        self._counts["assessment", FOUND] += 1
        start, end = (
            values.date(item, values.one(one, item))
            for item in ("AssessmentActualStartDate", "AssessmentAuthorisationDate")
        )
        self._write_dated("assessment", start, (*key, self._counts["assessment", FOUND], start, end, referred))

    def _add_conferences(
        self, modules: Sequence[Module], key: tuple[str, str, int], referred: str, *, origin: str
    ) -> None:
        """Write a conference for every date of one: a module may hold several."""
        for module in modules:
            for text in module.texts.get("DateOfInitialCPC", ()):
                self._counts["conference", FOUND] += 1
                day = self._values.date("DateOfInitialCPC", text)
                self._write_dated("conference", day, (*key, day, origin, referred))

    def _add_plan(self, plan: Module, key: tuple[str, str, int], referred: str) -> str:
        """Write a plan and return the number of plans before it."""
        values, one = self._values, (plan,)
        self._counts["plan", FOUND] += 1
        start, end = (values.date(item, values.one(one, item)) for item in ("CPPstartDate", "CPPendDate"))
        abuse = values.code("InitialCategoryOfAbuse", values.one(one, "InitialCategoryOfAbuse"), "abuse")
        previous = values.count("NumberOfPreviousCPP", values.one(one, "NumberOfPreviousCPP"))
        row = (*key, self._counts["plan", FOUND], start, end, referred, abuse, previous)
        self._write_dated("plan", start, row)
        return previous

    def _write_dated(self, table: str, day: str, row: Sequence[str | int]) -> None:
        """Write a row if it has the date without which it says nothing."""
        if day:
            self._write(table, row)
        else:
            self._counts[table, NO_DATE] += 1

    def _leave_out(self, child: Module) -> None:
        """Count what belongs to a child that cannot be told from others."""
        referrals = child.modules.get("CINdetails", ())
        left_out = {
            "child": 1,
            "referral": len(referrals),
            "assessment": sum(len(referral.modules.get("Assessments", ())) for referral in referrals),
            "conference": sum(
                len(module.texts.get("DateOfInitialCPC", ()))
                for referral in referrals
                for module in (referral, *referral.modules.get("Section47", ()))
            ),
            "plan": sum(len(referral.modules.get("ChildProtectionPlans", ())) for referral in referrals),
        }
        for table, rows in left_out.items():
            self._counts[table, NO_CHILD] += rows
            if table != "child":
                self._counts[table, FOUND] += rows
