//! Tokenizers as their users meet them: trained, saved, loaded, broken.

use std::fs;
use std::path::Path;

use super::*;
use crate::data::Input;
use crate::error::ErrorKind;

const TEXTS: [&str; 8] = [
    "The battery lasts a long time.",
    "The battery died after a day!",
    "A long day, a long time.",
    "나무가 자란다",
    "나무는 크다",
    "바람이 나무를 흔든다",
    "café, naïve",
    "The time of the day",
];

fn wordpiece() -> Tokenizer {
    let settings = WordPieceSettings { vocab_size: 200, max_length: 32, ..WordPieceSettings::default() };
    Tokenizer::train_wordpiece(&TEXTS, &settings).unwrap()
}

fn bpe() -> Tokenizer {
    Tokenizer::train_byte_level_bpe(&TEXTS, &ByteLevelBpeSettings { vocab_size: 300, ..Default::default() }).unwrap()
}

fn tokens(tokenizer: &Tokenizer, encoding: &Encoding) -> Vec<String> {
    encoding.input_ids.iter().map(|&id| tokenizer.id_to_token(id).unwrap()).collect()
}

/// A folder with this tokenizer and, beside it, this configuration.
fn folder(tokenizer: &Tokenizer, config: Option<&str>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    tokenizer.save(folder.path()).unwrap();
    let path = folder.path().join("tokenizer_config.json");
    match config {
        Some(config) => fs::write(path, config).unwrap(),
        None => fs::remove_file(path).unwrap(),
    }
    folder
}

fn edit_json(path: &Path, edit: impl FnOnce(&mut serde_json::Value)) {
    let mut value: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    edit(&mut value);
    fs::write(path, value.to_string()).unwrap();
}

#[test]
fn a_trained_wordpiece_tokenizer_lays_texts_out_as_bert_does() {
    let tokenizer = wordpiece();
    let one = tokenizer.encode("The DAY", None).unwrap();
    assert_eq!(tokens(&tokenizer, &one), ["[CLS]", "the", "day", "[SEP]"]);
    let pair = tokenizer.encode_pair("the day", "the time", None).unwrap();
    assert_eq!(tokens(&tokenizer, &pair), ["[CLS]", "the", "day", "[SEP]", "the", "time", "[SEP]"]);
    assert_eq!(pair.token_type_ids, [0, 0, 0, 0, 1, 1, 1]);
    assert_eq!(pair.special_tokens_mask, [1, 0, 0, 1, 0, 0, 1]);
    assert_eq!(pair.offsets[4..6], [(0, 3), (4, 8)]);
    assert_eq!((tokenizer.max_length(), tokenizer.uses_token_type_ids()), (Some(32), true));
    assert_eq!(tokenizer.padding().unwrap().token, "[PAD]");
    assert_eq!(tokenizer.decode_without_special_tokens(&one.input_ids).unwrap(), "the day");
}

#[test]
fn korean_stays_in_syllables_and_unseen_characters_are_unknown() {
    let tokenizer = wordpiece();
    let korean = tokenizer.encode("나무가 무나", None).unwrap();
    assert_eq!(tokens(&tokenizer, &korean), ["[CLS]", "나무", "##가", "무", "##나", "[SEP]"]);
    assert_eq!(korean.offsets[1..3], [(0, 2), (2, 3)]);
    assert_eq!(tokenizer.unknown_tokens(&korean), 0);
    let unseen = tokenizer.encode("東京 day ж", None).unwrap();
    assert_eq!(tokens(&tokenizer, &unseen), ["[CLS]", "[UNK]", "[UNK]", "day", "[UNK]", "[SEP]"]);
    assert_eq!((tokenizer.unknown_tokens(&unseen), unseen.text_tokens()), (3, 4));
}

#[test]
fn accents_stay_unless_they_are_stripped() {
    let spelled = |strip_accents| {
        let settings = WordPieceSettings { vocab_size: 200, strip_accents, ..WordPieceSettings::default() };
        let tokenizer = Tokenizer::train_wordpiece(&TEXTS, &settings).unwrap();
        (tokenizer.token_to_id("##é").is_some(), tokenizer.token_to_id("##e").is_some())
    };
    assert_eq!((spelled(false).0, spelled(true)), (true, (false, true)));
}

#[test]
fn the_same_texts_in_another_order_give_the_same_vocabulary() {
    let mut backwards = TEXTS;
    backwards.reverse();
    let settings = WordPieceSettings { vocab_size: 120, ..WordPieceSettings::default() };
    let one = Tokenizer::train_wordpiece(&TEXTS, &settings).unwrap();
    let other = Tokenizer::train_wordpiece(&backwards, &settings).unwrap();
    let json = |tokenizer: &Tokenizer| tokenizer.pipeline.to_string(false).unwrap();
    assert_eq!(json(&one), json(&other));
    let settings = ByteLevelBpeSettings { vocab_size: 300, ..Default::default() };
    let one = Tokenizer::train_byte_level_bpe(&TEXTS, &settings).unwrap();
    let other = Tokenizer::train_byte_level_bpe(&backwards, &settings).unwrap();
    assert_eq!(json(&one), json(&other));
}

