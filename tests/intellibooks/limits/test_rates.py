import pytest

from intellibooks import env
from intellibooks.limits.rates import Rate, parse_rate


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("20/s", Rate(20, 1)),
        ("100/10min", Rate(100, 600)),
        ("5 / h", Rate(5, 3600)),
        ("0", None),
        ("off", None),
    ],
)
def test_rate_is_read_as_it_is_written(text: str, rate: Rate | None) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["20", "/s", "-1/s", "0/s", "20/day", "9999999999/s", "٣/s"])
def test_rate_without_sense_stops_the_start(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("LIMIT_MESSAGES", text)
    with pytest.raises(env.SettingError, match="LIMIT_MESSAGES"):
        env.rate("LIMIT_MESSAGES", "20/s")


@pytest.mark.parametrize("text", ["10.0.0.1/8", "proxy.example", "300.1.1.1"])
def test_network_without_sense_stops_the_start(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", text)
    with pytest.raises(env.SettingError, match="TRUSTED_PROXIES"):
        env.networks("TRUSTED_PROXIES")
