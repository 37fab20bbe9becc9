//! The blocks as one operation of candle's graph.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use candle_core::{CpuStorage, CustomOp2, CustomOp3, DType, Device, Layout, Shape, Tensor, bail};

use super::backward::Targets;
use super::held::{Delivery, Held, held, with_slices};
use super::parts::BlockParts;
use super::plan::{BlockPlan, BlockRun};
use super::rotary::Angles;
use super::sequences::{Sequences, Wanted};
use super::workspace::{Lease, Pool, Saved, Workspace};
use crate::error::Result;
use crate::nn::slices::slice;
use crate::tensor::gradients::DenseBuffer;
use crate::tensor::kernels::product::Onto;
use crate::transformer::rotary::cosine_and_sine;
use crate::transformer::{Block, BlockSettings, Pass, Positions, TokenLayout};

/// The rows after the last block, or `None` if this way does not cover the blocks, the device or the sequences.
///
/// With `recomputes` only what each block was given is kept for the way back, and the rest is computed again.
pub(in crate::transformer) fn forward(
    blocks: &[Block],
    hidden: &Tensor,
    pass: &Pass<'_>,
    wanted: Wanted,
    recomputes: bool,
    pool: &Pool,
) -> Result<Option<Tensor>> {
    if blocks.is_empty() || !hidden.device().is_cpu() || hidden.dtype() != DType::F32 {
        return Ok(None);
    }
    let Some(sequences) = Sequences::in_layout(pass.layout) else { return Ok(None) };
    let Some(blocks) = blocks.iter().map(|block| held(block, pass.mode)).collect::<Option<Vec<_>>>() else {
        return Ok(None);
    };
    if !are_alike(&blocks) || !fits(&blocks[0].1.settings, &sequences, hidden, pass.relative) {
        return Ok(None);
    }
    let (link, gradients) = link(&blocks)?;
    let keeps = link.track_op() || hidden.track_op() || pass.relative.is_some_and(Tensor::track_op);
    let angles = angles(&blocks, &sequences);
    let has_relative = pass.relative.is_some();
    let trains_relative = pass.relative.is_some_and(Tensor::track_op);
    let memory = Mutex::new(Some(pool.lease()));
    let operation = Blocks {
        of_each: blocks,
        sequences,
        angles,
        wanted,
        recomputes,
        keeps,
        has_relative,
        trains_relative,
        memory,
        gradients,
    };
    let relative = pass.relative.map_or_else(|| Ok(link.clone()), Tensor::contiguous)?;
    Ok(Some(hidden.contiguous()?.apply_op3(&relative, &link, operation)?))
}

/// Whether one pass can be made through all blocks: they differ in what they have learnt, not in what they compute with.
fn are_alike(blocks: &[(BlockParts<Held>, BlockPlan)]) -> bool {
    let of = |plan: &BlockPlan| {
        let BlockSettings { hidden_size, attention_heads, head_size, positions, .. } = plan.settings;
        (hidden_size, attention_heads, head_size, positions)
    };
    blocks.iter().all(|(_, plan)| of(plan) == of(&blocks[0].1))
}

/// Whether the rows, and what is added to the scores, have the shapes that the blocks take; the blocks' own operations have
/// the words for those that have not.
fn fits(settings: &BlockSettings, sequences: &Sequences, hidden: &Tensor, relative: Option<&Tensor>) -> bool {
    let takes_relative = matches!(settings.positions, Positions::Relative { .. });
    let (heads, length) = (settings.attention_heads, sequences.length);
    let relative_fits = relative.is_none_or(|relative| relative.dims() == [1, heads, length, length]);
    let rows_fit = hidden.dims() == [sequences.tokens(), settings.hidden_size];
    sequences.count() > 0 && rows_fit && relative_fits && takes_relative == relative.is_some()
}

/// Gradients of parameters on their way to candle's store, in the order in which the graph asks for them.
type OnTheWay = Arc<Mutex<Vec<Option<Tensor>>>>;

