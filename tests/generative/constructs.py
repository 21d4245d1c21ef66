"""What a generated definition or program is made of, and what it could be made of: nothing of it is listed by hand.

A construct is a key of the language (`Count.apart`), a word that a key allows (`IndexBody.keep=last`), a field of
a plan node that differs from its default (`LineFilter.teeth`), or a member of an enumeration (`MonthRule.ANY_DAY`).
"""

from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from typing import Literal, get_args, get_origin, get_type_hints

from vbpmeasure.plan import amounts, dates, events, index
from vbpmeasure.plan.measures import CodeSet, MeasurePlan, Period, Program
from vbpmeasure.spec.models.base import SpecModel
from vbpmeasure.spec.models.events import Filters
from vbpmeasure.spec.models.window import Interval, Windowed

# --- definitions ---------------------------------------------------------------------------------------------------


def _models(found=SpecModel):
    """Yield all mappings of the language, which importing `measure` makes known; other files share the base."""
    for model in found.__subclasses__():
        if model.__module__.startswith("vbpmeasure.spec."):
            yield model
            yield from _models(model)


def _words(annotation):
    """Yield the words that an annotation allows, however deep they stand."""
    if get_origin(annotation) is Literal:
        yield from get_args(annotation)
    for inner in get_args(annotation):
        yield from _words(inner)


# The mappings that share keys, by the one that names them.
BASES = {Windowed: Interval, Filters: Filters}


def _key(model, name):
    """Name a key by its mapping; those of windows and filters are alike wherever they stand."""
    shared = next((each for each in BASES if issubclass(model, BASES[each]) and name in each.model_fields), model)
    return f"{shared.__name__}.{name}"


def keys_of_the_language():
    """Return every key of every mapping, and every word that a key allows."""
    found = set()
    for model in _models():
        for name, field in model.model_fields.items():
            found.add(_key(model, name))
            words = [word for part in (field.annotation, *field.metadata) for word in _words(part)]
            found.update(f"{_key(model, name)}={word}" for word in words)
    return found


def keys_in(model):
    """Yield every key that a parsed definition says, and the words it says there."""
    if isinstance(model, SpecModel):
        for name in model.model_fields_set:
            value = getattr(model, name)
            key = _key(type(model), name)
            yield key
            yield from (
                f"{key}={word}" for word in (value if isinstance(value, tuple) else (value,)) if isinstance(word, str)
            )
            yield from keys_in(value)
    elif isinstance(model, (dict, tuple)):
        for value in model.values() if isinstance(model, dict) else model:
            yield from keys_in(value)


# --- plans ---------------------------------------------------------------------------------------------------------


def _types(hint):
    yield hint
    for inner in get_args(hint):
        yield from _types(inner)


def nodes_of_the_plan():
    """Return every field of every plan node that a program can hold, and every member of every enumeration."""
    names = {name: value for module in (amounts, dates, events, index) for name, value in vars(module).items()}
    todo, seen, found = [Program], set(), set()
    while todo:
        node = todo.pop()
        if node in seen or node in (CodeSet, Period) or "plan.builder" in getattr(node, "__module__", ""):
            continue
        seen.add(node)
        if isinstance(node, type) and issubclass(node, Enum):
            found.update(f"{node.__name__}.{member.name}" for member in node)
        elif is_dataclass(node):
            # What is not compared is words for people.
            found.update(f"{node.__name__}.{field.name}" for field in fields(node) if field.compare)
            todo += [inner for hint in get_type_hints(node, localns=names).values() for inner in _types(hint)]
            todo += node.__subclasses__()
    return found


def nodes_in(value):
    """Yield the fields of a program that differ from their defaults, and the members of enumerations in it."""
    if isinstance(value, Enum):
        yield f"{type(value).__name__}.{value.name}"
    elif is_dataclass(value) and not isinstance(value, (CodeSet, Period)):
        for field in fields(value):
            inner = getattr(value, field.name)
            default = field.default_factory() if field.default_factory is not MISSING else field.default
            if inner != default:
                yield f"{type(value).__name__}.{field.name}"
            yield from nodes_in(inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from nodes_in(inner)


# --- counting ------------------------------------------------------------------------------------------------------


def kinds_in(program):
    """Return the kinds of rates of a program in words: what a long run counts."""
    found = set()
    for plan in program.measures:
        for rate in plan.rates:
            kind = type(rate).__name__
            if kind == "Proportion":
                kind = "proportion of " + ("persons" if type(rate.units).__name__ == "Persons" else "index events")
                if getattr(rate.units, "stays", None) is not None:
                    found.add("index events from stays")
                if rate.within is not None:
                    found.add("sub-population")
            elif kind == "Composite":
                kind = f"composite, {rate.kind.value}"
            elif kind == "Indicator":
                kind = f"indicator, {'persons' if rate.entity == 'person' else 'other entities'}"
            found.add(kind)
        if isinstance(plan, MeasurePlan) and plan.support:
            found.add("measure that only lends rates")
    return sorted(found)
