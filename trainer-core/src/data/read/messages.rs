//! One message of a conversation, as a JSON object.

use serde_json::Value;

use super::{Error, ErrorKind, Result, nearest};

/// Who can speak in a conversation.
const ROLES: [&str; 5] = ["system", "developer", "user", "assistant", "tool"];

/// What others call them.
const OTHER_NAMES: [(&str, &str); 6] = [
    ("human", "user"),
    ("prompter", "user"),
    ("gpt", "assistant"),
    ("bot", "assistant"),
    ("model", "assistant"),
    ("ai", "assistant"),
];

/// What is in the object `message`, which errors call `name`: its role and its content.
///
/// # Errors
/// Another key than `role` and `content`, one of them missing or no text, and a role that nobody has.
pub(in super::super) fn role_and_content<'a>(name: &str, message: &'a Value) -> Result<(&'a str, &'a str)> {
    for key in message.as_object().into_iter().flat_map(|object| object.keys()) {
        if !matches!(key.as_str(), "role" | "content") {
            let error = error(format!("`{name}` has the key `{key}`, but a message has `role` and `content`"));
            return Err(match (key.as_str(), nearest(key, ["role", "content"])) {
                ("from" | "speaker", _) => error.help("`role` says who speaks"),
                ("value" | "text", _) => error.help("`content` is what is said"),
                (_, Some(near)) => error.help(format!("did you mean `{near}`?")),
                _ => error.help("leave the key out of the file"),
            });
        }
    }
    let (role, content) = (text(name, message, "role")?, text(name, message, "content")?);
    is_a_role(name, role).map(|()| (role, content))
}

/// Whether somebody has the role of the message called `name`.
pub(in super::super) fn is_a_role(name: &str, role: &str) -> Result<()> {
    if ROLES.contains(&role) {
        return Ok(());
    }
    let error = error(format!("`{name}.role` is {role:?}, which is no role of a conversation"));
    let other = OTHER_NAMES.iter().find(|(other, _)| role.eq_ignore_ascii_case(other)).map(|(_, name)| *name);
    Err(match other.or_else(|| nearest(role, ROLES)) {
        Some(near) => error.help(format!("did you mean \"{near}\"?")),
        None => error.help(format!("roles are {}", ROLES.map(|role| format!("\"{role}\"")).join(", "))),
    })
}

fn text<'a>(name: &str, message: &'a Value, key: &str) -> Result<&'a str> {
    match message.get(key) {
        Some(Value::String(text)) => Ok(text),
        Some(other) => Err(error(format!("`{name}.{key}` is {}, expected a text", super::shown::json(other)))),
        None => {
            Err(error(format!("`{name}` has no `{key}`"))
                .help("a message is `{\"role\": \"user\", \"content\": \"…\"}`"))
        }
    }
}

fn error(message: String) -> Error {
    Error::new(ErrorKind::Data, message)
}
