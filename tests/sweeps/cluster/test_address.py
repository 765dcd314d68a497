"""Addresses of clusters as a user writes them."""

from pathlib import Path

import pytest

from research.errors import ClusterError, SettingsError
from sweeps.cli.cluster import cluster_asked
from sweeps.cluster.address import Address, Tls, cluster_address
from sweeps.settings import Settings


@pytest.fixture
def pem(tmp_path: Path) -> dict[str, Path]:
    files = {name: tmp_path / f"{name}.pem" for name in ("ca", "cert", "key")}
    for file in files.values():
        file.write_text("-----BEGIN CERTIFICATE-----\n")
    return files


def test_a_local_cluster_and_one_that_is_there() -> None:
    assert cluster_address("local:4") == Address(processes=4)
    assert cluster_address("tcp://10.0.0.7:8786") == Address(url="tcp://10.0.0.7:8786")
    assert str(cluster_address("local:4")) == "local:4"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "local",
        "local:0",
        "local:-1",
        "local:1234",
        "8786",
        "http://host:1",
        "tcp://host",
        "tcp://me:secret@host:8786",
        "tcp://host:8786/path",
        "tcp://ho st:8786",
    ],
)
def test_anything_else_is_refused_with_both_ways_to_write_it(text: str) -> None:
    with pytest.raises(ClusterError, match=r"write local:N .* tcp://"):
        cluster_address(text)


def test_tls_wants_its_files_and_plain_tcp_does_not_use_them(pem: dict[str, Path]) -> None:
    with pytest.raises(ClusterError, match="needs tls_ca, tls_cert and tls_key"):
        cluster_address("tls://host:8786")
    tls = Tls(**pem)
    assert cluster_address("tls://host:8786", tls).tls == tls
    assert cluster_address("tcp://host:8786", tls).tls is None
    pem["key"].unlink()
    with pytest.raises(ClusterError, match=r"tls_key = .*key.pem: no such file"):
        Tls(**pem)


def test_settings_name_all_three_files_or_none(pem: dict[str, Path]) -> None:
    def settings(**files: str) -> Settings:
        return Settings.model_validate({"cluster": files})

    named = {f"tls_{name}": str(file) for name, file in pem.items()}
    assert cluster_asked(None, settings()) is None
    assert cluster_asked("tls://host:1", settings(**named)).tls.ca == pem["ca"]
    named.pop("tls_cert")
    with pytest.raises(SettingsError, match="give tls_ca, tls_cert and tls_key"):
        cluster_asked("local:2", settings(**named))
