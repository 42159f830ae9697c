//! The samples of every list but OFAC's, and what is done to them. They tell the same story: an
//! address under two persons, several in one text, one with a wrong checksum, one with a digit too
//! few, one with a letter of another alphabet, one with a character that is not seen, addresses of
//! Tron and Bitcoin, a person without any.

use interdict_core::uid;

use super::*;

const UK_XML: &str = include_str!("../../../tests/publications/uk_sample.xml");
const UK_CSV: &str = include_str!("../../../tests/publications/uk_sample.csv");
const EU: &str = include_str!("../../../tests/publications/eu_sample.xml");
const OPENSANCTIONS: &str = include_str!("../../../tests/publications/opensanctions_sample.json");
const NBCTF: &str = include_str!("../../../tests/publications/nbctf_sample.csv");
const OWN: &str = include_str!("../../../tests/publications/own_sample.json");

const A: &str = "0xE070df2cB1f0cC56089F07b36b5d1cde234F73D6";
const B: &str = "0x6543d11f72b826a45a3fe236cd9d9d04fd0ab605";
const C: &str = "0xF39f61B36dC5b245ae7839DE2dc07A66D7DeFB08";

fn try_read(text: &str) -> Result<Reading, SourceError> {
    read(text.as_bytes(), &Stated::default())
}

fn sample(text: &str) -> Reading {
    try_read(text).unwrap()
}

fn stated(text: &str, source: Option<Source>, data_as_of: Option<&str>) -> Reading {
    let data_as_of = data_as_of.map(|time| time.parse().unwrap());
    read(text.as_bytes(), &Stated { source, data_as_of, comments: None }).unwrap()
}

fn nbctf(text: &str) -> Result<Reading, SourceError> {
    nbctf_at(text, "2026-10-02T08:00:00Z")
}

fn nbctf_at(text: &str, time: &str) -> Result<Reading, SourceError> {
    let data_as_of = Some(time.parse().unwrap());
    read(text.as_bytes(), &Stated { source: None, data_as_of, comments: None })
}

fn message(result: Result<Reading, SourceError>) -> String {
    result.unwrap_err().to_string()
}

/// Who is designated with which address as published, sorted.
fn listed(reading: &Reading) -> Vec<(&str, &str)> {
    let rows = reading.designations.iter();
    let mut rows: Vec<_> =
        rows.flat_map(|d| d.published.iter().map(|p| (&*d.authority_id, &**p))).collect();
    rows.sort_unstable();
    assert!(reading.designations.iter().all(|d| d.uid == uid::of(&d.authority_id)));
    rows
}

/// Why something is in quarantine, by what it begins with; sorted.
fn reasons(reading: &Reading) -> Vec<&str> {
    let known = ["checksum", "39 hex", "4 hex", "6 hex", "U+0430", "U+200B", "does not say"];
    let reason = |q: &Quarantined| {
        let reason = known.iter().find(|known| q.reason.contains(**known));
        *reason.unwrap_or_else(|| panic!("{}", q.reason))
    };
    let mut reasons: Vec<_> = reading.quarantine.iter().map(reason).collect();
    reasons.sort_unstable();
    reasons
}

fn others(reading: &Reading) -> Vec<(&str, u64)> {
    reading.not_evm.iter().map(|(ticker, n)| (ticker.as_str(), *n)).collect()
}

fn of<'a>(reading: &'a Reading, id: &str) -> Vec<&'a Designation> {
    reading.designations.iter().filter(|d| d.authority_id == id).collect()
}

