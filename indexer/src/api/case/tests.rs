//! What is hostile stays text.

use super::*;

#[test]
fn every_text_is_escaped() {
    let hostile = "<script>alert('x')</script>&\"";
    let expected = "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;";
    assert_eq!(Plain(hostile).to_string(), expected);
    let mut page = String::new();
    section(&mut page, hostile, &vec![("name", Some(hostile.to_owned())), ("not there", None)])
        .unwrap();
    let entry = Entry {
        at: hostile.to_owned(),
        kind: hostile.to_owned(),
        by: hostile.to_owned(),
        chain: None,
        number: Some(1),
        role: Some(hostile.to_owned()),
        detail: Some(serde_json::json!({
            "from": hostile, "to": "new", "step": { "kind": "note", hostile: hostile, "n": [hostile] }
        })),
    };
    timeline(&mut page, &[entry]).unwrap();
    assert!(!page.contains("<script") && !page.contains("not there"), "{page}");
    assert!(page.matches("&lt;script&gt;").count() >= 8, "{page}");
}
