//! Which roles make a task.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{Attribute, Ident, LitStr, Path, Type};

use super::parse::{self, Use, Written};
use super::role::{ROLES, Role};
use crate::diagnostics::{Errors, nearest};
use crate::inspect::Extent;

/// What the implementation is made of.
pub(super) struct Plan {
    pub(super) ident: Ident,
    pub(super) krate: Path,
    pub(super) train: Option<LitStr>,
    pub(super) eval: Option<LitStr>,
    pub(super) test: Option<LitStr>,
    pub(super) more: Vec<LitStr>,
    pub(super) extent: Extent,
    pub(super) allowed: Vec<Attribute>,
    pub(super) columns: Vec<Column>,
    pub(super) skipped: Vec<(Ident, Type)>,
}

/// A field that is read from a column.
pub(super) struct Column {
    pub(super) ident: Ident,
    pub(super) ty: Type,
    pub(super) from: String,
    pub(super) role: Role,
    /// Where the column's name is written.
    pub(super) named_at: Span,
    said_at: Span,
}

impl Plan {
    /// The data files, with their keys.
    pub(super) fn files(&self) -> impl Iterator<Item = (&'static str, &LitStr)> {
        let named = [("train", &self.train), ("eval", &self.eval), ("test", &self.test)];
        let named = named.into_iter().filter_map(|(key, path)| Some((key, path.as_ref()?)));
        named.chain(self.more.iter().map(|path| ("file", path)))
    }

    /// The field with this role.
    pub(super) fn field(&self, role: Role) -> Option<&Column> {
        self.columns.iter().find(|column| column.role == role)
    }

    /// The field whose type says what the model has to find.
    pub(super) fn label(&self) -> Option<&Column> {
        [Role::Label, Role::Labels, Role::Tags].into_iter().find_map(|role| self.field(role))
    }

    /// Where no type says it: the task that the roles amount to.
    pub(super) fn task(&self) -> Option<&'static str> {
        let has = |role| self.field(role).is_some();
        if has(Role::Messages) || has(Role::Prompt) {
            Some("Conversation")
        } else if has(Role::Source) || has(Role::TargetIds) {
            Some("Seq2Seq")
        } else if has(Role::Text) || has(Role::InputIds) {
            Some("LanguageModeling")
        } else {
            None
        }
    }
}

/// The plan for `written`; mistakes are noted.
pub(super) fn plan(written: Written, errors: &mut Errors) -> Plan {
    let Written { ident, core, train, eval, test, more, extent, allowed, fields } = written;
    let (columns, skipped) = (Vec::new(), Vec::new());
    let krate = core.path();
    let mut plan = Plan { ident, krate, train, eval, test, more, extent, allowed, columns, skipped };
    let mut all_clear = true;
    for field in fields {
        match part(&field, errors) {
            Part::Column(role, said_at) => {
                let named_at = field.column.as_ref().map_or_else(|| field.ident.span(), LitStr::span);
                let from = field.column.map_or_else(|| field.ident.unraw().to_string(), |column| column.value());
                plan.columns.push(Column { ident: field.ident, ty: field.ty, from, role, named_at, said_at });
            }
            Part::Skipped => plan.skipped.push((field.ident, field.ty)),
            Part::Unclear => all_clear = false,
        }
    }
    let once = refuse_repeated_roles(&plan, errors);
    // A field whose role is unclear may be the very one that seems to be missing.
    if all_clear && once {
        refuse_incomplete_tasks(&plan, errors);
    }
    plan
}

/// What a field is of the row.
enum Part {
    /// A column with a role, and where that is said.
    Column(Role, Span),
    /// Nothing: it is skipped.
    Skipped,
    /// That is not clear, and reported.
    Unclear,
}

fn part(field: &parse::Field, errors: &mut Errors) -> Part {
    match field.use_ {
        Use::Role(role, span) => return Part::Column(role, span),
        Use::Skip => return Part::Skipped,
        Use::Unclear => return Part::Unclear,
        Use::Unsaid => {}
    }
    let name = field.ident.unraw().to_string();
    let span = field.ident.span();
    if let Some(role) = Role::of_field(&name) {
        return Part::Column(role, span);
    }
    let leave_out = "`#[example(extra)]` keeps the column, `#[example(skip)]` leaves the field out";
    let help = match nearest(&name, ROLES.iter().map(|(role, _)| *role)) {
        Some(near) => format!("did you mean `#[example({near})]`? {leave_out}"),
        None => format!("say what it is, such as `#[example(text)]` or `#[example(label)]`; {leave_out}"),
    };
    errors.add(span, format!("`{name}` has no role"), help);
    Part::Unclear
}

