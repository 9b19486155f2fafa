"""Statements whose SQL is made once: for those that every page, or every answer, needs.

Building the SQL costs Django more time than PostgreSQL needs to answer it (docs/performance.md).

Each takes a function that builds the query as usual, and a stand-in for each of its arguments: a
value of the right type that stands nowhere else in the query. Each call puts its own in their
place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

from django.db import connection
from django.db.models import AutoField, Expression, Field, Model, QuerySet
from django.db.models.expressions import Combinable, RawSQL
from django.db.models.query import (  # type: ignore[attr-defined]  # not public, see the tests
    get_related_populators,
)
from django.db.models.signals import pre_save
from django.db.models.sql import InsertQuery, UpdateQuery

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class _Statement:
    """SQL, its parameters, and for each of them whose place it keeps."""

    sql: str
    parameters: tuple[Any, ...]
    places: tuple[tuple[int, int], ...]  # of a parameter, of the argument

    @classmethod
    def of(cls, sql: str, parameters: Sequence[Any], stand_ins: Sequence[Any]) -> _Statement:
        known = [_stored(each) for each in stand_ins]
        places = tuple(
            (place, known.index(value))
            for place, value in enumerate(parameters)
            if not isinstance(value, bool) and value in known
        )
        if {argument for _, argument in places} != set(range(len(stand_ins))):
            raise ValueError(f"A stand-in is missing in {sql}")
        return cls(sql, tuple(parameters), places)

    def filled_in(self, values: Sequence[Any]) -> list[Any]:
        parameters = list(self.parameters)
        for place, argument in self.places:
            parameters[place] = _stored(values[argument])
        return parameters


@dataclass(frozen=True)
class _Plan:
    """What the ORM has worked out: the statement, and how its rows become objects."""

    statement: _Statement
    converters: dict[int, tuple[list[Callable[..., Any]], Any]]
    model: type[Model]
    fields: slice
    names: list[str]
    related: list[Any]
    annotations: list[tuple[str, int]]


class Prepared(Generic[M]):
    """`Prepared(lambda key: Session.objects.filter(digest=key), "?")("abc")`: a list of objects.

    The queryset may use select_related and annotations, no prefetch.
    """

    def __init__(self, build: Callable[..., QuerySet[M]], *stand_ins: Any) -> None:
        self._build = build
        self._stand_ins = stand_ins
        self._plan: _Plan | None = None

    def __call__(self, *values: Any) -> list[M]:
        plan = self._plan or self._prepare()
        with connection.cursor() as cursor:
            cursor.execute(plan.statement.sql, plan.statement.filled_in(values))
            return [self._object(plan, row) for row in cursor.fetchall()]

    def _prepare(self) -> _Plan:
        query = self._build(*self._stand_ins).query
        compiler = query.get_compiler(connection.alias)
        sql, parameters = compiler.as_sql(with_col_aliases=False)
        klass, select = compiler.klass_info, compiler.select
        columns = klass["select_fields"]
        self._plan = _Plan(
            statement=_Statement.of(sql, parameters, self._stand_ins),
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


class PreparedUpdate:
    """`PreparedUpdate(lambda pk: Person.objects.filter(pk=pk), -1)(7, seen=NOW)`: number of rows.

    An expression that is set has to be the same object each time: a constant of its module.
    `returning` names columns for `rows`.
    """

    def __init__(
        self,
        build: Callable[..., QuerySet[Any]],
        *stand_ins: Any,
        returning: Sequence[str] = (),
    ) -> None:
        self._build = build
        self._stand_ins = stand_ins
        self._returning = returning
        # The expressions are kept with it, so that no other one ever has the id of one of them.
        self._statements: dict[tuple[Any, ...], tuple[_Statement, list[Any]]] = {}

    def __call__(self, *values: Any, **changes: Any) -> int:
        with connection.cursor() as cursor:
            cursor.execute(*self.statement(*values, **changes))
            return cursor.rowcount

    def rows(self, *values: Any, **changes: Any) -> list[tuple[Any, ...]]:
        """What `returning` names of each row that was changed, as it is from now on."""
        with connection.cursor() as cursor:
            cursor.execute(*self.statement(*values, **changes))
            return cursor.fetchall()

    def statement(self, *values: Any, **changes: Any) -> tuple[str, list[Any]]:
        """SQL and parameters, for a statement that this one is a part of."""
        expressions = [value for value in changes.values() if isinstance(value, Combinable)]
        kind = (*changes, *map(id, expressions))
        if kind not in self._statements:
            self._statements[kind] = self._prepare(changes), expressions
        statement, _ = self._statements[kind]
        plain = [value for value in changes.values() if not isinstance(value, Combinable)]
        return statement.sql, statement.filled_in([*values, *plain])

    def _prepare(self, changes: dict[str, Any]) -> _Statement:
        plain = {name: object() for name in changes if not isinstance(changes[name], Combinable)}
        rows = self._build(*self._stand_ins)
        query = cast(UpdateQuery, rows.query.chain(UpdateQuery))
        query.add_update_values(
            changes | {name: RawSQL("%s", (place,)) for name, place in plain.items()}
        )
        sql, parameters = query.get_compiler(connection.alias).as_sql()
        if self._returning:
            sql += f" RETURNING {', '.join(map(connection.ops.quote_name, self._returning))}"
        return _Statement.of(sql, parameters, [*self._stand_ins, *plain.values()])


class PreparedInsert(Generic[M]):
    """`PreparedInsert(Event)(event)`: stores a new object, after pre_save; a new key is set.

    What the database fills in for the first object, it fills in for all.
    """

    def __init__(self, model: type[M]) -> None:
        self._model = model
        self._sql = ""
        self._fields: list[Field[Any, Any]] = []
        self._filled_in: list[str] = []

    def __call__(self, row: M) -> None:
        with connection.cursor() as cursor:
            cursor.execute(*self.statement(row))
            self.is_stored(row, key=self._new_key(cursor) if row.pk is None else row.pk)

    def statement(self, row: M) -> tuple[str, list[Any]]:
        """SQL and parameters; the SQL returns a new key, where the database can."""
        if not self._sql:
            self._prepare(row)
        pre_save.send(self._model, instance=row, raw=False, using=connection.alias)
        return self._sql, [
            field.get_db_prep_save(field.pre_save(row, add=True), connection)
            for field in self._fields
        ]

    def is_stored(self, row: M, *, key: Any) -> None:
        row.pk = key
        for name in self._filled_in:  # read it when it is asked for
            del row.__dict__[name]
        row._state.adding, row._state.db = False, connection.alias

    def _prepare(self, row: M) -> None:
        fields = [
            field for field in self._model._meta.concrete_fields if not isinstance(field, AutoField)
        ]
        query = InsertQuery(self._model)
        query.insert_values(fields, [row])
        compiler = query.get_compiler(connection.alias)
        if self._model._meta.auto_field and connection.features.can_return_columns_from_insert:
            compiler.returning_fields = [self._model._meta.auto_field]
        self._sql = compiler.as_sql()[0][0]
        self._fields = [each for each in fields if not isinstance(_value(row, each), Expression)]
        self._filled_in = [each.attname for each in fields if each not in self._fields]

    def _new_key(self, cursor: Any) -> Any:
        if connection.features.can_return_columns_from_insert:
            return cursor.fetchone()[0]
        table, key = self._model._meta.db_table, self._model._meta.pk.column
        return connection.ops.last_insert_id(cursor, table, key)


def _value(row: Model, field: Field[Any, Any]) -> Any:
    return getattr(row, field.attname)


def _stored(value: Any) -> Any:
    """As the ORM hands it to the database."""
    if isinstance(value, UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    return value
