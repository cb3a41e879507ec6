//! Client keys: who a request is counted for. Keys are the same in every installation, so
//! that identifiers derived from them survive a move.

use std::hash::Hasher;

use siphasher::sip::SipHasher13;

use crate::effects::ClientKey;
use crate::request::{Address, Batch, Request};

/// The hash of a session key's value, never 0 (0 is "no session key").
#[must_use]
pub fn hash_session_key(value: &str) -> u64 {
    let mut hasher = SipHasher13::new_with_keys(0, 1);
    hasher.write(value.as_bytes());
    hasher.finish().max(1)
}

/// The client of a request: its session key, else its address and user agent.
#[must_use]
pub fn client_key(batch: &Batch, request: &Request) -> ClientKey {
    let user_agent = batch.text(request.user_agent);
    client_key_of(request.session_key, request.address, user_agent)
}

/// The client of requests with this session key (0 is none), address and user agent.
#[must_use]
pub fn client_key_of(session_key: u64, address: Address, user_agent: &str) -> ClientKey {
    let mut hasher = SipHasher13::new_with_keys(0, 2);
    if session_key == 0 {
        hasher.write_u128(address.0);
        hasher.write(user_agent.as_bytes());
    } else {
        hasher.write_u64(session_key);
    }
    ClientKey(hasher.finish())
}
