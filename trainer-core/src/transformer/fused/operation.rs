//! The blocks as one operation of candle's graph.

use std::sync::Mutex;

use candle_core::{CpuStorage, CustomOp3, DType, Device, Layout, Shape, Storage, Tensor, bail};

use super::backward::{Needs, Targets};
use super::held::{Delivery, Held, HeldStage, stages, with_slices};
use super::link::{OnTheWay, link, locked};
use super::parts::StageParts;
use super::plan::StageRun;
use super::rotary::Angles;
use super::sequences::{Sequences, Wanted};
use super::workspace::{Lease, Pool, Saved, Workspace};
use crate::error::Result;
use crate::nn::slices::slice;
use crate::tensor::gradients::DenseBuffer;
use crate::tensor::kernels::product::Onto;
use crate::transformer::rotary::cosine_and_sine;
use crate::transformer::{Block, BlockSettings, Pass, Positions, Source, TokenLayout};

/// The rows after the last block, or `None` if this way does not cover the blocks, the device or the sequences.
///
/// With `recomputes` only what each stage was given is kept for the way back, and the rest is computed again.
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
    let Some(stages) = blocks.iter().map(|block| stages(block, pass.mode)).collect::<Option<Vec<_>>>() else {
        return Ok(None);
    };
    let stages: Vec<HeldStage> = stages.into_iter().flatten().collect();
    if !are_alike(&stages) || !fits(&stages[0].1.settings, &sequences, hidden, pass.relative) {
        return Ok(None);
    }
    let reads_source = stages.iter().any(|(_, plan)| plan.reads_source);
    let source = match &pass.source {
        Some(source) if reads_source => HeldSource::of(source, pass.layout, stages[0].1.settings.hidden_size)?,
        _ => None,
    };
    if reads_source && source.is_none() {
        return Ok(None);
    }
    let trained_source = source.as_ref().map(|source| &source.rows).filter(|rows| rows.track_op());
    let (link, gradients) = link(&stages, trained_source)?;
    let keeps = link.track_op() || hidden.track_op() || pass.relative.is_some_and(Tensor::track_op);
    let angles = angles(&stages, &sequences);
    let has_relative = pass.relative.is_some();
    let trains_relative = pass.relative.is_some_and(Tensor::track_op);
    let memory = Mutex::new(Some(pool.lease()));
    let operation = Blocks {
        stages,
        sequences,
        source,
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
fn are_alike(stages: &[HeldStage]) -> bool {
    let first = &stages[0].1.settings;
    let sizes = |settings: &BlockSettings| (settings.hidden_size, settings.attention_heads, settings.head_size);
    stages.iter().all(|(_, plan)| {
        sizes(&plan.settings) == sizes(first) && (plan.reads_source || plan.settings.positions == first.positions)
    })
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

/// The angles of all columns, if the blocks have rotary positions.
fn angles(stages: &[HeldStage], sequences: &Sequences) -> Option<Angles> {
    let settings = &stages.first()?.1.settings;
    let Positions::Rotary { base } = settings.positions else { return None };
    let columns: Vec<u32> = (0..sequences.length as u32).collect();
    let (cosine, sine) = cosine_and_sine(&columns, base, settings.head_size);
    Some(Angles { cosine, sine })
}

/// A source that the blocks look at.
struct HeldSource {
    /// `[tokens, hidden]`.
    rows: Tensor,
    sequences: Sequences,
}

impl HeldSource {
    /// `None` for a source that this way does not cover: sequence for sequence that of `targets`, in the same memory.
    fn of(source: &Source<'_>, targets: &TokenLayout, hidden_size: usize) -> Result<Option<Self>> {
        let rows = source.rows.contiguous()?;
        let Some(sequences) = Sequences::in_layout(source.layout) else { return Ok(None) };
        let one_a_row = [source.layout, targets].iter().all(|layout| {
            layout.batch() == sequences.count() && layout.sequence_offsets().len() == sequences.offsets.len()
        });
        let is_f32 = rows.device().is_cpu() && rows.dtype() == DType::F32;
        let fits = rows.dims() == [sequences.tokens(), hidden_size];
        Ok((one_a_row && is_f32 && fits).then_some(Self { rows, sequences }))
    }
}

/// All blocks of a pass.
#[expect(clippy::struct_excessive_bools, reason = "four questions about a pass, each of its own")]
struct Blocks {
    stages: Vec<HeldStage>,
    sequences: Sequences,
    source: Option<HeldSource>,
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

/// What the stages of a pass are given beside rows: what is added to the scores, and the rows of the source.
#[derive(Clone, Copy)]
struct Given<'a> {
    relative: Option<&'a [f32]>,
    source: Option<&'a [f32]>,
}

impl Blocks {
    fn run<'a>(&'a self, index: usize, weights: &'a StageParts<&'a [f32]>, given: Given<'a>) -> StageRun<'a> {
        let wanted = if index + 1 == self.stages.len() { self.wanted } else { Wanted::All };
        let (plan, sequences) = (&self.stages[index].1, &self.sequences);
        match &self.source {
            Some(source) if plan.reads_source => {
                let (keys, source) = (&source.sequences, given.source);
                StageRun { plan, weights, sequences, keys, source, wanted, relative: None, angles: None }
            }
            _ => {
                let (relative, angles) = (given.relative, self.angles.as_ref());
                StageRun { plan, weights, sequences, keys: sequences, source: None, wanted, relative, angles }
            }
        }
    }

    fn hidden(&self) -> usize {
        self.stages.first().map_or(0, |(_, plan)| plan.settings.hidden_size)
    }

    fn trains_source(&self) -> bool {
        self.source.as_ref().is_some_and(|source| source.rows.track_op())
    }

    /// Runs every stage; what each was given, or all that the way back needs, stays in the workspace.
    fn forward(&self, workspace: &mut Workspace, input: &[f32], given: Given<'_>) -> candle_core::Result<Vec<f32>> {
        let (count, numbers) = (self.stages.len(), self.sequences.tokens() * self.hidden());
        let kept = if self.keeps && !self.recomputes { count } else { 1 };
        let Workspace { saved, inputs, scratch, result } = workspace;
        saved.resize_with(saved.len().max(kept), Saved::default);
        if self.keeps && self.recomputes {
            inputs.resize_with(inputs.len().max(count), Default::default);
        }
        saved[0].input.of(numbers).copy_from_slice(input);
        for index in 0..count {
            let place = index.min(kept - 1);
            with_slices(&self.stages[index].0, |weights| {
                let run = self.run(index, weights, given);
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

    /// The first stage that the way back goes through, if that of the input is not needed.
    fn first_needed(&self) -> usize {
        if self.trains_relative {
            return 0;
        }
        let is_needed = |(parts, plan): &HeldStage| {
            let mut any = plan.reads_source && self.trains_source();
            parts.map(|held| any |= held.gets_gradient());
            any
        };
        self.stages.iter().position(is_needed).unwrap_or(self.stages.len())
    }

    /// Runs every stage backward, from the gradient in `scratch.of_output` to that of the first one's input there, if
    /// `needs_input`.
    fn backward(&self, workspace: &mut Workspace, given: Given<'_>, needs_input: bool) -> candle_core::Result<()> {
        let (first_needed, numbers) = (self.first_needed(), self.sequences.tokens() * self.hidden());
        let mut in_graph = self.parameters_in_graph();
        for (index, (parts, _)) in self.stages.iter().enumerate().rev() {
            let needs = Needs { input: needs_input || index > first_needed, source: self.trains_source() };
            if index < first_needed && !needs.input {
                break;
            }
            let Workspace { saved, inputs, scratch, result } = workspace;
            let mut buffers = parts.map(buffer_for);
            with_slices(parts, |weights| {
                let run = self.run(index, weights, given);
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
                run.backward(saved, scratch, targets, needs);
                Ok(())
            })?;
            in_graph -= graph_parameters(parts);
            self.deliver(parts, buffers, in_graph)?;
        }
        Ok(())
    }

    fn parameters_in_graph(&self) -> usize {
        self.stages.iter().map(|(parts, _)| graph_parameters(parts)).sum()
    }

    /// Hands the gradients of a stage's parameters on; the first of those that go through the graph is number `first`.
    fn deliver(
        &self,
        parts: &StageParts<Held>,
        buffers: StageParts<Option<DenseBuffer>>,
        first: usize,
    ) -> candle_core::Result<()> {
        let mut number = first;
        for (held, buffer) in parts.map(|held| held).into_list().into_iter().zip(buffers.into_list()) {
            let (Some(buffer), Some(tensor)) = (buffer, held.tensor()) else { continue };
            match &held.delivery {
                Delivery::Nowhere => {}
                Delivery::Slot(slot) => slot.put_dense(buffer),
                Delivery::Graph => {
                    self.deliver_to_graph(number, Tensor::from_vec(buffer.values, tensor.shape(), &Device::Cpu)?);
                    number += 1;
                }
            }
        }
        Ok(())
    }

    fn deliver_to_graph(&self, number: usize, gradient: Tensor) {
        if let Some(place) = locked(&self.gradients).get_mut(number) {
            *place = Some(gradient);
        }
    }
}

fn graph_parameters(parts: &StageParts<Held>) -> usize {
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

/// Runs `work` with the numbers of a tensor, if there is one.
fn with_numbers<R>(
    tensor: Option<&Tensor>,
    work: impl FnOnce(Option<&[f32]>) -> candle_core::Result<R>,
) -> candle_core::Result<R> {
    let Some(tensor) = tensor else { return work(None) };
    let (storage, layout) = tensor.storage_and_layout();
    let Storage::Cpu(storage) = &*storage else { bail!("what blocks are given is on another device") };
    work(Some(slice::<f32>(storage, layout)?))
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
        let output = with_numbers(self.source.as_ref().map(|source| &source.rows), |source| {
            self.forward(lease.workspace(), slice::<f32>(s1, l1)?, Given { relative, source })
        })?;
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
        with_numbers(Some(&gradient.contiguous()?), |gradient| {
            let gradient = gradient.unwrap_or_default();
            workspace.scratch.of_output.of(gradient.len()).copy_from_slice(gradient);
            Ok(())
        })?;
        let relative = self.has_relative.then_some(relative);
        let of_relative = relative.map_or(0, Tensor::elem_count);
        workspace.scratch.of_relative.of(of_relative).fill(0.0);
        let source = self.source.as_ref().map(|source| &source.rows);
        let of_source = source.map_or(0, Tensor::elem_count);
        workspace.scratch.of_source.of(of_source).fill(0.0);
        with_numbers(relative, |relative| {
            with_numbers(source, |source| self.backward(workspace, Given { relative, source }, needs_input))
        })?;
        let taken = |values: &[f32], of: &Tensor| Tensor::from_slice(values, of.shape(), &Device::Cpu);
        if let Some(rows) = source.filter(|rows| rows.track_op()) {
            let gradient = taken(workspace.scratch.of_source.get(of_source), rows)?;
            self.deliver_to_graph(self.parameters_in_graph(), gradient);
        }
        let of_input = needs_input.then(|| taken(workspace.scratch.of_output.get(numbers), hidden));
        let trained = relative.filter(|relative| relative.track_op());
        let of_relative = trained.map(|relative| taken(workspace.scratch.of_relative.get(of_relative), relative));
        let goes_on = link.track_op() && !link.is_variable();
        let of_link = goes_on.then(|| Tensor::zeros(link.shape(), DType::F32, &Device::Cpu)).transpose()?;
        Ok((of_input.transpose()?, of_relative.transpose()?, of_link))
    }
}
