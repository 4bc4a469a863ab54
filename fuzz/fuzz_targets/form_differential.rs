//! See [`ec2wire_fuzz::form_differential`].
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| ec2wire_fuzz::form_differential(data));

#[cfg(not(fuzzing))]
fn main() {
    eprintln!("to fuzz, run `cargo +nightly fuzz run form_differential --fuzz-dir fuzz`");
}
