//! TUAK (TS 35.231): f1 to f5* over Keccak-f\[1600\].

use core::num::NonZeroU8;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::keccak::{State, permute};
use crate::octets::secret_octets;
use crate::sqn::Sqn;
use crate::values::{Ak, Amf, Ck, Ik, Key, Mac, Rand, Res};

secret_octets!(
    /// TOP: the operator's variant of TUAK (TS 35.231, 6.1).
    Top, 32
);
secret_octets!(
    /// `TOPc`: TOP bound to one subscriber's key (TS 35.231, 6.1).
    TopC, 32
);
secret_octets!(
    /// A 256-bit K.
    Key256, 32
);

/// K of TUAK.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TuakKey {
    /// 128 bits.
    Bits128(Key),
    /// 256 bits.
    Bits256(Key256),
}

impl TuakKey {
    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Bits128(key) => key.as_bytes(),
            Self::Bits256(key) => key.as_bytes(),
        }
    }

    /// The bit of INSTANCE that says how long K is.
    const fn instance(&self) -> u8 {
        match self {
            Self::Bits128(_) => 0x00,
            Self::Bits256(_) => 0x01,
        }
    }
}

/// Length of MAC-A and MAC-S.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum TuakMacLength {
    /// 64 bits: the length AUTN and AUTS have room for.
    #[default]
    Bits64,
    /// 128 bits.
    Bits128,
    /// 256 bits.
    Bits256,
}

/// Length of RES.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum TuakResLength {
    /// 32 bits.
    Bits32,
    /// 64 bits.
    #[default]
    Bits64,
    /// 128 bits.
    Bits128,
    /// 256 bits: longer than the RES of TS 33.102.
    Bits256,
}

/// Length of CK or IK.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum TuakKeyLength {
    /// 128 bits: the length of TS 33.102.
    #[default]
    Bits128,
    /// 256 bits.
    Bits256,
}

/// A RES of 256 bits was asked for, which TS 33.102 has no room for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("TUAK: a RES of 256 bits does not fit AKA, at most 128 do")]
pub struct TuakResTooLong;

/// The lengths of the outputs of f2, f3 and f4; the default fits TS 33.102.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct TuakLengths {
    /// Length of RES.
    pub res: TuakResLength,
    /// Length of CK.
    pub ck: TuakKeyLength,
    /// Length of IK.
    pub ik: TuakKeyLength,
}

// The bits of INSTANCE for each length (TS 35.231, 6.3 and 6.4), and the length in bytes.
impl TuakMacLength {
    const fn instance(self) -> (u8, usize) {
        match self {
            Self::Bits64 => (0x08, 8),
            Self::Bits128 => (0x10, 16),
            Self::Bits256 => (0x20, 32),
        }
    }
}

impl TuakResLength {
    const fn instance(self) -> (u8, usize) {
        match self {
            Self::Bits32 => (0x00, 4),
            Self::Bits64 => (0x08, 8),
            Self::Bits128 => (0x10, 16),
            Self::Bits256 => (0x20, 32),
        }
    }
}

impl TuakKeyLength {
    const fn instance(self, when_long: u8) -> (u8, usize) {
        match self {
            Self::Bits128 => (0x00, 16),
            Self::Bits256 => (when_long, 32),
        }
    }
}

/// An output of 4 to 32 bytes; secret, as CK and IK are among them.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct TuakOutput {
    bytes: [u8; 32],
    len: usize,
}

impl TuakOutput {
    /// Returns the bytes, the most significant first.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&self.bytes)
    }
}

crate::octets::constant_time_eq!(TuakOutput);

impl core::fmt::Debug for TuakOutput {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("TuakOutput(***)")
    }
}

/// What f2 to f5 yield for one RAND.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TuakOutputs {
    /// f2: RES.
    pub res: TuakOutput,
    /// f3: CK.
    pub ck: TuakOutput,
    /// f4: IK.
    pub ik: TuakOutput,
    /// f5: AK.
    pub ak: Ak,
}

/// One subscriber's keys and parameters for TUAK.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tuak {
    key: TuakKey,
    topc: TopC,
    iterations: NonZeroU8,
    res: TuakResLength,
}