/// What stands for the parameters among the inputs of the operation: a chain with a link for each parameter whose gradient
/// goes through the graph; otherwise one parameter that is tracked, if there is one, so that the way back is taken.
fn link(blocks: &[(BlockParts<Held>, BlockPlan)]) -> Result<(Tensor, OnTheWay)> {
    let on_the_way = OnTheWay::default();
    let mut link = Tensor::zeros((), DType::F32, &Device::Cpu)?;
    let (mut count, mut tracked) = (0, None);
    for (parts, _) in blocks {
        for held in parts.map(|held| held).into_list() {
            let Some(tensor) = held.tensor() else { continue };
            match held.delivery {
                Delivery::Nowhere => {}
                Delivery::Slot(_) => tracked = Some(tensor.clone()),
                Delivery::Graph => {
                    let deliver = Deliver { index: count, gradients: Arc::clone(&on_the_way) };
                    link = link.apply_op2(tensor, deliver)?;
                    count += 1;
                }
            }
        }
    }
    locked(&on_the_way).resize(count, None);
    Ok((if count > 0 { link } else { tracked.unwrap_or(link) }, on_the_way))
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A link of the chain: hands the gradient of its parameter to the graph.
struct Deliver {
    index: usize,
    gradients: OnTheWay,
}

impl CustomOp2 for Deliver {
    fn name(&self) -> &'static str {
        "deliver-gradient"
    }

    fn cpu_fwd(
        &self,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        Ok((CpuStorage::F32(vec![0.0]), Shape::from(())))
    }

    fn bwd(
        &self,
        before: &Tensor,
        _: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>)> {
        let of_parameter = locked(&self.gradients).get_mut(self.index).and_then(Option::take);
        Ok((before.track_op().then(|| gradient.clone()), of_parameter))
    }
}

/// The angles of all columns, if the blocks have rotary positions.
fn angles(blocks: &[(BlockParts<Held>, BlockPlan)], sequences: &Sequences) -> Option<Angles> {
    let settings = &blocks.first()?.1.settings;
    let Positions::Rotary { base } = settings.positions else { return None };
    let columns: Vec<u32> = (0..sequences.length as u32).collect();
    let (cosine, sine) = cosine_and_sine(&columns, base, settings.head_size);
    Some(Angles { cosine, sine })
}

impl Sequences {
    /// Those of a layout; `None` if one has padding between its tokens.
    fn in_layout(layout: &TokenLayout) -> Option<Self> {
        let offsets: Vec<usize> = layout.sequence_offsets().iter().map(|offset| *offset as usize).collect();
        let columns = layout.token_columns();
        let mut first_columns = Vec::with_capacity(offsets.len() - 1);
        for pair in offsets.windows(2) {
            let of_sequence = &columns[pair[0]..pair[1]];
            let (first, last) = (*of_sequence.first()?, *of_sequence.last()?);
            if (last - first) as usize + 1 != of_sequence.len() {
                return None;
            }
            first_columns.push(first as usize);
        }
        let length = layout.length();
        let places = layout.first_places().iter().map(|place| (*place as usize / length, *place as usize % length));
        Some(Self { offsets, first_columns, places: places.collect(), length })
    }
}

/// All blocks of a pass.
#[expect(clippy::struct_excessive_bools, reason = "four questions about a pass, each of its own")]
struct Blocks {
    of_each: Vec<(BlockParts<Held>, BlockPlan)>,
    sequences: Sequences,
    angles: Option<Angles>,
    /// Which rows the last block gives.
    wanted: Wanted,
    recomputes: bool,
    /// Whether somebody may go back.
    keeps: bool,
    has_relative: bool,
    /// Whether what is added to the scores gets a gradient, which every block has a share in.
    trains_relative: bool,
    memory: Mutex<Option<Lease>>,
    gradients: OnTheWay,
}

