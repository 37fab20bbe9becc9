"""Predicts every row with Hugging Face's `Trainer.predict`, texts to logits, and notes the seconds."""

import json
import sys
import time
from pathlib import Path
from typing import Any

import torch
from train import CLASSES
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    Trainer,
    TrainingArguments,
    set_seed,
)


def main() -> None:
    """Does the job that the command line names."""
    job: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    set_seed(job["seed"])
    tokenizer = AutoTokenizer.from_pretrained(job["model"])
    trainer = Trainer(
        model=AutoModelForSequenceClassification.from_pretrained(job["model"], num_labels=len(CLASSES)),
        args=TrainingArguments(
            output_dir=job["scratch"],
            per_device_eval_batch_size=job["batch"],
            report_to=[],
            disable_tqdm=True,
            use_cpu=True,
        ),
        processing_class=tokenizer,
        data_collator=DataCollatorWithPadding(tokenizer),
    )
    texts = [json.loads(line)["text"] for line in Path(job["texts"]).read_text(encoding="utf-8").splitlines()]

    def predict(some: list[str]) -> Any:
        encoded = tokenizer(some)
        rows = [{key: encoded[key][index] for key in encoded} for index in range(len(some))]
        return trainer.predict(rows).predictions

    predict(["Warm up."])
    begin = time.perf_counter()
    predictions = predict(texts)
    seconds = time.perf_counter() - begin
    assert len(predictions) == len(texts)
    record = {"updates": [], "rows": [], "prediction_seconds": seconds, "threads": torch.get_num_threads()}
    Path(job["record"]).write_text(json.dumps(record), encoding="utf-8")


if __name__ == "__main__":
    main()
