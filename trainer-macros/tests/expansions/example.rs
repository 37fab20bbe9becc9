// #[derive(Example)]
// #[example(train = "data/train.jsonl", eval = "data/eval.jsonl")]
// struct Review {
//     text: String,
//     #[example(label)]
//     rating: Rating,
//     #[example(skip)]
//     seen: bool,
// }

#[automatically_derived]
#[allow(unused_qualifications)]
impl ::trainer_core::data::Example for Review {
    type Task = <Rating as ::trainer_core::data::LabelColumn>::Task;
    const NAME: &'static str = "Review";
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
}
