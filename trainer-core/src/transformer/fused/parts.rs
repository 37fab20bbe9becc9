//! The parameters of a block, part by part, as whatever is done with them: tensors, slices, gradients.

/// Something for each parameter of a block.
#[derive(Clone, Debug)]
pub(super) struct BlockParts<T> {
    pub(super) query: LinearParts<T>,
    pub(super) key: LinearParts<T>,
    pub(super) value: LinearParts<T>,
    pub(super) output: LinearParts<T>,
    pub(super) gate: Option<LinearParts<T>>,
    pub(super) inward: LinearParts<T>,
    pub(super) outward: LinearParts<T>,
    pub(super) attention_norm: NormParts<T>,
    pub(super) output_norm: NormParts<T>,
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

impl<T> BlockParts<T> {
    /// The same parts of something else; the first error if there is one.
    pub(super) fn try_map<'a, U, E>(&'a self, mut with: impl FnMut(&'a T) -> Result<U, E>) -> Result<BlockParts<U>, E> {
        let with = &mut with;
        Ok(BlockParts {
            query: self.query.try_map(with)?,
            key: self.key.try_map(with)?,
            value: self.value.try_map(with)?,
            output: self.output.try_map(with)?,
            gate: self.gate.as_ref().map(|gate| gate.try_map(with)).transpose()?,
            inward: self.inward.try_map(with)?,
            outward: self.outward.try_map(with)?,
            attention_norm: self.attention_norm.try_map(with)?,
            output_norm: self.output_norm.try_map(with)?,
        })
    }

    /// As [`try_map`](Self::try_map), without errors.
    pub(super) fn map<'a, U>(&'a self, mut with: impl FnMut(&'a T) -> U) -> BlockParts<U> {
        match self.try_map(|part| Ok::<U, std::convert::Infallible>(with(part))) {
            Ok(parts) => parts,
        }
    }

    /// The same parts, to be changed.
    pub(super) fn as_mut(&mut self) -> BlockParts<&mut T> {
        BlockParts {
            query: self.query.as_mut(),
            key: self.key.as_mut(),
            value: self.value.as_mut(),
            output: self.output.as_mut(),
            gate: self.gate.as_mut().map(LinearParts::as_mut),
            inward: self.inward.as_mut(),
            outward: self.outward.as_mut(),
            attention_norm: self.attention_norm.as_mut(),
            output_norm: self.output_norm.as_mut(),
        }
    }

    /// Other parts made of these.
    pub(super) fn into_map<U>(self, mut with: impl FnMut(T) -> U) -> BlockParts<U> {
        let with = &mut with;
        BlockParts {
            query: self.query.into_map(with),
            key: self.key.into_map(with),
            value: self.value.into_map(with),
            output: self.output.into_map(with),
            gate: self.gate.map(|gate| gate.into_map(with)),
            inward: self.inward.into_map(with),
            outward: self.outward.into_map(with),
            attention_norm: self.attention_norm.into_map(with),
            output_norm: self.output_norm.into_map(with),
        }
    }

    /// All of them, in a fixed order.
    pub(super) fn into_list(self) -> Vec<T> {
        let Self { query, key, value, output, gate, inward, outward, attention_norm, output_norm } = self;
        let linear = [Some(query), Some(key), Some(value), Some(output), gate, Some(inward), Some(outward)];
        let mut list = Vec::new();
        for LinearParts { weight, bias, adapter } in linear.into_iter().flatten() {
            list.push(weight);
            list.extend(bias);
            list.extend(adapter.into_iter().flat_map(|adapter| [adapter.down, adapter.up]));
        }
        for NormParts { weight, bias } in [attention_norm, output_norm] {
            list.push(weight);
            list.extend(bias);
        }
        list
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
