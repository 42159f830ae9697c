#![no_main]

/// What stands between the rows and the comments of one input.
const BETWEEN: u8 = b'\x1f';

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut files = bytes.splitn(2, |byte| *byte == BETWEEN);
    let (rows, comments) = (files.next().unwrap_or_default(), files.next());
    readers::read_with("900001,\"EXAMPLE PERSON ONE\"", rows, comments);
});
