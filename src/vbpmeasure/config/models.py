"""What `vbpmeasure.toml` may hold, as strict models: nothing is converted in silence, and unknown keys are refused."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr
from pydantic_core import PydanticCustomError

from vbpmeasure.data.buckets import MOST
from vbpmeasure.data.contract import EVENT_TABLES
from vbpmeasure.data.mapping import SourceFormat, Unmapped
from vbpmeasure.equity.settings import FAMILIES, INDEX_NAMES
from vbpmeasure.executors.model import EXECUTORS
from vbpmeasure.spec.days import day_of

# One text with commas, as on the command line, or a list.
Names = StrictStr | list[StrictStr]
ParameterValue = StrictBool | StrictInt | StrictFloat | StrictStr
ConstantValue = StrictStr | StrictBool | StrictInt | StrictFloat | dt.date


Version = Annotated[StrictInt, Field(ge=0)]


def _day(text: str) -> str:
    if day_of(text) is None:
        raise PydanticCustomError("date_type", "no day")
    return text


Day = Annotated[StrictStr, AfterValidator(_day)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class RunSection(_Section):
    """`[run]`: what `vbpmeasure run` has as options, under the same names."""

    data: StrictStr | None = None
    year: StrictInt | None = None
    measures: Names | None = None
    exclude: Names | None = None
    by: Names | None = None
    out: StrictStr | None = None
    format: Literal["table", "csv", "json", "parquet"] | None = None
    measure_folders: Names | None = None
    value_set_folders: Names | None = None
    params: dict[str, dict[str, ParameterValue]] = Field(default_factory=dict)
    enrollment_key: Names | None = None
    bad_rows: Literal["refuse", "drop"] | None = None
    person_level: StrictBool | None = None
    supplemental: Literal["with", "without", "both"] | None = None
    buckets: Annotated[StrictInt, Field(ge=1, le=MOST)] | Literal["auto"] | None = None
    executor: Literal[EXECUTORS] | None = None  # type: ignore[valid-type]
    master: StrictStr | None = None
    cache: StrictBool | None = None
    cache_dir: StrictStr | None = None
    race_standard: StrictStr | None = None
    tabulation: StrictStr | None = None
    languages: StrictStr | None = None
    code_systems: Names | None = None
    mandate: StrictStr | None = None
    as_of: dt.date | Day | None = None
    as_of_version: Version | dict[StrictStr, Version] | None = None
    fail_under: Names | dict[str, StrictInt | StrictFloat] | None = None
    fail_over: Names | dict[str, StrictInt | StrictFloat] | None = None
    fail_on_drift: Annotated[StrictInt | StrictFloat, Field(ge=0)] | None = None
    drift_from: StrictStr | None = None
    metrics_file: StrictStr | None = None
    openlineage: StrictStr | None = None
    pseudonymize: StrictStr | None = None


class MappingSection(_Section):
    """What a table and each of its sources can say about columns."""

    columns: dict[str, Annotated[StrictStr, Field(min_length=1)]] = Field(default_factory=dict)
    constants: dict[str, ConstantValue] = Field(default_factory=dict)
    values: dict[str, dict[str, StrictStr]] = Field(default_factory=dict)
    unmapped: Unmapped | dict[str, Unmapped] | None = None
    dates: dict[str, StrictStr] = Field(default_factory=dict)
    label: Annotated[StrictStr, Field(min_length=1)] | None = None
    path: Annotated[StrictStr, Field(min_length=1)] | None = None
    format: SourceFormat | None = None
    version: Version | None = None
    catalog: Annotated[StrictStr, Field(min_length=1)] | None = None


class SourceSection(MappingSection):
    """`[[tables.NAME.sources]]`."""


class TableSection(MappingSection):
    """`[tables.NAME]`: one source, or what all of its sources share."""

    sources: list[SourceSection] = Field(default_factory=list)


class EnvironmentSecret(_Section):
    """A secret of `[storage]` or `[catalogs]`: the name of the environment variable that holds it."""

    env: Annotated[StrictStr, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


# A plain text is read here so that it can be refused without showing it.
Secret = EnvironmentSecret | StrictStr
Plain = Annotated[StrictStr, Field(min_length=1)]


class S3Section(_Section):
    """`[storage.s3]`."""

    endpoint: Plain | None = None
    region: Plain | None = None
    anonymous: StrictBool | None = None
    virtual_hosts: StrictBool | None = None
    access_key_id: Secret | None = None
    secret_access_key: Secret | None = None
    session_token: Secret | None = None


class GsSection(_Section):
    """`[storage.gs]`; `service_account` is the path of its key file."""

    endpoint: Plain | None = None
    service_account: Plain | None = None
    anonymous: StrictBool | None = None


class AzSection(_Section):
    """`[storage.az]`; `endpoint` is that of the account's blobs."""

    endpoint: Plain | None = None
    account: Plain | None = None
    anonymous: StrictBool | None = None
    account_key: Secret | None = None
    sas_token: Secret | None = None
    tenant_id: Plain | None = None
    client_id: Plain | None = None
    client_secret: Secret | None = None