impl Blocks {
    fn run<'a>(
        &'a self,
        index: usize,
        weights: &'a BlockParts<&'a [f32]>,
        relative: Option<&'a [f32]>,
    ) -> BlockRun<'a> {
        let is_last = index + 1 == self.of_each.len();
        let wanted = if is_last { self.wanted } else { Wanted::All };
        let (sequences, angles) = (&self.sequences, self.angles.as_ref());
        BlockRun { plan: &self.of_each[index].1, weights, sequences, wanted, relative, angles }
    }

    fn hidden(&self) -> usize {
        self.of_each.first().map_or(0, |(_, plan)| plan.settings.hidden_size)
    }

    /// Runs every block; what each was given, or all that the way back needs, stays in the workspace.
    fn forward(
        &self,
        workspace: &mut Workspace,
        input: &[f32],
        relative: Option<&[f32]>,
    ) -> candle_core::Result<Vec<f32>> {
        let (count, numbers) = (self.of_each.len(), self.sequences.tokens() * self.hidden());
        let kept = if self.keeps && !self.recomputes { count } else { 1 };
        let Workspace { saved, inputs, scratch, result } = workspace;
        saved.resize_with(saved.len().max(kept), Saved::default);
        if self.keeps && self.recomputes {
            inputs.resize_with(inputs.len().max(count), Default::default);
        }
        saved[0].input.of(numbers).copy_from_slice(input);
        for index in 0..count {
            let place = index.min(kept - 1);
            with_slices(&self.of_each[index].0, |weights| {
                let run = self.run(index, weights, relative);
                if self.keeps && self.recomputes {
                    inputs[index].of(numbers).copy_from_slice(saved[place].input.get(numbers));
                }
                let output = result.of(run.rows() * self.hidden());
                run.forward(&mut saved[place], scratch, output);
                if index + 1 < count {
                    let next = &mut saved[(index + 1).min(kept - 1)];
                    next.input.of(numbers).copy_from_slice(output);
                }
                Ok(())
            })?;
        }
        Ok(result.get(self.sequences.rows(self.wanted) * self.hidden()).to_vec())
    }

    /// Runs every block backward, from the gradient in `scratch.of_output` to that of the first block's input there, if
    /// `needs_input`.
    fn backward(
        &self,
        workspace: &mut Workspace,
        relative: Option<&[f32]>,
        needs_input: bool,
    ) -> candle_core::Result<()> {
        let trains = |(parts, _): &(BlockParts<Held>, BlockPlan)| {
            let mut any = false;
            parts.map(|held| any |= held.gets_gradient());
            any
        };
        let first_trained = if self.trains_relative { Some(0) } else { self.of_each.iter().position(trains) };
        let first_trained = first_trained.unwrap_or(self.of_each.len());
        let numbers = self.sequences.tokens() * self.hidden();
        let mut in_graph = self.of_each.iter().map(|(parts, _)| graph_parameters(parts)).sum::<usize>();
        for (index, (parts, _)) in self.of_each.iter().enumerate().rev() {
            let goes_on = needs_input || index > first_trained;
            if index < first_trained && !goes_on {
                break;
            }
            let Workspace { saved, inputs, scratch, result } = workspace;
            let mut buffers = parts.map(buffer_for);
            with_slices(parts, |weights| {
                let run = self.run(index, weights, relative);
                let saved = if self.recomputes {
                    saved[0].input.of(numbers).copy_from_slice(inputs[index].get(numbers));
                    run.forward(&mut saved[0], scratch, result.of(run.rows() * self.hidden()));
                    &saved[0]
                } else {
                    &saved[index]
                };
                let targets: Targets<'_> = buffers.as_mut().into_map(|buffer| {
                    let buffer = buffer.as_mut()?;
                    let onto = if buffer.is_fresh { Onto::Nothing } else { Onto::Values };
                    Some((buffer.values.as_mut_slice(), onto))
                });
                run.backward(saved, scratch, targets, goes_on);
                Ok(())
            })?;
            in_graph -= graph_parameters(parts);
            self.deliver(parts, buffers, in_graph)?;
        }
        Ok(())
    }

    /// Hands the gradients of a block's parameters on; the first of those that go through the graph is number `first`.
    fn deliver(
        &self,
        parts: &BlockParts<Held>,
        buffers: BlockParts<Option<DenseBuffer>>,
        first: usize,
    ) -> candle_core::Result<()> {
        let mut number = first;
        for (held, buffer) in parts.map(|held| held).into_list().into_iter().zip(buffers.into_list()) {
            let (Some(buffer), Some(tensor)) = (buffer, held.tensor()) else { continue };
            match &held.delivery {
                Delivery::Nowhere => {}
                Delivery::Slot(slot) => slot.put_dense(buffer),
                Delivery::Graph => {
                    let gradient = Tensor::from_vec(buffer.values, tensor.shape(), &Device::Cpu)?;
                    if let Some(place) = locked(&self.gradients).get_mut(number) {
                        *place = Some(gradient);
                    }
                    number += 1;
                }
            }
        }
        Ok(())
    }
}

