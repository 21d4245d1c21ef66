"""Setting the pages: plain data and templates become one HTML file with its style and its script inside."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from itertools import count
from types import ModuleType

from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.outputs.words import NOTICE
from vbpmeasure.report.pages.common import Material
from vbpmeasure.report.pages.equity import EquityPage, equity_page
from vbpmeasure.report.pages.measure import MeasurePage, measure_page
from vbpmeasure.report.pages.notes import Notes, notes
from vbpmeasure.report.pages.overview import Overview, overview
from vbpmeasure.report.pages.providers import ProviderSection, provider_sections
from vbpmeasure.report.sharing import shared

_PACKAGE = "vbpmeasure.report"


@dataclass(frozen=True, slots=True)
class Pages:
    """Everything that is set."""

    title: str
    period: str
    banner: str | None
    notice: str
    overview: Overview
    equity: EquityPage | None
    providers: tuple[ProviderSection, ...]
    measures: tuple[MeasurePage, ...]
    notes: Notes


def pages(material: Material) -> Pages:
    """Return the pages of a report."""
    run = material.now.run
    return Pages(
        title=f"Pediatric quality report {material.now.year}",
        period=f"{run.period.start} to {run.period.end}",
        banner=next((r.run.banner for r in (material.now, *material.earlier) if r.run.banner is not None), None),
        notice=NOTICE,
        overview=overview(material),
        equity=equity_page(material),
        providers=provider_sections(material),
        measures=tuple(measure_page(material, measure, rates) for measure, rates in material.now.measures),
        notes=notes(material),
    )


def html(found: Pages) -> bytes:
    """Return the file. Raises `Failure` VBM485 without the template library."""
    jinja = _jinja()
    environment = jinja.Environment(
        loader=jinja.PackageLoader(_PACKAGE, "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja.StrictUndefined,
    )
    environment.filters["broken"] = _broken
    # Ids of captions, by which tables are told apart by those who only hear them.
    environment.globals["number"] = count(1).__next__
    style, script = (_asset(name) for name in ("report.css", "report.js"))
    text: str = environment.get_template("report.html").render(pages=found, style=style, script=script)
    return shared(text).encode()


def _broken(text: str) -> str:
    """Return ids as HTML that a narrow column may break after an underscore, and nowhere else."""
    from markupsafe import Markup, escape  # noqa: PLC0415  comes with the template library

    return Markup("_<wbr>").join(escape(part) for part in text.split("_"))


def _asset(name: str) -> str:
    return (resources.files(_PACKAGE) / "assets" / name).read_text(encoding="utf-8")


def _jinja() -> ModuleType:
    try:
        import jinja2  # noqa: PLC0415  needed by this command alone
    except ImportError:
        raise Failure(
            Diagnostic(
                "VBM485",
                "the report needs a library that is not installed: jinja2",
                hint="install it with `pip install 'vbpmeasure[report]'`",
            )
        ) from None
    found: ModuleType = jinja2
    return found
