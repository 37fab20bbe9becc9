//! Tests of layouts, and of what models over them give for sequences that share a row.

mod packed;

use super::*;

fn batch(real_tokens: Option<Vec<u32>>) -> Result<Batch> {
    let input_ids = Some(Tensor::zeros((2, 4), DType::U32, &Device::Cpu)?);
    Ok(Batch { rows: vec![7, 8], input_ids, real_tokens, ..Batch::default() })
}

#[test]
fn offsets_and_columns_are_those_of_the_tokens() -> Result<()> {
    let padded = TokenLayout::of(&batch(Some(vec![0, 1, 2, 6, 7]))?, DType::F32)?;
    assert_eq!((padded.batch(), padded.length(), padded.tokens()), (2, 4, 5));
    assert_eq!(padded.sequence_offsets(), [0, 3, 5]);
    assert_eq!(padded.token_columns(), [0, 1, 2, 2, 3]);
    assert_eq!(padded.columns().to_vec1::<u32>()?, padded.token_columns());
    let full = TokenLayout::of(&batch(None)?, DType::F32)?;
    assert_eq!(full.sequence_offsets(), [0, 4, 8]);
    assert_eq!(full.token_columns(), [0, 1, 2, 3, 0, 1, 2, 3]);
    Ok(())
}

#[test]
fn a_mask_alone_says_what_is_padding() -> Result<()> {
    let masked = |marks: [[u32; 4]; 2]| -> Result<TokenLayout> {
        let attention_mask = Some(Tensor::new(&marks, &Device::Cpu)?);
        TokenLayout::of(&Batch { attention_mask, ..batch(None)? }, DType::F32)
    };
    let padded = masked([[1, 1, 1, 0], [0, 0, 1, 1]])?;
    let given = TokenLayout::of(&batch(Some(vec![0, 1, 2, 6, 7]))?, DType::F32)?;
    assert_eq!(padded.sequence_offsets(), given.sequence_offsets());
    assert_eq!(padded.token_columns(), given.token_columns());
    assert_eq!(masked([[1; 4]; 2])?.tokens(), 8);
    let refused = masked([[1; 4], [0; 4]]).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(refused.contains("row 8 has no token"), "{refused}");
    let attention_mask = Some(Tensor::ones((2, 3), DType::U32, &Device::Cpu)?);
    let of_another_shape = TokenLayout::of(&Batch { attention_mask, ..batch(None)? }, DType::F32).err();
    let message = of_another_shape.map(|error| error.to_string()).unwrap_or_default();
    assert!(message.contains("`attention_mask` is [2, 3], but `input_ids` are [2, 4]"), "{message}");
    Ok(())
}

#[test]
fn what_is_packed_unpacks_to_its_places() -> Result<()> {
    let layout = TokenLayout::of(&batch(Some(vec![0, 1, 2, 6, 7]))?, DType::F32)?;
    let rows = Tensor::arange(0f32, 10.0, &Device::Cpu)?.reshape((5, 2))?;
    let padded = layout.unpack(&rows)?;
    assert_eq!(layout.pack(&padded)?.to_vec2::<f32>()?, rows.to_vec2::<f32>()?);
    assert_eq!(padded.to_vec3::<f32>()?[1][2..], [[6.0, 7.0], [8.0, 9.0]]);
    let zeros = layout.unpack_with_zeros(&rows)?.to_vec3::<f32>()?;
    assert_eq!(zeros[0], [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0], [0.0, 0.0]]);
    assert_eq!(zeros[1], [[0.0, 0.0], [0.0, 0.0], [6.0, 7.0], [8.0, 9.0]]);
    assert_eq!(layout.first(&rows)?.to_vec2::<f32>()?, [[0.0, 1.0], [6.0, 7.0]]);
    Ok(())
}

#[test]
fn real_tokens_that_do_not_ascend_or_leave_a_row_empty_are_refused() -> Result<()> {
    for (real, words) in [
        (vec![0, 1, 1, 6], "`real_tokens` must be ascending places of a batch of 2 x 4 tokens"),
        (vec![5, 0], "`real_tokens` must be ascending"),
        (vec![0, 8], "`real_tokens` must be ascending"),
        (vec![0, 1], "row 8 has no token"),
    ] {
        let refused = TokenLayout::of(&batch(Some(real))?, DType::F32).err();
        let message = refused.map(|error| error.to_string()).unwrap_or_default();
        assert!(message.contains(words), "{message}");
    }
    Ok(())
}

