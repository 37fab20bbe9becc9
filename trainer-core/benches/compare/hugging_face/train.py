"""Trains a classifier with Hugging Face's Trainer, as its documentation shows, in the order that the job says."""

from typing import Any

from noting import job_of_this_process, lines, train
from transformers import AutoModelForSequenceClassification, AutoTokenizer, DataCollatorWithPadding, set_seed

CLASSES = ["first", "second", "third"]


def dataset(job: dict[str, Any], tokenizer: Any) -> list[dict[str, Any]]:
    """The rows of the job, tokenised."""
    rows = lines(job)
    encoded = tokenizer([row["text"] for row in rows])
    return [
        {**{key: encoded[key][index] for key in encoded}, "labels": CLASSES.index(row["label"]), "row": index}
        for index, row in enumerate(rows)
    ]


def main() -> None:
    """Does the job that the command line names."""
    job = job_of_this_process()
    set_seed(job["seed"])
    tokenizer = AutoTokenizer.from_pretrained(job["model"])
    model = AutoModelForSequenceClassification.from_pretrained(job["model"], num_labels=len(CLASSES))
    train(job, model, tokenizer, dataset(job, tokenizer), DataCollatorWithPadding(tokenizer))


if __name__ == "__main__":
    main()
