//! MILENAGE (TS 35.206): f1 to f5* over AES-128.

use aes::Aes128Enc;
use aes::cipher::consts::U16;
use aes::cipher::{
    Array, BlockCipherEncBackend, BlockCipherEncClosure, BlockCipherEncrypt as _, BlockSizeUser,
    KeyInit as _,
};
use zeroize::{Zeroize as _, Zeroizing};

use crate::sqn::Sqn;
use crate::values::{Ak, Amf, Ck, Ik, Key, Mac, Op, Opc, Rand, Res};

/// One subscriber's keys for MILENAGE: K and `OPc`, 32 bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Milenage {
    key: Key,
    opc: Opc,
}

/// Everything MILENAGE yields for one RAND, SQN and AMF.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MilenageOutputs {
    /// f1: MAC-A.
    pub mac_a: Mac,
    /// f1*: MAC-S, over the given SQN and AMF.
    pub mac_s: Mac,
    /// f2: RES, 8 bytes.
    pub res: Res,
    /// f3: CK.
    pub ck: Ck,
    /// f4: IK.
    pub ik: Ik,
    /// f5: AK.
    pub ak: Ak,
    /// f5*: AK of resynchronisation.
    pub ak_star: Ak,
}

impl Opc {
    /// Computes `OPc` = `E_K`(OP) xor OP (TS 35.206, 4.1).
    #[must_use]
    pub fn derive(key: &Key, op: &Op) -> Self {
        let mut block = Array(*op.as_bytes());
        schedule(key).encrypt_block(&mut block);
        Self::from(bytes(xor(words(&block.0), words(op.as_bytes()))))
    }
}

impl Milenage {
    /// Joins K and `OPc`.
    #[must_use]
    pub const fn new(key: Key, opc: Opc) -> Self {
        Self { key, opc }
    }

    /// Joins K and the `OPc` computed from OP.
    #[must_use]
    pub fn from_op(key: Key, op: &Op) -> Self {
        let opc = Opc::derive(&key, op);
        Self { key, opc }
    }

    /// Returns K.
    #[must_use]
    pub const fn key(&self) -> &Key {
        &self.key
    }

    /// Returns `OPc`.
    #[must_use]
    pub const fn opc(&self) -> &Opc {
        &self.opc
    }

    /// Computes f1 to f5 and f1*, f5*: six AES blocks, five of them at once.
    #[must_use]
    pub fn outputs(&self, rand: &Rand, sqn: Sqn, amf: Amf) -> MilenageOutputs {
        let cipher = schedule(&self.key);
        let opc = words(self.opc.as_bytes());
        let start = xor(words(rand.as_bytes()), opc);
        let mut out1 = Zeroizing::new([0; 4]);
        let mut others = Zeroizing::new([[0; 4]; 4]);
        cipher.encrypt_with_backend(All {
            start,
            in1: in1(sqn, amf),
            opc,
            out1: &mut out1,
            others: &mut others,
        });
        let [out2, out3, out4, out5] = *others;
        let (mac_a, mac_s) = macs(*out1);
        let (res, ak) = res_and_ak(out2);
        MilenageOutputs {
            mac_a,
            mac_s,
            res,
            ck: Ck::from(bytes(out3)),
            ik: Ik::from(bytes(out4)),
            ak,
            ak_star: ak_star(out5),
        }
    }

    /// Computes for one RAND all that does not need SQN: TEMP and OUT2 to OUT5.
    pub(crate) fn challenge(&self, rand: &Rand) -> Challenge {
        let opc = words(self.opc.as_bytes());
        let cipher = schedule(&self.key);
        let start = xor(words(rand.as_bytes()), opc);
        let mut temp = [0; 4];
        let mut others = [[0; 4]; 4];
        cipher.encrypt_with_backend(WithoutSqn {
            start,
            opc,
            temp: &mut temp,
            others: &mut others,
        });
        Challenge { cipher, opc, temp, others }
    }
}

/// MILENAGE under one RAND.
pub(crate) struct Challenge {
    cipher: Aes128Enc,
    opc: Words,
    /// TEMP = `E_K`(RAND xor `OPc`).
    temp: Words,
    /// OUT2 to OUT5.
    others: [Words; 4],
}

impl Drop for Challenge {
    fn drop(&mut self) {
        self.opc.zeroize();
        self.temp.zeroize();
        self.others.zeroize();
    }
}

impl Challenge {
    /// Returns f2, f3, f4 and f5.
    pub(crate) fn f2345(&self) -> (Res, Ck, Ik, Ak) {
        let [out2, out3, out4, _] = self.others;
        let (res, ak) = res_and_ak(out2);
        (res, Ck::from(bytes(out3)), Ik::from(bytes(out4)), ak)
    }

    /// Returns f5*.
    pub(crate) fn f5_star(&self) -> Ak {
        let [.., out5] = self.others;
        ak_star(out5)
    }

    /// Computes f1.
    pub(crate) fn f1(&self, sqn: Sqn, amf: Amf) -> Mac {
        macs(self.out1(sqn, amf)).0
    }

    /// Computes f1*.
    pub(crate) fn f1_star(&self, sqn: Sqn, amf: Amf) -> Mac {
        macs(self.out1(sqn, amf)).1
    }

    fn out1(&self, sqn: Sqn, amf: Amf) -> Words {
        let mut block = Array(bytes(input1(self.temp, in1(sqn, amf), self.opc)));
        self.cipher.encrypt_block(&mut block);
        xor(words(&block.0), self.opc)
    }
}

