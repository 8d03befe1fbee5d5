"""Errors carry their mistakes, whole, wherever they go."""

import pickle

import pytest

from whatworked import errors
from whatworked.errors import Mistake


@pytest.mark.parametrize(
    "kind", [errors.UsageError, errors.ProtocolError, errors.RecordsError, errors.DisclosureError, errors.EngineError]
)
def test_an_error_passes_from_one_process_to_another_with_every_mistake(kind):
    error = kind([Mistake("areas.pilots[0]", "it has no start.", "Give a date."), Mistake("matching", "it is empty.")])
    received = pickle.loads(pickle.dumps(error))
    assert (type(received), received.mistakes, str(received)) == (kind, error.mistakes, str(error))