#[test]
fn the_uk_list_is_read_from_its_prose() {
    for (text, format) in [(UK_XML, "uk-xml"), (UK_CSV, "uk-csv")] {
        let reading = sample(text);
        assert_eq!((reading.source, reading.format), (Source::Uk, format));
        assert_eq!(reading.data_as_of.to_string(), "2026-10-02T00:00:00Z");
        let expected = [("CYB0901", A), ("RUS0902", B), ("RUS0902", A), ("RUS0902", C)];
        assert_eq!(listed(&reading), expected, "{format}");
        let unreadable = ["39 hex", "4 hex", "U+0430", "U+200B", "checksum"];
        assert_eq!(reasons(&reading), unreadable, "{format}");
        assert_eq!(others(&reading), [("TRX", 1), ("XBT", 1)], "{format}");
        let [designation] = of(&reading, "CYB0901")[..] else { panic!("{format}") };
        assert_eq!(designation.designated_on, Some("2023-05-18".parse().unwrap()));
        assert_eq!(designation.programs, ["The Example Cyber (Sanctions) Regulations 2020"]);
    }
    let (xml, csv) = (sample(UK_XML), sample(UK_CSV));
    assert_eq!(xml.designations, csv.designations);
    assert_eq!(xml.quarantine, csv.quarantine);
}

#[test]
fn the_uks_own_element_is_read_when_it_is_used() {
    let used = |value: &str| {
        let element = format!("<CryptoWalletAddress>{value}</CryptoWalletAddress>");
        let element = format!("<CryptoWalletAddresses>{element}</CryptoWalletAddresses>");
        sample(&UK_XML.replacen("<CryptoWalletAddresses />", &element, 1))
    };
    assert_eq!(of(&used(B), "CYB0901").len(), 2);
    assert_eq!(
        of(&used("\n  ETH: 0x6543d11f72b826a45a3fe236cd9d9d04fd0ab605\n"), "CYB0901").len(),
        2
    );
    let unknown = used("none of our chains");
    assert_eq!(others(&unknown), [("(no ticker)", 1), ("TRX", 1), ("XBT", 1)]);
    assert_eq!(used("0x12").quarantine.len(), sample(UK_XML).quarantine.len() + 1);
}

#[test]
fn a_person_of_several_lines_is_one_person() {
    let extra = UK_CSV.replace("18/05/2023", "20/05/2023");
    let extra = format!("{UK_CSV}{}", extra.lines().nth(2).unwrap());
    let other = extra.replacen("The Example Cyber", "The Other Example", 1);
    let reading = sample(&other);
    let [designation] = of(&reading, "CYB0901")[..] else { panic!("{reading:?}") };
    assert_eq!(designation.designated_on, Some("2023-05-18".parse().unwrap()), "the earliest");
    assert_eq!(designation.programs.len(), 2);
}

#[test]
fn the_eu_list_is_read_from_its_remarks() {
    let reading = sample(EU);
    assert_eq!((reading.source, reading.format), (Source::Eu, "eu-fsf"));
    assert_eq!(reading.data_as_of.to_string(), "2026-09-22T16:40:51.758Z");
    let expected = [("990001", A), ("990002", B), ("990002", A), ("990002", C)];
    assert_eq!(listed(&reading), expected);
    let unreadable = ["39 hex", "4 hex", "U+0430", "U+200B", "checksum"];
    assert_eq!(reasons(&reading), unreadable);
    assert_eq!(others(&reading), [("TRX", 1), ("XBT", 1)]);
    let dates = [("990001", "2025-02-25", 1), ("990002", "2023-12-18", 2)];
    for (id, date, programmes) in dates {
        let designation = of(&reading, id)[0];
        assert_eq!(designation.designated_on, Some(date.parse().unwrap()), "{id}");
        assert_eq!(
            (designation.uid.to_string(), designation.programs.len()),
            (id.to_owned(), programmes)
        );
    }
}

