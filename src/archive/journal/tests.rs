use super::*;

fn key(n: u8) -> Key {
    [n; 40]
}

fn put(journal: &Journal, n: u8, text: &str) {
    journal.put(key(n), &text.to_owned());
}

fn get(journal: &Journal, n: u8) -> Option<String> {
    journal.get(&key(n))
}

/// A file with the answers 1 and 2.
fn written() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("kept/journal.bin");
    let journal = Journal::new(Some(path.clone()));
    assert_eq!(get(&journal, 1), None);
    put(&journal, 1, "甲");
    put(&journal, 2, "乙");
    assert_eq!(get(&journal, 1).as_deref(), Some("甲"), "before it is written");
    journal.keep();
    (dir, path)
}

#[test]
fn the_next_run_knows_what_one_wrote_and_adds_to_it() {
    let (_dir, path) = written();
    let journal = Journal::new(Some(path.clone()));
    assert_eq!((get(&journal, 1).as_deref(), get(&journal, 2).as_deref(), get(&journal, 3)), (Some("甲"), Some("乙"), None));
    put(&journal, 3, "丙");
    journal.keep();
    let journal = Journal::new(Some(path));
    assert_eq!((get(&journal, 1).as_deref(), get(&journal, 3).as_deref()), (Some("甲"), Some("丙")));
}

#[test]
fn reading_alone_writes_nothing() {
    let (_dir, path) = written();
    let before = std::fs::read(&path).unwrap();
    assert!(get(&Journal::new(Some(path.clone())), 1).is_some());
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let none = path.with_file_name("none.bin");
    assert!(get(&Journal::new(Some(none.clone())), 1).is_none());
    assert!(!none.exists());
}

#[test]
fn two_runs_at_once_lose_nothing_of_each_other() {
    let (_dir, path) = written();
    let (one, other) = (Journal::new(Some(path.clone())), Journal::new(Some(path.clone())));
    assert!(get(&one, 1).is_some() && get(&other, 1).is_some());
    put(&one, 3, "丙");
    put(&other, 4, "丁");
    one.keep();
    other.keep();
    let journal = Journal::new(Some(path));
    assert_eq!([1, 2, 3, 4].map(|n| get(&journal, n)), ["甲", "乙", "丙", "丁"].map(|text| Some(text.to_owned())));
}

#[test]
fn two_first_runs_share_one_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.bin");
    let (one, other) = (Journal::new(Some(path.clone())), Journal::new(Some(path.clone())));
    assert!(get(&one, 1).is_none() && get(&other, 1).is_none());
    put(&one, 1, "甲");
    put(&other, 2, "乙");
    one.keep();
    other.keep();
    let journal = Journal::new(Some(path));
    assert_eq!((get(&journal, 1).as_deref(), get(&journal, 2).as_deref()), (Some("甲"), Some("乙")));
}

#[test]
fn what_many_answers_weigh_does_not_stay_in_memory() {
    let (_dir, path) = written();
    let long = "长".repeat(BATCH / 6);
    let journal = Journal::new(Some(path));
    for n in 3..9 {
        put(&journal, n, &long);
    }
    assert!(journal.state.lock().unwrap().weight < BATCH, "a full batch was written");
    assert!((3..9).all(|n| get(&journal, n).as_ref() == Some(&long)));
    let nowhere = Journal::new(None);
    for n in 3..9 {
        put(&nowhere, n, &long);
    }
    assert!(nowhere.state.lock().unwrap().weight < BATCH);
    assert_eq!((get(&nowhere, 3), get(&nowhere, 8)), (None, None), "every second one fills a batch");
    put(&nowhere, 9, "短");
    assert_eq!(get(&nowhere, 9).as_deref(), Some("短"));
}

#[test]
fn a_damaged_file_is_mended_by_the_next_run() {
    let (_dir, path) = written();
    let whole = std::fs::read(&path).unwrap();
    for cut in 0..whole.len() {
        std::fs::write(&path, &whole[..cut]).unwrap();
        check(&path, &format!("cut at {cut}"));
        let mut bent = whole.clone();
        bent[cut] ^= 0x41;
        std::fs::write(&path, &bent).unwrap();
        check(&path, &format!("byte {cut} bent"));
    }

    fn check(path: &Path, how: &str) {
        let journal = Journal::new(Some(path.to_path_buf()));
        for (n, right) in [(1, "甲"), (2, "乙")] {
            match get(&journal, n) {
                Some(found) => assert_eq!(found, right, "{how}"),
                None => put(&journal, n, right),
            }
        }
        put(&journal, 3, "丙");
        journal.keep();
        let journal = Journal::new(Some(path.to_path_buf()));
        assert_eq!([1, 2, 3].map(|n| get(&journal, n)), ["甲", "乙", "丙"].map(|text| Some(text.to_owned())), "{how}");
    }
}

#[test]
fn where_nothing_can_be_written_nothing_is() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("kept"), "a file").unwrap();
    let journal = Journal::new(Some(dir.path().join("kept/journal.bin")));
    put(&journal, 1, "甲");
    journal.keep();
    assert_eq!(std::fs::read(dir.path().join("kept")).unwrap(), b"a file");
}
