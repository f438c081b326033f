"""What findings about code name: the words say of it what it does, and stand where it is done."""

from __future__ import annotations

from pathlib import Path

from mldebt.findings import Finding
from tests.scanning import scan


def _found(root: Path, slug: str, files: dict[str, str]) -> list[Finding]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return [finding for finding in scan(root, (slug,)).findings if finding.rule == slug]


def test_steps_that_only_prepare_rows_predict_nothing(tmp_path: Path) -> None:
    """Neither where they are fitted, nor where they are loaded as what the library calls a model."""
    fit = """
from pyspark.ml import Pipeline
from pyspark.ml.feature import StringIndexer, VectorAssembler
from pyspark.sql import SparkSession

boats = SparkSession.builder.getOrCreate().read.parquet("data/boats")
steps = [StringIndexer(inputCol="boat", outputCol="number"), VectorAssembler(inputCols=["number"], outputCol="inputs")]
Pipeline(stages=steps).fit(boats).write().overwrite().save("models/steps")
"""
    apply = """
from pyspark.ml import PipelineModel
from pyspark.sql import SparkSession

today = SparkSession.builder.getOrCreate().read.parquet("data/today")
PipelineModel.load("models/steps").transform(today).write.parquet("data/ready")
"""
    (found,) = _found(tmp_path, "untested-ml-code", {"fit.py": fit, "apply.py": apply})
    assert "apply.py prepares data" in found.message
    assert {stop.label.partition(":")[0] for stop in found.trail} == {"prepares data"}
