//! Makes the data of `ec2wire-model` from a service model.

use crate::Made;
use ec2wire_model::Model;
use sha2::{Digest as _, Sha256};
use std::error::Error;
use std::fmt::Write as _;

/// The folder of the data.
pub(crate) const FOLDER: &str = "crates/ec2wire-model/model";

/// The files made from a service model. They depend only on the arguments.
pub(crate) fn files(file: &[u8], source: &str) -> Result<Vec<Made>, Box<dyn Error>> {
    let model = Model::read(file)?;
    let packed = model.pack()?;
    let names = packed.names.into_bytes();
    let about = format!(
        "# Made by `cargo xtask import-model`.\n\
         source = {source:?}\n\
         path = \"botocore/data/ec2/{version}/service-2.json.gz\"\n\
         sha256 = \"{sha256}\"\n\
         api-version = {version:?}\n\
         operations = {operations}\n\
         shapes = {shapes}\n\
         names-sha256 = \"{names_sha256}\"\n\
         facts-sha256 = \"{facts_sha256}\"\n",
        version = model.api_version(),
        sha256 = sha256(file),
        operations = model.operations().len(),
        shapes = model.shapes().len(),
        names_sha256 = sha256(&names),
        facts_sha256 = sha256(&packed.facts),
    );
    Ok(vec![
        (format!("{FOLDER}/names.txt"), names),
        (format!("{FOLDER}/facts.bin"), packed.facts),
        (format!("{FOLDER}/source.toml"), about.into_bytes()),
    ])
}

/// The hash of a file, in hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let mut digits = String::new();
    for byte in Sha256::digest(bytes) {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}
