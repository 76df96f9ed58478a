"""The reader of the metrics.csv of Lightning's CSVLogger: a table, by the name of its producer."""

from __future__ import annotations

from finalrank.scan.readers.interface import Reader
from finalrank.scan.readers.table import table

READER = Reader("lightning", table, artifact="table")
