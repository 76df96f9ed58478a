"""The report's table by DuckDB: one query over the files, printed as JSON.

DuckDB's parser takes the bare NaN that training scripts write, as a NaN that sorts above every
number; the query makes it NULL. It is told the columns and the format, which spares it the
sampling of the files.
"""

from __future__ import annotations

import json
import sys

import duckdb  # type: ignore[import-not-found, unused-ignore]

# One glob for both name patterns: two would walk the tree twice.
QUERY = r"""
WITH candidate AS (
    SELECT
        substr(filename, length($root) + 2) AS source,
        CASE WHEN isfinite(dice_pos) THEN dice_pos END AS dice,
        CASE WHEN isfinite(iou_pos) THEN iou_pos END AS iou,
        CASE WHEN isfinite(roc_auc_presence) THEN roc_auc_presence END AS roc,
        CASE WHEN isfinite(average_precision_presence) THEN average_precision_presence END AS ap
    FROM read_json(
        $root || '/**/*test_metrics*.json',
        format = 'unstructured',
        columns = {
            dice_pos: 'DOUBLE', iou_pos: 'DOUBLE',
            roc_auc_presence: 'DOUBLE', average_precision_presence: 'DOUBLE'
        },
        filename = true
    )
), named AS (
    SELECT
        *,
        regexp_replace(source, '(/[^/]*|\.json)$', '') AS run,
        regexp_extract(source, '([^/]*)\.json$', 1) AS stem
    FROM candidate
), valid AS (
    SELECT * FROM named
    WHERE
        regexp_matches(stem, '^(.*_)?test_metrics')
        AND NOT regexp_matches(
            lower(run || '/' || stem),
            '(^|[^a-z0-9])(dev|debug|regression|smoke)([^a-z0-9]|$)'
        )
        AND NOT regexp_matches(lower(stem), '(^|[^a-z0-9])scan([^a-z0-9]|$)')
        AND dice > 1e-6
), best AS (
    SELECT
        *,
        1 + (roc IS NOT NULL)::INT + (ap IS NOT NULL)::INT AS metrics_used,
        count(*) OVER (PARTITION BY run) AS valid_artifacts
    FROM valid
    QUALIFY 1 = row_number() OVER (
        PARTITION BY run
        ORDER BY dice DESC, metrics_used DESC, roc DESC NULLS LAST, ap DESC NULLS LAST, source
    )
), ranked AS (
    SELECT
        *,
        row_number() OVER (ORDER BY dice DESC, run) AS rank_dice,
        CASE WHEN roc IS NOT NULL THEN
            row_number() OVER (ORDER BY roc DESC NULLS LAST, run) END AS rank_roc,
        CASE WHEN ap IS NOT NULL THEN
            row_number() OVER (ORDER BY ap DESC NULLS LAST, run) END AS rank_ap
    FROM best
)
SELECT
    run, source,
    (rank_dice + coalesce(rank_roc, 0) + coalesce(rank_ap, 0)) / metrics_used AS mean_rank,
    metrics_used, dice, iou, roc, ap, rank_dice, rank_roc, rank_ap, valid_artifacts
FROM ranked
ORDER BY mean_rank, metrics_used DESC, dice DESC, run
"""


def main() -> None:
    """Print the ranked runs of the folder that the command line names."""
    result = duckdb.connect().execute(QUERY, {"root": sys.argv[1].rstrip("/")})
    columns = [column[0] for column in result.description]
    rows = [dict(zip(columns, row, strict=True)) for row in result.fetchall()]
    json.dump({"runs": rows}, sys.stdout, indent=2)


if __name__ == "__main__":
    main()
