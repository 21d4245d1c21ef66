"""What becomes of a claim, in the words of the contract: paid, denied, pending, reversed."""

from __future__ import annotations

from vbpmeasure.adapters.fhir.codings import first_code
from vbpmeasure.adapters.fhir.json_values import Json, items, mapping, number, text

# The first category that a line has tells what was paid (FHIR's own list, then CARIN Blue Button's).
_PAID = ("benefit", "paidtoprovider", "payment")
_DENIED = "denialreason"
_REVERSED = ("cancelled", "entered-in-error")


def is_claim(body: Json) -> bool:
    """Return whether it asks for money for a service done: no draft, no estimate, no request in advance."""
    return text(body.get("status")) != "draft" and text(body.get("use")) in {None, "claim"}


def claim_status(body: Json) -> str:
    """Return the status of a Claim or ExplanationOfBenefit as a whole.

    Cancelled or entered in error: reversed. A Claim that nothing answers, or a queued answer: pending. An answer with
    outcome error, or with a denial reason for the whole: denied. Every other answer: paid.
    """
    if text(body.get("status")) in _REVERSED:
        return "reversed"
    if body.get("resourceType") == "Claim" or text(body.get("outcome")) == "queued":
        return "pending"
    if text(body.get("outcome")) == "error" or _is_denied(body):
        return "denied"
    return "paid"


def line_status(whole: str, line: Json) -> str:
    """Return the status of a line: a paid claim can have denied lines."""
    return "denied" if whole == "paid" and _is_denied(line) else whole


def paid_amount(line: Json) -> float | None:
    """Return what the payer paid for a line, in the claim's currency; None when the line does not tell."""
    amounts: dict[str, float] = {}
    for one in items(line.get("adjudication")):
        category = first_code(one.get("category"))
        amount = number(mapping(one.get("amount")).get("value"))
        if category in _PAID and amount is not None:
            amounts[category] = amounts.get(category, 0.0) + amount
    return next((amounts[category] for category in _PAID if category in amounts), None)


def _is_denied(body: Json) -> bool:
    return any(first_code(one.get("category")) == _DENIED for one in items(body.get("adjudication")))
