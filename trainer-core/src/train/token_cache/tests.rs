use super::*;
use crate::Result;
use crate::data::Input;
use crate::text::{Side, Tokenizer, WordPieceSettings};

fn tokenizer() -> Result<Tokenizer> {
    let texts = ["worth every penny", "crashes every time", "does the job"];
    Tokenizer::train_wordpiece(&texts, &WordPieceSettings { vocab_size: 60, ..WordPieceSettings::default() })
}

fn cache(folder: &Path) -> TokenCache {
    TokenCache::at(folder, 0)
}

fn single<'a>(texts: &'a [&str]) -> impl Iterator<Item = Vec<&'a str>> {
    texts.iter().map(|text| vec![*text])
}

/// Encodings with every list filled, one of them empty.
fn encodings() -> Result<Vec<(Encoding, Cut)>> {
    let tokenizer = tokenizer()?;
    Ok(vec![
        (tokenizer.encode("worth every penny", None)?, Cut::No),
        (tokenizer.encode_pair("does it", "the job", Some(6))?, Cut::Yes),
        (Encoding::default(), Cut::No),
        (Encoding::from_tokens(&[7, u32::MAX], Some(&[1, 0]), Some(&[0, 63]))?, Cut::No),
    ])
}

fn keep(cache: &TokenCache, key: &Key, encodings: &[(Encoding, Cut)]) {
    cache.write(key, encodings.iter().map(|(encoding, cut)| (encoding, *cut)));
}

#[test]
fn what_is_kept_reads_back_as_it_was() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (cache, key, encodings) = (cache(&folder.path().join("new/tokens")), Key([3; 32]), encodings()?);
    assert_eq!(cache.read(&key, 4), None);
    keep(&cache, &key, &encodings);
    assert_eq!(cache.read(&key, 4).as_deref(), Some(&encodings[..]));
    assert_eq!(cache.read(&Key([4; 32]), 4), None);
    assert_eq!(fs::read_dir(folder.path().join("new/tokens"))?.count(), 1, "nothing half written is left");
    Ok(())
}

#[test]
fn any_changed_byte_and_any_cut_make_an_entry_absent_until_it_is_written_again() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (cache, key, encodings) = (cache(folder.path()), Key([3; 32]), encodings()?);
    keep(&cache, &key, &encodings);
    let path = cache.path(&key);
    let whole = fs::read(&path)?;
    for place in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[place] ^= 0x10;
        assert_eq!(entry::decode(&damaged, &key), None, "byte {place}");
        assert_eq!(entry::decode(&whole[..place], &key), None, "{place} bytes");
    }
    fs::write(&path, &whole[..whole.len() / 2])?;
    assert_eq!(cache.read(&key, 4), None);
    keep(&cache, &key, &encodings);
    assert_eq!(cache.read(&key, 4).as_deref(), Some(&encodings[..]));
    assert_eq!(cache.read(&key, 3), None, "of another number of rows");
    Ok(())
}

/// What is read and what is written is cut to 8 tokens.
const EIGHT: [Option<usize>; 2] = [Some(8); 2];

#[test]
fn another_text_pair_length_side_or_token_makes_another_key() -> Result<()> {
    let mut tokenizer = tokenizer()?;
    let texts = ["a bc", "d"];
    let key = key_of(&tokenizer, EIGHT, "text", single(&texts)).expect("it always gives the same tokens");
    assert_eq!(key_of(&self::tokenizer()?, EIGHT, "text", single(&texts)), Some(key));
    for lengths in [[Some(9), Some(8)], [Some(8), Some(9)], [None, Some(8)], [None, None]] {
        assert_ne!(key_of(&tokenizer, lengths, "text", single(&texts)), Some(key));
    }
    assert_ne!(key_of(&tokenizer, EIGHT, "text", single(&["a b", "cd"])), Some(key));
    assert_ne!(key_of(&tokenizer, EIGHT, "text", single(&["a bc", "d", ""])), Some(key));
    assert_ne!(key_of(&tokenizer, EIGHT, "text", [vec!["a bc", "d"]].into_iter()), Some(key));
    assert_ne!(key_of(&tokenizer, EIGHT, "text", [vec!["a bc"], vec!["d", ""]].into_iter()), Some(key));
    assert_ne!(key_of(&tokenizer, EIGHT, "tags", single(&texts)), Some(key));
    tokenizer.set_truncation_side(Side::Left);
    assert_ne!(key_of(&tokenizer, EIGHT, "text", single(&texts)), Some(key));
    assert_eq!(texts_of_tokens(), None);
    Ok(())
}

fn texts_of_tokens() -> Option<Vec<&'static str>> {
    texts(&Input::Tokens { input_ids: &[1], attention_mask: None, token_type_ids: None })
}

#[test]
fn old_entries_go_and_then_the_oldest_until_the_rest_is_small() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut cache = cache(folder.path());
    let file = |name: &str, length: usize, age: Duration| -> Result<PathBuf> {
        let path = folder.path().join(name);
        fs::write(&path, vec![0; length])?;
        File::options().append(true).open(&path)?.set_modified(SystemTime::now() - age)?;
        Ok(path)
    };
    let day = Duration::from_hours(24);
    let gone = [file("a.tokens", 1, 31 * day)?, file("b.1-0.partial", 1, 2 * day)?, file("c.tokens", 60, 29 * day)?];
    let kept = [file("d.tokens", 30, 3 * day)?, file("e.2-0.partial", 1, day / 2)?, file("mine.txt", 500, 99 * day)?];
    cache.most_bytes = 80;
    let newest = file("f.tokens", 40, Duration::ZERO)?;
    cache.sweep(&newest);
    assert!(gone.iter().all(|path| !path.exists()), "{gone:?}");
    assert!(kept.iter().all(|path| path.exists()) && newest.exists(), "{kept:?}");
    Ok(())
}

#[test]
fn a_folder_that_cannot_be_made_stops_nothing() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("file");
    fs::write(&file, "no folder")?;
    let cache = cache(&file.join("tokens"));
    keep(&cache, &Key([1; 32]), &encodings()?);
    assert_eq!(cache.read(&Key([1; 32]), 4), None);
    Ok(())
}

#[test]
fn the_environment_names_the_folder_or_turns_it_off() {
    let at = |variables: &[(&str, &str)]| {
        let set = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).into());
        folder(set, Some(PathBuf::from("/home/me")))
    };
    assert_eq!(at(&[]), Some(PathBuf::from("/home/me/.cache/trainer/tokens")));
    assert_eq!(at(&[("XDG_CACHE_HOME", "/x")]), Some(PathBuf::from("/x/trainer/tokens")));
    assert_eq!(at(&[("XDG_CACHE_HOME", "/x"), ("HF_HOME", "/hf")]), Some(PathBuf::from("/hf/trainer/tokens")));
    assert_eq!(at(&[("HF_HOME", "/hf"), ("TRAINER_CACHE", "/own")]), Some(PathBuf::from("/own/tokens")));
    assert_eq!(at(&[("TRAINER_CACHE", "Off"), ("HF_HOME", "/hf")]), None);
    assert_eq!(folder(|_| None, None), None);
}
