//! See [`ec2wire_fuzz::envelope_encode`].
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| ec2wire_fuzz::envelope_encode(data));

#[cfg(not(fuzzing))]
fn main() {
    eprintln!("to fuzz, run `cargo +nightly fuzz run envelope_encode --fuzz-dir fuzz`");
}
