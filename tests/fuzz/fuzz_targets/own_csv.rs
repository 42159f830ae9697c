#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| readers::read_own("address,uid,designated_on,programs,tickers\n", bytes));
