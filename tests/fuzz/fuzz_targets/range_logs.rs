#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((first, body)) = bytes.split_first() else { return };
    let piece = usize::from(*first);
    readers::ranges::read(piece, body);
    let head = br#"{"jsonrpc":"2.0","id":1,"result":["#;
    readers::ranges::read(piece, &[head, body].concat());
    let log = concat!(
        r#"{"address":"0x11","topics":["0x22","0x33"],"data":"0x","#,
        r#""blockNumber":"0x1","removed":false}"#
    );
    readers::ranges::read(piece, &[&head[..], log.as_bytes(), body, b"]}"].concat());
});
