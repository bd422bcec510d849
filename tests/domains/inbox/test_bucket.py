"""The token bucket of a number, by an injected clock."""

from blazz.domains.inbox.sending.bucket import TokenBucket


class Hand:
    """A monotonic clock moved by hand."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_a_bucket_lets_its_rate_pass_and_no_more() -> None:
    hand = Hand()
    bucket = TokenBucket(80, hand)
    passed = 0
    for _ in range(100):
        passed += bucket.available()
        bucket.take(bucket.available())
        hand.at += 0.1
    assert 800 - 80 <= passed <= 800 + 20
    assert bucket.seconds_until_next() == 0.0


def test_complaints_of_one_second_halve_the_rate_once_and_it_climbs_back() -> None:
    hand = Hand()
    bucket = TokenBucket(1000, hand)
    for _ in range(10):
        bucket.slow_down()
    assert bucket.rate == 500
    hand.at += 1
    bucket.slow_down()
    assert bucket.rate == 300
    hand.at += 60
    assert (bucket.available(), bucket.rate) == (250, 1000)


def test_a_complaint_never_stops_a_number_for_good() -> None:
    hand = Hand()
    bucket = TokenBucket(2, hand)
    for _ in range(20):
        bucket.slow_down()
        hand.at += 1
    assert bucket.rate >= 1
    bucket.give_back(5)
    assert bucket.available() == 1
