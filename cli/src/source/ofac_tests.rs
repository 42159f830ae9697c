//! OFAC's renderings beside each other: on the hand-written samples, and on the real list.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::PathBuf;

use super::*;
use crate::guard::{Guards, Override};

const ENHANCED: &str = include_str!("../../../tests/publications/sample_enhanced.xml");
const ADVANCED: &str = include_str!("../../../tests/publications/sample_advanced.xml");
const LEGACY: &str = include_str!("../../../tests/publications/sample_legacy.xml");
const ROWS: &str = include_str!("../../../tests/publications/sample_sdn.csv");
const COMMENTS: &str = include_str!("../../../tests/publications/sample_sdn_comments.csv");

fn xml(text: &str) -> Result<Reading, SourceError> {
    read(text.as_bytes(), &Stated::default())
}

fn stated(comments: Option<&str>) -> Stated {
    Stated {
        source: None,
        data_as_of: Some("2026-01-02T15:00:00Z".parse().unwrap()),
        comments: comments.map(|text| text.as_bytes().to_vec()),
    }
}

fn rows(text: &str, comments: Option<&str>) -> Result<Reading, SourceError> {
    read(text.as_bytes(), &stated(comments))
}

fn message(result: Result<Reading, SourceError>) -> String {
    result.unwrap_err().to_string()
}

fn pairs(reading: &Reading) -> BTreeSet<(Address, u64)> {
    reading.designations.iter().map(|d| (d.address, d.uid)).collect()
}

/// The designations without the ids and dates that not all renderings give.
fn known(reading: &Reading) -> Vec<Designation> {
    let known =
        |d: &Designation| Designation { designated_on: None, features: vec![], ..d.clone() };
    reading.designations.iter().map(known).collect()
}

#[test]
fn every_rendering_gives_the_same_designations() {
    let enhanced = xml(ENHANCED).unwrap();
    let (advanced, legacy) = (xml(ADVANCED).unwrap(), xml(LEGACY).unwrap());
    let csv = rows(ROWS, Some(COMMENTS)).unwrap();
    assert_eq!(enhanced.designations, advanced.designations, "with dates and feature ids");
    let formats = [&advanced, &legacy, &csv].map(|reading| reading.format);
    assert_eq!(formats, ["ofac-advanced", "ofac-legacy", "ofac-csv"]);
    for reading in [&advanced, &legacy, &csv] {
        assert_eq!(known(reading), known(&enhanced), "{}", reading.format);
        assert_eq!(reading.source, Source::OfacSdn);
        let others: Vec<_> = reading.not_evm.iter().map(|(t, n)| (t.as_str(), *n)).collect();
        assert_eq!(others, [("TRX", 1), ("USDT", 2), ("XBT", 2)], "{}", reading.format);
        assert_eq!(reading.truncated, Vec::<String>::new());
    }
    let features: BTreeSet<_> = legacy.designations.iter().flat_map(|d| &d.features).collect();
    let expected = enhanced.designations.iter().flat_map(|d| &d.features).collect();
    assert_eq!(features, expected, "the legacy file has the ids too");
    for reading in [&advanced, &legacy] {
        assert_eq!(reading.data_as_of.to_string(), "2026-01-02T00:00:00Z");
    }
    assert_eq!(csv.comments_sha256, Some(B256::new(Sha256::digest(COMMENTS).into())));
    assert_eq!(advanced.comments_sha256, None);
}

#[test]
fn every_rendering_sets_aside_what_it_cannot_read() {
    let short = "0xC0f74EEd632E96C35a22d67AB4aa481Da852E4F";
    let wrong = |text: &str| text.replace(short, &format!("{short}A"));
    let readings = [
        xml(&wrong(ADVANCED)).unwrap(),
        xml(&wrong(LEGACY)).unwrap(),
        rows(&wrong(ROWS), Some(COMMENTS)).unwrap(),
    ];
    for reading in readings {
        let mut found: Vec<_> =
            reading.quarantine.iter().map(|q| (q.uid.as_str(), q.reason.as_str())).collect();
        if reading.format == "ofac-legacy" {
            let passport = "it is published as \"Passport\", which is no type of addresses";
            assert_eq!(found.remove(0), ("900001", passport));
        }
        let [(five, checksum), (nine, short), (_, homoglyph), (_, zero_width)] = &found[..] else {
            panic!("{}: {found:?}", reading.format)
        };
        assert_eq!((*five, *nine), ("900005", "900009"));
        assert!(checksum.contains("checksum") && short.contains("39 hex digits"), "{found:?}");
        assert!(homoglyph.contains("U+0430"), "{homoglyph}");
        assert!(zero_width.contains("does not begin with 0x"), "{zero_width}");
        let has_ids = reading.quarantine.iter().all(|q| q.feature.is_some());
        assert_eq!(has_ids, reading.format != "ofac-csv", "{:?}", reading.quarantine);
    }
}

