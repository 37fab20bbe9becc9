//! What a model of conversations is asked with: the same in evaluations, predictions and `write_chat`, whatever is learnt.

use std::path::Path;

use trainer_core::Result;
use trainer_core::prelude::*;

#[derive(Example)]
struct Chat {
    messages: Vec<Message>,
}

#[derive(TrainingArgs)]
#[training_args(save_strategy = "no", max_steps = 2, eval_strategy = "steps", eval_steps = 2, learning_rate = 1e-3)]
struct Args {
    output_dir: std::path::PathBuf,
    #[arg(default = 12)]
    generation_max_length: usize,
}

/// Every token is learnt, as is usual for `messages`.
#[trainer(metrics = [rouge, exact_match])]
struct OfEverything {
    model: LlamaForCausalLM,
    args: Args,
    train_dataset: Dataset<Chat>,
    eval_dataset: Dataset<Chat>,
    tokenizer: Tokenizer,
}

#[trainer(collator = CompletionOnly, metrics = [rouge, exact_match])]
struct OfAnswers {
    model: LlamaForCausalLM,
    args: Args,
    train_dataset: Dataset<Chat>,
    eval_dataset: Dataset<Chat>,
    tokenizer: Tokenizer,
}

const TEMPLATE: &str = "{% for m in messages %}{% if m.role == 'user' %}<user>{{ m.content }}</user>{% else %}\
    {% generation %}{{ m.content }}{{ eos_token }}{% endgeneration %}{% endif %}{% endfor %}";

/// One that puts a begin and an end around each text, which a template has by itself.
fn tokenizer() -> Tokenizer {
    let mut tokenizer = Tokenizer::from_dir(trainer_tests::fixtures().join("tokenizers/bpe-roberta")).unwrap();
    tokenizer.set_chat_template(TEMPLATE).unwrap();
    tokenizer
}

fn model(tokenizer: &Tokenizer, max_position_embeddings: usize) -> LlamaForCausalLM {
    LlamaForCausalLM::from_config(LlamaConfig {
        vocab_size: tokenizer.vocabulary_size(),
        hidden_size: 16,
        intermediate_size: 32,
        num_hidden_layers: 1,
        num_attention_heads: 2,
        max_position_embeddings,
        initializer_range: 0.3,
        ..LlamaConfig::default()
    })
    .unwrap()
}

fn rows() -> Dataset<Chat> {
    let row = |turns: &[(&str, &str)]| Chat {
        messages: turns.iter().map(|(role, content)| Message::new(*role, *content)).collect(),
    };
    Dataset::from_examples(vec![
        row(&[("user", "two and two"), ("assistant", "four")]),
        row(&[("user", "hello"), ("assistant", "good day"), ("user", "and now"), ("assistant", "good night")]),
    ])
}

macro_rules! trainer {
    ($kind:ident, $folder:expr, $positions:expr, $length:expr) => {{
        let tokenizer = tokenizer();
        $kind {
            model: model(&tokenizer, $positions),
            args: Args { output_dir: Path::new($folder).join("results"), generation_max_length: $length },
            train_dataset: rows(),
            eval_dataset: rows(),
            tokenizer,
        }
    }};
}

#[test]
fn a_model_that_learns_everything_is_asked_for_the_answers() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (everything, answers) =
        (trainer!(OfEverything, folder.path(), 64, 12), trainer!(OfAnswers, folder.path(), 64, 12));
    let written = everything.predict(&rows())?.predictions;
    assert_eq!(written, answers.predict(&rows())?.predictions);
    let (found, expected) = (everything.evaluate()?, answers.evaluate()?);
    for key in ["rougeL", "exact_match"] {
        assert!(found.get(key).is_some(), "{key} of {found:?}");
        assert_eq!(found.get(key), expected.get(key), "{key}");
    }
    // The last answer is what is asked for; a template's own special tokens are all that there are.
    let config = GenerationConfig { max_new_tokens: 12, ..GenerationConfig::default() };
    let turns = rows().iter().next().map(|chat| chat.messages[..1].to_vec()).expect("there are rows");
    assert_eq!(everything.predictor()?.write_chat(&turns, &config)?, written[0].text);
    Ok(())
}

#[test]
fn it_is_evaluated_while_it_learns() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut trainer = trainer!(OfEverything, folder.path(), 64, 12);
    assert_eq!(trainer.train()?.global_step, 2);
    Ok(())
}

#[test]
fn a_prompt_without_room_for_its_answer_is_refused_before_the_first_step() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut trainer = trainer!(OfEverything, folder.path(), 45, 30);
    let message = trainer.train().expect_err("the second row is too long").to_string();
    assert!(message.contains("`generation_max_length` is 30, but the prompt has"), "{message}");
    assert!(message.starts_with("example 1: "), "{message}");
    Ok(())
}
