//! Revocation lists, signed.

use alloc::vec::Vec;

use super::super::certificate::Certificate;
use super::super::crl::{CRL_NUMBER, PART, TOTAL_PARTS};
use super::super::der::{INTEGER, SEQUENCE, tlv, unsigned};
use super::super::extensions::AUTHORITY_KEY_ID;
use super::super::time;
use super::template::{algorithm, extension, signed};
use crate::crypto::PrivateKey;

/// What stands in a revocation list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RevocationList {
    /// Its number; a newer list has a greater one.
    pub number: u64,
    /// The first second at which it is in force.
    pub this_update: i64,
    /// The last second.
    pub next_update: i64,
    /// Which part of how many this is, from 1.
    pub part: (u64, u64),
    /// The serial numbers of what is revoked, as [`Certificate::serial`] gives them.
    pub revoked: Vec<Vec<u8>>,
}

impl RevocationList {
    /// Returns a whole list.
    #[must_use]
    pub fn whole(number: u64, in_force: (i64, i64), revoked: &[&Certificate]) -> Self {
        Self {
            number,
            this_update: in_force.0,
            next_update: in_force.1,
            part: (1, 1),
            revoked: revoked.iter().map(|certificate| certificate.serial().to_vec()).collect(),
        }
    }

    pub(super) fn sign(&self, root: &Certificate, key: &PrivateKey) -> Vec<u8> {
        let date = time::write(self.this_update);
        let entry = |serial: &Vec<u8>| tlv(SEQUENCE, &[&tlv(INTEGER, &[serial]), &date]);
        let entries: Vec<u8> = self.revoked.iter().flat_map(entry).collect();
        // An empty list is left out (RFC 5280, 5.1.2.6).
        let revoked = if entries.is_empty() { Vec::new() } else { tlv(SEQUENCE, &[&entries]) };
        let tbs = tlv(
            SEQUENCE,
            &[
                &tlv(INTEGER, &[&[1]]),
                &algorithm(),
                &tlv(SEQUENCE, &[root.subject_der()]),
                &date,
                &time::write(self.next_update),
                &revoked,
                &tlv(0xA0, &[&tlv(SEQUENCE, &[&self.extensions(root)])]),
            ],
        );
        signed(&tbs, key)
    }

    fn extensions(&self, root: &Certificate) -> Vec<u8> {
        let mut out = Vec::new();
        if let Some(id) = root.subject_key_id() {
            let value = tlv(SEQUENCE, &[&tlv(0x80, &[id.as_bytes()])]);
            out.extend(extension(&[0x55, 0x1D, AUTHORITY_KEY_ID], false, &value));
        }
        out.extend(extension(&CRL_NUMBER, false, &unsigned(&self.number.to_be_bytes())));
        if self.part != (1, 1) {
            out.extend(extension(&TOTAL_PARTS, true, &unsigned(&self.part.1.to_be_bytes())));
            out.extend(extension(&PART, true, &unsigned(&self.part.0.to_be_bytes())));
        }
        out
    }
}
