"""Trains a language model with Hugging Face's Trainer on token ids: all weights, PEFT's adapters, or source to target."""

from typing import Any

from noting import job_of_this_process, lines, train
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    DataCollatorForLanguageModeling,
    DataCollatorForSeq2Seq,
    set_seed,
)


def causal(job: dict[str, Any]) -> Any:
    """The model whose next tokens are learned, with the adapters of the job on it if it names some."""
    model = AutoModelForCausalLM.from_pretrained(job["model"])
    if job["learns"] != "adapters":
        return model
    # Only this side pays for the import.
    from peft import PeftModel

    return PeftModel.from_pretrained(model, job["adapter"], is_trainable=True)


def main() -> None:
    """Does the job that the command line names."""
    job = job_of_this_process()
    set_seed(job["seed"])
    tokenizer = AutoTokenizer.from_pretrained(job["model"])
    collator: Any
    if job["learns"] == "targets":
        model = AutoModelForSeq2SeqLM.from_pretrained(job["model"])
        collator = DataCollatorForSeq2Seq(tokenizer, model=model)
    else:
        model = causal(job)
        collator = DataCollatorForLanguageModeling(tokenizer, mlm=False)
    rows = [
        {**row, "attention_mask": [1] * len(row["input_ids"]), "row": index} for index, row in enumerate(lines(job))
    ]
    train(job, model, tokenizer, rows, collator)


if __name__ == "__main__":
    main()
