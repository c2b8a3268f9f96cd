//! Any bytes as a profile file: what decodes can be summarised, merged and encoded again.

use drift::profile::Profile;

/// Panics when the promise breaks.
pub fn run(bytes: &[u8]) {
    let Ok(profile) = Profile::decode(bytes) else { return };
    let _ = profile.summary();
    let again = profile.encode();
    Profile::decode(&again).expect("what was encoded decodes");
    let _ = profile.clone().merge(&profile);
}
