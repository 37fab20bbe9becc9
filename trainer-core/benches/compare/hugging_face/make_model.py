"""Makes a language model with weights that are drawn from a seed, as transformers draws them, and adapters for it.

In: `language` or `seq2seq`. Out: the folder `model`, of the size of SmolLM2-135M or of t5-small; for `language` also
`adapter`, LoRA on `q_proj` and `v_proj`, of which neither factor is zero, so that the check sees what both do.
"""

import sys
from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM, T5Config, T5ForConditionalGeneration, set_seed

SMOLLM2 = {
    "vocab_size": 49152,
    "hidden_size": 576,
    "intermediate_size": 1536,
    "num_hidden_layers": 30,
    "num_attention_heads": 9,
    "num_key_value_heads": 3,
    "max_position_embeddings": 8192,
    "initializer_range": 0.041666666666666664,
    "rms_norm_eps": 1e-5,
    "tie_word_embeddings": True,
    "rope_parameters": {"rope_type": "default", "rope_theta": 100000.0},
}
T5_SMALL = {
    "vocab_size": 32128,
    "d_model": 512,
    "d_kv": 64,
    "d_ff": 2048,
    "num_layers": 6,
    "num_heads": 8,
    "dropout_rate": 0.1,
    "feed_forward_proj": "relu",
    "decoder_start_token_id": 0,
}


def make_adapter(model: LlamaForCausalLM, folder: Path) -> None:
    """Writes adapters for a model; their second factors are drawn, where PEFT begins with zeros."""
    from peft import LoraConfig, get_peft_model

    lora = LoraConfig(r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
    adapted = get_peft_model(model, lora)
    with torch.no_grad():
        for name, weight in adapted.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=0.02)
    adapted.save_pretrained(folder)


def main(kind: str, folder: Path) -> None:
    """Writes the model of a kind below a folder."""
    set_seed(2026)
    if kind == "seq2seq":
        T5ForConditionalGeneration(T5Config(**T5_SMALL)).save_pretrained(folder / "model")
    else:
        model = LlamaForCausalLM(LlamaConfig(**SMOLLM2))
        model.save_pretrained(folder / "model")
        make_adapter(model, folder / "adapter")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