#[test]
fn what_has_an_addresss_shape_is_seen_under_any_type() {
    let address = "0x9eEc5F251d8c47BDBb2348D186f06F048d91A157";
    let check = |text: &str, reason: &str| {
        let reading = xml(text).unwrap();
        let is_it = |q: &&Quarantined| q.published == address;
        let found: Vec<_> = reading.quarantine.iter().filter(is_it).collect();
        let [one] = &found[..] else { panic!("{reason}: {found:?}") };
        assert!(one.reason.contains(reason) && one.uid == "900005", "{one:?}");
        assert_eq!(one.feature.as_deref(), Some("980017"));
    };
    let dated = ADVANCED.replace("FeatureTypeID=\"998\"", "FeatureTypeID=\"8\"");
    check(&dated, "published as \"Birthdate\", which is no type of addresses");
    let unknown = ADVANCED.replace("FeatureTypeID=\"998\"", "FeatureTypeID=\"7\"");
    check(&unknown, "do not say what feature type \"7\" is");
    let titled = LEGACY.replace("Digital Currency Address - USDC", "Website");
    check(&titled, "published as \"Website\", which is no type of addresses");
    // Renamed, it is judged by its shape.
    for text in [ADVANCED, LEGACY] {
        let renamed = text.replace("Digital Currency Address - USDC", "Crypto Wallet - USDC");
        let all = [text, &renamed].map(|text| pairs(&xml(text).unwrap()));
        assert_eq!(all[0], all[1]);
    }
}

#[test]
fn another_lists_person_is_passed_over_with_a_note() {
    let note = "entity 900008 is not on the SDN List: its 1 address is passed over";
    assert_eq!(xml(ADVANCED).unwrap().notes, [note]);
    let absent = ADVANCED.replace("ProfileID=\"900001\"", "ProfileID=\"1\"");
    let notes = xml(&absent).unwrap().notes;
    assert_eq!(notes[0], "entity 900001 is not on the SDN List: its 3 addresses are passed over");
}

#[test]
fn the_numbers_of_the_advanced_file_mean_what_it_says() {
    let expected = xml(ADVANCED).unwrap().designations;
    let old = "http://www.un.org/sanctions/1.0";
    let new = ADVANCED.split("xmlns=\"").nth(1).unwrap().split('"').next().unwrap();
    let prefixed = ADVANCED
        .replace("<Sanctions xmlns", "<s:Sanctions xmlns:s")
        .replace("</Sanctions>", "</s:Sanctions>");
    let renumbered = ADVANCED
        .replace("FeatureTypeID=\"345\"", "FeatureTypeID=\"7345\"")
        .replace("FeatureType ID=\"345\"", "FeatureType ID=\"7345\"")
        .replace("ListID=\"1550\"", "ListID=\"2\"")
        .replace("List ID=\"1550\"", "List ID=\"2\"")
        .replace("SanctionsTypeID=\"1\"", "SanctionsTypeID=\"9\"")
        .replace("SanctionsType ID=\"1\"", "SanctionsType ID=\"9\"")
        .replace("EntryEventTypeID=\"1\"", "EntryEventTypeID=\"4\"")
        .replace("EntryEventType ID=\"1\"", "EntryEventType ID=\"4\"");
    for text in [ADVANCED.replace(new, old), prefixed, renumbered] {
        assert_ne!(text, ADVANCED);
        assert_eq!(xml(&text).unwrap().designations, expected);
    }
    let unknown = ADVANCED.replace("FeatureType ID=\"345\"", "FeatureType ID=\"346\"");
    let reading = xml(&unknown).unwrap();
    let unsaid = reading.quarantine.iter().filter(|q| q.reason.contains("\"345\" is")).count();
    assert_eq!(unsaid, ADVANCED.matches("FeatureTypeID=\"345\"").count() - 1, "not party 8's");
}

