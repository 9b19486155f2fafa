"""The statement behind `headcount`: from methods, by what the rules say of them, to people.

`said` has a row for each audience and kind, `asked` one for each audience. All flags are 0 or 1:
both databases add them up and take the greatest. These two are joined from the left, though each
person has a row there: so PostgreSQL knows that no person is lost, and plans for as many.

`has` and `uses` are the numbers of a person's methods of all kinds in one: a digit for each kind,
in the place that `said` gives it (see headcount.DIGIT). They are added up as floating point, which
PostgreSQL does faster and which is exact up to 2 to the power of 53.
"""

from __future__ import annotations

FACTS = """
WITH {person},
said (part, kind, signs_in, resets, begins,
      may_sign_in, may_reset, may_begin, counts, place, usable_place) AS (VALUES {said}),
asked (part, to_register, possible, to_reset, may_reset, is_asked, is_exempt)
    AS (VALUES {asked}),
method (user_id, channel, kind, added_at, works) AS (
    SELECT user_id, channel, kind, confirmed_at,
           CASE WHEN suspended_at IS NULL AND undeliverable = '' THEN 1 ELSE 0 END
    FROM {registrations} WHERE confirmed {of_chosen}
),
proof (user_id, had_sign_in, can_sign_in, had_reset, had_first, can_reset, can_begin, counts,
       has, uses, first_at) AS (
    SELECT method.user_id,
           MAX(said.signs_in), MAX(method.works * said.may_sign_in),
           MAX(said.resets), MAX(said.begins),
           MAX(method.works * said.may_reset), MAX(method.works * said.may_begin),
           MAX(method.works * said.counts),
           SUM(said.place), SUM(method.works * said.usable_place),
           MIN(CASE WHEN said.part IS NOT NULL THEN method.added_at END)
    FROM method
    JOIN person ON person.id = method.user_id
    LEFT JOIN said ON said.part = person.part AND said.kind = method.kind
    GROUP BY method.user_id, method.channel
),
held (user_id, had_sign_in, can_sign_in, had_reset, had_first, can_reset, can_begin, channels,
      has, uses, first_at) AS (
    SELECT user_id, MAX(had_sign_in), MAX(can_sign_in), SUM(had_reset), MAX(had_first),
           SUM(can_reset), MAX(can_begin), SUM(counts),
           SUM(CAST(has AS DOUBLE PRECISION)), SUM(CAST(uses AS DOUBLE PRECISION)), MIN(first_at)
    FROM proof GROUP BY user_id
),
owner (id, is_staff, had_sign_in, can_sign_in, channels, had_reset, had_first, can_reset, can_begin,
       must_use_pass, asked_first_at, short_since, skips_used, to_register, possible,
       to_reset, may_reset, is_asked, is_exempt, has, uses, first_at, reviewed_at,
       is_frozen) AS (
    SELECT person.id, person.is_staff,
           COALESCE(held.had_sign_in, 0), COALESCE(held.can_sign_in, 0),
           COALESCE(held.channels, 0), COALESCE(held.had_reset, 0), COALESCE(held.had_first, 0),
           COALESCE(held.can_reset, 0), COALESCE(held.can_begin, 0),
           person.must_use_pass, person.asked_first_at, person.short_since, person.skips_used,
           asked.to_register, asked.possible, asked.to_reset, asked.may_reset,
           asked.is_asked, asked.is_exempt, COALESCE(held.has, 0), COALESCE(held.uses, 0),
           held.first_at, person.reviewed_at, person.is_frozen
    FROM person
    LEFT JOIN asked ON asked.part = person.part
    LEFT JOIN held ON held.user_id = person.id
),
due AS (
    SELECT owner.*,
           CASE WHEN is_exempt = 1 THEN 'nothing'
                WHEN can_sign_in = 0 AND is_asked = 0 AND is_staff = 0 AND had_sign_in = 0
                    AND must_use_pass = 0 THEN 'nothing'
                WHEN can_sign_in = 0 AND possible = 0 AND channels = 0 THEN 'impossible'
                WHEN can_sign_in = 0 THEN 'first'
                WHEN is_asked = 1 AND channels < to_register AND channels < possible THEN 'more'
                ELSE 'nothing' END AS what,
           CASE WHEN is_staff = 0 AND had_sign_in = 0 AND must_use_pass = 0
                 AND skips_used < %s
                 AND COALESCE(asked_first_at, %s) > %s THEN 1 ELSE 0 END AS may_wait,
           CASE WHEN COALESCE(short_since, %s) <= %s THEN 1 ELSE 0 END AS late,
           CASE WHEN COALESCE(short_since, %s) <= %s THEN 1 ELSE 0 END AS soon
    FROM owner
),
fact (id, registered_for_sign_in, can_sign_in, registered_for_reset, can_reset, complete, short,
      stuck, asked_now, may_skip, waiting, due_soon, review, locked_out,
      has, uses) AS (
    SELECT id, had_sign_in, can_sign_in,
           CASE WHEN had_reset >= to_reset AND had_first = 1 THEN 1 ELSE 0 END,
           CASE WHEN can_reset >= to_reset AND can_begin = 1 AND may_reset = 1 THEN 1 ELSE 0 END,
           CASE WHEN channels >= to_register THEN 1 ELSE 0 END,
           CASE WHEN channels < to_register AND channels < possible THEN 1 ELSE 0 END,
           CASE WHEN what = 'impossible' THEN 1 ELSE 0 END,
           CASE WHEN what = 'first' AND may_wait = 0 OR what = 'more' AND late = 1
                THEN 1 ELSE 0 END,
           CASE WHEN what = 'first' AND may_wait = 1 THEN 1 ELSE 0 END,
           CASE WHEN what = 'more' AND late = 0 THEN 1 ELSE 0 END,
           CASE WHEN what = 'more' AND late = 0 AND soon = 1 THEN 1 ELSE 0 END,
           CASE WHEN %s = 1 AND is_frozen = 0 AND first_at IS NOT NULL
                 AND COALESCE(reviewed_at, first_at) <= %s THEN 1 ELSE 0 END,
           CASE WHEN had_sign_in = 1 AND can_sign_in = 0 OR what = 'impossible' THEN 1 ELSE 0 END,
           has, uses
    FROM due
)
"""
