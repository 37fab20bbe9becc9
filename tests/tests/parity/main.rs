//! What transformers, TRL, PEFT, torch and scikit-learn compute, computed here: one program, since each that is linked takes
//! as long as its tests.

mod added_tokens;
mod blocks;
mod bookkeeping;
mod causal;
mod collators;
mod conversations;
mod encoders;
mod entities;
mod generation;
mod language;
mod masking;
mod metrics;
mod models;
mod optim;
mod optimizers;
mod peft;
mod sampler;
mod schedules;
mod tags;
mod texts;
mod token_collators;
mod tokenizers;
mod training;
mod training_seq2seq;
