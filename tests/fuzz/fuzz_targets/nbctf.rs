#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| readers::read("order,issued_on,valid_until,forfeited,address,account,platform,currency,holder\n", bytes));
