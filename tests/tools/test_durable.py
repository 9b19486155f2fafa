"""One statement that counts for good."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from securityinfo.durable import durable


@pytest.mark.django_db
def test_inside_a_transaction_it_fails_loudly():
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"), durable():
        pass


@pytest.mark.django_db(transaction=True)
def test_outside_of_one_it_begins_none(django_assert_num_queries):
    with django_assert_num_queries(1), durable(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