#[test]
fn byte_level_bpe_gives_every_text_back() {
    let tokenizer = bpe();
    for text in ["The day", "  東京 🙂\n나무 ж", ""] {
        let encoding = tokenizer.encode(text, None).unwrap();
        assert_eq!(tokenizer.decode(&encoding.input_ids).unwrap(), text);
        assert_eq!(encoding.is_empty(), text.is_empty());
    }
    assert_eq!(tokenizer.special_tokens().eos_token.as_ref().map(|token| token.id), Some(2));
    assert!(!tokenizer.uses_token_type_ids());
}

#[test]
fn byte_level_bpe_ends_texts_where_that_is_asked_for() {
    let settings = ByteLevelBpeSettings { vocab_size: 300, add_eos_token: true, ..Default::default() };
    let tokenizer = Tokenizer::train_byte_level_bpe(&TEXTS, &settings).unwrap();
    let (plain, ended) = (bpe().encode("The day", None).unwrap(), tokenizer.encode("The day", None).unwrap());
    assert_eq!(ended.input_ids, [plain.input_ids.as_slice(), &[2]].concat());
    assert_eq!(ended.special_tokens_mask.last(), Some(&1));
    assert_eq!(tokenizer.decode_without_special_tokens(&ended.input_ids).unwrap(), "The day");
    let pair = tokenizer.encode_pair("The day", "night", None).unwrap();
    assert_eq!(pair.input_ids.iter().filter(|id| **id == 2).count(), 2);
    assert_eq!((tokenizer.tokens_added_to_a_text(), tokenizer.tokens_added_to_a_pair()), (1, 2));
    // Of a text that is cut the end stays.
    assert_eq!(tokenizer.encode("The day", Some(2)).unwrap().input_ids.last(), Some(&2));
}

#[test]
fn training_without_words_or_room_is_refused() {
    let settings = |vocab_size| WordPieceSettings { vocab_size, ..WordPieceSettings::default() };
    let error = Tokenizer::train_wordpiece(&["", "  "], &settings(100)).unwrap_err();
    assert_eq!(error.message(), "there is no word in the texts to make a vocabulary of");
    let error = Tokenizer::train_wordpiece(&TEXTS, &settings(5)).unwrap_err();
    assert!(error.to_string().ends_with("help: write 6 or more; some thousand are usual for a small set of texts"));
    let small = ByteLevelBpeSettings { vocab_size: 260, ..Default::default() };
    let error = Tokenizer::train_byte_level_bpe(&TEXTS, &small).unwrap_err();
    assert_eq!(error.message(), "a `vocab_size` of 260 has no room for the special tokens and the 256 bytes");
    let twice = WordPieceSettings { additional_special_tokens: vec!["[SEP]".to_owned()], ..settings(100) };
    let error = Tokenizer::train_wordpiece(&TEXTS, &twice).unwrap_err();
    assert_eq!(error.message(), "the special token `[SEP]` is there twice");
}

#[test]
fn a_length_without_room_for_a_text_is_refused() {
    let tokenizer = wordpiece();
    let error = tokenizer.encode("the day", Some(1)).unwrap_err();
    assert_eq!(error.message(), "a length of 1 leaves no room for a text: the tokenizer adds 2 special tokens");
    let nothing_left = tokenizer.encode("the day", Some(2)).unwrap();
    assert_eq!((nothing_left.len(), nothing_left.text_tokens()), (2, 0));
    assert_eq!(tokenizer.encode("the day", Some(3)).unwrap().text_tokens(), 1);
}

#[test]
fn settings_inside_tokenizer_json_do_not_cut_or_pad() {
    let folder = folder(&wordpiece(), None);
    edit_json(&folder.path().join("tokenizer.json"), |json| {
        json["truncation"] =
            serde_json::json!({ "direction": "Left", "max_length": 4, "strategy": "LongestFirst", "stride": 0 });
        json["padding"] = serde_json::json!({ "strategy": { "Fixed": 9 }, "direction": "Left", "pad_to_multiple_of": null,
            "pad_id": 0, "pad_type_id": 1, "pad_token": "[PAD]" });
    });
    let tokenizer = Tokenizer::from_dir(folder.path()).unwrap();
    let encoding = tokenizer.encode("the day the day the day", None).unwrap();
    assert_eq!((encoding.len(), encoding.attention_mask.iter().sum::<u32>()), (8, 8));
    // Which side and which token are facts about the model, and stay.
    let padding = PaddingSettings { id: 0, type_id: 1, token: "[PAD]".to_owned(), side: Side::Left };
    assert_eq!((tokenizer.padding().unwrap(), tokenizer.truncation_side()), (padding, Side::Left));
}