/// A block as four words: all rotations of MILENAGE are by whole words.
type Words = [u32; 4];

#[inline(always)]
const fn words(bytes: &[u8; 16]) -> Words {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = *bytes;
    [
        u32::from_ne_bytes([a, b, c, d]),
        u32::from_ne_bytes([e, f, g, h]),
        u32::from_ne_bytes([i, j, k, l]),
        u32::from_ne_bytes([m, n, o, p]),
    ]
}

#[inline(always)]
const fn bytes([first, second, third, fourth]: Words) -> [u8; 16] {
    let [a, b, c, d] = first.to_ne_bytes();
    let [e, f, g, h] = second.to_ne_bytes();
    let [i, j, k, l] = third.to_ne_bytes();
    let [m, n, o, p] = fourth.to_ne_bytes();
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
}

const fn xor([a, b, c, d]: Words, [e, f, g, h]: Words) -> Words {
    [a ^ e, b ^ f, c ^ g, d ^ h]
}

/// IN1 = SQN || AMF || SQN || AMF.
fn in1(sqn: Sqn, amf: Amf) -> Words {
    let [a, b, c, d, e, f] = sqn.to_bytes();
    let [g, h] = *amf.as_bytes();
    let (first, second) = (u32::from_ne_bytes([a, b, c, d]), u32::from_ne_bytes([e, f, g, h]));
    [first, second, first, second]
}

/// Returns the cipher's input for OUT1: TEMP xor rot(IN1 xor `OPc`, r1 = 64) xor c1 = 0.
const fn input1(temp: Words, in1: Words, opc: Words) -> Words {
    let [a, b, c, d] = xor(in1, opc);
    xor(temp, [c, d, a, b])
}

/// Returns the cipher's inputs for OUT2 to OUT5 from TEMP xor `OPc`: rot(.., r) xor c with
/// (r, c) = (0, 1), (32, 2), (64, 4), (96, 8) (TS 35.206, 4.1).
const fn inputs([a, b, c, d]: Words) -> [Words; 4] {
    const fn last(c: u8) -> u32 {
        u32::from_ne_bytes([0, 0, 0, c])
    }
    [[a, b, c, d ^ last(1)], [b, c, d, a ^ last(2)], [c, d, a, b ^ last(4)], [d, a, b, c ^ last(8)]]
}

/// Encrypts TEMP and the five blocks that depend on it, in one call of the backend.
struct All<'a> {
    /// RAND xor `OPc`.
    start: Words,
    in1: Words,
    opc: Words,
    out1: &'a mut Words,
    /// OUT2 to OUT5.
    others: &'a mut [Words; 4],
}

impl BlockSizeUser for All<'_> {
    type BlockSize = U16;
}

impl BlockCipherEncClosure for All<'_> {
    #[inline(always)]
    fn call<B: BlockCipherEncBackend<BlockSize = U16>>(self, backend: &B) {
        let temp = encrypt(backend, self.start);
        *self.out1 = xor(encrypt(backend, input1(temp, self.in1, self.opc)), self.opc);
        encrypt_others(backend, temp, self.opc, self.others);
    }
}

/// Encrypts TEMP, and OUT2 to OUT5.
struct WithoutSqn<'a> {
    /// RAND xor `OPc`.
    start: Words,
    opc: Words,
    temp: &'a mut Words,
    /// OUT2 to OUT5.
    others: &'a mut [Words; 4],
}

impl BlockSizeUser for WithoutSqn<'_> {
    type BlockSize = U16;
}

impl BlockCipherEncClosure for WithoutSqn<'_> {
    #[inline(always)]
    fn call<B: BlockCipherEncBackend<BlockSize = U16>>(self, backend: &B) {
        *self.temp = encrypt(backend, self.start);
        encrypt_others(backend, *self.temp, self.opc, self.others);
    }
}

/// Computes OUT2 to OUT5. The blocks do not depend on each other, so the processor runs their
/// rounds side by side; the backend's batches (8 or 64 blocks) would mostly hold nothing.
#[inline(always)]
fn encrypt_others<B: BlockCipherEncBackend<BlockSize = U16>>(
    backend: &B,
    temp: Words,
    opc: Words,
    others: &mut [Words; 4],
) {
    for (out, input) in others.iter_mut().zip(inputs(xor(temp, opc))) {
        *out = xor(encrypt(backend, input), opc);
    }
}

#[inline(always)]
fn encrypt<B: BlockCipherEncBackend<BlockSize = U16>>(backend: &B, block: Words) -> Words {
    let mut block = Array(bytes(block));
    backend.encrypt_block((&mut block).into());
    words(&block.0)
}

fn schedule(key: &Key) -> Aes128Enc {
    Aes128Enc::new(&Array(*key.as_bytes()))
}

fn macs(out1: Words) -> (Mac, Mac) {
    let [a, b, c, d, e, f, g, h, mac_s @ ..] = bytes(out1);
    (Mac::from([a, b, c, d, e, f, g, h]), Mac::from(mac_s))
}

fn res_and_ak(out2: Words) -> (Res, Ak) {
    let [a, b, c, d, e, f, _, _, res @ ..] = bytes(out2);
    (Res::from(res), Ak::from([a, b, c, d, e, f]))
}

fn ak_star(out5: Words) -> Ak {
    let [a, b, c, d, e, f, ..] = bytes(out5);
    Ak::from([a, b, c, d, e, f])
}
