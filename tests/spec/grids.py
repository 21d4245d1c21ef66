"""Input tables as text grids: a header of contract columns, one line a row, blank cells are null."""

import datetime as dt
import textwrap

from vbpmeasure.data.contract import TABLES, Kind

READERS = {
    Kind.ID: lambda cell: int(cell) if cell.isdigit() else cell,
    Kind.TEXT: str,
    Kind.DATE: dt.date.fromisoformat,
    Kind.INTEGER: int,
    Kind.NUMBER: float,
    Kind.FLAG: lambda cell: {"yes": True, "no": False}[cell],
}

# Short names for the columns that most grids need.
SHORT = {
    "person": "person_id",
    "born": "birth_date",
    "died": "death_date",
    "from": "enrollment_start_date",
    "to": "enrollment_end_date",
    "claim": "claim_id",
    "code": "hcpcs_code",
    "place": "place_of_service_code",
    "status": "claim_status",
    **{f"dx{i}": f"diagnosis_code_{i}" for i in range(1, 26)},
    **{f"px{i}": f"procedure_code_{i}" for i in range(1, 26)},
    **{f"mod{i}": f"hcpcs_modifier_{i}" for i in range(1, 6)},
}
DATE_OF = {
    "medical_claim": "claim_start_date",
    "pharmacy_claim": "dispensing_date",
    "immunization": "occurrence_date",
    "lab_result": "collection_date",
    "observation": "observation_date",
    "condition": "onset_date",
    "procedure": "procedure_date",
    "encounter": "encounter_start_date",
    "service_request": "authored_date",
    "medication": "dispensing_date",
}


def _column(table, name):
    if name == "on":
        return DATE_OF[table]
    if name == "status" and table != "medical_claim":
        return "status"
    if name in {"code", "type"} and table not in {"medical_claim", "pharmacy_claim"}:
        pair = TABLES[table].code_pairs[0]
        return pair.code_column if name == "code" else pair.type_column
    return SHORT.get(name, name)


def grid(table, text):
    """Return the rows of a grid as contract rows; a null cell is an absent key."""
    header, *lines = [line for line in textwrap.dedent(text).strip().splitlines() if set(line) - set("-+ ")]
    columns = [_column(table, name.strip()) for name in header.split("|")]
    rows = []
    for line in lines:
        cells = [cell.strip() for cell in line.split("|")]
        assert len(cells) == len(columns), line
        row = {}
        for name, cell in zip(columns, cells, strict=True):
            contract_column = TABLES[table].column(name)
            assert contract_column is not None, f"{table} has no column {name}"
            if cell:
                row[name] = READERS[contract_column.kind](cell)
        rows.append(row)
    return rows


def people(*ids, born="2020-06-15"):
    """Return eligibility rows of people covered without end from their birth, when only the claims matter."""
    birth = dt.date.fromisoformat(born)
    return [{"person_id": i, "birth_date": birth, "gender": "F", "enrollment_start_date": birth} for i in ids]