#[test]
fn without_configuration_special_tokens_are_known_by_their_usual_names() {
    let folder = folder(&wordpiece(), None);
    let tokenizer = Tokenizer::from_dir(folder.path()).unwrap();
    let special = tokenizer.special_tokens();
    assert_eq!(special, wordpiece().special_tokens());
    assert_eq!(special.ids().into_iter().collect::<Vec<u32>>(), [0, 1, 2, 3, 4]);
    assert_eq!(tokenizer.max_length(), None);
}

#[test]
fn a_tokenizer_without_padding_token_says_what_to_write() {
    let folder =
        folder(&bpe(), Some(r#"{"eos_token": {"content": "</s>", "special": true}, "model_max_length": 1e30}"#));
    let mut tokenizer = Tokenizer::from_dir(folder.path()).unwrap();
    let error = tokenizer.padding().unwrap_err();
    let file = folder.path().join("tokenizer_config.json");
    assert_eq!(error.message(), format!("`{}` has no `pad_token`, and texts must be padded", file.display()));
    assert!(error.to_string().contains("`tokenizer.set_pad_token(\"<pad>\")?`"));
    assert_eq!(tokenizer.max_length(), None);
    assert_eq!(
        tokenizer.set_pad_token("<nothing>").unwrap_err().message(),
        "`<nothing>` is no token of this tokenizer"
    );
    tokenizer.set_pad_token("</s>").unwrap();
    assert_eq!(tokenizer.padding().unwrap().id, 2);
}

#[test]
fn tokens_that_only_the_configuration_names_are_added() {
    let config = r#"{"pad_token": "[PAD]", "additional_special_tokens": ["[NEW]"]}"#;
    let folder = folder(&wordpiece(), Some(config));
    let tokenizer = Tokenizer::from_dir(folder.path()).unwrap();
    let size = wordpiece().vocabulary_size();
    assert_eq!((tokenizer.vocabulary_size(), tokenizer.token_to_id("[NEW]")), (size + 1, Some(size as u32)));
    let encoding = tokenizer.encode("day[NEW]", None).unwrap();
    assert_eq!(tokens(&tokenizer, &encoding), ["[CLS]", "day", "[NEW]", "[SEP]"]);
}

#[test]
fn damaged_files_are_named() {
    let saved = wordpiece();
    let broken = folder(&saved, Some("{\"pad_token\": "));
    let error = Tokenizer::from_dir(broken.path()).unwrap_err();
    let at = broken.path().join("tokenizer_config.json").display().to_string();
    assert!(error.message().starts_with(&format!("{at}: not a JSON object that can be read")), "{error}");
    let wrong = folder(&saved, Some(r#"{"padding_side": "top"}"#));
    let error = Tokenizer::from_dir(wrong.path()).unwrap_err();
    assert!(
        error.to_string().ends_with("`padding_side` cannot be \"top\"\nhelp: write \"left\" or \"right\""),
        "{error}"
    );
    fs::write(wrong.path().join("tokenizer.json"), "{}").unwrap();
    let error = Tokenizer::from_dir(wrong.path()).unwrap_err();
    assert!(error.message().contains("tokenizer.json: not a tokenizer that can be read"), "{error}");
}

#[test]
fn folders_without_tokenizer_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("vocab.txt"), "a").unwrap();
    let error = Tokenizer::from_pretrained(folder.path().to_str().unwrap()).unwrap_err();
    assert!(error.message().ends_with("has no `tokenizer.json`"), "{error}");
    assert!(error.to_string().contains("it has `vocab.txt`, the older format"));
    let error = Tokenizer::from_pretrained("./no/such/folder").unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Hub, "there is no folder `./no/such/folder`"));
}

#[test]
fn saving_keeps_what_was_loaded() {
    let config =
        r#"{"pad_token": "[PAD]", "tokenizer_class": "BertTokenizer", "of_their_own": [1, 2], "do_lower_case": true}"#;
    let folder = folder(&wordpiece(), Some(config));
    fs::write(folder.path().join("chat_template.jinja"), "{{ messages }}\n").unwrap();
    let mut tokenizer = Tokenizer::from_dir(folder.path()).unwrap();
    tokenizer.set_padding_side(Side::Left);
    let again = tempfile::tempdir().unwrap();
    tokenizer.save(again.path().join("deeper")).unwrap();
    let read = |name: &str| fs::read_to_string(again.path().join("deeper").join(name)).unwrap();
    let written: serde_json::Value = serde_json::from_str(&read("tokenizer_config.json")).unwrap();
    assert_eq!(written["tokenizer_class"], "BertTokenizer");
    assert_eq!(written["of_their_own"], serde_json::json!([1, 2]));
    assert_eq!(written["padding_side"], "left");
    assert_eq!(read("chat_template.jinja"), "{{ messages }}\n");
    assert_eq!(tokenizer.chat_template(), Some("{{ messages }}\n"));
}