#[test]
fn opensanctions_entities_are_joined_in_any_order() {
    let reading = sample(OPENSANCTIONS);
    assert_eq!((reading.source, reading.format), (Source::OfacSdn, "opensanctions"));
    assert_eq!(reading.data_as_of.to_string(), "2026-10-02T06:00:02Z", "the newest of the list");
    let expected = [("900001", A), ("900002", B), ("900002", A), ("900003", C)];
    assert_eq!(listed(&reading), expected);
    assert_eq!(reasons(&reading), ["39 hex", "U+0430", "U+200B", "checksum"]);
    assert_eq!(others(&reading), [("TRX", 1), ("XBT", 1)]);
    assert_eq!(of(&reading, "900001")[0].designated_on, Some("2021-03-04".parse().unwrap()));
    let joined = of(&reading, "900002")[0];
    assert_eq!(joined.programs, ["EXAMPLE2", "EXAMPLE3"]);
    assert_eq!(joined.tickers, ["ETH", "USDT"]);
    assert_eq!(joined.designated_on, Some("2022-05-06".parse().unwrap()), "the earliest");
    let notes = [
        "1 wallet of other datasets: passed over",
        "1 wallet without the topic of a listed one: passed over",
        "1 wallet without an address: passed over",
    ];
    assert_eq!(reading.notes, notes);
    let mut lines: Vec<_> = OPENSANCTIONS.lines().collect();
    lines.reverse();
    let reversed = sample(&lines.join("\n"));
    assert_eq!(reversed.designations, reading.designations);
}

#[test]
fn a_file_of_several_lists_is_read_for_one() {
    let other = r#"{"id":"w","schema":"CryptoWallet","properties":{"publicKey":["0x6543d11f72b826a45a3fe236cd9d9d04fd0ab605"],"topics":["sanction"],"holder":["gb-1"]},"datasets":["gb_fcdo_sanctions"],"last_seen":"2026-09-01T00:00:00"}"#;
    let sanction = r#"{"id":"s","schema":"Sanction","properties":{"entity":["gb-1"],"authorityId":["99001","CYB0042"],"program":["The Example"]},"datasets":["gb_fcdo_sanctions"]}"#;
    let both = format!("{OPENSANCTIONS}{other}\n{sanction}\n");
    let error = message(try_read(&both));
    assert!(error.contains("(OFAC-SDN, UK)") && error.contains("--source"), "{error}");
    let uk = stated(&both, Some(Source::Uk), None);
    assert_eq!(listed(&uk), [("CYB0042", B)], "the UK's own id, and not the group's number");
    assert_eq!(uk.data_as_of.to_string(), "2026-09-01T00:00:00Z");
    let ofac = stated(&both, Some(Source::OfacSdn), None);
    assert_eq!(ofac.designations, sample(OPENSANCTIONS).designations);
    // Only the UK's come with such a number: elsewhere each is a person's id.
    let eu = format!("{other}\n{sanction}").replace("gb_fcdo_sanctions", "eu_fsf");
    assert_eq!(listed(&sample(&eu)), [("99001", B), ("CYB0042", B)]);
    // Without its sanction a wallet says no authority's id, and lists nobody.
    let unattributed = sample(other);
    assert_eq!(
        (unattributed.designations.len(), reasons(&unattributed)),
        (0, vec!["does not say"])
    );
}

