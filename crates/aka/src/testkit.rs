//! For tests and fuzzing: a plain model of the card's window of sequence numbers, and the fuzz
//! body.

use alloc::boxed::Box;
use core::num::NonZeroU8;

use crate::{
    Algorithm, Amf, AuthOutcome, AuthVector, Autn, Key, Milenage, Opc, Rand, Sqn, SqnArray,
    SqnGenerator, Subscriber, TopC, Tuak, TuakKey, TuakResLength, authenticate, verify_auts,
};

/// The window as TS 33.102, C.2 words it: 32 entries of SEQ, one per IND.
#[derive(Clone, Debug, Default)]
pub struct WindowModel {
    seq_ms: [u64; Sqn::IND_COUNT],
}

impl WindowModel {
    /// Accepts or refuses, as [`SqnArray::accept`] shall.
    pub fn accept(&mut self, sqn: Sqn) -> bool {
        let highest = self.seq_ms.iter().copied().max().unwrap_or(0);
        let Some(entry) = self.seq_ms.get_mut(usize::from(sqn.ind())) else {
            return false;
        };
        let too_far = sqn.seq() >= highest + SqnArray::DELTA;
        let fresh = sqn.seq() > *entry && !too_far;
        if fresh {
            *entry = sqn.seq();
        }
        fresh
    }

    /// Returns the highest SEQ with its IND; of equal ones, that with the highest IND.
    #[must_use]
    pub fn highest(&self) -> Sqn {
        (0..).zip(self.seq_ms).fold(Sqn::default(), |highest, (ind, seq)| {
            let entry = Sqn::new(seq, ind).unwrap_or_default();
            if seq > 0 && entry > highest { entry } else { highest }
        })
    }
}

/// Bytes to draw values from; zeros after the end.
struct Draw<'a>(&'a [u8]);

impl Draw<'_> {
    fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        let (now, later) = self.0.split_at_checked(N).unwrap_or((self.0, &[]));
        out.iter_mut().zip(now).for_each(|(to, from)| *to = *from);
        self.0 = later;
        out
    }
}

fn draw_algorithm(draw: &mut Draw<'_>) -> Algorithm {
    let [which] = draw.array();
    let key = Key::from(draw.array());
    if which & 1 == 0 {
        return Milenage::new(key, Opc::from(draw.array())).into();
    }
    let topc = TopC::from(draw.array());
    let length = match which >> 1 & 3 {
        0 => TuakResLength::Bits32,
        1 => TuakResLength::Bits128,
        _ => TuakResLength::Bits64,
    };
    match Tuak::new(TuakKey::Bits128(key.clone()), topc, NonZeroU8::MIN, length) {
        Ok(tuak) => Algorithm::Tuak(Box::new(tuak)),
        Err(_) => Milenage::new(key, Opc::from([0; 16])).into(),
    }
}

/// Plays AUTNs against a card: an arbitrary one, then genuine ones with arbitrary sequence
/// numbers, each checked against the [`WindowModel`]; a refused one must lead to an AUTS that the
/// `AuC` believes and whose next vector the card accepts.
///
/// # Panics
/// When one of these does not hold.
pub fn fuzz_aka_autn(data: &[u8]) {
    let mut draw = Draw(data);
    let algorithm = draw_algorithm(&mut draw);
    let rand = Rand::from(draw.array());
    let mut window = SqnArray::default();
    let mut model = WindowModel::default();

    // An arbitrary AUTN is genuine only if the network would have made it.
    let autn = Autn::from(draw.array());
    let outcome = authenticate(&algorithm, &mut window.clone(), &rand, &autn);
    if outcome != Ok(AuthOutcome::MacFailure) {
        let ak_probe = vector(&algorithm, rand, Sqn::default(), autn.amf());
        let ak = crate::Ak::from(ak_probe.autn.sqn_xor_ak());
        assert_eq!(vector(&algorithm, rand, autn.sqn(&ak), autn.amf()).autn, autn);
    }

    let mut near = 0;
    while !draw.0.is_empty() {
        let sqn = draw_sqn(&mut draw, near);
        near = sqn.seq();
        play(&algorithm, &mut window, &mut model, rand, sqn);
    }
}

/// Draws a number near `near`, or any at all.
fn draw_sqn(draw: &mut Draw<'_>, near: u64) -> Sqn {
    let [step] = draw.array();
    match step {
        0xE0..=0xFF => Sqn::from(draw.array::<6>()),
        0xC0..=0xDF => Sqn::new(near.saturating_sub(1), step & 0x1F).unwrap_or_default(),
        0xB0..=0xBF => Sqn::new(near + SqnArray::DELTA, step & 0x1F).unwrap_or_default(),
        0xA0..=0xAF => Sqn::new(near + SqnArray::DELTA - 1, step & 0x1F).unwrap_or_default(),
        _ => Sqn::new(near + u64::from(step >> 5), step & 0x1F).unwrap_or_default(),
    }
}

fn play(
    algorithm: &Algorithm,
    window: &mut SqnArray,
    model: &mut WindowModel,
    rand: Rand,
    sqn: Sqn,
) {
    let before = window.clone();
    let vector = vector(algorithm, rand, sqn, Amf::EPS);
    let outcome = authenticate(algorithm, window, &rand, &vector.autn);
    let expected = model.accept(sqn);
    assert_eq!(window.highest(), model.highest(), "after {sqn}");
    match outcome {
        Ok(AuthOutcome::Success { res, ck, ik, .. }) => {
            assert!(expected, "{sqn} accepted by {before:?}");
            assert_eq!((res, ck, ik), (vector.xres, vector.ck, vector.ik));
        }
        Ok(AuthOutcome::SyncFailure { auts }) => {
            assert!(!expected, "{sqn} refused by {before:?}");
            assert_eq!(*window, before, "a refusal changes nothing");
            assert_eq!(verify_auts(algorithm, &rand, &auts), Ok(window.highest()));
            resynchronised_vector_is_accepted(algorithm, window.clone(), rand, sqn, auts);
        }
        Ok(AuthOutcome::MacFailure) | Err(_) => {
            assert_eq!(outcome.as_ref().err(), None, "AKA is there");
            assert_ne!(outcome, Ok(AuthOutcome::MacFailure), "a genuine AUTN");
        }
    }
}

fn resynchronised_vector_is_accepted(
    algorithm: &Algorithm,
    mut window: SqnArray,
    rand: Rand,
    sqn_he: Sqn,
    auts: crate::Auts,
) {
    let generator = SqnGenerator::after(sqn_he);
    let mut auc = Subscriber::with_generator(algorithm.clone(), Amf::EPS, generator);
    assert_eq!(auc.resynchronise(&rand, &auts), Ok(window.highest()));
    let Ok(vector) = auc.next_vector(rand) else {
        assert_eq!(window.highest().seq(), Sqn::SEQ_MAX, "only then is none left");
        return;
    };
    let outcome = authenticate(algorithm, &mut window, &rand, &vector.autn);
    assert!(matches!(outcome, Ok(AuthOutcome::Success { .. })), "{outcome:?}");
}

#[expect(clippy::expect_used, reason = "`draw_algorithm` draws algorithms of AKA only")]
fn vector(algorithm: &Algorithm, rand: Rand, sqn: Sqn, amf: Amf) -> AuthVector {
    AuthVector::generate(algorithm, rand, sqn, amf).expect("an algorithm of AKA")
}
