"""The table of the readers. A new one is a module of this package and a row here.

Its name stands in `config.types.ReaderName`, too: the configuration must not import the scan.
"""

from __future__ import annotations

from finalrank.scan.readers import (
    auto,
    huggingface,
    json,
    json_lines,
    lightning,
    lm_eval,
    mlflow,
    mlflow_db,
    nnunet_v1,
    nnunet_v2,
    table,
    toml,
    yaml,
)
from finalrank.scan.readers.interface import Reader

# By name, as in the setting `scan.reader`.
READERS: dict[str, Reader] = {
    reader.name: reader
    for reader in (
        auto.READER,
        json.READER,
        json_lines.READER,
        table.READER,
        yaml.READER,
        toml.READER,
        nnunet_v1.READER,
        nnunet_v2.READER,
        huggingface.READER,
        lm_eval.READER,
        lightning.READER,
        mlflow.READER,
        mlflow_db.READER,
    )
}