#[test]
fn an_advanced_file_in_another_order_is_refused_not_misread() {
    let cut = |from: &str, to: &str| {
        let start = ADVANCED.find(from).unwrap();
        let end = ADVANCED.find(to).unwrap() + to.len();
        (&ADVANCED[start..end], format!("{}{}", &ADVANCED[..start], &ADVANCED[end..]))
    };
    let (sets, rest) = cut("<ReferenceValueSets>", "</ReferenceValueSets>");
    let late = rest.replace("</Sanctions>", &format!("{sets}</Sanctions>"));
    assert!(message(xml(&late)).contains("lack a type of feature"), "{}", message(xml(&late)));
    let (parties, rest) = cut("<DistinctParties>", "</DistinctParties>");
    let late = rest.replace("</Sanctions>", &format!("{parties}</Sanctions>"));
    assert!(message(xml(&late)).contains("after its entries"));
    let unnamed = ADVANCED.replace(">SDN List<", ">Another List<");
    assert!(message(xml(&unnamed)).contains("lack SDN List"));
    let delta = ADVANCED.replace("Version=\"3\"", "Version=\"3\" DeltaBaseVersion=\"2\"");
    assert!(message(xml(&delta)).contains("is a delta"));
}

#[test]
fn an_address_that_is_not_there_is_shown() {
    let value = "<VersionDetail DetailTypeID=\"1432\">0x10ab0fe358f313e8ef57b5a9033940ef84525975";
    assert!(ADVANCED.contains(value));
    for gone in ["<VersionDetail DetailTypeID=\"1432\">", "<Comment>"] {
        let text = ADVANCED
            .replace(value, gone)
            .replace("<Comment></VersionDetail>", "<Comment></Comment>");
        let quarantine = xml(&text).unwrap().quarantine;
        assert_eq!((quarantine.len(), quarantine[0].published.as_str()), (5, ""));
    }
}

#[test]
fn dates_are_days() {
    let check = |text: &str, from: &str, to: &str, expected: &str| {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        assert!(message(xml(&changed)).contains(expected), "{}", message(xml(&changed)));
    };
    check(ADVANCED, "<Month>1</Month>", "<Month>13</Month>", "2026-13-2");
    check(ADVANCED, "<Day>4</Day>", "<Day>32</Day>", "entity 900001 has the date \"2021-3-32\"");
    check(ADVANCED, "<Year>2021</Year>", "", "\"-3-4\"");
    check(ADVANCED, "DateOfIssue CalendarTypeID", "Unknown CalendarTypeID", "not well-formed");
    let undated = ADVANCED.replace("DateOfIssue", "Unknown");
    assert!(message(xml(&undated)).contains("as of when"));
    check(LEGACY, "01/02/2026", "2026-01-02", "no timestamp");
    let counted = LEGACY.replace("<Record_Count>8", "<Record_Count>9");
    let notes = xml(&counted).unwrap().notes;
    assert_eq!(notes, ["the file has 8 records and says that it has 9"]);
    assert_eq!(xml(LEGACY).unwrap().notes, Vec::<String>::new());
}

#[test]
fn a_rendering_that_was_cut_anywhere_is_no_publication() {
    for (text, root) in [(ADVANCED, "<Sanctions "), (LEGACY, "<sdnList ")] {
        let (start, end) = (text.find(root).unwrap() + root.len() + 90, text.len() - 2);
        for end in (start..end).step_by(97).chain([end]) {
            let error = message(xml(&text[..text.floor_char_boundary(end)]));
            assert!(error.contains("download it again"), "cut at {end}: {error}");
        }
    }
    let mismatched = LEGACY.replacen("</idList>", "</ids>", 1);
    assert!(message(xml(&mismatched)).contains("not well-formed"));
}

