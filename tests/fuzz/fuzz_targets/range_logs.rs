#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let (piece, body) = bytes.split_first().map_or((1, bytes), |(first, rest)| (usize::from(*first), rest));
    readers::ranges::read(piece, body);
    let head = br#"{"jsonrpc":"2.0","id":1,"result":["#;
    readers::ranges::read(piece, &[head, body].concat());
    let log = br#"{"address":"0x11","topics":["0x22","0x33"],"data":"0x","blockNumber":"0x1","removed":false}"#;
    readers::ranges::read(piece, &[&head[..], log, body, b"]}"].concat());
});
