//! The walk, at every size of its window, and what it refuses.

use super::*;

/// Writes down what it is told.
#[derive(Default)]
struct Told(Vec<String>);

impl Document for Told {
    fn open(&mut self, path: &str, element: &Element<'_>) -> Result<Want, SourceError> {
        let id = element.attribute("id")?;
        self.0.push(format!("<{path} {}", id.unwrap_or_default()));
        Ok(match path.rsplit('/').next() {
            Some("value") => Want::Text,
            Some("other") => Want::Nothing,
            _ => Want::Elements,
        })
    }

    fn close(&mut self, path: &str, text: &str) -> Result<(), SourceError> {
        self.0.push(format!("{path}> {text}"));
        Ok(())
    }
}

fn told(text: &str, window_bytes: usize) -> Result<Vec<String>, String> {
    let mut told = Told::default();
    walk_through(Window::new(text.as_bytes(), window_bytes), &mut told)
        .map_err(|error| error.to_string())?;
    Ok(told.0)
}

const TEXT: &str = "\u{feff}<?xml version='1.0'?>\n<!-- > -->\n<r:root xmlns:r='urn:r'>
  <a id='1 > 0 &amp; 1'>
    <value> \u{feff}x &lt;&#x30;<!-- </value> -->y<![CDATA[ <z> ]]> </value>
    <other><a id='2'/> text <value>x</value><![CDATA[</other>]]><!-- </other>
      <c> --><?x </other> ?><b c='>'
d=\"<>\" /><other></other >\u{feff}</other>\u{feff}
    <value/><value id=\"'\">\u{200b}0\u{430}</value >
  </a>
</r:root>
<!-- end -->";

#[test]
fn what_is_told_does_not_depend_on_where_windows_end() {
    let whole = told(TEXT, TEXT.len() + 1).unwrap();
    assert_eq!(
        whole,
        [
            "< ",
            "<a 1 > 0 & 1",
            "<a/value ",
            "a/value>  \u{feff}x <0y <z>  ",
            "<a/other ",
            "<a/value ",
            "a/value> ",
            "<a/value '",
            "a/value> \u{200b}0\u{430}",
            "a> ",
            "> ",
        ]
    );
    // The longest that stands between two tags here has under 120 bytes.
    for window_bytes in 120..=TEXT.len() {
        assert_eq!(told(TEXT, window_bytes).as_ref(), Ok(&whole), "{window_bytes}");
    }
    assert!(told(TEXT, 60).unwrap_err().contains("between two tags stand over 60 bytes"));
}

#[test]
fn hostile_documents_are_refused_for_what_they_do() {
    let check = |text: &str, expected: &str| {
        for window_bytes in [64, WINDOW_BYTES] {
            let error = told(text, window_bytes).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    };
    check(&"<a>".repeat(DEPTH_MAX + 1), "deep");
    check(&format!("<a><other>{}", "<a>".repeat(DEPTH_MAX)), "deep");
    check("<a></a><a></a>", "second root");
    check("</>", "nothing began");
    check("<a></a></a>", "nothing began");
    check("<a><b></a></b>", "</a> ends what b began");
    check("<a><other><b></other></b></a>", "</other> ends what b began");
    check("<a><value>x<b/>y</value></a>", "within the text");
    check("<a><b id='1' id='2'/></a>", "written twice");
    check("<!DOCTYPE a [<!ENTITY x 'y'>]><a><value>&x;</value></a>", "no entity &x;");
    check("<a><value>&#xd800;</value></a>", "not well-formed");
    check("<a", "ends at byte");
    check("<a><b", "ends at byte");
    check("", "ends at byte");
    let long = |bytes| format!("<a><value>{}</value></a>", "x".repeat(bytes));
    assert!(told(&long(TEXT_BYTES_MAX), WINDOW_BYTES).is_ok());
    assert!(told(&long(TEXT_BYTES_MAX + 1), WINDOW_BYTES).unwrap_err().contains("is over"));
    let error = told(&long(WINDOW_BYTES), WINDOW_BYTES).unwrap_err();
    assert!(error.contains("between two tags stand over"), "{error}");
}
