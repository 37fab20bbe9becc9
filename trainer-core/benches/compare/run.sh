#!/usr/bin/env bash
# Trains a classifier and language models with Hugging Face's Trainer, plain candle, Burn and this library, turn by turn on
# the same rows, and prints tables. `run.sh --help` shows what can be chosen; README.md says what is measured.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(cd "$here/../../.." && pwd)/target/compare
python=
arguments=()

while (($#)); do
    case $1 in
        --python) python=${2:?--python needs the path of a Python with the packages of requirements.txt}; shift 2 ;;
        --python=*) python=${1#*=}; shift ;;
        *) arguments+=("$1"); shift ;;
    esac
done

# Makes the environment on the first run.
if [[ -z $python ]]; then
    python=$work/venv/bin/python
    if [[ ! -e $work/venv/installed ]] || ! cmp -s "$here/requirements.txt" "$work/venv/installed"; then
        echo "Makes an environment in $work/venv: some minutes, once. On Linux the package index's" >&2
        echo "PyTorch carries CUDA (6 GB on disk), which is not used; an index of its CPU build in pip's settings" >&2
        echo "makes that 1 GB. Or: --python EXE." >&2
        mkdir -p "$work"
        python3 -m venv "$work/venv"
        "$python" -m pip install --quiet --requirement "$here/requirements.txt"
        cp "$here/requirements.txt" "$work/venv/installed"
    fi
fi

# Nothing is left beside the sources.
export PYTHONDONTWRITEBYTECODE=1
exec "$python" "$here/compare.py" --work "$work" ${arguments[@]+"${arguments[@]}"}