// Where the fields of INOUT start, in bytes; each field lies there with its last byte first
// (TS 35.231, 6.2 to 6.5).
const AT_TOP: usize = 0;
const AT_INSTANCE: usize = 32;
const AT_NAME: usize = 33;
const AT_RAND: usize = 40;
const AT_AMF: usize = 56;
const AT_SQN: usize = 58;
const AT_KEY: usize = 64;
const AT_PADDING: usize = 96;
const AT_LAST: usize = 135;
const AT_CK: usize = 32;
const AT_IK: usize = 64;
const AT_AK: usize = 96;

const NAME: &[u8; 7] = b"TUAK1.0";
const F1_STAR: u8 = 0x80;
const F2345: u8 = 0x40;
const F5_STAR: u8 = 0xC0;

impl Tuak {
    /// Joins the keys, the number of iterations of Keccak (1 unless the operator says otherwise)
    /// and the length of RES in AKA.
    ///
    /// # Errors
    /// A RES of 256 bits: AKA has no room for it, only [`Self::f2345`] yields it.
    pub fn new(
        key: TuakKey,
        topc: TopC,
        iterations: NonZeroU8,
        res: TuakResLength,
    ) -> Result<Self, TuakResTooLong> {
        match res {
            TuakResLength::Bits32 | TuakResLength::Bits64 | TuakResLength::Bits128 => {
                Ok(Self { key, topc, iterations, res })
            }
            TuakResLength::Bits256 => Err(TuakResTooLong),
        }
    }

    /// Returns K.
    #[must_use]
    pub const fn key(&self) -> &TuakKey {
        &self.key
    }

    /// Returns `TOPc`.
    #[must_use]
    pub const fn topc(&self) -> &TopC {
        &self.topc
    }

    /// Returns the number of iterations of Keccak.
    #[must_use]
    pub const fn iterations(&self) -> NonZeroU8 {
        self.iterations
    }

    /// Returns the length of RES in AKA.
    #[must_use]
    pub const fn res(&self) -> TuakResLength {
        self.res
    }

    /// Computes f1: MAC-A, of a length of choice.
    #[must_use]
    pub fn f1(&self, rand: &Rand, sqn: Sqn, amf: Amf, length: TuakMacLength) -> TuakOutput {
        let (instance, len) = length.instance();
        output(&self.run(instance, rand, Some((sqn, amf))), AT_TOP, len)
    }

    /// Computes f1*: MAC-S, of a length of choice.
    #[must_use]
    pub fn f1_star(&self, rand: &Rand, sqn: Sqn, amf: Amf, length: TuakMacLength) -> TuakOutput {
        let (instance, len) = length.instance();
        output(&self.run(F1_STAR | instance, rand, Some((sqn, amf))), AT_TOP, len)
    }

    /// Computes f2, f3, f4 and f5 with lengths of choice.
    #[must_use]
    pub fn f2345(&self, rand: &Rand, lengths: TuakLengths) -> TuakOutputs {
        let (state, res_len, ck_len, ik_len) = self.run_f2345(rand, lengths);
        TuakOutputs {
            res: output(&state, AT_TOP, res_len),
            ck: output(&state, AT_CK, ck_len),
            ik: output(&state, AT_IK, ik_len),
            ak: Ak::from(take(&state, AT_AK)),
        }
    }

    /// Computes f5*: AK of resynchronisation.
    #[must_use]
    pub fn f5_star(&self, rand: &Rand) -> Ak {
        Ak::from(take(&self.run(F5_STAR, rand, None), AT_AK))
    }

    /// Computes f1 with the length of AUTN.
    pub(crate) fn mac_a(&self, rand: &Rand, sqn: Sqn, amf: Amf) -> Mac {
        let (instance, _) = TuakMacLength::Bits64.instance();
        Mac::from(take(&self.run(instance, rand, Some((sqn, amf))), AT_TOP))
    }

    /// Computes f1* with the length of AUTS.
    pub(crate) fn mac_s(&self, rand: &Rand, sqn: Sqn, amf: Amf) -> Mac {
        let (instance, _) = TuakMacLength::Bits64.instance();
        Mac::from(take(&self.run(F1_STAR | instance, rand, Some((sqn, amf))), AT_TOP))
    }

