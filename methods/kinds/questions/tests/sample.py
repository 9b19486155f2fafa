"""What the contract suite fills in for this kind."""

from __future__ import annotations

ANSWERS = {
    "first-pet": "Sir Barksalot",
    "first-street": "Quince Lane 12",
    "mother-born": "Uummannaq",
    "father-born": "Whitehorse",
    "first-concert": "The Zutons",
}
OTHERS = {
    "first-school": "De Regenboog",
    "first-employer": "Pluimers Fietsen",
    "first-car": "Trabant 601",
    "childhood-book": "Pluk",
    "parents-met": "Valparaíso",
}


def filled_in(answers):
    """The enrol form with these questions and answers."""
    form = {}
    for number, (question, answer) in enumerate(answers.items(), start=1):
        form |= {f"question_{number}": question, f"answer_{number}": answer}
    return form


FORM = filled_in(ANSWERS)
OTHER = filled_in(OTHERS)
INVALID = filled_in(ANSWERS | {"first-pet": "ab"})
SECRETS = ()


def never_shown(details):
    """Kept as hashes only."""
    return tuple(ANSWERS.values())


def right(prompt):
    questions = [prompt.details["questions"][position] for position in prompt.context["asked"]]
    known = ANSWERS | OTHERS
    return {
        f"answer_{number}": known[each["name"]].casefold()
        for number, each in enumerate(questions, start=1)
    }


def wrong(prompt):
    return right(prompt) | {"answer_2": "something else"}
