"""The closed list of meanings a step of code can have, and of what a value can be."""

from __future__ import annotations

import enum


class Role(enum.Enum):
    """What a library call does, as far as debt is concerned."""

    __hash__ = object.__hash__  # members are single objects; by their names it would be worked out in Python each time

    READ = "read"                 # brings stored data in
    WRITE = "write"               # stores data
    LOAD = "load"                 # brings a stored model or transformer in
    PERSIST = "persist"           # stores a model or transformer
    CONSTRUCT = "construct"       # makes an estimator, a table, an array
    SPLIT = "split"               # makes partitions of rows
    RESAMPLE = "resample"         # adds, copies or drops rows to balance or augment
    SAMPLE = "sample"             # draws at random
    SEED = "seed"                 # fixes a random generator
    FIT = "fit"                   # learns from data
    TRANSFORM = "transform"       # applies what was learned, or a stateless change
    FIT_TRANSFORM = "fit_transform"
    PREDICT = "predict"
    EVALUATE = "evaluate"         # scores predictions or a model
    SEARCH = "search"             # fits many candidates and picks one
    COMBINE = "combine"           # joins or stacks tables
    DERIVE = "derive"             # a table, column or array from others
    CONFIGURE = "configure"       # reads a setting
    TRACK = "track"               # logs parameters, metrics, artifacts of a run
    LOG = "log"                   # writes to a log or console
    SERVE = "serve"               # answers requests
    REQUEST = "request"           # calls another service
    MONITOR = "monitor"
    VALIDATE = "validate"         # checks data
    INSPECT = "inspect"           # shows data to a person: plots, prints, displays
    REMOVE = "remove"             # deletes a stored thing
    COPY = "copy"                 # copies or moves a stored thing
    DECIDE = "decide"             # compares a score with a number
    CHOOSE = "choose"             # picks what scores best
    SELECT = "select"             # chooses columns by name
    RUN = "run"                   # runs a program or another script


class Store(enum.Enum):
    """Where an artifact lives."""

    __hash__ = object.__hash__  # members are single objects; by their names it would be worked out in Python each time

    FILE = "file"
    OBJECT = "object"
    TABLE = "table"
    TOPIC = "topic"
    MODEL = "model"
    RUN = "run"
    ROUTE = "route"
    METRIC = "metric"
    VIEW = "view"
    URL = "url"
    HUB = "hub"


class Confidence(enum.Enum):
    """How sure an edge or a finding is (DESIGN, section 4)."""

    __hash__ = object.__hash__  # members are single objects; by their names it would be worked out in Python each time

    CERTAIN = "certain"
    LIKELY = "likely"
    HINT = "hint"


def weakest(*levels: Confidence) -> Confidence:
    """A chain is as sure as its weakest link; an empty chain is certain."""
    order = (Confidence.CERTAIN, Confidence.LIKELY, Confidence.HINT)
    return order[max((order.index(level) for level in levels), default=0)]


def at_least(level: Confidence, least: Confidence) -> bool:
    """Whether something is as sure as asked for, or surer."""
    return weakest(level, least) is least