    /// Computes f2 to f5 with the lengths of TS 33.102.
    pub(crate) fn session(&self, rand: &Rand) -> (Res, Ck, Ik, Ak) {
        let lengths = TuakLengths { res: self.res, ..TuakLengths::default() };
        let (state, ..) = self.run_f2345(rand, lengths);
        let res = match self.res {
            TuakResLength::Bits32 => Res::from(take::<4>(&state, AT_TOP)),
            TuakResLength::Bits64 => Res::from(take::<8>(&state, AT_TOP)),
            // `new` refuses 256.
            TuakResLength::Bits128 | TuakResLength::Bits256 => {
                Res::from(take::<16>(&state, AT_TOP))
            }
        };
        (
            res,
            Ck::from(take(&state, AT_CK)),
            Ik::from(take(&state, AT_IK)),
            Ak::from(take(&state, AT_AK)),
        )
    }

    fn run_f2345(
        &self,
        rand: &Rand,
        lengths: TuakLengths,
    ) -> (Zeroizing<State>, usize, usize, usize) {
        let (res_instance, res_len) = lengths.res.instance();
        let (ck_instance, ck_len) = lengths.ck.instance(0x04);
        let (ik_instance, ik_len) = lengths.ik.instance(0x02);
        let instance = F2345 | res_instance | ck_instance | ik_instance;
        (self.run(instance, rand, None), res_len, ck_len, ik_len)
    }

    fn run(&self, instance: u8, rand: &Rand, sqn_amf: Option<(Sqn, Amf)>) -> Zeroizing<State> {
        run(&self.key, self.topc.as_bytes(), self.iterations, instance, Some(rand), sqn_amf)
    }
}

impl TopC {
    /// Computes `TOPc` from TOP (TS 35.231, 6.2).
    #[must_use]
    pub fn derive(key: &TuakKey, top: &Top, iterations: NonZeroU8) -> Self {
        Self::from(take(&run(key, top.as_bytes(), iterations, 0, None, None), AT_TOP))
    }
}

/// Fills INOUT and permutes it.
fn run(
    key: &TuakKey,
    top: &[u8; 32],
    iterations: NonZeroU8,
    instance: u8,
    rand: Option<&Rand>,
    sqn_amf: Option<(Sqn, Amf)>,
) -> Zeroizing<State> {
    let mut state = Zeroizing::new([0; 200]);
    put(&mut state, AT_TOP, top);
    put(&mut state, AT_INSTANCE, &[instance | key.instance()]);
    put(&mut state, AT_NAME, NAME);
    if let Some(rand) = rand {
        put(&mut state, AT_RAND, rand.as_bytes());
    }
    if let Some((sqn, amf)) = sqn_amf {
        put(&mut state, AT_AMF, amf.as_bytes());
        put(&mut state, AT_SQN, &sqn.to_bytes());
    }
    put(&mut state, AT_KEY, key.as_bytes());
    // The padding: bits 768 to 772 and bit 1087.
    put(&mut state, AT_PADDING, &[0x1F]);
    put(&mut state, AT_LAST, &[0x80]);
    for _ in 0..iterations.get() {
        permute(&mut state);
    }
    state
}

/// Writes a field at its place, last byte first.
fn put(state: &mut State, at: usize, field: &[u8]) {
    for (place, byte) in state.iter_mut().skip(at).zip(field.iter().rev()) {
        *place = *byte;
    }
}

/// Reads a field from its place, last byte first.
fn take<const N: usize>(state: &State, at: usize) -> [u8; N] {
    let mut field = [0; N];
    for (byte, place) in field.iter_mut().rev().zip(state.iter().skip(at)) {
        *byte = *place;
    }
    field
}

fn output(state: &State, at: usize, len: usize) -> TuakOutput {
    let mut bytes = [0; 32];
    let field = bytes.iter_mut().take(len).rev();
    for (byte, place) in field.zip(state.iter().skip(at)) {
        *byte = *place;
    }
    TuakOutput { bytes, len }
}