#[test]
fn angles_asked_for_with_another_base_are_others() -> Result<()> {
    let layout = TokenLayout::of(&batch(None)?, DType::F32)?;
    let sine = |base, size| {
        layout.rotary_angles(Rotary::of_base(base), size)?.sine.flatten_all()?.to_vec1::<f32>().map_err(Error::from)
    };
    let first = sine(10.0, 4)?;
    assert_ne!(first, sine(20.0, 4)?);
    assert_eq!(sine(10.0, 8)?.len(), 2 * first.len());
    assert_eq!(first, sine(10.0, 4)?);
    Ok(())
}

/// Two rows of 6 tokens: sequences of 3 and 2 with one place of padding, and one of 6.
fn packed(real_tokens: Option<Vec<u32>>, lengths: Vec<Vec<usize>>) -> Result<TokenLayout> {
    let input_ids = Some(Tensor::zeros((2, 6), DType::U32, &Device::Cpu)?);
    let batch =
        Batch { rows: vec![3, 4, 5], input_ids, real_tokens, sequence_lengths: Some(lengths), ..Batch::default() };
    TokenLayout::of(&batch, DType::F32)
}

const F: bool = false;

#[test]
fn sequences_that_share_a_row_begin_anew_and_do_not_see_each_other() -> Result<()> {
    let real = vec![0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11];
    let layout = packed(Some(real), vec![vec![3, 2], vec![6]])?;
    assert_eq!((layout.batch(), layout.length(), layout.tokens(), layout.sequences()), (2, 6, 11, 3));
    assert_eq!(layout.sequence_offsets(), [0, 3, 5, 11]);
    assert_eq!(layout.token_columns(), [0, 1, 2, 0, 1, 0, 1, 2, 3, 4, 5]);
    assert_eq!((layout.positions(), layout.first_places()), (6, &[0, 3, 6][..]));
    let rows = Tensor::arange(0f32, 11.0, &Device::Cpu)?.reshape((11, 1))?;
    assert_eq!(layout.first(&rows)?.flatten_all()?.to_vec1::<f32>()?, [0.0, 3.0, 5.0]);
    assert_eq!(layout.unpack(&rows)?.dims(), [2, 6, 1]);
    assert_eq!(layout.pack(&layout.unpack(&rows)?)?.to_vec2::<f32>()?, rows.to_vec2::<f32>()?);
    let seen = |direction| -> Result<Vec<Vec<bool>>> {
        let mask = layout.hide(&Tensor::zeros((2, 1, 6, 6), DType::F32, &Device::Cpu)?, direction)?;
        let of_first = mask.get(0)?.squeeze(0)?.to_vec2::<f32>()?;
        Ok(of_first.iter().map(|row| row.iter().map(|score| *score == 0.0).collect()).collect())
    };
    let both = seen(Direction::Bidirectional)?;
    assert_eq!(both[0], [true, true, true, F, F, F]);
    assert_eq!(both[4], [F, F, F, true, true, F]);
    let causal = seen(Direction::Causal)?;
    assert_eq!(causal[1], [true, true, F, F, F, F]);
    assert_eq!(causal[3], [F, F, F, true, F, F]);
    assert_eq!(causal[4], [F, F, F, true, true, F]);
    Ok(())
}

#[test]
fn without_padding_sequences_keep_to_themselves_too() -> Result<()> {
    let layout = packed(None, vec![vec![4, 2], vec![1, 5]])?;
    assert_eq!(layout.sequence_offsets(), [0, 4, 6, 7, 12]);
    let mask = layout.hide(&Tensor::zeros((2, 1, 6, 6), DType::F32, &Device::Cpu)?, Direction::Bidirectional)?;
    let hidden = mask.flatten_all()?.to_vec1::<f32>()?.iter().filter(|score| **score < 0.0).count();
    assert_eq!(hidden, (72 - 16 - 4) - 1 - 25);
    Ok(())
}

#[test]
fn lengths_that_are_not_those_of_the_rows_are_refused() {
    let all: Vec<u32> = (0..11).collect();
    for (real, lengths, words) in [
        (None, vec![vec![3, 3]], "`sequence_lengths` are [[3, 3]], which no 2 rows of 6 tokens have"),
        (None, vec![vec![3, 0, 3], vec![6]], "`sequence_lengths` are"),
        (None, vec![vec![7], vec![6]], "`sequence_lengths` are"),
        (None, vec![vec![], vec![6]], "`sequence_lengths` are"),
        (None, vec![vec![3, 2], vec![6]], "`real_tokens` are not those that `sequence_lengths` count"),
        (Some(all), vec![vec![3, 2], vec![6]], "`real_tokens` are not those that `sequence_lengths` count"),
    ] {
        let message = packed(real, lengths).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(message.starts_with(words), "{message}");
    }
}
