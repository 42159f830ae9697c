//! The readers, on the hand-written samples and on what is done to them.

use super::*;

const ENHANCED: &str = include_str!("../../../tests/publications/sample_enhanced.xml");
const CSV: &str = include_str!("../../../tests/publications/sample.csv");

fn enhanced(text: &str) -> Result<Reading, SourceError> {
    read(text.as_bytes(), &Stated::default())
}

fn csv(text: &str) -> Result<Reading, SourceError> {
    let data_as_of = Some("2026-01-02T00:00:00Z".parse().unwrap());
    read(text.as_bytes(), &Stated { source: Some(Source::Own), data_as_of, ..Stated::default() })
}

fn message(result: Result<Reading, SourceError>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn the_enhanced_sample_is_read_whole() {
    let reading = enhanced(ENHANCED).unwrap();
    assert_eq!((reading.source, reading.format), (Source::OfacSdn, "ofac-enhanced"));
    assert_eq!(reading.data_as_of.to_string(), "2026-01-02T15:00:00Z");
    assert_eq!(reading.sha256, B256::new(Sha256::digest(ENHANCED).into()));
    let addresses: std::collections::BTreeSet<_> =
        reading.designations.iter().map(|d| d.address).collect();
    assert_eq!((reading.designations.len(), addresses.len()), (9, 8));
    let others: Vec<_> = reading.not_evm.iter().map(|(t, n)| (t.as_str(), *n)).collect();
    assert_eq!(others, [("TRX", 1), ("XBT", 2)]);
}

#[test]
fn addresses_are_selected_by_shape_and_merged_per_person() {
    let reading = enhanced(ENHANCED).unwrap();
    let of = |uid: u64| -> Vec<_> {
        reading.designations.iter().filter(|d| d.uid == uid).cloned().collect()
    };
    let usdt_only = |d: &&Designation| d.tickers == ["USDT"];
    assert_eq!(of(900_003).iter().filter(usdt_only).count(), 1);
    let mixer = of(900_004);
    let merged = mixer.iter().find(|d| d.tickers.len() == 3).unwrap();
    assert_eq!(merged.tickers, ["ARB", "BSC", "ETH"]);
    assert_eq!((merged.features.len(), merged.published.len()), (3, 1));
    assert_eq!(merged.programs, ["EXAMPLE3"]);
    assert_eq!(merged.designated_on, Some("2023-11-29".parse().unwrap()));
    let shared: Vec<_> = of(900_001)
        .into_iter()
        .filter(|d| of(900_003).iter().any(|o| o.address == d.address))
        .collect();
    assert_eq!(shared.len(), 1, "one address under two persons stays two designations");
}

#[test]
fn a_wrong_checksum_is_quarantined_with_all_that_is_known() {
    let (short, wrong) = (
        "0xC0f74EEd632E96C35a22d67AB4aa481Da852E4F<",
        "0xC0f74EEd632E96C35a22d67AB4aa481Da852E4FA<",
    );
    let text = ENHANCED.replace(short, wrong);
    let reading = enhanced(&text).unwrap();
    let [quarantined] = &*reading.quarantine else { panic!("{:?}", reading.quarantine) };
    assert_eq!(quarantined.uid, "900005");
    assert!(quarantined.feature.is_some());
    assert!(quarantined.reason.contains("checksum"), "{}", quarantined.reason);
    assert!(text.contains(&quarantined.published));
}

#[test]
fn nothing_that_claims_to_be_an_address_is_dropped() {
    let check = |value: &str, reason: &str| {
        let text = format!("{CSV}{value},900009,,EXAMPLE1,USDT\n");
        let reading = csv(&text).unwrap();
        let found: Vec<_> = reading.quarantine.iter().map(|q| q.reason.as_str()).collect();
        assert!(matches!(&*found, [found] if found.contains(reason)), "{value}: {found:?}");
    };
    check("0x1234", "4 hex digits");
    check(" 0x00000000000000000000000000000000000000aa", "does not begin with 0x");
    check("0X00000000000000000000000000000000000000aa", "does not begin with 0x");
    check("0x00000000000000000000000000000000000000a\u{430}", "hex digit belongs");
    check("00000000000000000000000000000000000000aa", "does not begin with 0x");
    check("\u{200b}0x00000000000000000000000000000000000000aa", "does not begin with 0x");
    let tagged = format!("{CSV}somewhere,900009,,EXAMPLE1,ETH\n");
    assert_eq!(csv(&tagged).unwrap().quarantine.len(), 1, "another shape under ETH");
    let bitcoin = format!("{CSV}bc1qexample00x2addressnobodyhas,900009,,EXAMPLE1,XBT\n");
    assert_eq!(csv(&bitcoin).unwrap().quarantine, [], "0x within another chain's address");
}

#[test]
fn namespaces_and_feature_type_numbers_do_not_matter() {
    let prefixed = ENHANCED
        .replace("xmlns=\"https", "xmlns:n=\"urn:other\" xmlns=\"https")
        .replace("<sanctionsData", "<n:sanctionsData")
        .replace("</sanctionsData", "</n:sanctionsData")
        .replace("<entity ", "<n:entity ")
        .replace("</entity>", "</n:entity>");
    let renumbered = ENHANCED.replace("featureTypeId=\"345\"", "featureTypeId=\"12345\"");
    // The type's text may be given by the reference set alone.
    let by_reference = ENHANCED.replace(
        "<type featureTypeId=\"887\">Digital Currency Address - USDT</type>",
        "<type featureTypeId=\"887\" />",
    );
    let expected = enhanced(ENHANCED).unwrap().designations;
    for text in [prefixed, renumbered, by_reference] {
        assert_ne!(text, ENHANCED);
        assert_eq!(enhanced(&text).unwrap().designations, expected);
    }
}

#[test]
fn somebody_who_is_on_the_list_twice_is_so_since_the_first_day() {
    let row = "<sanctionsList refId=\"1550\" id=\"900001\" datePublished=\"2021-03-04\">SDN List<";
    let since = |more: &str| {
        let text = ENHANCED.replacen(row, &format!("{more}{row}"), 1);
        let after = text.replacen(
            &format!("{more}{row}/sanctionsList>"),
            &format!("{row}/sanctionsList>{more}"),
            1,
        );
        [text, after].map(|text| {
            let reading = enhanced(&text).unwrap();
            let of = reading.designations.iter().find(|d| d.uid == 900_001).unwrap();
            of.designated_on.unwrap().to_string()
        })
    };
    let list = |date: &str| {
        format!("<sanctionsList refId=\"1550\" id=\"9\"{date}>SDN List</sanctionsList>")
    };
    assert_eq!(since(&list("")), ["2021-03-04", "2021-03-04"]);
    assert_eq!(since(&list(" datePublished=\"2020-01-02\"")), ["2020-01-02", "2020-01-02"]);
}

#[test]
fn a_reference_set_of_plain_texts_is_no_obstacle() {
    let plain = |line: &str| match line.split_once("<type>") {
        Some((start, rest)) if start.contains("<featureType ") => {
            let text = rest.split('<').next().unwrap();
            format!("{start}{text}</featureType>\n")
        }
        _ => format!("{line}\n"),
    };
    let text: String = ENHANCED.lines().map(plain).collect();
    assert!(text.contains("<featureType featureTypeId=\"8\">Birthdate</featureType>"));
    assert_eq!(enhanced(&text).unwrap().designations, enhanced(ENHANCED).unwrap().designations);
}

#[test]
fn a_time_without_an_offset_is_in_utc() {
    let check = |written: &str, expected: &str| {
        let text = ENHANCED.replace("2026-01-02T10:00:00.0000000-05:00", written);
        assert_eq!(enhanced(&text).unwrap().data_as_of.to_string(), expected);
    };
    check("2026-01-02T00:00:00", "2026-01-02T00:00:00Z");
    check("2026-01-02T10:00:00.5Z", "2026-01-02T10:00:00.5Z");
    check("2026-01-02T10:00:00-04:00", "2026-01-02T14:00:00Z");
}

#[test]
fn what_has_an_addresss_shape_is_seen_under_any_type() {
    // A type that was renamed is still of addresses, under its own name.
    let renamed = ENHANCED.replace("Digital Currency Address - USDC", "Digital Asset - USDC");
    let reading = enhanced(&renamed).unwrap();
    let of = |tickers: &[&str]| reading.designations.iter().any(|d| d.tickers == tickers);
    assert!(of(&["Digital Asset - USDC"]) && !of(&["USDC"]), "{:?}", reading.designations);
    // One of another kind is not, and one that the file does not explain may be of anything.
    let check = |kind: &str, reason: &str| {
        let text = ENHANCED
            .replace("<type>Digital Currency Address - USDC</type>", "<type></type>")
            .replace(">Digital Currency Address - USDC<", kind);
        let quarantine = enhanced(&text).unwrap().quarantine;
        let published = "0x9eEc5F251d8c47BDBb2348D186f06F048d91A157";
        let found = quarantine.iter().find(|q| q.published == published).unwrap();
        assert!(found.reason.contains(reason), "{}", found.reason);
    };
    check(">Website<", "published as \"Website\", which is no type of addresses");
    check("><", "does not say what feature type \"998\" is");
}

#[test]
fn only_the_sdn_list_is_taken() {
    let other = ENHANCED.replacen(
        "datePublished=\"2021-03-04\">SDN List<",
        "datePublished=\"2021-03-04\">Another List<",
        1,
    );
    let reading = enhanced(&other).unwrap();
    assert!(reading.designations.iter().all(|d| d.uid != 900_001));
    let note = "entity 900001 is not on the SDN List: its 3 addresses are passed over";
    assert_eq!(reading.notes, [note]);
}

#[test]
fn a_file_that_was_cut_anywhere_is_no_publication() {
    let root_end = ENHANCED.rfind("</sanctionsData>").unwrap();
    let root_start = ENHANCED.find("<publicationInfo>").unwrap();
    for end in (root_start..=root_end).step_by(97).chain([root_end]) {
        let text = &ENHANCED[..ENHANCED.floor_char_boundary(end)];
        let error = message(enhanced(text));
        assert!(error.contains("download it again"), "cut at {end}: {error}");
    }
}

#[test]
fn what_is_no_publication_says_what_it_is() {
    let check = |bytes: &[u8], expected: &str| {
        let error = message(read(bytes, &Stated::default()));
        assert!(error.contains(expected), "{error}");
    };
    check(b"", "is empty");
    check(b"  \n", "is empty");
    check(b"<!DOCTYPE html><html><body>Not found</body></html>", "web page");
    check(b"<html><head></head></html>", "web page");
    check(&[0x1f, 0x8b, 8, 0], "gzip");
    check(b"PK\x03\x04rest", "zip");
    check(b"<rss></rss>", "<rss>");
    check(b"some,other,header\n", "no known format");
    let undated = ENHANCED.replace("dataAsOf>", "asOf>");
    check(undated.as_bytes(), "does not say as of when");
    let misdated = ENHANCED.replace("2026-01-02T10", "2026-13-02T10");
    check(misdated.as_bytes(), "no timestamp");
    let mismatched = ENHANCED.replacen("</entity>", "</entities>", 1);
    check(mismatched.as_bytes(), "not well-formed");
}

#[test]
fn the_csv_sample_is_read_whole() {
    let reading = csv(CSV).unwrap();
    assert_eq!((reading.source, reading.format), (Source::Own, "csv"));
    assert_eq!((reading.designations.len(), reading.quarantine.len()), (3, 0));
    assert_eq!(reading.not_evm.get("TRX"), Some(&1));
    let joined = reading.designations.iter().find(|d| d.uid == 900_004).unwrap();
    assert_eq!(joined.tickers, ["ARB", "BSC", "ETH"]);
}

#[test]
fn a_csv_says_which_line_is_wrong_and_what_it_lacks() {
    let check = |row: &str, expected: &str| {
        let error = message(csv(&format!("{CSV}{row}\n")));
        assert!(error.contains("line 6") && error.contains(expected), "{error}");
    };
    check("0x00000000000000000000000000000000000000aa, ,,,", "no uid");
    check("0x00000000000000000000000000000000000000aa,1,yesterday,,", "not a day");
    check("0x00000000000000000000000000000000000000aa,1", "");
    assert!(message(enhanced(CSV)).contains("--source"));
    let stated = Stated { source: Some(Source::Own), ..Stated::default() };
    assert!(message(read(CSV.as_bytes(), &stated)).contains("--data-as-of"));
    let stated = Stated { source: Some(Source::Eu), ..Stated::default() };
    assert!(message(read(ENHANCED.as_bytes(), &stated)).contains("OFAC-SDN"));
}

#[test]
fn the_real_list_has_its_known_addresses() {
    let Some(folder) = std::env::var_os("INTERDICT_REAL_DATA") else {
        use std::io::Write as _;
        let notice = "skipped: INTERDICT_REAL_DATA is not set";
        writeln!(io::stderr(), "{notice}").unwrap();
        return;
    };
    let path = std::path::Path::new(&folder).join("ofac/sdn_enhanced_RECONSTRUCTED_2026-08-20.xml");
    let reading = read(std::fs::File::open(path).unwrap(), &Stated::default()).unwrap();
    let mut by_address: BTreeMap<Address, Vec<String>> = BTreeMap::new();
    for designation in &reading.designations {
        by_address.entry(designation.address).or_default().extend(designation.tickers.clone());
    }
    let usdt_only = by_address.values().filter(|t| t.iter().all(|t| t == "USDT")).count();
    assert_eq!((by_address.len(), usdt_only, reading.quarantine.len()), (104, 4, 0));
}