#[test]
fn a_cut_row_is_told_and_its_person_is_in_doubt() {
    let reading = rows(ROWS, None).unwrap();
    assert_eq!(reading.truncated, ["900004"]);
    let whole = rows(ROWS, Some(COMMENTS)).unwrap();
    let missing: Vec<_> = pairs(&whole).difference(&pairs(&reading)).copied().collect();
    assert_eq!(missing.len(), 1, "the other address was published before the cut: {missing:?}");
    let cut: Vec<_> = reading.quarantine.iter().filter(|q| q.reason.contains("cut")).collect();
    let [Quarantined { published, uid, .. }] = &cut[..] else { panic!("{cut:?}") };
    assert_eq!(uid, "900004");
    assert!(ROWS.contains(published) && published.ends_with("- BSC 0xF39f61B3"));
}

#[test]
fn an_address_that_the_remarks_do_not_call_one_is_set_aside() {
    let address = "0x00000000000000000000000000000000000000aa";
    let said = ROWS.replacen(
        "Digital Currency Address",
        &format!("Wallet {address}; Digital Currency Address"),
        1,
    );
    let (known, reading) = (rows(ROWS, None).unwrap(), rows(&said, None).unwrap());
    assert_eq!(reading.designations, known.designations);
    let new: Vec<_> = reading.quarantine.iter().filter(|q| !known.quarantine.contains(q)).collect();
    let [one] = &new[..] else { panic!("{new:?}") };
    assert_eq!((one.published.as_str(), one.reason.contains("do not call it")), (address, true));
}

#[test]
fn comments_belong_to_their_rows() {
    let foreign = COMMENTS.replace("900004", "900010");
    let reading = rows(ROWS, Some(&foreign)).unwrap();
    assert_eq!(reading.truncated, ["900004"]);
    assert!(reading.notes[0].contains("uid 900010 first"), "{:?}", reading.notes);
    let needless = format!("900001,\"; x\"\r\n{COMMENTS}");
    assert!(rows(ROWS, Some(&needless)).unwrap().notes[0].contains("uid 900001, which are whole"));
    let in_two = COMMENTS.replacen("; alt", "\"\r\n900004,\"; alt", 1);
    assert_eq!(
        rows(ROWS, Some(&in_two)).unwrap().designations,
        rows(ROWS, Some(COMMENTS)).unwrap().designations
    );
    let error = read(ENHANCED.as_bytes(), &stated(Some(COMMENTS))).unwrap_err().to_string();
    assert!(error.contains("leave out --comments"), "{error}");
}

#[test]
fn rows_that_are_none_say_where() {
    assert!(message(xml(ROWS)).contains("--data-as-of"));
    let error = message(rows(&format!("{}1,\"X\"\r\n", &ROWS[..ROWS.len() - 1]), None));
    assert!(error.contains("line 9: is no row of SDN.CSV"), "{error}");
    let error = message(rows(ROWS, Some("900004\r\n")));
    assert!(error.contains("line 1: of the comments is no row"), "{error}");
    let open = format!("{ROWS}\r\n1,\"{}", "x".repeat(1 << 20));
    assert!(message(rows(&open, None)).contains("a row of over"));
    let latin = ROWS.replace("0x10ab", "0x\u{e9}0ab").replace('\u{e9}', "\u{fffd}");
    assert!(rows(&latin, Some(COMMENTS)).unwrap().quarantine[0].reason.contains("hex digit"));
}

/// A file of the real data; `None`, said visibly, where they are not.
fn real(name: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("INTERDICT_REAL_DATA") else {
        writeln!(io::stderr(), "skipped: INTERDICT_REAL_DATA is not set").unwrap();
        return None;
    };
    Some(PathBuf::from(folder).join(name))
}

fn read_real(name: &str, stated: &Stated) -> Option<Reading> {
    Some(read(std::fs::File::open(real(name)?).unwrap(), stated).unwrap())
}

const REAL: [&str; 3] = [
    "ofac/sdn_enhanced_RECONSTRUCTED_2026-08-20.xml",
    "ofac/sdn_advanced_RECONSTRUCTED_2026-08-20.xml",
    "ofac/SDN_RECONSTRUCTED_2026-08-20.XML",
];

