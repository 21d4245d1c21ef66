"""Where buckets of people are judged: in this process, or by the workers of Spark, Ray or Dask.

Scheduling, retries and shuffles are the engine's. What goes to a worker and what comes back are bytes.
"""