#[test]
fn inputs_of_every_kind_become_encodings() {
    let tokenizer = wordpiece();
    let inputs = [
        Input::Text { text: "the day", pair: None },
        Input::Text { text: "the day", pair: Some("the time") },
        Input::Tokens { input_ids: &[2, 1, 9, 3, 0], attention_mask: None, token_type_ids: None },
    ];
    let encodings = tokenizer.encode_inputs(&inputs, Some(16)).unwrap();
    assert_eq!(encodings[0], tokenizer.encode("the day", None).unwrap());
    assert_eq!(encodings[1], tokenizer.encode_pair("the day", "the time", None).unwrap());
    assert_eq!(encodings[2].special_tokens_mask, [1, 0, 0, 1, 1]);
    let error = tokenizer.encode_inputs(&inputs, Some(4)).unwrap_err();
    assert_eq!(error.message(), "row 3: `input_ids` has 5 tokens, but at most 4 are allowed");
    let error = tokenizer.encode_input(&Input::Features(&[1.0]), None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Data);
}

#[test]
fn words_are_numbered_from_the_start_on_both_sides() {
    let mut tokenizer = wordpiece();
    tokenizer.set_truncation_side(Side::Left);
    let encoding = tokenizer.encode("the day the time", Some(4)).unwrap();
    assert_eq!(encoding.word_ids, [None, Some(2), Some(3), None]);
    assert_eq!(encoding.offsets[1..3], [(8, 11), (12, 16)]);
}

#[test]
fn the_map_of_special_tokens_fills_what_the_configuration_leaves_open() {
    let folder = folder(&wordpiece(), Some(r#"{"pad_token": null, "mask_token": "[MASK]"}"#));
    let map = r#"{"pad_token": {"content": "[SEP]", "lstrip": false}, "mask_token": "[UNK]"}"#;
    fs::write(folder.path().join("special_tokens_map.json"), map).unwrap();
    let tokenizer = Tokenizer::from_file(folder.path().join("tokenizer.json")).unwrap();
    assert_eq!(tokenizer.padding().unwrap().token, "[SEP]");
    assert_eq!(tokenizer.special_tokens().mask_token.as_ref().unwrap().token, "[MASK]");
}

#[test]
fn words_that_are_split_already_keep_their_numbers() {
    let tokenizer = wordpiece();
    let words: Vec<String> = ["나무가", "day"].map(str::to_owned).to_vec();
    let encoding = tokenizer.encode_words(&words, None).unwrap();
    assert_eq!(encoding.word_ids, [None, Some(0), Some(0), Some(1), None]);
    assert_eq!(encoding.offsets[3], (0, 3));
    assert_eq!(tokenizer.encode_words(&words, Some(4)).unwrap().word_ids, [None, Some(0), Some(0), None]);
}

#[test]
fn an_explanation_shows_every_step() {
    let tokenizer = wordpiece();
    let explanation = tokenizer.explain("The 나무가 zz").unwrap();
    assert_eq!(explanation.texts[0].normalised, "the 나무가 zz");
    assert_eq!(explanation.texts[0].words, ["the", "나무가", "zz"]);
    assert_eq!(explanation.texts[0].tokens, ["the", "나무", "##가", "[UNK]"]);
    assert_eq!(explanation.tokens, ["[CLS]", "the", "나무", "##가", "[UNK]", "[SEP]", "[PAD]", "[PAD]"]);
    assert_eq!(explanation.parts, ["", "The", "나무", "가", "zz", "", "", ""]);
    assert_eq!(explanation.encoding, tokenizer.encode("The 나무가 zz", None).unwrap());
    let printed = explanation.to_string();
    assert!(printed.contains("attention_mask  1      1    1     1     1      1      0      0\n"), "{printed}");
    assert!(printed.contains("stand for              The  나무  가    zz\n"), "{printed}");
    assert!(printed.ends_with("1 token stands for a word that the vocabulary does not have\n"));

    let pair = tokenizer.explain_pair("the day", "a time").unwrap();
    assert_eq!(pair.texts[1].tokens, ["a", "time"]);
    assert_eq!(pair.parts[4..6], ["a", "time"]);
    assert!(pair.to_string().contains("second text     a time\n"));
}
