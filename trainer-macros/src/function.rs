//! Functions under `#[metric]` and `#[loss]`: plain ones, without `self`, `async` or generic parameters.
//!
//! What comes in: the item under the attribute. What goes out: its signature, and the type that stands for it beside the
//! function: types and functions have names of their own, so both can be called the same.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Attribute, FnArg, Ident, ItemFn, ReturnType, Type, Visibility};

use crate::diagnostics::Errors;

/// What matters of a function.
pub(crate) struct Function {
    pub(crate) ident: Ident,
    pub(crate) visibility: Visibility,
    /// Whether it takes `self`: then it stands where no type can stand beside it.
    pub(crate) is_method: bool,
    pub(crate) arguments: Vec<Type>,
    pub(crate) output: Option<Type>,
    /// The attributes that decide whether the function is there at all.
    pub(crate) conditions: Vec<Attribute>,
}

impl Function {
    /// The function's name, without the `r#` of a keyword.
    pub(crate) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }
}

/// Reads the function under `#[attribute]`; `signature` is what to write.
pub(crate) fn read(attribute: &str, signature: &str, item: TokenStream, errors: &mut Errors) -> Option<Function> {
    let Ok(function) = syn::parse2::<ItemFn>(item.clone()) else {
        errors.add(item_keyword(item), format!("`#[{attribute}]` goes on a function"), format!("`{signature}`"));
        return None;
    };
    let help = format!("`{signature}`");
    let name = &function.sig.ident;
    refuse_qualifiers(attribute, &function.sig, &help, errors);
    let mut arguments = Vec::new();
    for argument in &function.sig.inputs {
        match argument {
            FnArg::Typed(typed) => {
                refuse_unnamed_type(name, attribute, &typed.ty, &help, errors);
                arguments.push((*typed.ty).clone());
            }
            other @ FnArg::Receiver(_) => {
                errors.add_spanned(other, format!("`{name}` takes `self`, but a {attribute} is no method"), &help);
            }
        }
    }
    let is_method = function.sig.receiver().is_some();
    let output = match &function.sig.output {
        ReturnType::Type(_, ty) => Some((**ty).clone()),
        ReturnType::Default => {
            errors.add(name.span(), format!("`{name}` returns nothing"), &help);
            None
        }
    };
    let conditions = function.attrs.into_iter().filter(|attribute| attribute.path().is_ident("cfg")).collect();
    Some(Function { ident: function.sig.ident, visibility: function.vis, is_method, arguments, output, conditions })
}

fn refuse_qualifiers(attribute: &str, signature: &syn::Signature, help: &str, errors: &mut Errors) {
    let name = &signature.ident;
    if let Some(token) = &signature.asyncness {
        let message = format!("`{name}` is `async`, but a {attribute} is computed there and then");
        errors.add_spanned(token, message, help);
    }
    if let syn::Safety::Unsafe(token) = &signature.safety {
        errors.add_spanned(token, format!("`{name}` is `unsafe`, but a {attribute} is called by safe code"), help);
    }
    if !signature.generics.params.is_empty() {
        let message = format!("`{name}` has generic parameters, but a {attribute} works on one kind of data");
        errors.add_spanned(&signature.generics, message, format!("write the types, and `'_` for lifetimes: {help}"));
    }
}

/// `impl Trait` is a generic parameter without a name.
fn refuse_unnamed_type(function: &Ident, attribute: &str, ty: &Type, help: &str, errors: &mut Errors) {
    if let Type::ImplTrait(unnamed) = ty {
        let message = format!("`{function}` has generic parameters, but a {attribute} works on one kind of data");
        errors.add_spanned(unnamed, message, format!("write the type: {help}"));
    }
}

/// The keyword of an item that is no function.
pub(crate) fn item_keyword(item: TokenStream) -> Span {
    let whole = item.span();
    let read = |input: ParseStream<'_>| {
        Attribute::parse_outer(input)?;
        input.parse::<Visibility>()?;
        let keyword = input.span();
        input.parse::<TokenStream>()?;
        Ok(keyword)
    };
    read.parse2(item).unwrap_or(whole)
}

/// What stands beside the function: a type of the same name, and what the core is told of it.
///
/// All of it is spanned at the function's name: where no type can stand, such as in an `impl`, the compiler says so there.
// #[allow(…)] #[doc(hidden)] pub struct within_one {}
// const _: () = { … };
pub(crate) fn beside(function: &Function, told: &TokenStream) -> TokenStream {
    let Function { ident, visibility, conditions, .. } = function;
    let place = ident.span();
    let itself = quote_spanned! {place=>
        #[allow(
            dead_code,
            missing_copy_implementations,
            missing_debug_implementations,
            non_camel_case_types,
            clippy::restriction
        )]
        #[doc(hidden)]
        #visibility struct #ident {}
    };
    let start = quote_spanned!(place=> #[allow(unused_qualifications, clippy::restriction)] const _: () =);
    quote! {
        #(#conditions)*
        #itself

        #(#conditions)*
        #start { #told };
    }
}
