"""A protocol without a mistake, for the tests to spoil."""

import pytest

FAMILY_SAFEGUARDING = """\
# The year ending March 2018 is the settling-in.
[study]
title = "Family Safeguarding and child protection plans"
question = "Did Family Safeguarding reduce child protection plans?"
intervention = "Family Safeguarding"
seed = 2017
data_start = 2012-04-01
data_end = 2020-03-31
limits = ["Four pilots are few."]

[records.plans]
kind = "area_series"
path = "d1_child_protection_plans.csv"
columns = { area = "old_la_code", name = "la_name", period = "time_period", value = "rate", numerator = "count" }
keep = { geographic_level = "Local authority", region_name = ["East", "South East"] }
period = { kind = "year", ends = "03-31" }
unit = "per 10,000 children"
source = "Department for Education, OGL v3.0"
published = true

[records.referrals]
kind = "area_series"
path = "data/c1_referrals.parquet"
columns = { area = "old_la_code", period = "time_period", value = "rate", denominator = "children" }
period = { kind = "year", ends = "03-31" }
unit = "per 10,000 children"
source = "Department for Education, OGL v3.0"
published = true

[areas]
publish_names = true
pilots = [
    { area = "867", label = "Bracknell Forest", start = 2017-05-01, embedded = 2018-03-31 },
    { area = "821", label = "Luton", start = 2017-05-01, embedded = 2018-03-31 },
    { area = "874", label = "Peterborough", start = 2017-05-01, embedded = 2018-03-31 },
    { area = "869", label = "West Berkshire", start = 2017-05-01, embedded = 2018-03-31 },
]
excluded = [{ area = "919", reason = "had the model already" }, "920"]

[matching]
comparators_per_pilot = 2
max_distance = 0.6

[[question]]
key = "plans"
title = "Did it reduce child protection plans at 31 March?"
records = "plans"
outcome = { label = "child protection plans at 31 March", better = "lower" }

[[question]]
key = "referrals"
title = "Did referrals change?"
records = "referrals"
outcome = { label = "referrals" }
weight = "denominator"
matching = { max_distance = inf, baseline_periods = ["2013", "2014", "2015", "2016-17"] }

[[variant]]
kind = "leave_out"
pilots = "each"

[[variant]]
kind = "lags"

[[variant]]
kind = "matching"
name = "every comparator"
matching = { comparators_per_pilot = "all", max_distance = inf }
questions = ["plans"]

[[variant]]
kind = "weight"
weight = "equal"
questions = ["referrals"]

[disclosure]
profile = "dfe"
"""


@pytest.fixture
def valid_text():
    return FAMILY_SAFEGUARDING
