use super::*;

/// all-MiniLM-L6-v2 without its tables.
const SMALL: BlockSizes = BlockSizes {
    blocks: 6,
    hidden_size: 384,
    intermediate_size: 1536,
    attention_heads: 12,
    query_size: 384,
    key_value_size: 384,
    inner_layers: 1,
    norm_place: NormPlace::After,
    has_relative_positions: false,
    decoder: None,
    vocabulary: 0,
    positions: 0,
    wanted: Wanted::All,
    scores: None,
};

#[test]
fn memory_grows_with_rows_and_faster_with_length() {
    let sizes = SMALL;
    let base = activation_numbers(&sizes, 16, 128);
    assert_eq!(activation_numbers(&sizes, 32, 128), 2 * base);
    assert!(activation_numbers(&sizes, 16, 256) > 2 * base);
    assert_eq!(activation_numbers(&sizes, usize::MAX, 2), usize::MAX);
}

/// Without threads, so that every number belongs to a token.
fn pass(rows: usize, length: usize) -> FusedPass {
    let (keeps, adapters) = (Keeps::Everything, AdapterSizes::default());
    FusedPass { rows, length, keeps, trains_embeddings: true, adapters, threads: 0 }
}

/// 5 x 384 + 2 x 384 + 1536 + 12 + 4 of a token.
const KEPT: usize = 4240;
/// 11 x 384 + 2 x 384 + 2 x 1536 + 2 of a token.
const ROOM: usize = 8066;

#[test]
fn fused_blocks_take_memory_by_the_token() {
    let numbers = |rows, length| fused_activation_numbers(&SMALL, &pass(rows, length));
    assert_eq!(numbers(16, 256), numbers(32, 128));
    assert_eq!(numbers(32, 256), 2 * numbers(16, 256));
    assert!(numbers(16, 128) < activation_numbers(&SMALL, 16, 128) / 3);
    assert_eq!(numbers(usize::MAX, 2), usize::MAX);
    assert_eq!(numbers(1, 1), 6 * KEPT + ROOM + 12 * 384);
}

#[test]
fn threads_have_room_for_the_scores_of_some_queries() {
    let numbers = |length, threads| fused_activation_numbers(&SMALL, &FusedPass { threads, ..pass(1, length) });
    assert_eq!(numbers(100, 2) - numbers(100, 0), 2 * 3 * 64 * 100);
    assert_eq!(numbers(10, 1) - numbers(10, 0), 3 * 10 * 10);
}

#[test]
fn the_last_block_computes_the_rows_that_are_wanted() {
    let first = BlockSizes { wanted: Wanted::First, ..SMALL };
    let last = 8 * 3 * 384 + 6 * 384 + 1536 + 12 + 4;
    let difference = 8 * KEPT - last;
    let numbers = |sizes| fused_activation_numbers(sizes, &pass(1, 8));
    assert_eq!(numbers(&first), numbers(&SMALL) - difference);
}

#[test]
fn a_gate_and_shared_keys_are_counted() {
    let grouped = BlockSizes { key_value_size: 128, inner_layers: 2, ..SMALL };
    let difference = (1536 - 2 * 256) * 7;
    let numbers = |sizes| fused_activation_numbers(sizes, &pass(1, 1));
    assert_eq!(numbers(&grouped), numbers(&SMALL) + difference);
}

#[test]
fn inputs_alone_are_kept_with_one_block_in_full() {
    let numbers = fused_activation_numbers(&SMALL, &FusedPass { keeps: Keeps::Inputs, ..pass(1, 1) });
    assert_eq!(numbers, 6 * 384 + KEPT + ROOM + 12 * 384);
}

#[test]
fn adapters_add_their_inner_numbers_and_what_they_drop() {
    let plain = FusedPass { trains_embeddings: false, ..pass(1, 1) };
    let adapters = AdapterSizes { width: 16, drops: true };
    let numbers = |pass| fused_activation_numbers(&SMALL, pass);
    assert_eq!(numbers(&plain), 6 * KEPT + ROOM + 4 * 384);
    assert_eq!(numbers(&FusedPass { adapters, ..plain }), numbers(&plain) + 7 * 16 + 1536);
}

#[test]
fn a_gradient_of_a_table_has_the_rows_that_can_occur() {
    let tables = BlockSizes { vocabulary: 1000, positions: 512, ..SMALL };
    assert_eq!(untouched_table_numbers(&tables, 256, 64), (744 + 448) * 384);
    assert_eq!(untouched_table_numbers(&tables, 5000, 512), 0);
}

