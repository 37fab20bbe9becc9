//! Which parameters weight decay applies to.
//!
//! In comes the name of a parameter and whether its layer is a norm; out goes whether it decays. The names follow
//! Hugging Face's rule, so that a run here has the same two groups as a run there.

/// Whether weight decay applies to the parameter `name`: not to biases, nor to anything that belongs to a norm.
///
/// A norm is known by its layer (`is_norm_scale`: GPT-2's `ln_1` and `ln_f` match no pattern) or by its name, in lower
/// case: `bias`, `layernorm` or `rmsnorm` anywhere, a part between dots that is `norm`, or one that ends in `_norm`.
///
/// Source: `transformers.Trainer.get_decay_parameter_names`.
pub fn decays(name: &str, is_norm_scale: bool) -> bool {
    if is_norm_scale {
        return false;
    }
    let name = name.to_lowercase();
    let anywhere = ["bias", "layernorm", "rmsnorm"].iter().any(|pattern| name.contains(pattern));
    let as_a_part = name.split('.').any(|part| part == "norm" || part.ends_with("_norm"));
    !anywhere && !as_a_part
}

#[cfg(test)]
mod tests {
    use super::decays;

    #[test]
    fn weights_and_embeddings_decay() {
        for name in ["bert.embeddings.word_embeddings.weight", "transformer.h.0.attn.c_attn.weight", "weight"] {
            assert!(decays(name, false), "{name}");
        }
    }

    #[test]
    fn biases_and_norms_by_name_do_not_decay() {
        for name in [
            "classifier.bias",
            "bert.embeddings.LayerNorm.weight",
            "model.layers.0.input_layernorm.weight",
            "encoder.block.0.layer.0.layer_norm.weight",
            "model.norm.weight",
            "norm.weight",
            "norm",
            "block.RMSNorm.scale",
            "q_norm",
        ] {
            assert!(!decays(name, false), "{name}");
        }
    }

    #[test]
    fn a_name_that_only_contains_norm_decays() {
        for name in ["normalizer.weight", "model.prenorm.weight", "norm_1.weight", "layers.norms.weight"] {
            assert!(decays(name, false), "{name}");
        }
    }

    #[test]
    fn a_norm_that_no_name_tells_does_not_decay() {
        assert!(decays("transformer.h.0.ln_1.weight", false));
        assert!(!decays("transformer.h.0.ln_1.weight", true));
    }
}