fn graph_parameters(parts: &BlockParts<Held>) -> usize {
    let mut count = 0;
    parts.map(|held| count += usize::from(matches!(held.delivery, Delivery::Graph)));
    count
}

/// Memory for the gradient of a parameter that gets one.
fn buffer_for(held: &Held) -> Option<DenseBuffer> {
    let count = held.tensor()?.elem_count();
    match &held.delivery {
        Delivery::Nowhere => None,
        Delivery::Slot(slot) => Some(slot.take_dense(count)),
        Delivery::Graph => Some(DenseBuffer { values: vec![0.0; count], is_fresh: true }),
    }
}

impl CustomOp3 for Blocks {
    fn name(&self) -> &'static str {
        "transformer-blocks"
    }

    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let relative = if self.has_relative { Some(slice::<f32>(s2, l2)?) } else { None };
        let mut memory = locked(&self.memory);
        let Some(lease) = memory.as_mut() else { bail!("blocks are run forward once") };
        let output = self.forward(lease.workspace(), slice::<f32>(s1, l1)?, relative)?;
        if !self.keeps {
            *memory = None;
        }
        let rows = self.sequences.rows(self.wanted);
        Ok((CpuStorage::F32(output), Shape::from((rows, self.hidden()))))
    }

    fn bwd(
        &self,
        hidden: &Tensor,
        relative: &Tensor,
        link: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let Some(mut lease) = locked(&self.memory).take() else {
            bail!("the way back through these blocks was taken before: run the model forward again")
        };
        let (numbers, needs_input) = (self.sequences.tokens() * self.hidden(), hidden.track_op());
        let workspace = lease.workspace();
        let gradient = gradient.contiguous()?;
        let (storage, layout) = gradient.storage_and_layout();
        let candle_core::Storage::Cpu(storage) = &*storage else { bail!("a gradient is on another device") };
        let gradient = slice::<f32>(storage, layout)?;
        workspace.scratch.of_output.of(gradient.len()).copy_from_slice(gradient);
        let of_relative = if self.has_relative { relative.elem_count() } else { 0 };
        workspace.scratch.of_relative.of(of_relative).fill(0.0);
        if self.has_relative {
            let (storage, layout) = relative.storage_and_layout();
            let candle_core::Storage::Cpu(storage) = &*storage else {
                bail!("relative positions are on another device")
            };
            self.backward(workspace, Some(slice::<f32>(storage, layout)?), needs_input)?;
        } else {
            self.backward(workspace, None, needs_input)?;
        }
        let of_input = needs_input
            .then(|| Tensor::from_vec(workspace.scratch.of_output.of(numbers).to_vec(), hidden.shape(), &Device::Cpu));
        let of_relative = (self.has_relative && relative.track_op()).then(|| {
            Tensor::from_vec(workspace.scratch.of_relative.of(of_relative).to_vec(), relative.shape(), &Device::Cpu)
        });
        let goes_on = link.track_op() && !link.is_variable();
        let of_link = goes_on.then(|| Tensor::zeros(link.shape(), DType::F32, &Device::Cpu)).transpose()?;
        Ok((of_input.transpose()?, of_relative.transpose()?, of_link))
    }
}