#[test]
fn blocks_are_computed_by_hand_on_the_processor_unless_lengths_are_trained() {
    assert_eq!(computed_by(ComputeDevice::Cpu, false), ComputedBy::Fused);
    assert_eq!(computed_by(ComputeDevice::Cpu, true), ComputedBy::Reference);
    assert_eq!(computed_by(ComputeDevice::Cuda(0), false), ComputedBy::Reference);
}

#[test]
fn whole_rows_are_computed_at_once_and_at_least_one() {
    assert_eq!(rows_at_once(64, 512, 4096), 8);
    assert_eq!(rows_at_once(64, 500, 4096), 8);
    assert_eq!(rows_at_once(8, 512, 4096), 8);
    assert_eq!(rows_at_once(64, 512, 100), 1);
    assert_eq!(rows_at_once(usize::MAX, 512, 4096), 8);
    assert_eq!(rows_at_once(64, 0, 4096), 64);
}

#[test]
fn a_norm_that_comes_before_keeps_no_sum_after_the_feed_forward_layers() {
    let before = BlockSizes { norm_place: NormPlace::Before, ..SMALL };
    let numbers = |sizes| fused_activation_numbers(sizes, &pass(1, 1));
    assert_eq!(numbers(&before), numbers(&SMALL) - 6 * 384 + 384);
}

/// A decoder of as many blocks of the same sizes.
const BOTH_SIDES: BlockSizes =
    BlockSizes { decoder: Some(DecoderSizes { blocks: 6, intermediate_size: 1536, attention_heads: 12 }), ..SMALL };

#[test]
fn the_block_of_a_decoder_is_attention_twice_and_feed_forward_layers_once() {
    // 3 x 384 + 2 x 384 + 384 + 12 + 2 of a token without feed-forward layers.
    let attention = 2318;
    let numbers = |sizes, keeps| fused_activation_numbers(sizes, &FusedPass { keeps, ..pass(1, 1) });
    let decoder = 6 * (KEPT + attention) + ROOM + 12 * 384 + 2 * 384;
    assert_eq!(numbers(&BOTH_SIDES, Keeps::Everything) - numbers(&SMALL, Keeps::Everything), decoder);
    let decoder = 6 * 2 * 384 + KEPT + ROOM + 12 * 384 + 2 * 384;
    assert_eq!(numbers(&BOTH_SIDES, Keeps::Inputs) - numbers(&SMALL, Keeps::Inputs), decoder);
    let numbers = |sizes| activation_numbers(sizes, 2, 8);
    assert!(numbers(&BOTH_SIDES) > 2 * numbers(&SMALL));
}

#[test]
fn relative_positions_are_counted_once_a_side() {
    let relative = |sizes| BlockSizes { has_relative_positions: true, ..sizes };
    let numbers = |sizes: &BlockSizes| fused_activation_numbers(sizes, &pass(4, 8));
    assert_eq!(numbers(&relative(SMALL)) - numbers(&SMALL), 5 * 12 * 64);
    assert_eq!(numbers(&relative(BOTH_SIDES)) - numbers(&BOTH_SIDES), 2 * 5 * 12 * 64);
}

#[test]
fn the_scores_of_a_vocabulary_are_those_of_a_chunk_of_rows() {
    let head = |ids| BlockSizes { scores: Some(ScoreSizes { ids, is_tied: true }), ..SMALL };
    let rows = |tokens: usize| tokens * 384 * 4;
    assert_eq!(vocabulary_head_numbers(&SMALL, 100, true, true), 0);
    assert_eq!(vocabulary_head_numbers(&head(1000), 100, true, false), rows(100) + 100_000);
    assert_eq!(vocabulary_head_numbers(&head(1000), 100, true, true), rows(100) + 100_000 + 384_000);
    assert_eq!(vocabulary_head_numbers(&head(1000), 100, false, true), rows(100) + 100_000);
    assert_eq!(vocabulary_head_numbers(&head(100_000), 1000, false, false), rows(1000) + (8 << 20));
}

#[test]
fn a_table_that_a_head_multiplies_with_has_a_gradient_of_every_row() {
    let tables = BlockSizes { vocabulary: 1000, positions: 512, ..BOTH_SIDES };
    let with = |is_tied| BlockSizes { scores: Some(ScoreSizes { ids: 1000, is_tied }), ..tables };
    assert_eq!(untouched_table_numbers(&with(true), 256, 64), 2 * 448 * 384);
    assert_eq!(untouched_table_numbers(&with(false), 256, 64), (1000 - 512 + 2 * 448) * 384);
}
