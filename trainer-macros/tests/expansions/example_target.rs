// #[derive(Example)]
// struct Translation { source: String, target: String }

#[allow(unused_qualifications, clippy::restriction)]
const _: () = ::trainer_core::train::checks::accept(
    ::trainer_core::version::macros_are("0.1.0"),
);
#[automatically_derived]
#[allow(unused_qualifications, clippy::restriction)]
impl ::trainer_core::data::Example for Translation {
    type Task = ::trainer_core::data::Seq2Seq;
    const NAME: &'static ::core::primitive::str = "Translation";
    const FIELDS: &'static [::trainer_core::data::Field] = &[
        ::trainer_core::data::Field {
            name: "source",
            column: "source",
            role: ::trainer_core::data::Role::Source,
        },
        ::trainer_core::data::Field {
            name: "target",
            column: "target",
            role: ::trainer_core::data::Role::Target,
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
            source: <String as ::trainer_core::data::WrittenField>::read(row, "source")?,
            target: <String as ::trainer_core::data::WrittenField>::read(row, "target")?,
        })
    }
    fn input(&self) -> ::trainer_core::data::Input<'_> {
        ::trainer_core::data::Input::SourceTarget {
            source: <String as ::trainer_core::data::WrittenField>::text(&self.source),
            target: <String as ::trainer_core::data::WrittenField>::text(&self.target),
        }
    }
    fn target(&self) -> ::trainer_core::data::Target {
        ::trainer_core::data::Target::None
    }
    const SHOWN: &'static [::core::primitive::bool] = {
        #[allow(unused_imports)]
        use ::trainer_core::data::NotShown as _;
        &[
            ::trainer_core::data::Shown::<String>::IS_SHOWN,
            ::trainer_core::data::Shown::<String>::IS_SHOWN,
        ]
    };
    fn shown(
        &self,
        field: ::core::primitive::usize,
    ) -> ::core::option::Option<::std::string::String> {
        #[allow(unused_imports)]
        use ::trainer_core::data::NotShown as _;
        match field {
            0usize => ::trainer_core::data::Shown(&self.source).text(),
            1usize => ::trainer_core::data::Shown(&self.target).text(),
            _ => ::core::option::Option::None,
        }
    }
}