#[test]
fn an_israeli_order_of_opensanctions_ends_too() {
    let wallet = r#"{"id":"w","schema":"CryptoWallet","properties":{"publicKey":["0x6543d11f72b826a45a3fe236cd9d9d04fd0ab605"],"topics":["crime.terror"]},"datasets":["il_mod_crypto"],"last_seen":"2026-10-02T00:00:00"}"#;
    let order = |id: &str, end: &str| {
        format!(
            r#"{{"id":"{id}","schema":"Sanction","properties":{{"entity":["w"],"authorityId":["{id}"],"startDate":["2024-10-01"],"endDate":[{end}]}},"datasets":["il_mod_crypto"]}}"#
        )
    };
    let file = [
        wallet.to_owned(),
        order("ASO 1/24", r#""2026-10-01""#),
        order("ASO 2/24", r#""2026-10-02""#),
    ];
    let reading = sample(&file.join("\n"));
    assert_eq!(listed(&reading), [("ASO 2/24", B)], "its last day is whole");
    assert_eq!(reading.designations[0].valid_until, Some("2026-10-02".parse().unwrap()));
    assert_eq!(reading.notes, ["ASO 1/24 ended on 2026-10-01: its 1 address is passed over"]);
}

#[test]
fn what_is_no_whole_set_of_entities_is_refused() {
    let check = |text: &str, expected: &str| {
        let error = message(try_read(text));
        assert!(error.contains(expected), "{error}");
    };
    let first = OPENSANCTIONS.lines().next().unwrap();
    check(&format!(r#"{{"op":"ADD","entity":{first}}}"#), "take the full file");
    check(&format!("{OPENSANCTIONS}{{\"op\":\"DEL\",\"entity\":{{\"id\":\"x\"}}}}"), "is a delta");
    check(&OPENSANCTIONS[..OPENSANCTIONS.len() - 20], "line 19: ends in the middle");
    check(&format!("{first}\nnot JSON\n"), "line 2: is no entity");
    check(&format!("{first}\n{{\"id\":\"x\"}}\n"), "line 2: has no id or no schema");
    check(&OPENSANCTIONS.replace("us_ofac_sdn", "some_other_dataset"), "us_ofac_sdn, gb_fcdo");
    let undated = OPENSANCTIONS.replace("last_seen", "seen");
    check(&undated, "--data-as-of");
    assert_eq!(stated(&undated, None, Some("2026-10-02T06:00:02Z")).designations.len(), 4);
    let long = format!("{}{first}", " ".repeat(8 * 1024 * 1024 + 1));
    check(&format!("{first}\n{long}"), "line 2: is longer than");
}

#[test]
fn israeli_orders_are_read_until_they_end() {
    let reading = nbctf(NBCTF).unwrap();
    assert_eq!((reading.source, reading.format), (Source::IlNbctf, "nbctf-csv"));
    let expected = [("ASO 12/25", A), ("ASO 13/25", A), ("ASO 4/23", C)];
    assert_eq!(listed(&reading), expected);
    assert_eq!(reasons(&reading), ["39 hex", "U+0430", "U+200B", "checksum"]);
    assert_eq!(others(&reading), [("(account)", 1), ("USDT", 1)]);
    assert_eq!(reading.notes, ["ASO 5/24 ended on 2026-01-02: its 2 addresses are passed over"]);
    let order = of(&reading, "ASO 12/25")[0];
    assert_eq!(order.designated_on, Some("2025-07-01".parse().unwrap()));
    assert_eq!(order.valid_until, Some("2027-07-01".parse().unwrap()));
    assert_eq!(of(&reading, "ASO 4/23")[0].valid_until, None, "what was forfeited has no end");
}

#[test]
fn an_order_holds_on_its_last_day_and_not_on_the_next() {
    let held = |time| {
        stated(NBCTF, None, Some(time)).designations.iter().any(|d| d.authority_id == "ASO 5/24")
    };
    assert!(held("2026-01-02T23:59:59Z"));
    assert!(!held("2026-01-03T00:00:00Z"));
}

#[test]
fn a_line_of_an_order_that_is_wrong_is_named() {
    let check = |row: &str, expected: &str| {
        let error = message(nbctf(&format!("{NBCTF}{row}\n")));
        assert!(error.contains("line 13") && error.contains(expected), "{error}");
    };
    check(&format!("ASO - 5/24,,,,{B},,,,"), "is no order");
    check(&format!("ASO 5/24,,,yes,{B},,,,"), "\"yes\" is no order");
    check(&format!("ASO 5/24,01.02.2024,,,{B},,,,"), "not a day");
    check(&format!("ASO 5/24,2024-01-02,2023-01-02,,{B},,,,"), "before it begins");
    check("ASO 5/24,,,,,,,,", "neither address nor account");
    check(&format!("ASO 5/24,,,,{B},1,,,"), "in one line");
    check(&format!("ASO 5/24,,,,{B},,"), "has 7 fields, the header 9");
    assert!(message(try_read(NBCTF)).contains("--data-as-of"));
}

#[test]
fn an_own_document_says_what_it_is() {
    let reading = sample(OWN);
    assert_eq!((reading.source, reading.format), (Source::Own, "json"));
    assert_eq!(reading.data_as_of.to_string(), "2026-01-02T00:00:00Z");
    assert_eq!(listed(&reading), [("18", B), ("case-17", A), ("case-18", A)]);
    assert_eq!(reasons(&reading), ["39 hex", "U+0430", "U+200B", "checksum"]);
    assert_eq!(others(&reading), [("TRX", 1), ("XBT", 1)]);
    assert_eq!(reading.notes, ["case-19 ended on 2025-12-31: its 1 address is passed over"]);
    assert_eq!(of(&reading, "18")[0].valid_until, Some("2026-12-31".parse().unwrap()));
    // In one line, and with its names in another order, it is the same.
    let value: serde_json::Value = serde_json::from_str(OWN).unwrap();
    assert_eq!(sample(&value.to_string()).designations, reading.designations);
}

#[test]
fn an_own_document_is_read_as_it_is_described_or_not_at_all() {
    let check = |text: &str, expected: &str| {
        let error = message(try_read(text));
        assert!(error.contains(expected), "{error}");
    };
    check(&OWN.replacen("\"uid\"", "\"person\": \"x\", \"uid\"", 1), "unknown field `person`");
    check(&OWN.replace("publication/1", "publication/2"), "reads \"interdict.publication/1\"");
    check(&OWN.replace("\"OWN\"", "\"XX\""), "unknown variant");
    check(&OWN.replacen("\"case-17\"", "17", 1), "invalid type");
    check(&OWN[..OWN.len() / 2], "EOF");
    check(&format!("{OWN}{OWN}"), "trailing characters");
    let other = Stated { source: Some(Source::Uk), ..Stated::default() };
    assert!(message(read(OWN.as_bytes(), &other)).contains("is of the source OWN"));
    let long = format!("{}{}", OWN.trim_end(), " ".repeat(64 * 1024 * 1024));
    check(&long, "is longer than");
}

#[test]
fn what_was_cut_or_is_of_another_kind_is_no_list() {
    for (text, end, step) in [(UK_XML, "</Designations>", 97), (EU, "</export>", 83)] {
        let (end, start) = (text.rfind(end).unwrap(), text.find("-->").unwrap() + 60);
        for cut in (start..=end).step_by(step).chain([end]) {
            let error = message(try_read(&text[..text.floor_char_boundary(cut)]));
            assert!(error.contains("download it again"), "cut at {cut}: {error}");
        }
    }
    let cut = &UK_CSV[..UK_CSV.len() - 30];
    assert!(message(try_read(cut)).contains("fields, the header 58: download it again"));
    let check = |text: &str, expected: &str| {
        let error = message(try_read(text));
        assert!(error.contains(expected), "{error}");
    };
    check(&UK_XML.replace("Designations", "Persons"), "<Persons>");
    check(&UK_XML.replace("DateGenerated", "Date"), "does not say as of when");
    check(&UK_XML.replace("02/10/2026", "2026-10-02"), "no timestamp");
    check(&UK_XML.replacen("18/05/2023", "dd/05/2023", 1), "CYB0901 has the date");
    check(&UK_CSV.replace("02-Oct-2026", "02-Okt-2026"), "no timestamp");
    check(&UK_CSV.replace("Unique ID", "Id"), "no column \"Unique ID\"");
    check(&EU.replace("export", "import"), "<import>");
    check(&EU.replace(" generationDate", " date"), "does not say as of when");
    check(&EU.replacen(" logicalId=\"990001\"", "", 1), "no logicalId");
    check(&EU.replace("2023-12-18", "18.12.2023"), "990002 has the date");
}

#[test]
fn the_help_names_every_format() {
    use clap::CommandFactory as _;
    let mut interdict = crate::args::Cli::command();
    let help = interdict.find_subcommand_mut("plan").unwrap().render_help().to_string();
    let headers = [csv::HEADER, nbctf::HEADER, own_json::SCHEMA];
    for words in FORMATS.map(|format| format.name).iter().chain(&headers) {
        assert!(help.contains(words), "{words}");
    }
}

#[test]
fn hostile_lengths_are_refused() {
    let long = "x".repeat(2 * 1024 * 1024);
    let error = message(try_read(&format!("{UK_CSV}{long}")));
    assert!(error.contains("line 8: a record is longer than"), "{error}");
    let open = format!("{NBCTF}\"{long}");
    assert!(message(nbctf(&open)).contains("a record is longer than"));
    let remark = format!("<remark>{long}");
    let error = message(try_read(&EU.replacen("<remark>", &remark, 1)));
    assert!(error.contains("between two tags stand over"), "{error}");
    let many = (0..1001).map(|n| format!("0x{n:04x}")).collect::<Vec<_>>().join(", ");
    let error = message(try_read(&EU.replacen("<remark>", &format!("<remark>{many}"), 1)));
    assert!(error.contains("no publication of a list"), "{error}");
}

#[test]
fn the_order_of_rows_decides_no_date() {
    let row = |until: &str, since: &str| format!("ASO 12/25,{since},{until},,{C},,,USDT,\n");
    let check = |rows: [String; 2], until: Option<&str>| {
        for rows in [rows.clone(), [rows[1].clone(), rows[0].clone()]] {
            let text = format!("{}\n{}", nbctf::HEADER, rows.concat());
            let reading = nbctf_at(&text, "2026-01-01T00:00:00Z").unwrap();
            let [one] = &reading.designations[..] else { panic!("{reading:?}") };
            assert_eq!(one.valid_until, until.map(|day| day.parse().unwrap()));
            assert_eq!(one.designated_on, Some("2025-07-01".parse().unwrap()));
        }
    };
    check([row("2026-07-01", "2025-07-01"), row("2027-07-01", "2025-08-01")], Some("2027-07-01"));
    check([row("2026-07-01", ""), row("", "2025-07-01")], None);
}

#[test]
fn an_order_is_written_in_one_way() {
    for order in ["ASO 05/24", "ASO 5/2024", "ASO 5/4", "ASO 0/24", "ASO 12345/24", "ASO /24"] {
        let text = format!("{}\n{order},2025-07-01,,,{C},,,USDT,\n", nbctf::HEADER);
        let error = message(nbctf(&text));
        assert!(error.contains("line 2") && error.contains("is no order"), "{order}: {error}");
    }
}

#[test]
fn an_end_may_be_a_month_and_must_be_a_date() {
    let sanction = OPENSANCTIONS.lines().find(|line| line.contains("\"Sanction\"")).unwrap();
    let with = |end: &str| {
        let changed = sanction
            .replacen("\"properties\":{", &format!("\"properties\":{{\"endDate\":[\"{end}\"],"), 1)
            .replacen(
                "\"properties\": {",
                &format!("\"properties\": {{\"endDate\":[\"{end}\"],"),
                1,
            );
        assert_ne!(changed, sanction);
        try_read(&OPENSANCTIONS.replacen(sanction, &changed, 1))
    };
    let ends = |end: &str| {
        let reading = with(end).unwrap();
        reading.designations.iter().filter_map(|d| d.valid_until).max()
    };
    let day = |day: &str| Some(day.parse().unwrap());
    assert_eq!(ends("2099-02"), day("2099-02-28"));
    assert_eq!(ends("2099"), day("2099-12-31"));
    assert_eq!(ends("2099-03-04T00:00:00"), day("2099-03-04"));
    for end in ["2099-13", "soon", "2099-02-30"] {
        let error = message(with(end));
        assert!(error.contains(&format!("the end date {end:?}, which is no date")), "{error}");
    }
}
