"""What the comparison runs on and what it is made of: processor, versions, Rust programs."""

import hashlib
import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent

# What the user's shell may say about threads: every side decides for itself, as it comes.
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS", "CANDLE_NUM_THREADS", "MALLOC_CONF")


def environment() -> dict[str, str]:
    """The environment of every side: nothing is fetched, nothing says how many threads."""
    kept = {name: value for name, value in os.environ.items() if name not in THREAD_VARIABLES}
    return {**kept, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error"}


def processor() -> str:
    """The name of the processor and how many of its cores may be used."""
    name = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.is_file() and (found := re.search(r"model name\s*:\s*(.+)", information.read_text())):
        name = found.group(1)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{name}, {cores} cores"


def versions() -> str:
    """The versions of everything that computes."""
    python = [f"Python {platform.python_version()}"]
    installed = {distribution.name: distribution.version for distribution in importlib.metadata.distributions()}
    names = ("torch", "transformers", "accelerate", "peft")
    python += [f"{name} {installed[name]}" for name in names if name in installed]
    lock = (HERE / "Cargo.lock").read_text(encoding="utf-8")
    crates = ("trainer-core", "candle-core", "burn", "tokenizers", "gemm")
    found = {name: re.search(rf'name = "{name}"\nversion = "(.+)"', lock) for name in crates}
    rust = [f"{name} {match.group(1)}" for name, match in found.items() if match]
    compiler = subprocess.run(["rustc", "--version"], cwd=HERE, capture_output=True, text=True, check=True).stdout
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=HERE, capture_output=True, text=True)
    rust[0] += f" ({commit.stdout.strip()})" if commit.returncode == 0 else ""
    return ", ".join([*python, *rust, " ".join(compiler.split()[:2])])


def digest(path: Path) -> str:
    """The first letters of a file's hash: two tables with the same ones are about the same rows."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def build(packages: set[str], work: Path) -> None:
    """Builds Rust programs as a user does, with `--release` and nothing else, and with the repository's versions."""
    lock = HERE / "Cargo.lock"
    if not lock.is_file():
        shutil.copy(HERE.parents[2] / "Cargo.lock", lock)
    if packages:
        chosen = [word for package in sorted(packages) for word in ("--package", package)]
        target = {"CARGO_TARGET_DIR": str(work / "cargo")}
        subprocess.run(["cargo", "build", "--release", *chosen], cwd=HERE, env={**os.environ, **target}, check=True)
