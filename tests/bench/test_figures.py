import pytest

from bench.figures import median, percentile, ratio


def test_percentile_is_a_sample_that_was_seen() -> None:
    samples = [float(value) for value in range(200, 0, -1)]
    assert [percentile(samples, part) for part in (50, 95, 99, 100)] == [100, 190, 198, 200]


def test_percentile_of_few_samples_is_the_largest() -> None:
    assert percentile([3.0, 1.0, 2.0], 99) == 3.0


def test_lowest_percentile_is_the_smallest_sample() -> None:
    assert percentile([3.0, 1.0, 2.0], 0) == 1.0


def test_median_of_an_even_number_lies_between_two() -> None:
    assert median([4.0, 1.0, 3.0, 2.0]) == 2.5
    assert median([9.0, 1.0, 2.0]) == 2.0


def test_figures_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="no samples"):
        percentile([], 50)
    with pytest.raises(ValueError, match="no samples"):
        median([])


def test_ratio_to_nothing_is_left_open() -> None:
    assert ratio(6.0, 3.0) == 2.0
    assert ratio(6.0, 0.0) is None
