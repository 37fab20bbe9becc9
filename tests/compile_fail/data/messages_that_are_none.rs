use trainer_core::prelude::*; // row 24: 3 errors

#[derive(Example)]
#[example(train = "compile_fail/data/files/messages.jsonl", eval = "compile_fail/data/files/messages_role.jsonl")]
struct Chat {
    messages: Vec<Message>,
}

#[derive(Example)]
#[example(train = "compile_fail/data/files/messages_text.jsonl")]
struct Talk {
    messages: Vec<Message>,
}

fn main() {}
