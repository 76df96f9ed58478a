"""What is known of metrics by their names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finalrank.registry.lookup import find, metrics

LOWER = """
hd95_mm Hausdorff95 surface.hd_95 test/assd val_dice_loss iou_loss box_loss log_loss top5_error
err_rate WER word_error_rate test_cer fpr95 fpr@95tpr FalsePositiveRate
expected_calibration_error brier mean_squared_error val_rmse MedAE mape FID clean-fid lpips_vgg
kid_mean word_perplexity epoch_time latency_p99 p50_ms peak_memory_gb num_params gflops mpjpe
chamfer_l2 ADE minFDE abs_rel neg_log_likelihood nll bits_per_dim DER eer regret mse_test
""".split()  # noqa: SIM905
HIGHER = """
Dice dice_liver liver/dice mean_iou mIoU jaccard_index NSD surface_dice_1mm acc top5 Accuracy@1
balanced_acc F1-score macro_f1 BinaryF1Score precision_macro recall@10 sensitivity specificity
test_auroc roc-auc aucpr mcc quadratic_weighted_kappa c-index metrics/mAP50-95(B) bbox/AP75
bbox_mAP_50 ndcg@5 MRR hits@3 R2 pearsonr spearman_rho neg_mean_squared_error log_likelihood
PSNR ms-ssim BLEU rouge2 chrF2 METEOR CIDEr-D bertscore_f1 exact_match,none pass@10 win_rate
si-sdr pesq_wb stoi fps images_per_sec episode_reward_mean adjusted_rand_score HOTA MOTA
recall_at_fpr95 valAccuracy
""".split()  # noqa: SIM905
ASK = """
score quality gap dice_gap dice_diff acc_delta 1-ssim one_minus_dice loss_ratio
reward_regret_sum dice_drop foo bar.baz results main_score x
""".split()  # noqa: SIM905
NO_METRIC = """
epoch step iteration seed lr learning_rate batch_size num_classes n_samples dice_std
acc_stderr,none auc_ci_lower loss_weight dice_threshold support timestamp fold
""".split()  # noqa: SIM905


def word(name: str) -> str:
    found = find(name.split("."))
    if found.metric:
        return found.metric.better
    return "ask" if found.is_figure else "no metric"


@pytest.mark.parametrize(
    ("names", "wanted"),
    [(LOWER, "lower"), (HIGHER, "higher"), (ASK, "ask"), (NO_METRIC, "no metric")],
    ids=["lower", "higher", "ask", "no metric"],
)
def test_a_name_says_which_way_is_better_or_nothing(names: list[str], wanted: str) -> None:
    assert {name: word(name) for name in names} == dict.fromkeys(names, wanted)


def test_the_last_key_that_says_what_is_measured_counts() -> None:
    assert word("results.mean.Dice.liver") == "higher"
    assert word("hd95.mean") == "lower"
    assert word("dice.std") == "no metric"
    assert word("loss.val.accuracy") == "higher"


def test_the_table_is_whole() -> None:
    rows = metrics()
    assert len(rows) >= 120
    assert {row.field for row in rows} >= {
        *("segmentation", "detection", "classification", "regression", "generation"),
        *("speech", "retrieval", "calibration", "runtime", "language"),
    }
    for row in rows:
        assert row.source, row
        assert row.low < row.high, row
        assert not row.percentage or row.high == 1, row


@given(st.lists(st.text(), max_size=4))
def test_any_name_has_an_answer(parts: list[str]) -> None:
    assert find(parts).metric in (None, *metrics())


@given(st.sampled_from(metrics()), st.sampled_from(["", "-", "_", " ", "."]))
def test_case_and_separators_make_no_difference(row: object, separator: str) -> None:
    name = getattr(row, "name")  # noqa: B009 - a row of the table
    spelt = name.upper().replace(" ", separator).replace("_", separator)
    assert find([spelt]).metric == find([name]).metric
