// #[derive(Example)]
// struct Sentence {
//     tokens: Vec<String>,
//     #[example(column = "ner_tags")]
//     tags: Vec<Entity>,
// }

#[allow(unused_qualifications, clippy::restriction)]
const _: () = ::trainer_core::train::checks::accept(
    ::trainer_core::version::macros_are("0.1.0"),
);
#[automatically_derived]
#[allow(unused_qualifications, clippy::restriction)]
impl ::trainer_core::data::Example for Sentence {
    type Task = <Vec<Entity> as ::trainer_core::data::TagsField>::Task;
    const NAME: &'static ::core::primitive::str = "Sentence";
    const FIELDS: &'static [::trainer_core::data::Field] = &[
        ::trainer_core::data::Field {
            name: "tokens",
            column: "tokens",
            role: ::trainer_core::data::Role::Tokens,
        },
        ::trainer_core::data::Field {
            name: "tags",
            column: "ner_tags",
            role: ::trainer_core::data::Role::Tags,
        },
    ];
    const FILES: ::trainer_core::data::Files = ::trainer_core::data::Files {
        manifest_dir: ::core::env!("CARGO_MANIFEST_DIR"),
        train: ::core::option::Option::None,
        eval: ::core::option::Option::None,
        test: ::core::option::Option::None,
    };
    fn from_row(row: &::trainer_core::data::Row<'_>) -> ::trainer_core::Result<Self> {
        ::core::result::Result::Ok(Self {
            tokens: <Vec<
                String,
            > as ::trainer_core::data::TokensField>::read(row, "tokens")?,
            tags: <Vec<
                Entity,
            > as ::trainer_core::data::TagsField>::read(row, "ner_tags")?,
        })
    }
    fn input(&self) -> ::trainer_core::data::Input<'_> {
        ::trainer_core::data::Input::Words(
            <Vec<String> as ::trainer_core::data::TokensField>::words(&self.tokens),
        )
    }
    fn target(&self) -> ::trainer_core::data::Target {
        <Vec<Entity> as ::trainer_core::data::TagsField>::target(&self.tags)
    }
    const SHOWN: &'static [::core::primitive::bool] = {
        #[allow(unused_imports)]
        use ::trainer_core::data::NotShown as _;
        &[
            ::trainer_core::data::Shown::<Vec<String>>::IS_SHOWN,
            ::trainer_core::data::Shown::<Vec<Entity>>::IS_SHOWN,
        ]
    };
    fn shown(
        &self,
        field: ::core::primitive::usize,
    ) -> ::core::option::Option<::std::string::String> {
        #[allow(unused_imports)]
        use ::trainer_core::data::NotShown as _;
        match field {
            0usize => ::trainer_core::data::Shown(&self.tokens).text(),
            1usize => ::trainer_core::data::Shown(&self.tags).text(),
            _ => ::core::option::Option::None,
        }
    }
}
