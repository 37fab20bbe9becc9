//! Small models from scratch on real texts, through the public API: Korean sentiment with the tokenizer of `KoELECTRA`, and
//! German sentences into English. No weights are needed.
//!
//! The texts are looked for in `shared/data` and the tokenizer in `shared/models` beside the repository. Where one of them is
//! missing, the tests say so and end. So few texts teach little, and less than a model learns that has read others before.

use std::path::PathBuf;
use std::time::Instant;

use trainer_core::Result;
use trainer_core::prelude::*;
use trainer_tests::real::{texts, tokenizer};

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Sentiment {
    Negative,
    Positive,
}

#[derive(Example)]
struct Opinion {
    text: String,
    label: Sentiment,
}

#[derive(TrainingArgs)]
#[training_args(
    per_device_train_batch_size = 16,
    per_device_eval_batch_size = 32,
    learning_rate = 3e-4,
    warmup_ratio = 0.1,
    weight_decay = 0.01,
    num_train_epochs = 6.0,
    max_length = 128,
    save_strategy = "no",
    logging_steps = 1000
)]
struct OpinionArgs {
    output_dir: PathBuf,
}

#[trainer(metrics = [accuracy])]
struct OpinionTrainer {
    model: BertForSequenceClassification<Sentiment>,
    args: OpinionArgs,
    train_dataset: Dataset<Opinion>,
    eval_dataset: Dataset<Opinion>,
    tokenizer: Tokenizer,
}

#[derive(Example)]
struct Translation {
    source: String,
    target: String,
}

#[derive(TrainingArgs)]
#[training_args(
    per_device_train_batch_size = 16,
    per_device_eval_batch_size = 32,
    learning_rate = 1e-3,
    warmup_ratio = 0.1,
    weight_decay = 0.01,
    num_train_epochs = 30.0,
    max_length = 64,
    generation_max_length = 40,
    save_strategy = "no",
    logging_steps = 1000
)]
struct TranslationArgs {
    output_dir: PathBuf,
}

#[trainer(collator = Seq2Seq, metrics = [bleu, chrf])]
struct Translator {
    model: T5ForConditionalGeneration,
    args: TranslationArgs,
    train_dataset: Dataset<Translation>,
    eval_dataset: Dataset<Translation>,
    tokenizer: Tokenizer,
}

/// Four blocks, with fresh parameters.
fn small_bert(tokenizer: &Tokenizer) -> Result<BertForSequenceClassification<Sentiment>> {
    BertForSequenceClassification::from_config(BertConfig {
        vocab_size: tokenizer.vocabulary_size(),
        hidden_size: 256,
        num_hidden_layers: 4,
        num_attention_heads: 4,
        intermediate_size: 1024,
        max_position_embeddings: 128,
        ..BertConfig::default()
    })
}

/// Two blocks on either side, with fresh parameters.
fn small_t5(tokenizer: &Tokenizer) -> Result<T5ForConditionalGeneration> {
    let padding = tokenizer.token_to_id("<pad>");
    let mut config = T5Config {
        vocab_size: tokenizer.vocabulary_size(),
        d_model: 128,
        d_kv: 32,
        d_ff: 512,
        num_layers: 2,
        num_heads: 4,
        pad_token_id: padding,
        decoder_start_token_id: padding,
        ..T5Config::default()
    };
    config.other.insert("eos_token_id".to_owned(), tokenizer.token_to_id("</s>").into());
    T5ForConditionalGeneration::from_config(config)
}

/// The accuracy of a linear model on counted characters.
const CHARACTERS: f64 = 0.796;

#[test]
#[ignore = "minutes of training on texts that are not part of the repository"]
fn korean_sentiment_is_learnt_from_scratch() -> Result<()> {
    let (Some(texts), Some(of_tokenizer)) = (texts(), tokenizer("koelectra-tokenizer")) else {
        println!("skipped: needs the texts in shared/data and `koelectra-tokenizer` in shared/models");
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let tokenizer = Tokenizer::from_dir(&of_tokenizer)?;
    let mut trainer = OpinionTrainer {
        model: small_bert(&tokenizer)?,
        args: OpinionArgs { output_dir: folder.path().to_owned() },
        train_dataset: Dataset::from_jsonl(texts.join("nsmc.train.jsonl"))?,
        eval_dataset: Dataset::from_jsonl(texts.join("nsmc.test.jsonl"))?,
        tokenizer,
    };
    let begin = Instant::now();
    trainer.train()?;
    let seconds = begin.elapsed().as_secs_f64();
    let (learnt, metrics) = (trainer.evaluate_on(&trainer.train_dataset)?, trainer.evaluate()?);
    let (accuracy, loss) = (metrics["accuracy"], metrics["loss"]);
    println!("nsmc from scratch  seed 42  accuracy {accuracy:.3}  loss {loss:.4}  {seconds:.0} s");
    println!("                   {:.3} on what it learnt from, characters {CHARACTERS:.3}", learnt["accuracy"]);
    assert!(accuracy > 0.6, "{accuracy}, where a guess is right half of the time");
    Ok(())
}

#[test]
#[ignore = "minutes of training on texts that are not part of the repository"]
fn translations_are_learnt_from_scratch_as_far_as_800_sentences_go() -> Result<()> {
    let Some(texts) = texts() else {
        println!("skipped: needs the texts in shared/data");
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let train_dataset: Dataset<Translation> = Dataset::from_jsonl(texts.join("tatoeba_de_en.train.jsonl"))?;
    let sentences: Vec<&str> = train_dataset.iter().flat_map(|pair| [&*pair.source, &*pair.target]).collect();
    let settings = ByteLevelBpeSettings { vocab_size: 2000, add_eos_token: true, max_length: 64, ..Default::default() };
    let tokenizer = Tokenizer::train_byte_level_bpe(&sentences, &settings)?;
    let mut trainer = Translator {
        model: small_t5(&tokenizer)?,
        args: TranslationArgs { output_dir: folder.path().to_owned() },
        train_dataset,
        eval_dataset: Dataset::from_jsonl(texts.join("tatoeba_de_en.test.jsonl"))?,
        tokenizer,
    };
    let before = trainer.evaluate()?;
    let begin = Instant::now();
    trainer.train()?;
    let seconds = begin.elapsed().as_secs_f64();
    let after = trainer.evaluate()?;
    for (when, metrics) in [("before", &before), ("after", &after)] {
        let (loss, bleu, chrf) = (metrics["loss"], metrics["bleu"], metrics["chrf"]);
        println!("tatoeba_de_en {when:6}  loss {loss:.4}  BLEU {bleu:.2}  chrF {chrf:.2}");
    }
    println!("{seconds:.0} s of training");
    for text in ["Sie trug einen schwarzen Hut.", "Ich habe keine Zeit."] {
        println!("{text}  ->  {}", trainer.predict_one(text)?.text);
    }
    assert!(after["loss"] < 0.7 * before["loss"], "the loss {} is hardly below {}", after["loss"], before["loss"]);
    assert!(after["bleu"] > before["bleu"] && after["chrf"] > 10.0, "BLEU {}, chrF {}", after["bleu"], after["chrf"]);
    Ok(())
}
