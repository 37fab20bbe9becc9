// #[derive(Example)]
// #[example(train = "data/train.jsonl", eval = "data/eval.jsonl")]
// struct Review {
//     text: String,
//     #[example(label)]
//     rating: Rating,
//     #[example(skip)]
//     seen: bool,
// }

#[allow(unused_qualifications, clippy::restriction)]
const _: () = ::trainer_core::train::checks::accept(
    ::trainer_core::version::macros_are("0.1.0"),
);
#[automatically_derived]
#[allow(unused_qualifications, clippy::restriction)]
impl ::trainer_core::data::Example for Review {
    type Task = <Rating as ::trainer_core::data::LabelColumn>::Task;
    const NAME: &'static ::core::primitive::str = "Review";
    const FIELDS: &'static [::trainer_core::data::Field] = &[
        ::trainer_core::data::Field {
            name: "text",
            column: "text",
            role: ::trainer_core::data::Role::Text,
        },
        ::trainer_core::data::Field {
            name: "rating",
            column: "rating",
            role: ::trainer_core::data::Role::Label,
        },
    ];
    const FILES: ::trainer_core::data::Files = ::trainer_core::data::Files {
        manifest_dir: ::core::env!("CARGO_MANIFEST_DIR"),
        train: ::core::option::Option::Some("data/train.jsonl"),
        eval: ::core::option::Option::Some("data/eval.jsonl"),
        test: ::core::option::Option::None,
    };
    fn from_row(row: &::trainer_core::data::Row<'_>) -> ::trainer_core::Result<Self> {
        ::core::result::Result::Ok(Self {
            text: <String as ::trainer_core::data::TextField>::read(row, "text")?,
            rating: <Rating as ::trainer_core::data::LabelColumn>::read(row, "rating")?,
            seen: <bool as ::core::default::Default>::default(),
        })
    }
    fn input(&self) -> ::trainer_core::data::Input<'_> {
        ::trainer_core::data::Input::Text {
            text: <String as ::trainer_core::data::TextField>::text(&self.text),
            pair: ::core::option::Option::None,
        }
    }
    fn target(&self) -> ::trainer_core::data::Target {
        <Rating as ::trainer_core::data::LabelColumn>::target(&self.rating)
    }
    const SHOWN: &'static [::core::primitive::bool] = {
        #[allow(unused_imports)]
        use ::trainer_core::data::NotShown as _;
        &[
            ::trainer_core::data::Shown::<String>::IS_SHOWN,
            ::trainer_core::data::Shown::<Rating>::IS_SHOWN,
        ]
    };
    fn shown(
        &self,
        field: ::core::primitive::usize,
    ) -> ::core::option::Option<::std::string::String> {
        #[allow(unused_imports)]
        use ::trainer_core::data::NotShown as _;
        match field {
            0usize => ::trainer_core::data::Shown(&self.text).text(),
            1usize => ::trainer_core::data::Shown(&self.rating).text(),
            _ => ::core::option::Option::None,
        }
    }
}
#[allow(dead_code, non_upper_case_globals, non_snake_case, unused_qualifications)]
const _: () = {
    const _: ::core::option::Option<&str> = ::core::option_env!("TRAINER_DATA_CHECKS");
};
#[allow(dead_code, non_upper_case_globals, non_snake_case, unused_qualifications)]
const _: () = {
    const _: ::core::option::Option<&str> = ::core::option_env!("TRAINER_DATA_CHECKS");
};
::core::compile_error! {
    "there is no file `data/train.jsonl`\nhelp: looked for `/work/main/trainer-macros/data/train.jsonl`\nhelp: `/work/main/trainer-macros` has no such folder"
}
::core::compile_error! {
    "there is no file `data/eval.jsonl`\nhelp: looked for `/work/main/trainer-macros/data/eval.jsonl`\nhelp: `/work/main/trainer-macros` has no such folder"
}
