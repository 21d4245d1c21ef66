"""Spark: a task a parcel, by `mapInArrow` on a frame of numbers. Works the same through Spark Connect.

The parcels are in the function that is sent, and nothing asks for a `SparkContext`, which Connect and serverless
clusters do not have.
"""

from vbpmeasure.executors.spark.executor import Asked, Spark, quoted

__all__ = ["Asked", "Spark", "quoted"]