fn refuse_repeated_roles(plan: &Plan, errors: &mut Errors) -> bool {
    let mut once = true;
    for (position, column) in plan.columns.iter().enumerate().filter(|(_, column)| column.role.is_single()) {
        let earlier = plan.columns.iter().take(position).find(|earlier| earlier.role == column.role);
        if let Some(earlier) = earlier {
            let message = format!("`{}` and `{}` are both `{}`", earlier.ident, column.ident, column.role.name());
            errors.add(column.said_at, message, "one field has this role; `#[example(extra)]` keeps the other column");
            once = false;
        }
    }
    once
}

/// Roles that say nothing alone: the role, those of which one must be there, and how to write the first.
const PARTNERS: &[(Role, &[Role], &str)] = &[
    (Role::TextPair, &[Role::Text], "`text: String`"),
    (Role::AttentionMask, &[Role::InputIds], "`input_ids: Vec<u32>`"),
    (Role::TokenTypeIds, &[Role::InputIds], "`input_ids: Vec<u32>`"),
    (Role::TargetIds, &[Role::InputIds], "`input_ids: Vec<u32>`, the tokens of the source"),
    (Role::Tokens, &[Role::Tags], "`tags: Vec<Tag>`, with an enum that is a `ClassLabel`"),
    (Role::Tags, &[Role::Tokens, Role::InputIds], "`tokens: Vec<String>`, one word for each tag"),
    (Role::Prompt, &[Role::Completion], "`completion: String`, what has to be answered"),
    (Role::Completion, &[Role::Prompt], "`prompt: String`; a text to learn as a whole is `text: String`"),
    (Role::Source, &[Role::Target], "`target: String`, the text to write for it"),
    (Role::Target, &[Role::Source], "`source: String`; a class or a number to find has the role `label`"),
];

const INPUTS: &[Role] =
    &[Role::Text, Role::InputIds, Role::Features, Role::Tokens, Role::Messages, Role::Prompt, Role::Source];

/// What a model has to find; a conversation holds it in itself.
const ANSWERS: &[Role] =
    &[Role::Label, Role::Labels, Role::Tags, Role::Completion, Role::Target, Role::TargetIds, Role::Messages];

fn refuse_incomplete_tasks(plan: &Plan, errors: &mut Errors) {
    let second_input = refuse_second(plan, INPUTS, "the input of the model", errors);
    for (role, needed, how) in PARTNERS {
        let is_there = needed.iter().any(|needed| plan.field(*needed).is_some());
        if let (Some(field), Some(first), false) = (plan.field(*role), needed.first(), is_there) {
            let message = format!("`{}` needs a field with the role `{}`", field.ident, first.name());
            errors.add(field.said_at, message, how);
            return;
        }
    }
    let second_answer = refuse_second(plan, ANSWERS, "what the model has to find", errors);
    if !second_input && !second_answer {
        refuse_missing_half(plan, errors);
    }
}

/// Roles that are there, but make no task.
fn refuse_missing_half(plan: &Plan, errors: &mut Errors) {
    let name = &plan.ident;
    let input = INPUTS.iter().find_map(|role| plan.field(*role));
    let answer = ANSWERS.iter().find_map(|role| plan.field(*role));
    match (input, answer) {
        (Some(_), Some(_)) => {}
        (Some(_), None) => {
            let (what, help) = if plan.field(Role::Features).is_some() {
                ("features", "")
            } else if plan.field(Role::TextPair).is_some() {
                ("text_pair", "; `text` alone is a text whose words are learnt")
            } else {
                return;
            };
            let message = format!("`{name}` has `{what}`, but no label to learn from");
            let help = format!(
                "add a field with the role `label`, such as `label: Rating` with an enum that is a `ClassLabel`, or \
                 `label: f32`{help}"
            );
            errors.add(name.span(), message, help);
        }
        (None, Some(answer)) => {
            let message = format!("`{name}` has `{}`, but nothing for the model to look at", answer.role.name());
            errors.add(name.span(), message, "add `text: String`, `input_ids: Vec<u32>` or `features: Vec<f32>`");
        }
        (None, None) => {
            let message = format!("no field of `{name}` is an input or a label");
            errors.add(name.span(), message, "`text: String` and `label: Rating`, for example");
        }
    }
}

/// Notes the second field that has one of the roles; whether there is one.
fn refuse_second(plan: &Plan, roles: &[Role], are: &str, errors: &mut Errors) -> bool {
    let with_role = plan.columns.iter().filter(|column| roles.contains(&column.role));
    if let [first, second, ..] = with_role.collect::<Vec<_>>().as_slice() {
        let message = format!("`{}` and `{}` are both {are}", first.ident, second.ident);
        errors.add(second.said_at, message, "keep one; `#[example(extra)]` keeps the other column");
        return true;
    }
    false
}
