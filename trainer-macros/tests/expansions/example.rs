// #[derive(Example)]
// #[example(train = "tests/expansions/reviews.jsonl")]
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
        train: ::core::option::Option::Some("tests/expansions/reviews.jsonl"),
        eval: ::core::option::Option::None,
        test: ::core::option::Option::None,
    };
    const TRAIN_ROWS: ::core::option::Option<::core::primitive::usize> = ::core::option::Option::Some(
        3usize,
    );
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
    const _: ::core::option::Option<&::core::primitive::str> = ::core::option_env!(
        "TRAINER_DATA_CHECKS"
    );
    const _: &[::core::primitive::u8] = ::core::include_bytes!(
        "…/tests/expansions/reviews.jsonl"
    );
    const SEEN_IN_FILE: ::trainer_core::data::seen::Seen = ::trainer_core::data::seen::Seen {
        file: "tests/expansions/reviews.jsonl",
        rows: ::core::option::Option::Some(3usize),
        complete: true,
        characters: false,
        numbered: false,
        columns: &[
            ::trainer_core::data::seen::ColumnSeen {
                name: "text",
                missing: ::core::option::Option::None,
                values: &[
                    ::trainer_core::data::seen::Value {
                        kind: ::trainer_core::data::seen::Kind::Text,
                        line: 1usize,
                        rows: 3usize,
                        index: ::core::option::Option::None,
                        shown: "\"worth every penny\"",
                        text: "",
                        whole: 0i128,
                        real: 0f64,
                    },
                ],
                distinct: false,
                lists: ::core::option::Option::None,
            },
            ::trainer_core::data::seen::ColumnSeen {
                name: "rating",
                missing: ::core::option::Option::None,
                values: &[
                    ::trainer_core::data::seen::Value {
                        kind: ::trainer_core::data::seen::Kind::Text,
                        line: 1usize,
                        rows: 1usize,
                        index: ::core::option::Option::None,
                        shown: "\"positive\"",
                        text: "positive",
                        whole: 0i128,
                        real: 0f64,
                    },
                    ::trainer_core::data::seen::Value {
                        kind: ::trainer_core::data::seen::Kind::Text,
                        line: 2usize,
                        rows: 1usize,
                        index: ::core::option::Option::None,
                        shown: "\"neutral\"",
                        text: "neutral",
                        whole: 0i128,
                        real: 0f64,
                    },
                    ::trainer_core::data::seen::Value {
                        kind: ::trainer_core::data::seen::Kind::Text,
                        line: 3usize,
                        rows: 1usize,
                        index: ::core::option::Option::None,
                        shown: "\"negative\"",
                        text: "negative",
                        whole: 0i128,
                        real: 0f64,
                    },
                ],
                distinct: true,
                lists: ::core::option::Option::None,
            },
        ],
    };
    const fn text_in_train() {
        ::trainer_core::train::checks::accept(
            ::trainer_core::data::seen::kind_fits(
                &SEEN_IN_FILE,
                &SEEN_IN_FILE.columns[0usize],
                &<String as ::trainer_core::data::TextField>::TAKES,
                ::trainer_core::data::seen::Kind::Text,
            ),
        )
    }
    const _: () = text_in_train();
    const fn rating_in_train() {
        ::trainer_core::train::checks::accept(
            ::trainer_core::data::seen::kind_fits(
                &SEEN_IN_FILE,
                &SEEN_IN_FILE.columns[1usize],
                &<Rating as ::trainer_core::data::LabelColumn>::TAKES,
                ::trainer_core::data::seen::Kind::Text,
            ),
        )
    }
    const _: () = rating_in_train();
    struct ClassesInFile<const SOME_MISSING: ::core::primitive::bool>;
    impl ClassesInFile<true> {
        #[deprecated(
            note = "a class of `rating` has no example in `tests/expansions/reviews.jsonl`, which has \"positive\" (1), \"neutral\" (1), \"negative\" (1)"
        )]
        const fn without_an_example() {}
    }
    impl ClassesInFile<false> {
        const fn without_an_example() {}
    }
    const _: () = ClassesInFile::<
        {
            ::trainer_core::data::seen::some_class_is_missing(
                &SEEN_IN_FILE,
                &SEEN_IN_FILE.columns[1usize],
                &<Rating as ::trainer_core::data::LabelColumn>::TAKES,
            )
        },
    >::without_an_example();
};
