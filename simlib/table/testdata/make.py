"""Writes pyarrow.parquet with pyarrow 26: columns as other tools store them, with values missing."""

import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

pq.write_table(pa.table({
    "mu": pa.array([1.0, None, 2.5], pa.float64()),
    "n": pa.array([1, 2, 3], pa.int32()),
    "few": pa.array([1, None, 3], pa.int64()),
    "name": pa.array(["a", None, "µ"], pa.string()),
    "ok": pa.array([True, False, True], pa.bool_()),
}), pathlib.Path(__file__).parent / "pyarrow.parquet")
