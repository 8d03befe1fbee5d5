"""Codes of children's returns: what each stands for, and in which years a return may use it.

Read out of the census forms of 2017 to 2024. A code without a first year was there before 2017; one without a last
year is still in use. A year is that in which the collection year ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """A code and the years in which it may be used, both included; None is no limit."""

    meaning: str
    first_year: int | None = None
    last_year: int | None = None

    def is_valid_in(self, year: int) -> bool:
        """Return whether a return of that year may use the code."""
        return (self.first_year or year) <= year <= (self.last_year or year)


SEX = {
    "0": Code("not recorded or unborn"),
    "1": Code("male"),
    "2": Code("female"),
    "9": Code("indeterminate"),
}
ETHNICITY = {
    "WBRI": Code("White British"),
    "WIRI": Code("White Irish"),
    "WIRT": Code("Traveller of Irish heritage"),
    "WROM": Code("Gypsy or Roma"),
    "WOTH": Code("any other White background"),
    "MWBC": Code("White and Black Caribbean"),
    "MWBA": Code("White and Black African"),
    "MWAS": Code("White and Asian"),
    "MOTH": Code("any other mixed background"),
    "AIND": Code("Indian"),
    "APKN": Code("Pakistani"),
    "ABAN": Code("Bangladeshi"),
    "AOTH": Code("any other Asian background"),
    "BCRB": Code("Caribbean"),
    "BAFR": Code("African"),
    "BOTH": Code("any other Black background"),
    "CHNE": Code("Chinese"),
    "OOTH": Code("any other ethnic group"),
    "REFU": Code("refused"),
    "NOBT": Code("not yet obtained"),
}
DISABILITY = {
    "NONE": Code("no disability"),
    "MOB": Code("mobility"),
    "HAND": Code("hand function"),
    "PC": Code("personal care"),
    "INC": Code("incontinence"),
    "COMM": Code("communication"),
    "LD": Code("learning"),
    "HEAR": Code("hearing"),
    "VIS": Code("vision"),
    "BEH": Code("behaviour"),
    "CON": Code("consciousness"),
    "AUT": Code("autism"),
    "DDA": Code("other"),
}
REFERRAL_SOURCE = {
    "1A": Code("family member, relative or carer"),
    "1B": Code("acquaintance, neighbour or child minder"),
    "1C": Code("the child"),
    "1D": Code("other individual or stranger"),
    "2A": Code("school"),
    "2B": Code("education services"),
    "3A": Code("general practitioner"),
    "3B": Code("health visitor"),
    "3C": Code("school nurse"),
    "3D": Code("other primary health services"),
    "3E": Code("accident and emergency department"),
    "3F": Code("other health services"),
    "4": Code("housing"),
    "5A": Code("the council's social care"),
    "5B": Code("other department of the council"),
    "5C": Code("another council"),
    "5D": Code("early help", first_year=2023),
    "6": Code("police"),
    "7": Code("other legal agency"),
    "8": Code("other"),
    "9": Code("anonymous"),
    "10": Code("unknown"),
}
NEED = {
    "N0": Code("not stated"),
    "N1": Code("abuse or neglect"),
    "N2": Code("child's disability"),
    "N3": Code("parental disability or illness"),
    "N4": Code("family in acute stress"),
    "N5": Code("family dysfunction"),
    "N6": Code("socially unacceptable behaviour"),
    "N7": Code("low income"),
    "N8": Code("absent parenting"),
    "N9": Code("cases other than children in need"),
}
CLOSURE_REASON = {
    "RC1": Code("adopted"),
    "RC2": Code("died"),
    "RC3": Code("child arrangements order"),
    "RC4": Code("special guardianship order"),
    "RC5": Code("transferred to another council"),
    "RC6": Code("transferred to adult services"),
    "RC7": Code("any other reason, such as no longer in need"),
    "RC8": Code("closed after assessment, no further action"),
    "RC9": Code("closed after assessment, referred to early help", first_year=2023),
}
ABUSE = {
    "NEG": Code("neglect"),
    "PHY": Code("physical abuse"),
    "SAB": Code("sexual abuse"),
    "EMO": Code("emotional abuse"),
    "MUL": Code("multiple, or none recommended"),
}

# Under the names by which the columns of `whatworked.records.schema` call their code sets.
CODE_SETS: Mapping[str, Mapping[str, Code]] = {
    "sex": SEX,
    "ethnicity": ETHNICITY,
    "disability": DISABILITY,
    "referral_source": REFERRAL_SOURCE,
    "need": NEED,
    "closure_reason": CLOSURE_REASON,
    "abuse": ABUSE,
}
