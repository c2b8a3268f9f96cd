//! Any bytes as a profile file, as they are and under a right header and checksum, which no guessing would hit: what
//! decodes can be summarised, compared, merged and encoded again.

use drift::compare::{CompareOptions, compare};
use drift::profile::{MAGIC, Profile, VERSION};

const HEADER_BYTES: usize = 16;
const CHECKSUM_BYTES: usize = 32;

/// Panics when the promise breaks.
pub fn run(bytes: &[u8]) {
    for file in [bytes.to_vec(), sealed(bytes)] {
        let Ok(profile) = Profile::decode(&file) else { continue };
        let _ = drift::compare::describe(&profile);
        let again = profile.encode();
        Profile::decode(&again).expect("what was encoded decodes");
        let _ = compare(&profile, &profile, &CompareOptions { all_metrics: true, ..CompareOptions::default() });
        let _ = profile.clone().merge(&profile);
    }
}

/// The body of a file, or all of the bytes, as the body of a sound file.
fn sealed(bytes: &[u8]) -> Vec<u8> {
    let is_file = bytes.starts_with(MAGIC) && bytes.len() > HEADER_BYTES + CHECKSUM_BYTES;
    let body = if is_file { &bytes[HEADER_BYTES..bytes.len() - CHECKSUM_BYTES] } else { bytes };
    let mut file = [&MAGIC[..], &VERSION.to_le_bytes(), &(body.len() as u64).to_le_bytes(), body].concat();
    let checksum = blake3::hash(&file);
    file.extend_from_slice(checksum.as_bytes());
    file
}
