// #[trainer(collator = Padding (max_length = 128) , metrics = [accuracy , within_one] , opt)]

#[allow(unexpected_cfgs)]
const _: () = {
    #[cfg(rust_analyzer)]
    #[allow(unused, unused_qualifications, clippy::all, clippy::pedantic)]
    fn keys() {
        let _ = ::trainer_core::keys::TrainerKeys {
            collator: ::trainer_core::keys::given({
                let _ = ::trainer_core::keys::collators::names::Padding;
                ::trainer_core::keys::collators::PaddingKeys {
                    max_length: ::trainer_core::keys::given(128),
                    ..::core::default::Default::default()
                }
            }),
            metrics: ::trainer_core::keys::given((
                {
                    use ::trainer_core::keys::metrics::names::*;
                    accuracy
                },
                {
                    use ::trainer_core::keys::metrics::names::*;
                    within_one
                },
            )),
            opt: ::trainer_core::keys::given(()),
            ..::core::default::Default::default()
        };
    }
};
