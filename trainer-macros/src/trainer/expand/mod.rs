//! The implementation of a trainer, and the rules between its parts.

mod choices;
mod formatting;
mod model_dir;
mod near;
mod parts;
mod peft;
mod rules;

use proc_macro2::TokenStream;

use super::check::Plan;
use crate::diagnostics::of_this_version;

/// The implementation, and one constant for each rule where all parts are there.
pub(super) fn trainer(plan: &Plan) -> TokenStream {
    if !plan.is_whole() {
        return parts::stand_in(plan);
    }
    let mut tokens = of_this_version(&plan.krate, &plan.ident);
    tokens.extend(parts::implementation(plan));
    tokens.extend(model_dir::tracked(plan));
    if plan.is_sound {
        tokens.extend(rules::rules(plan));
        tokens.extend(model_dir::rules(plan));
    }
    tokens
}
