//! The octets of one whole session, so that they do not change between releases without notice.

use super::*;
use alloc::string::ToString as _;
use polysim_base::Hex;
use sha2::{Digest as _, Sha256};

#[test]
fn the_same_seed_makes_the_same_octets() {
    let mut pair = Pair::comparing();
    pair.input(0, LinkInput::Compared(true));
    pair.input(1, LinkInput::Compared(true));
    pair.input(0, LinkInput::Send(b"a message".to_vec()));
    pair.wake(pair.now.plus(Duration::from_secs(1)));
    pair.input(1, LinkInput::Close);
    let number = pair.numbers()[0].unwrap().to_string();
    let digest = |said: &[u8]| Hex(&Sha256::digest(said)).to_string();
    assert_eq!(number, "983348");
    let initiator = "781E55904E16639D9B8AF21A7819641033DC1DEB5D7F55D96A719C99B4D2A725";
    assert_eq!(digest(&pair.said[0]), initiator);
    let responder = "7AC15EBFDBC294608D7CA1711FC7E83421DBC896ABC226A052DED9AB60B09A92";
    assert_eq!(digest(&pair.said[1]), responder);
}
