//! Which roles make a task.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{Attribute, Ident, LitStr, Path, Type};

use super::parse::{self, Use, Written};
use super::role::{ROLES, Role, needs_later_task};
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

    /// The field that the model has to find.
    pub(super) fn label(&self) -> Option<&Column> {
        self.field(Role::Label).or_else(|| self.field(Role::Labels))
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
    if let Some(task) = needs_later_task(&name) {
        let message = format!("`{name}` needs {task}, which this version does not have");
        errors.add(span, message, leave_out);
        return Part::Unclear;
    }
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

fn refuse_incomplete_tasks(plan: &Plan, errors: &mut Errors) {
    refuse_second_input(plan, errors);
    let needs = [
        (Role::TextPair, Role::Text, "String"),
        (Role::AttentionMask, Role::InputIds, "Vec<u32>"),
        (Role::TokenTypeIds, Role::InputIds, "Vec<u32>"),
    ];
    for (role, needed, ty) in needs {
        if let (Some(field), None) = (plan.field(role), plan.field(needed)) {
            let message = format!("`{}` needs a field with the role `{}`", field.ident, needed.name());
            errors.add(field.said_at, message, format!("`{}: {ty}`", needed.name()));
            return;
        }
    }
    if let (Some(label), Some(labels)) = (plan.field(Role::Label), plan.field(Role::Labels)) {
        let message = format!("`{}` and `{}` are both what the model has to find", label.ident, labels.ident);
        errors.add(labels.said_at, message, "keep one; `#[example(extra)]` keeps the other column");
        return;
    }
    let name = &plan.ident;
    let input = [Role::Text, Role::InputIds, Role::Features].into_iter().find_map(|role| plan.field(role));
    match (input, plan.label()) {
        (Some(_), Some(_)) => {}
        (Some(input), None) => {
            let message = format!("`{name}` has `{}`, but no label to learn from", input.role.name());
            let help = "add a field with the role `label`, such as `label: Rating` with an enum that is a `ClassLabel`, \
                        or `label: f32`";
            errors.add(name.span(), message, help);
        }
        (None, Some(label)) => {
            let message = format!("`{name}` has `{}`, but nothing for the model to look at", label.role.name());
            errors.add(name.span(), message, "add `text: String`, `input_ids: Vec<u32>` or `features: Vec<f32>`");
        }
        (None, None) => {
            let message = format!("no field of `{name}` is an input or a label");
            errors.add(name.span(), message, "`text: String` and `label: Rating`, for example");
        }
    }
}

fn refuse_second_input(plan: &Plan, errors: &mut Errors) {
    let inputs: Vec<&Column> = plan
        .columns
        .iter()
        .filter(|column| matches!(column.role, Role::Text | Role::InputIds | Role::Features))
        .collect();
    if let [first, second, ..] = inputs.as_slice() {
        let message = format!("`{}` and `{}` are both the input of the model", first.ident, second.ident);
        errors.add(second.said_at, message, "keep one; `#[example(extra)]` keeps the other column");
    }
}
