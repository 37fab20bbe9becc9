// #[derive(ClassLabel)]
// enum Rating { Negative, #[label(name = "so-so")] Neutral, Positive }

#[allow(unused_qualifications, clippy::restriction)]
const _: () = ::trainer_core::train::checks::accept(
    ::trainer_core::version::macros_are("0.1.0"),
);
#[allow(unused_qualifications, clippy::restriction)]
const _: () = ::trainer_core::train::checks::accept({
    #[allow(unused_imports)]
    use ::trainer_core::data::DerivesNothing as _;
    ::trainer_core::data::label_set_is_copied_and_compared(
        "Rating",
        ::trainer_core::data::Derives::<Rating>::COPY,
        ::trainer_core::data::Derives::<Rating>::PARTIAL_EQ,
    )
});
#[automatically_derived]
#[allow(unused_qualifications, clippy::restriction)]
impl ::trainer_core::data::ClassLabel for Rating {
    const COUNT: ::core::primitive::usize = 3usize;
    const NAMES: &'static [&'static ::core::primitive::str] = &[
        "negative",
        "so-so",
        "positive",
    ];
    const TYPE_NAME: &'static ::core::primitive::str = "Rating";
    fn index(&self) -> ::core::primitive::usize {
        match *self {
            Self::Negative { .. } => 0usize,
            Self::Neutral { .. } => 1usize,
            Self::Positive { .. } => 2usize,
        }
    }
    fn from_index(index: ::core::primitive::usize) -> ::core::option::Option<Self> {
        match index {
            0usize => ::core::option::Option::Some(Self::Negative),
            1usize => ::core::option::Option::Some(Self::Neutral),
            2usize => ::core::option::Option::Some(Self::Positive),
            _ => ::core::option::Option::None,
        }
    }
}
#[automatically_derived]
#[allow(unused_qualifications, clippy::restriction)]
impl ::core::fmt::Display for Rating {
    fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        formatter.pad(::trainer_core::data::ClassLabel::name(self))
    }
}
#[automatically_derived]
#[allow(unused_qualifications, clippy::restriction)]
impl ::core::str::FromStr for Rating {
    type Err = ::trainer_core::Error;
    fn from_str(name: &::core::primitive::str) -> ::trainer_core::Result<Self> {
        ::trainer_core::data::class_named(name)
    }
}
#[automatically_derived]
#[allow(unused_qualifications, clippy::restriction)]
impl ::trainer_core::__private::serde::Serialize for Rating {
    fn serialize<S: ::trainer_core::__private::serde::Serializer>(
        &self,
        serializer: S,
    ) -> ::core::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(::trainer_core::data::ClassLabel::name(self))
    }
}
#[automatically_derived]
#[allow(unused_qualifications, clippy::restriction)]
impl<'de> ::trainer_core::__private::serde::Deserialize<'de> for Rating {
    fn deserialize<D: ::trainer_core::__private::serde::Deserializer<'de>>(
        deserializer: D,
    ) -> ::core::result::Result<Self, D::Error> {
        ::trainer_core::data::deserialize_class(deserializer)
    }
}