class StorageSection(_Section):
    """`[storage]`: how object stores are reached where the environment does not say it."""

    s3: S3Section = Field(default_factory=S3Section)
    gs: GsSection = Field(default_factory=GsSection)
    az: AzSection = Field(default_factory=AzSection)


class SupplementalSection(_Section):
    """`[supplemental]`: what is neither claims nor registry; tables replace the default list."""

    tables: list[Literal[EVENT_TABLES]] | None = None  # type: ignore[valid-type]
    data_sources: list[Annotated[StrictStr, Field(min_length=1)]] = Field(default_factory=list)


Share = Annotated[StrictFloat | StrictInt, Field(ge=0, le=1)]


class FieldLimits(_Section):
    """`[completeness.fields.NAME]`."""

    direct: Share | None = None
    unknown: Share | None = None


class CompletenessSection(_Section):
    """`[completeness]`: shares of people from where on missing answers are warned of."""

    direct: Share | None = None
    unknown: Share | None = None
    score: Share | None = None
    fields: dict[str, FieldLimits] = Field(default_factory=dict)


Weight = Annotated[StrictFloat | StrictInt, Field(ge=0)]


class CenterSection(_Section):
    """`[equity.composites.reference]`: mean and standard deviation of a measure or rate, in per cent."""

    mean: Annotated[StrictFloat | StrictInt, Field(ge=0, le=100)]
    sd: Annotated[StrictFloat | StrictInt, Field(gt=0, le=100)]


class CompositesSection(_Section):
    """`[equity.composites]`: how organizations are scored (`equity.composite_settings`)."""

    entity: Annotated[StrictStr, Field(min_length=1)] | None = None
    at_risk: list[StrictStr] | None = None
    measures: dict[str, Weight] = Field(default_factory=dict)
    weights: Annotated[list[Weight], Field(min_length=3, max_length=3)] | None = None
    reference: dict[str, CenterSection] = Field(default_factory=dict)
    min_members: Annotated[StrictInt, Field(ge=1)] | None = None
    min_measures: Annotated[StrictFloat | StrictInt, Field(gt=0, le=1)] | None = None
    min_entities: Annotated[StrictInt, Field(ge=3)] | None = None
    reward_cap: Annotated[StrictFloat | StrictInt, Field(ge=0)] | None = None


class EquitySection(_Section):
    """`[equity]`: how groups are compared; without a key its default holds (`equity.settings`)."""

    reference: Literal["best", "largest", "overall", "benchmark"] | None = None
    named: dict[str, Annotated[StrictStr, Field(min_length=1)]] = Field(default_factory=dict)
    min_n: Annotated[StrictInt, Field(ge=1)] | None = None
    alpha: Annotated[StrictFloat, Field(gt=0, lt=1)] | None = None
    min_relative: Annotated[StrictFloat, Field(ge=0, lt=1)] | None = None
    min_power_n: Annotated[StrictInt, Field(ge=1)] | None = None
    family: Literal[FAMILIES] | None = None  # type: ignore[valid-type]
    decide_by: Literal["adjusted", "raw"] | None = None
    ratio_interval: Literal["auto", "katz", "koopman"] | None = None
    dimensions: Names | None = None
    no_groups: list[StrictStr] | None = None
    summary: list[Literal[INDEX_NAMES]] | None = None  # type: ignore[valid-type]
    benchmarks: dict[str, Annotated[StrictFloat | StrictInt, Field(ge=0, le=100)]] = Field(default_factory=dict)
    standardize_by: Annotated[StrictStr, Field(min_length=1)] | None = None
    draws: Annotated[StrictInt, Field(ge=0, le=100_000)] | None = None
    seed: Annotated[StrictInt, Field(ge=0, lt=2**32)] | None = None
    composites: CompositesSection = Field(default_factory=CompositesSection)


class ConfigFile(_Section):
    """The whole file."""

    run: RunSection = Field(default_factory=RunSection)
    tables: dict[str, TableSection] = Field(default_factory=dict)
    validate_: dict[str, Any] = Field(default_factory=dict, alias="validate")
    supplemental: SupplementalSection = Field(default_factory=SupplementalSection)
    completeness: CompletenessSection = Field(default_factory=CompletenessSection)
    value_sets: dict[str, Annotated[StrictStr, Field(min_length=1)] | list[StrictStr]] = Field(default_factory=dict)
    equity: EquitySection = Field(default_factory=EquitySection)
    storage: StorageSection = Field(default_factory=StorageSection)
    catalogs: dict[str, dict[str, Secret]] = Field(default_factory=dict)
