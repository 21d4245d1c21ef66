"""What is sent to the workers of Spark runs where this program is not, and says so."""

from __future__ import annotations

import ast
import os
import subprocess
import sys

import pytest

from vbpmeasure.executors.model import Task
from vbpmeasure.executors.shipped import NOT_INSTALLED
from vbpmeasure.executors.spark.sent import judging, judging_groups, packing

WORKER = """
import pickle, sys
sys.modules["vbpmeasure"] = None  # every import of it fails
import pyarrow as pa
judge, pack, judge_bucket = pickle.load(sys.stdin.buffer)
numbers = pa.RecordBatch.from_pydict({"id": [0, 1]})
parts = pa.table({"bucket": [3], "name": ["eligibility"], "content": [b"rows"]})
answers = [*judge([numbers]), *pack([numbers]), judge_bucket(parts)]
print([answer.to_pylist() for answer in answers])
"""


def test_a_worker_without_the_program_says_so_whatever_spark_sends_it() -> None:
    cloudpickle = pytest.importorskip("pyspark.cloudpickle")
    task = Task("vbpmeasure.runs.spread.worker:judge", b"")
    sent = cloudpickle.dumps((judging(task, [b"a", b"b"]), packing(task, "eligibility"), judging_groups(task)))
    elsewhere = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([sys.executable, "-c", WORKER], input=sent, capture_output=True, env=elsewhere, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert ast.literal_eval(done.stdout.decode()) == [
        [{"parcel": 0, "piece": 0, "content": NOT_INSTALLED}],
        [{"parcel": 1, "piece": 0, "content": NOT_INSTALLED}],
        [{"bucket": 0, "name": "", "content": NOT_INSTALLED}],
        [{"parcel": 3, "piece": 0, "content": NOT_INSTALLED}],
    ]
