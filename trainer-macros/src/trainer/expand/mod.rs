//! The implementation of a trainer, and the rules between its parts.

mod formatting;
mod parts;
mod peft;
mod rules;

use proc_macro2::TokenStream;

use super::check::Plan;

/// The implementation, and one constant for each rule where all parts are there.
pub(super) fn trainer(plan: &Plan) -> TokenStream {
    if !plan.is_whole() {
        return parts::stand_in(plan);
    }
    let mut tokens = parts::implementation(plan);
    if plan.is_sound {
        tokens.extend(rules::rules(plan));
    }
    tokens
}
