//! The constants by which the compiler runs the core's rules on what was written, each at the token to change.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::{Expr, Path};

use super::check::{Plan, PlannedField, PlannedRange};
use super::lower::{is_known, number, text};
use super::names::{Kind, Known, Place, RULES};
use super::parse::{Value, spelled, value};
use crate::diagnostics::respan;

/// An argument whose value was written, fixed or as a default.
pub(super) struct Given<'a> {
    pub(super) known: &'static Known,
    key: Span,
    pub(super) value: &'a Expr,
}

impl Given<'_> {
    /// Whether it is written that there is no value.
    pub(super) fn is_none(&self) -> bool {
        self.known.default == "none" && matches!(value(self.value), Value::Text(text) if text == "none")
    }
}

/// Every check of the plan.
pub(super) fn checks(plan: &Plan) -> TokenStream {
    let given: Vec<Given<'_>> = given(plan);
    let numbers = given.iter().map(|given| check_value(&plan.core, given));
    let fields = plan.fields.iter().map(|field| check_field(&plan.core, field));
    let combinations = check_combinations(plan, &given);
    let kept = kept_checkpoints(&given);
    quote!(#(#numbers)* #(#fields)* #combinations #kept)
}

pub(super) fn given(plan: &Plan) -> Vec<Given<'_>> {
    let fixed = plan.fixed.iter().map(|fixed| Given { known: fixed.known, key: fixed.key, value: &fixed.value });
    let fields = plan.fields.iter().filter_map(|field| {
        let (known, value) = (field.standard?, field.default.as_ref()?);
        Some(Given { known, key: field.ident.span(), value })
    });
    fixed.chain(fields).collect()
}

/// Where tokens begin and end: a span alone covers only one token.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    pub(super) first: Span,
    last: Span,
}

impl Extent {
    pub(super) fn of(tokens: &impl ToTokens) -> Self {
        let mut trees = tokens.to_token_stream().into_iter();
        let (first, last) = (trees.next(), trees.last());
        let first = first.map_or_else(Span::call_site, |tree| tree.span());
        let last = last.map_or(first, |tree| match tree {
            TokenTree::Group(group) => group.span_close(),
            other => other.span(),
        });
        Self { first, last }
    }

    fn at(span: Span) -> Self {
        Self { first: span, last: span }
    }

