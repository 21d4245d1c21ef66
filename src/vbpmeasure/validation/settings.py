"""The `[validate]` part of the configuration: switches, severities and thresholds of checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vbpmeasure.diagnostics.model import Diagnostic, Failure, Span
from vbpmeasure.spec.suggest import suggestion, suggestion_or_list
from vbpmeasure.validation.model import CheckInfo, Severity, Thresholds

Step = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | Literal["off"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlaceSettings(_Model):
    """Thresholds of one place, under ``columns."table.column"``."""

    warn: Step | None = None
    fail: Step | None = None


class CheckSettings(PlaceSettings):
    """``[validate.checks.ID]``: what is set differs from the check's own values."""

    enabled: bool | None = None
    severity: Severity | None = None
    limit: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    columns: Mapping[str, PlaceSettings] = Field(default_factory=dict)


class ValidationSettings(_Model):
    """``[validate]``. ``checks`` is keyed by check id or name; ``sample_rows`` limits person-level files."""

    fail_on: Literal["warn", "fail"] = "fail"
    sample_rows: Annotated[int, Field(ge=1, le=10_000)] = 20
    checks: Mapping[str, CheckSettings] = Field(default_factory=dict)

    @classmethod
    def from_mapping(
        cls,
        mapping: Mapping[str, Any],
        infos: Iterable[CheckInfo],
        places: Mapping[tuple[str | int, ...], Span] | None = None,
    ) -> ValidationSettings:
        """Return the settings of a plain mapping (the table ``validate`` of a TOML file).

        ``infos`` are the checks there are (`registry.INFOS`); ``places`` says where each key path of the mapping
        stands in the file.

        Raises `Failure` with one diagnostic per wrong key path: VBM430 unknown key or check, VBM431 wrong value.
        """
        found: list[Diagnostic] = []
        settings = cls()
        try:
            settings = cls.model_validate(dict(mapping))
        except ValidationError as error:
            items = error.errors(include_url=False, include_input=False)
            found = list(dict.fromkeys(_finding(item, places or {}) for item in items))  # both arms of a union complain
        known = {name for info in infos for name in (info.id, info.name)}
        checks = mapping.get("checks")
        for name in sorted(set(checks) - known) if isinstance(checks, Mapping) else ():
            hint = suggestion(name, known) or "`vbpmeasure rule` lists the checks"
            found.append(_at(("checks", name), places or {}, "VBM430", "no check has this id or name", hint))
        if found:
            raise Failure(found)
        return settings

    def of(self, check: CheckInfo) -> CheckSettings:
        """Return what is set for a check, by id or by name."""
        return self.checks.get(check.id) or self.checks.get(check.name) or CheckSettings()

    def enabled(self, check: CheckInfo) -> bool:
        """Return whether the check is to be made."""
        return self.of(check).enabled is not False

    def severity(self, check: CheckInfo) -> Severity:
        """Return the severity in force."""
        return self.of(check).severity or check.severity

    def limit(self, check: CheckInfo) -> float | None:
        """Return the limit in force, None for a check without one."""
        own = self.of(check).limit
        return check.limit if own is None else own

    def thresholds(self, check: CheckInfo, table: str | None, column: str | None) -> Thresholds:
        """Return the thresholds of a place: its own setting, the check's setting, the place's default, the default."""
        own = self.of(check)
        names = (f"{table}.{column}", column or "", table or "")
        default = next((check.columns[n] for n in names if n in check.columns), check.thresholds)
        place = next((own.columns[n] for n in names if n in own.columns), PlaceSettings())
        return Thresholds(
            warn=_step((place.warn, own.warn), default.warn), fail=_step((place.fail, own.fail), default.fail)
        )


def _step(settings: Iterable[float | Literal["off"] | None], default: float | None) -> float | None:
    for value in settings:
        if value is not None:
            return None if value == "off" else value
    return default


_KEYS = {
    1: tuple(ValidationSettings.model_fields),
    3: tuple(CheckSettings.model_fields),
    5: tuple(PlaceSettings.model_fields),
}


def _at(
    path: Sequence[str | int],
    places: Mapping[tuple[str | int, ...], Span],
    code: str,
    message: str,
    hint: str | None,
) -> Diagnostic:
    """Return a finding at a key path: its line in the file, or the path in words when nobody knows the file."""
    span = places.get(tuple(path))
    where = None if span is not None else f"validate.{'.'.join(map(str, path))}"
    return Diagnostic(code, message, span=span, where=where, hint=hint)


def _finding(item: Mapping[str, Any], places: Mapping[tuple[str | int, ...], Span]) -> Diagnostic:
    path = [str(part) for part in item["loc"]]
    # The arms of a union end a path: they are no keys of the file.
    while path and path[-1] in ("float", "constrained-float", "literal['off']"):
        path.pop()
    if item["type"] == "extra_forbidden":
        known = _KEYS.get(len(path), ())
        hint = suggestion_or_list(path[-1], known, "keys") or None
        return _at(path, places, "VBM430", "no setting has this name", hint)
    hint = {
        "warn": 'a share from 0 to 1, or "off"',
        "fail": 'a share from 0 to 1, or "off"',
        "severity": "error, warning or info",
        "enabled": "true or false",
        "fail_on": "warn or fail",
        "limit": "a number from 0 on; `vbpmeasure rule ID` says what it means",
        "sample_rows": "a whole number from 1 to 10000",
    }.get(path[-1] if path else "", "a table of settings")
    return _at(path, places, "VBM431", "this setting has a value that it cannot take", f"it takes {hint}")