/// How many persons of a rendering have an address of a digital currency, counted without a reader:
/// by the tag that begins a person, and by what says so within.
fn persons(text: &str) -> usize {
    const TYPE: &str = "Digital Currency Address";
    let begins = ["<entity ", "<DistinctParty ", "<sdnEntry>"];
    let begins = begins.into_iter().find(|tag| text.contains(tag)).unwrap();
    // The Advanced file names the types once, by their numbers.
    let types = text.lines().filter(|line| line.contains("<FeatureType ") && line.contains(TYPE));
    let number = |line: &str| line.split("ID=\"").nth(1)?.split('"').next().map(str::to_owned);
    let mut marks: Vec<String> =
        types.filter_map(number).map(|id| format!("FeatureTypeID=\"{id}\"")).collect();
    if marks.is_empty() {
        marks.push(TYPE.to_owned());
    }
    let person = |part: &&str| marks.iter().any(|mark| part.contains(mark));
    text.split(begins).skip(1).filter(person).count()
}

#[test]
fn the_real_renderings_have_the_same_persons() {
    for name in REAL {
        let Some(path) = real(name) else { return };
        assert_eq!(persons(&std::fs::read_to_string(path).unwrap()), 94, "{name}");
    }
}

fn addresses(reading: &Reading) -> BTreeSet<Address> {
    reading.designations.iter().map(|d| d.address).collect()
}

#[test]
fn the_real_renderings_have_the_same_addresses() {
    let mut all = Vec::new();
    for name in REAL {
        let Some(reading) = read_real(name, &Stated::default()) else { return };
        let evm: usize = reading.designations.iter().map(|d| d.features.len()).sum();
        let others: u64 = reading.not_evm.values().sum();
        assert_eq!(evm as u64 + others, 974, "{name}: features");
        assert_eq!((addresses(&reading).len(), reading.quarantine.len()), (104, 0), "{name}");
        assert_eq!(reading.notes, Vec::<String>::new(), "{name}");
        all.push(reading);
    }
    let [enhanced, advanced, legacy] = &all[..] else { unreachable!("three were read") };
    assert_eq!(enhanced.designations, advanced.designations);
    assert_eq!(pairs(enhanced), pairs(legacy));
    assert_eq!(known(enhanced), known(legacy));
}

#[test]
fn a_reading_by_ticker_would_have_missed_four() {
    for name in REAL {
        let Some(reading) = read_real(name, &Stated::default()) else { return };
        let tagged = |d: &&Designation| d.tickers.iter().any(|t| t == "ETH");
        let by_ticker: BTreeSet<_> =
            reading.designations.iter().filter(tagged).map(|d| d.address).collect();
        let missed: Vec<_> = addresses(&reading).difference(&by_ticker).copied().collect();
        assert_eq!((by_ticker.len(), missed.len()), (100, 4), "{name}: {missed:?}");
    }
}

#[test]
fn the_real_slice_has_forty() {
    let name = "fixtures/sdn_advanced_slice_RECONSTRUCTED.xml";
    let Some(reading) = read_real(name, &Stated::default()) else { return };
    assert_eq!((addresses(&reading).len(), reading.quarantine.len()), (40, 0));
}

#[test]
fn the_real_partial_file_raises_the_zero_guard() {
    let name = "ofac/sdn_advanced_partial_REAL_2024-02-23.xml";
    let Some(reading) = read_real(name, &Stated::default()) else { return };
    assert_eq!(reading.data_as_of.to_string(), "2024-02-23T00:00:00Z");
    let refused = Guards::new(&[]).empty(&reading).unwrap_err();
    assert_eq!(refused.code(), "zero");
}

#[test]
fn the_real_rows_are_cut() {
    let name = "fixtures/sdn_crypto_rows_REAL_2024-06-27.csv";
    let Some(reading) = read_real(name, &stated(None)) else { return };
    let text = std::fs::read_to_string(real(name).unwrap()).unwrap();
    assert_eq!(text.lines().count(), 57);
    assert_eq!((addresses(&reading).len(), reading.truncated.len()), (53, 17));
    let refused = Guards::new(&[]).truncated(&reading).unwrap_err();
    assert!(refused.next().contains("--comments"));
    for words in ["17 rows are cut", "27307 28263 28264 29703 30518 …"] {
        assert!(refused.to_string().contains(words), "{refused}");
    }
    let mut guards = Guards::new(&[Override::Truncated]);
    assert_eq!(guards.truncated(&reading), Ok(()));
    assert_eq!(guards.used(), [Override::Truncated]);
}
