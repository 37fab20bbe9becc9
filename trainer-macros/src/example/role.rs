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
    Tokens,
    Tags,
    Messages,
    Prompt,
    Completion,
    Source,
    Target,
    TargetIds,
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
    ("tokens", Role::Tokens),
    ("tags", Role::Tags),
    ("messages", Role::Messages),
    ("prompt", Role::Prompt),
    ("completion", Role::Completion),
    ("source", Role::Source),
    ("target", Role::Target),
    ("target_ids", Role::TargetIds),
    ("extra", Role::Extra),
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

    /// Whether it is a text that a model reads or writes: one that is blank is a mistake.
    pub(crate) fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::TextPair | Self::Prompt | Self::Completion | Self::Source | Self::Target)
    }

    /// Whether the values of such a field may be classes.
    pub(crate) fn is_label(self) -> bool {
        matches!(self, Self::Label | Self::Labels | Self::Tags | Self::Extra)
    }
}
