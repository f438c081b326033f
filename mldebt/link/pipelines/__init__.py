"""What pipelines declare, each read from its own definition: steps with commands, what they take and give, order."""

from __future__ import annotations

from mldebt.link.pipelines.forms import Definition, definitions

__all__ = ["Definition", "definitions"]
