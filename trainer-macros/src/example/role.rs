//! What a field can be for.

/// What a field is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Text,
    TextPair,
    Label,
    Labels,
    InputIds,
    AttentionMask,
    TokenTypeIds,
    Features,
    Extra,
}

/// The roles with the names that are written, which are also the columns' standard names.
pub(crate) const ROLES: &[(&str, Role)] = &[
    ("text", Role::Text),
    ("text_pair", Role::TextPair),
    ("label", Role::Label),
    ("labels", Role::Labels),
    ("input_ids", Role::InputIds),
    ("attention_mask", Role::AttentionMask),
    ("token_type_ids", Role::TokenTypeIds),
    ("features", Role::Features),
    ("extra", Role::Extra),
];

/// Standard columns of tasks that later versions have, with what they need.
const LATER: &[(&str, &str)] = &[
    ("tokens", "token classification"),
    ("tags", "token classification"),
    ("messages", "supervised fine-tuning"),
    ("prompt", "supervised fine-tuning"),
    ("completion", "supervised fine-tuning"),
    ("source", "sequence-to-sequence training"),
    ("target", "sequence-to-sequence training"),
];

impl Role {
    /// The role that a field of this name has without being told.
    pub(super) fn of_field(name: &str) -> Option<Self> {
        let (_, role) = ROLES.iter().find(|(standard, _)| *standard == name)?;
        (*role != Self::Extra).then_some(*role)
    }

    /// How the role is written.
    pub(super) fn name(self) -> &'static str {
        ROLES.iter().find(|(_, role)| *role == self).map_or("extra", |(name, _)| name)
    }

    /// Whether only one field of a struct can have it, as for all but columns that are merely kept.
    pub(super) fn is_single(self) -> bool {
        self != Self::Extra
    }
}

/// What a standard column of a later version needs.
pub(super) fn needs_later_task(name: &str) -> Option<&'static str> {
    LATER.iter().find(|(later, _)| *later == name).map(|(_, task)| *task)
}
