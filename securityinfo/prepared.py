"""Queries whose SQL is made once: for the few that every page needs.

Building the SQL costs Django more time than PostgreSQL needs to answer it (docs/performance.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import (  # type: ignore[attr-defined]  # not public, see the tests
    get_related_populators,
)

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class _Plan:
    """What the ORM has worked out: the statement, and how its rows become objects."""

    sql: str
    parameters: tuple[Any, ...]
    position: int  # of the one that changes
    converters: dict[int, tuple[list[Callable[..., Any]], Any]]
    model: type[Model]
    fields: slice
    names: list[str]
    related: list[Any]
    annotations: list[tuple[str, int]]


class Prepared(Generic[M]):
    """`Prepared(lambda key: Session.objects.filter(digest=key), "?")("abc")`: a list of objects.

    `stand_in` takes the place of the one value that differs from call to call; it may be no other
    value of the query. The queryset may use select_related and annotations, no prefetch.
    """

    def __init__(self, build: Callable[[Any], QuerySet[M]], stand_in: Any) -> None:
        self._build = build
        self._stand_in = stand_in
        self._plan: _Plan | None = None

    def __call__(self, value: Any) -> list[M]:
        plan = self._plan or self._prepare()
        parameters = list(plan.parameters)
        parameters[plan.position] = value
        with connection.cursor() as cursor:
            cursor.execute(plan.sql, parameters)
            return [self._object(plan, row) for row in cursor.fetchall()]

    def _prepare(self) -> _Plan:
        query = self._build(self._stand_in).query
        compiler = query.get_compiler(connection.alias)
        sql, parameters = compiler.as_sql(with_col_aliases=False)
        klass, select = compiler.klass_info, compiler.select
        columns = klass["select_fields"]
        self._plan = _Plan(
            sql=sql,
            parameters=tuple(parameters),
            position=list(parameters).index(self._stand_in),
            converters=compiler.get_converters([each[0] for each in select]),
            model=klass["model"],
            fields=slice(columns[0], columns[-1] + 1),
            names=[each[0].target.attname for each in select[columns[0] : columns[-1] + 1]],
            related=get_related_populators(klass, select, connection.alias),
            annotations=list(compiler.annotation_col_map.items()),
        )
        return self._plan

    def _object(self, plan: _Plan, row: tuple[Any, ...]) -> M:
        values = list(row)
        for position, (convert, expression) in plan.converters.items():
            for each in convert:
                values[position] = each(values[position], expression, connection)
        found = plan.model.from_db(connection.alias, plan.names, values[plan.fields])
        for populator in plan.related:
            populator.populate(values, found)
        for name, position in plan.annotations:
            setattr(found, name, values[position])
        return found  # type: ignore[return-value]  # the model of the queryset
