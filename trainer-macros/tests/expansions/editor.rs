// #[trainer(collator = Padding (max_length = 128) , metrics = [accuracy , within_one] , opt)]

#[allow(unexpected_cfgs)]
const _: () = {
    #[cfg(rust_analyzer)]
    #[allow(unused, unused_qualifications, clippy::all, clippy::pedantic)]
    fn keys() {
        let _ = ::trainer_core::keys::trainer {
            collator: ::trainer_core::keys::set(::trainer_core::keys::collators::Padding {
                max_length: ::trainer_core::keys::set(128),
                ..::core::default::Default::default()
            }),
            metrics: ::trainer_core::keys::set((
                {
                    #[allow(unused_imports)]
                    use ::trainer_core::keys::metrics::*;
                    accuracy
                },
                {
                    #[allow(unused_imports)]
                    use ::trainer_core::keys::metrics::*;
                    within_one
                },
            )),
            opt: ::trainer_core::keys::set(()),
            ..::core::default::Default::default()
        };
    }
};
