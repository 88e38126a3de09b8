"""What fits into so many minutes."""

from hypothesis import given
from hypothesis import strategies as st

from rotelab.audit import plan


@given(
    st.floats(0.5, 60),
    st.integers(8, 10**6),
    st.sampled_from([8, 16, 32, 64]),
    st.floats(1e-6, 0.1),
    st.integers(2, 10**5),
    st.floats(0, 3600),
)
def test_every_plan_is_within_its_bounds(
    minutes: float, images: int, side: int, seconds: float, largest: int, spent: float
) -> None:
    looking = plan.looking(minutes, images, side, seconds)
    assert 8 <= looking.images <= images and min(side, plan.LEAST_SIDE) <= looking.side <= side
    assert 1 <= looking.seeds <= plan.SEEDS and 1 <= looking.epochs <= plan.MOST
    memorizing = plan.memorizing(minutes, spent, largest, seconds)
    assert 1 <= memorizing.size <= min(largest, plan.SIZES[1])


def test_with_time_every_image_is_looked_at_in_full_by_several_seeds() -> None:
    found = plan.looking(10, 2000, 32, 1e-4)
    assert (found.images, found.side, found.seeds) == (2000, 32, 3)


def test_with_little_time_images_are_smaller_then_fewer() -> None:
    smaller = plan.looking(10, 2000, 32, 0.01)
    assert smaller.images == 2000 and smaller.side < 32
    fewer = plan.looking(10, 2000, 32, 1.0)
    assert fewer.images < 2000 and fewer.side == plan.LEAST_SIDE
