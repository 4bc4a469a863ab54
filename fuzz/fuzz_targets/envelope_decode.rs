//! See [`ec2wire_fuzz::envelope_decode`].
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| ec2wire_fuzz::envelope_decode(data));

#[cfg(not(fuzzing))]
fn main() {
    eprintln!("to fuzz, run `cargo +nightly fuzz run envelope_decode --fuzz-dir fuzz`");
}
