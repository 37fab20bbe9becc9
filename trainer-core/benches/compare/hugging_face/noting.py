"""What the sides of Hugging Face's Trainer share: the arguments of a job, and the record of what happened.

In: a job, and the model, the rows (with `row`, their number) and the collator of a task. Out: a record with the moment at
which each update ended, its loss, its rows and its real tokens. The task `rows` goes through the whole loop without
computing, for the rows that its samplers choose.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from transformers import Trainer, TrainerCallback, TrainingArguments


class Clock(TrainerCallback):
    """Notes when each update ends, and the processor time until then."""

    def __init__(self) -> None:
        self.ends: list[float] = []
        self.processor: list[float] = []

    def on_step_end(self, *_arguments: Any, **_keywords: Any) -> None:
        self.ends.append(time.time())
        self.processor.append(time.process_time())


class Noting:
    """A collator that notes the rows of each batch and its real tokens."""

    def __init__(self, collator: Callable[[list[dict[str, Any]]], Any]) -> None:
        self.collator = collator
        self.rows: list[list[int]] = []
        self.tokens: list[int] = []

    def __call__(self, features: list[dict[str, Any]]) -> Any:
        self.rows.append([feature["row"] for feature in features])
        self.tokens.append(sum(len(feature["input_ids"]) for feature in features))
        return self.collator([{key: value for key, value in row.items() if key != "row"} for row in features])


class NotingTrainer(Trainer):
    """Keeps the loss of each update."""

    computes = True

    def training_step(self, *arguments: Any, **keywords: Any) -> torch.Tensor:
        loss = super().training_step(*arguments, **keywords) if self.computes else torch.zeros(())
        self.__dict__.setdefault("losses", []).append(float(loss))
        return loss


def job_of_this_process() -> dict[str, Any]:
    """The job that the command line names."""
    job: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    if job["threads"]:
        torch.set_num_threads(job["threads"])
    return job


def lines(job: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of the job, as they are in the file."""
    return [json.loads(line) for line in Path(job["texts"]).read_text(encoding="utf-8").splitlines()]


def arguments(job: dict[str, Any]) -> TrainingArguments:
    """Those of the job; everything else as it comes."""
    return TrainingArguments(
        output_dir=job["scratch"],
        max_steps=job["updates"],
        per_device_train_batch_size=job["batch"],
        learning_rate=job["learning_rate"],
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


def train(job: dict[str, Any], model: Any, tokenizer: Any, rows: list[dict[str, Any]], collator: Any) -> None:
    """Does the job, and leaves its record."""
    clock, noting = Clock(), Noting(collator)
    trainer = NotingTrainer(
        model=model,
        args=arguments(job),
        train_dataset=rows,
        processing_class=tokenizer,
        data_collator=noting,
        callbacks=[clock],
    )
    trainer.computes = job["task"] != "rows"
    trainer.train()
    updates = zip(clock.ends, clock.processor, trainer.losses, noting.tokens, strict=False)
    names = ("end", "processor", "loss", "tokens")
    record = {
        "updates": [dict(zip(names, update, strict=True)) for update in updates],
        # The loader prepares a batch ahead.
        "rows": noting.rows[: len(clock.ends)],
        "threads": torch.get_num_threads(),
    }
    Path(job["record"]).write_text(json.dumps(record), encoding="utf-8")
