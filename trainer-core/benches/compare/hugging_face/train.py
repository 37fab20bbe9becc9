"""Trains with Hugging Face's Trainer, as its documentation shows, in the order and with the settings of the job.

In: the path of a job. Out: a record with the moment at which each update ended, its loss, its rows and its real tokens.
The task `rows` goes through the whole loop without computing, for the rows that its samplers choose.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)

CLASSES = ["first", "second", "third"]


class Clock(TrainerCallback):
    """Notes when each update ends."""

    def __init__(self) -> None:
        self.ends: list[float] = []

    def on_step_end(self, *_arguments: Any, **_keywords: Any) -> None:
        self.ends.append(time.time())


class Noting(DataCollatorWithPadding):
    """Pads, and notes the rows of each batch and its real tokens."""

    def __init__(self, tokenizer: Any) -> None:
        super().__init__(tokenizer)
        self.rows: list[list[int]] = []
        self.tokens: list[int] = []

    def __call__(self, features: list[dict[str, Any]]) -> Any:
        self.rows.append([feature["row"] for feature in features])
        self.tokens.append(sum(len(feature["input_ids"]) for feature in features))
        return super().__call__([{key: value for key, value in row.items() if key != "row"} for row in features])


class NotingTrainer(Trainer):
    """Keeps the loss of each update."""

    computes = True

    def training_step(self, *arguments: Any, **keywords: Any) -> torch.Tensor:
        loss = super().training_step(*arguments, **keywords) if self.computes else torch.zeros(())
        self.__dict__.setdefault("losses", []).append(float(loss))
        return loss


def dataset(job: dict[str, Any], tokenizer: Any) -> list[dict[str, Any]]:
    """The rows of the job, tokenised."""
    rows = [json.loads(line) for line in Path(job["texts"]).read_text(encoding="utf-8").splitlines()]
    encoded = tokenizer([row["text"] for row in rows])
    return [
        {**{key: encoded[key][index] for key in encoded}, "labels": CLASSES.index(row["label"]), "row": index}
        for index, row in enumerate(rows)
    ]


def arguments(job: dict[str, Any]) -> TrainingArguments:
    """Those of the job; everything else as it comes."""
    return TrainingArguments(
        output_dir=job["scratch"],
        max_steps=job["updates"],
        per_device_train_batch_size=job["batch"],
        learning_rate=5e-5,
        max_grad_norm=1.0,
        train_sampling_strategy="group_by_length" if job["order"] == "grouped" else "random",
        seed=job["seed"],
        save_strategy="no",
        remove_unused_columns=False,  # `row` is for the collator
        report_to=[],
        disable_tqdm=True,
        use_cpu=True,
        **job["settings"],
    )


def main() -> None:
    """Does the job that the command line names."""
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    if job["threads"]:
        torch.set_num_threads(job["threads"])
    set_seed(job["seed"])
    tokenizer = AutoTokenizer.from_pretrained(job["model"])
    clock, collator = Clock(), Noting(tokenizer)
    trainer = NotingTrainer(
        model=AutoModelForSequenceClassification.from_pretrained(job["model"], num_labels=len(CLASSES)),
        args=arguments(job),
        train_dataset=dataset(job, tokenizer),
        processing_class=tokenizer,
        data_collator=collator,
        callbacks=[clock],
    )
    trainer.computes = job["task"] != "rows"
    trainer.train()
    updates = zip(clock.ends, trainer.losses, collator.tokens, strict=False)
    record = {
        "updates": [{"end": end, "loss": loss, "tokens": tokens} for end, loss, tokens in updates],
        # The loader prepares a batch ahead.
        "rows": collator.rows[: len(clock.ends)],
        "threads": torch.get_num_threads(),
    }
    Path(job["record"]).write_text(json.dumps(record), encoding="utf-8")


if __name__ == "__main__":
    main()
