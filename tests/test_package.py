"""What is shipped: the wheel carries everything the app reads at run time, and nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_the_wheel_carries_documents_and_migrations(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for path in [*(ROOT / "graphql").rglob("*.graphql"), ROOT / "manifest.json"]:
        assert f"saleor_amazonpay/_resources/{path.relative_to(ROOT)}" in names
    for path in (ROOT / "saleor_amazonpay").rglob("*"):
        if path.suffix in {".py", ".mako", ".typed"} or path.name == "py.typed":
            assert str(path.relative_to(ROOT)) in names
    assert not [name for name in names if name.startswith(("tests/", "bench/", "graphql/"))]


def test_requirements_are_pinned_and_name_no_address() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        for line in path.read_text().splitlines():
            assert re.fullmatch(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==[A-Za-z0-9.]+( ; .*)?", line), f"{path.name}: {line}"


def test_no_file_names_a_machine_or_an_address_to_download_from() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    pattern = re.compile(r"(^|[^\w.-])/(work|root|home)/|https?://[^ \"]+\.(whl|tgz|tar\.gz)|--(extra-)?index-" + "url")
    for name in listed:
        path = ROOT / name
        if (
            path.suffix in {".py", ".toml", ".txt", ".json", ".graphql", ".md", ""}
            and path.is_file()
            and path != Path(__file__)
        ):
            assert not pattern.search(path.read_text(errors="replace")), name


def test_rooms_stay_small() -> None:
    for path in (ROOT / "saleor_amazonpay").rglob("*.py"):
        assert len(path.read_text().splitlines()) <= 400, f"{path}: is there a second room in it?"
