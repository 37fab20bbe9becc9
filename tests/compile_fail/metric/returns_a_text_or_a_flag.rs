use trainer_core::prelude::*; // row 29: 5 errors

#[metric]
fn verdict(labels: Labels<'_, f32>) -> String {
    labels.len().to_string()
}

#[metric]
fn enough(labels: Labels<'_, f32>) -> bool {
    labels.len() > 100
}

#[metric]
fn told(_labels: Labels<'_, f32>) -> &'static str {
    "good"
}

#[metric]
fn maybe(_labels: Labels<'_, f32>) -> Option<String> {
    None
}

#[metric]
fn unit(_labels: Labels<'_, f32>) -> () {}

fn main() {}