    /// `path(arguments)`, such that the compiler sees it where the tokens are.
    pub(super) fn call(self, path: TokenStream, arguments: TokenStream) -> TokenStream {
        let mut group = Group::new(Delimiter::Parenthesis, respan(arguments, self.first));
        group.set_span(self.last);
        let path = respan(path, self.first);
        quote!(#path #group)
    }
}

/// `const _: () = accept(verdict);`, at `extent`.
fn at(extent: Extent, core: &Path, verdict: &TokenStream) -> TokenStream {
    let call = extent.call(quote!(#core::args::rules::accept), verdict.clone());
    let (start, end) = (respan(quote!(const _: () =), extent.first), respan(quote!(;), extent.last));
    quote!(#start #call #end)
}

/// A value alone: its range, or that it is one of the choices.
fn check_value(core: &Path, given: &Given<'_>) -> TokenStream {
    if let (Kind::List(choice), Value::List(items)) = (given.known.kind, value(given.value)) {
        let each = items.iter().filter_map(|item| {
            let verdict = is_a_choice(core, given.known.name, choice, &text(item)?);
            Some(at(Extent::of(item), core, &verdict))
        });
        return quote!(#(#each)*);
    }
    alone(core, given).map_or_else(TokenStream::new, |verdict| at(Extent::of(given.value), core, &verdict))
}

/// The verdict on a value alone, if there is a rule about it.
pub(super) fn alone(core: &Path, given: &Given<'_>) -> Option<TokenStream> {
    let (name, written) = (given.known.name, spelled(given.value));
    match (given.known.kind, value(given.value)) {
        (Kind::Whole, Value::Whole(-1)) if name == "max_steps" => None,
        _ if given.is_none() => None,
        (Kind::Number | Kind::Whole | Kind::Steps, Value::Whole(_) | Value::Real(_) | Value::Constant) => {
            let number = number(given.value);
            Some(quote!(#core::args::rules::in_range(#name, #number, #written)))
        }
        (Kind::Choice(choice) | Kind::List(choice), Value::Text(text)) => Some(is_a_choice(core, name, choice, &text)),
        (Kind::Device, Value::Text(text)) => Some(quote!(#core::args::rules::is_a_device(#text))),
        _ => None,
    }
}

fn is_a_choice(core: &Path, name: &str, choice: &str, text: &str) -> TokenStream {
    let choice = format_ident!("{choice}");
    quote!(#core::args::rules::is_a_choice(#name, #text, #core::args::#choice::SPELLINGS))
}

/// The verdict on several values together; what one of them is refused for alone is not said twice.
///
/// ```ignore
/// where_each_works(&[is_a_choice("eval_strategy", …)], best_model_needs_an_evaluation(&<Args as TrainingArgs>::FACTS))
/// ```
pub(super) fn together(core: &Path, given: &[Given<'_>], about: &[&str], verdict: &TokenStream) -> TokenStream {
    let alone: Vec<TokenStream> =
        given.iter().filter(|given| about.contains(&given.known.name)).filter_map(|given| alone(core, given)).collect();
    if alone.is_empty() {
        return verdict.clone();
    }
    quote!(#core::args::rules::where_each_works(&[#(#alone),*], #verdict))
}

/// A field's default against its type, its range and its choices.
fn check_field(core: &Path, field: &PlannedField) -> TokenStream {
    let (name, ty) = (field.ident.to_string(), &field.ty);
    let kind = quote!(<#ty as #core::args::ArgumentValue>::KIND);
    let mut checks = TokenStream::new();
    if let Some(range) = &field.range {
        let numbers = range_tokens(core, range);
        checks.extend(at(
            Extent::of(&range.tokens),
            core,
            &quote!(#core::args::value::range_fits(#name, &#numbers, #kind)),
        ));
    }
    let Some(default) = &field.default else {
        // The default is Hugging Face's: 5e-5 is none for a field of whole numbers.
        let standard = field.standard.filter(|known| known.kind == Kind::Number);
        if let Some((known, number)) = standard.and_then(|known| Some((known, known.default.parse::<f64>().ok()?))) {
            let written = known.default;
            let fits = quote!(#core::args::value::default_fits_whole(#name, #written, #number, #kind));
            checks.extend(at(Extent::of(ty), core, &fits));
        }
        return checks;
    };
    let (written, extent) = (spelled(default), Extent::of(default));
    if let Some(literal) = literal(core, default, field.standard) {
        checks.extend(at(extent, core, &quote!(#core::args::value::default_fits(#name, #written, #literal, #kind))));
    }
    let is_number = matches!(value(default), Value::Whole(_) | Value::Real(_) | Value::Constant);
    if let Some(range) = field.range.as_ref().filter(|_| is_number) {
        checks.extend(check_default_in_range(core, &name, default, range));
    }
    let choices: Vec<String> = field.choices.iter().filter_map(text).collect();
    if let Some(text) = text(default).filter(|text| !choices.is_empty() && text != "none") {
        let choices = quote!(&[#(#choices),*]);
        checks.extend(at(extent, core, &quote!(#core::args::value::default_is_a_choice(#name, #text, #choices))));
    }
    checks
}

/// The literal as the core compares it with the field's type; where another check says the same, none.
fn literal(core: &Path, default: &Expr, standard: Option<&Known>) -> Option<TokenStream> {
    let literal = match (value(default), standard.map(|known| known.kind)) {
        (Value::Text(_), Some(Kind::Choice(_) | Kind::Device | Kind::List(_))) => return None,
        // A number below the type's least is below the argument's range too, which has the better words.
        (Value::Whole(number), Some(_)) if number < 0 => return None,
        (Value::Whole(number), _) => {
            let digits = proc_macro2::Literal::i128_suffixed(number.checked_abs()?);
            let sign = (number < 0).then(|| quote!(-));
            quote!(Whole(#sign #digits))
        }
        (Value::Real(_), _) => {
            let number = number(default);
            quote!(Real(#number))
        }
        (Value::Flag(flag), _) => quote!(Flag(#flag)),
        (Value::Text(text), _) => quote!(Text(#text)),
        _ => return None,
    };
    Some(quote!(#core::args::value::Literal::#literal))
}

/// ```ignore
/// const _: () = {
///     const fn outside_of_this_range() { accept(default_in_range("learning_rate", 1.0, "1.0", &RANGE)) }  // at the range
///     outside_of_this_range()                                                                       // at the default
/// };
/// ```
fn check_default_in_range(core: &Path, name: &str, default: &Expr, range: &PlannedRange) -> TokenStream {
    let (number, written, numbers) = (number(default), spelled(default), range_tokens(core, range));
    let verdict = quote!(#core::args::value::default_in_range(#name, #number, #written, &#numbers));
    two_places(core, Extent::of(default), Extent::of(&range.tokens), "outside_of_this_range", &verdict)
}

/// one error with two places: the token to change, and what it disagrees with.
fn two_places(core: &Path, first: Extent, second: Extent, called: &str, verdict: &TokenStream) -> TokenStream {
    let called = format_ident!("{called}");
    let accept = second.call(quote!(#core::args::rules::accept), verdict.clone());
    let call = first.call(quote!(#called), TokenStream::new());
    let function = respan(quote!(const fn #called()), second.first);
    let start = respan(quote!(const _: () =), first.first);
    quote!(#start { #function { #accept } #call };)
}

/// `NumberRange { … }`.
pub(super) fn range_tokens(core: &Path, range: &PlannedRange) -> TokenStream {
    let low = range.low.as_ref().map_or_else(|| quote!(::core::primitive::f64::NEG_INFINITY), number);
    let high = range.high.as_ref().map_or_else(|| quote!(::core::primitive::f64::INFINITY), number);
    let with_high = range.with_high || range.high.is_none();
    let written = &range.written;
    quote!(#core::args::value::NumberRange { low: #low, high: #high, with_high: #with_high, written: #written })
}

/// The rules over several arguments, for those of which one is written and none is unknown.
fn check_combinations(plan: &Plan, given: &[Given<'_>]) -> TokenStream {
    let unknown = unknown(plan);
    let mut checks = TokenStream::new();
    for (rule, about) in RULES.iter().filter(|(_, about)| !about.iter().any(|name| unknown.contains(name))) {
        let rule = format_ident!("{rule}");
        let (core, ident) = (&plan.core, &plan.ident);
        let verdict = quote!(#core::args::rules::#rule(&<#ident as #core::args::TrainingArgs>::FACTS));
        checks.extend(at_given(core, given, about, &together(core, given, about, &verdict)));
    }
    if unknown.contains(&"lr_scheduler_type") {
        return checks;
    }
    for parameter in given.iter().filter(|given| given.known.place == Place::Schedule) {
        let (core, ident, name) = (&plan.core, &plan.ident, parameter.known.name);
        let schedule = quote!(<#ident as #core::args::TrainingArgs>::FACTS.lr_scheduler_type);
        let verdict = quote!(#core::args::rules::schedule_takes(#schedule, #name));
        let about = [name, "lr_scheduler_type"];
        checks.extend(at_given(core, given, &about, &together(core, given, &about[1..], &verdict)));
    }
    checks
}

/// The check at the first argument of `about` that is written, with the second one as the other place.
fn at_given(core: &Path, given: &[Given<'_>], about: &[&str], verdict: &TokenStream) -> TokenStream {
    let mut places = about.iter().filter_map(|name| given.iter().find(|given| given.known.name == *name));
    match (places.next(), places.next()) {
        (Some(first), Some(second)) => {
            two_places(core, Extent::at(first.key), Extent::of(second.value), "disagrees_with_this", verdict)
        }
        (Some(only), None) => at(Extent::at(only.key), core, verdict),
        (None, _) => TokenStream::new(),
    }
}

/// A limit of one checkpoint keeps two where the best one is loaded at the end: a warning, as that is what Hugging Face does
/// too, and a run can live with it.
///
/// ```ignore
/// const _: () = {
///     #[deprecated(note = "…")]
///     const save_total_limit: () = ();
///     save_total_limit                  // at the value
/// };
/// ```
fn kept_checkpoints(given: &[Given<'_>]) -> TokenStream {
    let of = |name: &str| given.iter().find(|given| given.known.name == name);
    let (Some(limit), Some(best)) = (of("save_total_limit"), of("load_best_model_at_end")) else {
        return TokenStream::new();
    };
    let (Value::Whole(1), Value::Flag(true)) = (value(limit.value), value(best.value)) else {
        return TokenStream::new();
    };
    let note = "`load_best_model_at_end` keeps the best checkpoint besides the newest: up to 2 stay, not 1\n\
                help: write `save_total_limit = 2`";
    let used = respan(quote!(save_total_limit), Extent::of(limit.value).first);
    quote! {
        const _: () = {
            #[deprecated(note = #note)]
            #[allow(non_upper_case_globals)]
            const save_total_limit: () = ();
            #used
        };
    }
}

/// The arguments whose value only the run will know, and those whose value is refused already.
pub(super) fn unknown(plan: &Plan) -> Vec<&'static str> {
    let fixed = plan.fixed.iter().filter(|fixed| !is_known(fixed.known, &fixed.value)).map(|fixed| fixed.known.name);
    let fields = plan.fields.iter().filter_map(|field| {
        let known = field.standard?;
        field.default.as_ref().is_some_and(|default| !is_known(known, default)).then_some(known.name)
    });
    fixed.chain(fields).chain(plan.refused.iter().copied()).collect()
}
