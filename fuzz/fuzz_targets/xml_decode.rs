//! See [`ec2wire_fuzz::xml_decode`].
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| ec2wire_fuzz::xml_decode(data));

#[cfg(not(fuzzing))]
fn main() {
    eprintln!("to fuzz, run `cargo +nightly fuzz run xml_decode --fuzz-dir fuzz`");
}
