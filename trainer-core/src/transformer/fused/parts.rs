//! The parameters of a stage, part by part, as whatever is done with them: tensors, slices, gradients.

/// Something for each parameter of a stage: attention, and feed-forward layers behind it if there are some.
#[derive(Clone, Debug)]
pub(super) struct StageParts<T> {
    pub(super) query: LinearParts<T>,
    pub(super) key: LinearParts<T>,
    pub(super) value: LinearParts<T>,
    pub(super) output: LinearParts<T>,
    pub(super) norm: NormParts<T>,
    pub(super) feed_forward: Option<FeedForwardParts<T>>,
}

/// Something for each parameter of feed-forward layers and their norm.
#[derive(Clone, Debug)]
pub(super) struct FeedForwardParts<T> {
    pub(super) gate: Option<LinearParts<T>>,
    pub(super) inward: LinearParts<T>,
    pub(super) outward: LinearParts<T>,
    pub(super) norm: NormParts<T>,
}

/// Something for each parameter of a linear layer.
#[derive(Clone, Debug)]
pub(super) struct LinearParts<T> {
    /// `[outputs, inputs]`.
    pub(super) weight: T,
    /// `[outputs]`.
    pub(super) bias: Option<T>,
    pub(super) adapter: Option<AdapterParts<T>>,
}

/// Something for each parameter of an adapter.
#[derive(Clone, Debug)]
pub(super) struct AdapterParts<T> {
    /// `[rank, inputs]`.
    pub(super) down: T,
    /// `[outputs, rank]`.
    pub(super) up: T,
}

/// Something for each parameter of a norm.
#[derive(Clone, Debug)]
pub(super) struct NormParts<T> {
    pub(super) weight: T,
    pub(super) bias: Option<T>,
}

impl<T> StageParts<T> {
    /// The same parts of something else; the first error if there is one.
    pub(super) fn try_map<'a, U, E>(&'a self, mut with: impl FnMut(&'a T) -> Result<U, E>) -> Result<StageParts<U>, E> {
        let with = &mut with;
        Ok(StageParts {
            query: self.query.try_map(with)?,
            key: self.key.try_map(with)?,
            value: self.value.try_map(with)?,
            output: self.output.try_map(with)?,
            norm: self.norm.try_map(with)?,
            feed_forward: self.feed_forward.as_ref().map(|layers| layers.try_map(with)).transpose()?,
        })
    }

    /// As [`try_map`](Self::try_map), without errors.
    pub(super) fn map<'a, U>(&'a self, mut with: impl FnMut(&'a T) -> U) -> StageParts<U> {
        match self.try_map(|part| Ok::<U, std::convert::Infallible>(with(part))) {
            Ok(parts) => parts,
        }
    }

    /// The same parts, to be changed.
    pub(super) fn as_mut(&mut self) -> StageParts<&mut T> {
        StageParts {
            query: self.query.as_mut(),
            key: self.key.as_mut(),
            value: self.value.as_mut(),
            output: self.output.as_mut(),
            norm: self.norm.as_mut(),
            feed_forward: self.feed_forward.as_mut().map(FeedForwardParts::as_mut),
        }
    }

    /// Other parts made of these.
    pub(super) fn into_map<U>(self, mut with: impl FnMut(T) -> U) -> StageParts<U> {
        let with = &mut with;
        StageParts {
            query: self.query.into_map(with),
            key: self.key.into_map(with),
            value: self.value.into_map(with),
            output: self.output.into_map(with),
            norm: self.norm.into_map(with),
            feed_forward: self.feed_forward.map(|layers| layers.into_map(with)),
        }
    }

    /// All of them, in a fixed order.
    pub(super) fn into_list(self) -> Vec<T> {
        let Self { query, key, value, output, norm, feed_forward } = self;
        let (mut linear, mut norms) = (vec![query, key, value, output], vec![norm]);
        if let Some(FeedForwardParts { gate, inward, outward, norm }) = feed_forward {
            linear.extend(gate);
            linear.extend([inward, outward]);
            norms.push(norm);
        }
        let mut list = Vec::new();
        for LinearParts { weight, bias, adapter } in linear {
            list.push(weight);
            list.extend(bias);
            list.extend(adapter.into_iter().flat_map(|adapter| [adapter.down, adapter.up]));
        }
        for NormParts { weight, bias } in norms {
            list.push(weight);
            list.extend(bias);
        }
        list
    }
}

impl<T> FeedForwardParts<T> {
    fn as_mut(&mut self) -> FeedForwardParts<&mut T> {
        FeedForwardParts {
            gate: self.gate.as_mut().map(LinearParts::as_mut),
            inward: self.inward.as_mut(),
            outward: self.outward.as_mut(),
            norm: self.norm.as_mut(),
        }
    }

    fn into_map<U>(self, with: &mut impl FnMut(T) -> U) -> FeedForwardParts<U> {
        FeedForwardParts {
            gate: self.gate.map(|gate| gate.into_map(with)),
            inward: self.inward.into_map(with),
            outward: self.outward.into_map(with),
            norm: self.norm.into_map(with),
        }
    }

    fn try_map<'a, U, E>(&'a self, with: &mut impl FnMut(&'a T) -> Result<U, E>) -> Result<FeedForwardParts<U>, E> {
        Ok(FeedForwardParts {
            gate: self.gate.as_ref().map(|gate| gate.try_map(with)).transpose()?,
            inward: self.inward.try_map(with)?,
            outward: self.outward.try_map(with)?,
            norm: self.norm.try_map(with)?,
        })
    }
}

impl<T> LinearParts<T> {
    fn as_mut(&mut self) -> LinearParts<&mut T> {
        let adapter = self.adapter.as_mut().map(|AdapterParts { down, up }| AdapterParts { down, up });
        LinearParts { weight: &mut self.weight, bias: self.bias.as_mut(), adapter }
    }

    fn into_map<U>(self, with: &mut impl FnMut(T) -> U) -> LinearParts<U> {
        LinearParts {
            weight: with(self.weight),
            bias: self.bias.map(&mut *with),
            adapter: self.adapter.map(|adapter| AdapterParts { down: with(adapter.down), up: with(adapter.up) }),
        }
    }

    fn try_map<'a, U, E>(&'a self, with: &mut impl FnMut(&'a T) -> Result<U, E>) -> Result<LinearParts<U>, E> {
        Ok(LinearParts {
            weight: with(&self.weight)?,
            bias: self.bias.as_ref().map(&mut *with).transpose()?,
            adapter: match &self.adapter {
                Some(adapter) => Some(AdapterParts { down: with(&adapter.down)?, up: with(&adapter.up)? }),
                None => None,
            },
        })
    }
}

impl<T> NormParts<T> {
    fn as_mut(&mut self) -> NormParts<&mut T> {
        NormParts { weight: &mut self.weight, bias: self.bias.as_mut() }
    }

    fn into_map<U>(self, with: &mut impl FnMut(T) -> U) -> NormParts<U> {
        NormParts { weight: with(self.weight), bias: self.bias.map(with) }
    }

    fn try_map<'a, U, E>(&'a self, with: &mut impl FnMut(&'a T) -> Result<U, E>) -> Result<NormParts<U>, E> {
        Ok(NormParts { weight: with(&self.weight)?, bias: self.bias.as_ref().map(with).transpose()? })
    }
}
