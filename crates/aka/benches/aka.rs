//! Throughput of the algorithms on one core, with a fresh key each time.

use divan::Bencher;
use divan::counter::ItemsCount;
use polysim_aka::{
    Algorithm, Amf, AuthVector, Comp128, Comp128Version, Key, Milenage, Opc, Rand, Sqn, SqnArray,
    TopC, Tuak, TuakKey, TuakResLength, authenticate, gsm, k_asme,
};

fn main() {
    divan::main();
}

/// Calls per sample: enough that reading the clock does not count.
const BATCH: u64 = 4096;

fn key(number: u64) -> Key {
    Key::from(u128::from(number.wrapping_mul(0x9E37_79B9_7F4A_7C15)).to_be_bytes())
}

fn rand(number: u64) -> Rand {
    Rand::from(u128::from(!number).to_le_bytes())
}

fn each(bencher: Bencher<'_, '_>, mut body: impl FnMut(u64)) {
    bencher.counter(ItemsCount::new(BATCH)).bench_local(|| (0..BATCH).for_each(&mut body));
}

/// f1 to f5 and f1*, f5*: key schedule and six AES blocks.
#[divan::bench]
fn milenage_all_functions(bencher: Bencher<'_, '_>) {
    let sqn = Sqn::from([0, 0, 0, 0, 1, 0]);
    each(bencher, |number| {
        let milenage = Milenage::new(key(number), Opc::from([0xCD; 16]));
        divan::black_box_drop(milenage.outputs(&rand(number), sqn, Amf::EPS));
    });
}

#[divan::bench]
fn milenage_vector(bencher: Bencher<'_, '_>) {
    let sqn = Sqn::from([0, 0, 0, 0, 1, 0]);
    each(bencher, |number| {
        let algorithm = Milenage::new(key(number), Opc::from([0xCD; 16])).into();
        divan::black_box_drop(AuthVector::generate(&algorithm, rand(number), sqn, Amf::EPS));
    });
}

#[divan::bench]
fn milenage_card(bencher: Bencher<'_, '_>) {
    let algorithm = Algorithm::from(Milenage::new(key(1), Opc::from([0xCD; 16])));
    let Ok(vector) =
        AuthVector::generate(&algorithm, rand(1), Sqn::from([0, 0, 0, 0, 1, 0]), Amf::EPS)
    else {
        return;
    };
    each(bencher, |_| {
        let mut window = SqnArray::default();
        divan::black_box_drop(authenticate(
            divan::black_box(&algorithm),
            &mut window,
            &vector.rand,
            &vector.autn,
        ));
    });
}

#[divan::bench]
fn tuak_vector(bencher: Bencher<'_, '_>) {
    let sqn = Sqn::from([0, 0, 0, 0, 1, 0]);
    each(bencher, |number| {
        let iterations = core::num::NonZeroU8::MIN;
        let key = TuakKey::Bits128(key(number));
        let tuak = Tuak::new(key, TopC::from([0xCD; 32]), iterations, TuakResLength::Bits64);
        if let Ok(tuak) = tuak {
            let vector = AuthVector::generate(&tuak.into(), rand(number), sqn, Amf::EPS);
            divan::black_box_drop(vector);
        }
    });
}

#[divan::bench(args = [Comp128Version::V1, Comp128Version::V3])]
fn comp128(bencher: Bencher<'_, '_>, version: Comp128Version) {
    each(bencher, |number| {
        let algorithm = Comp128::new(version, key(number)).into();
        divan::black_box_drop(gsm(&algorithm, &rand(number)));
    });
}

#[divan::bench]
fn kasme(bencher: Bencher<'_, '_>) {
    let ck = polysim_aka::Ck::from([1; 16]);
    let ik = polysim_aka::Ik::from([2; 16]);
    each(bencher, |_| {
        divan::black_box_drop(k_asme(divan::black_box(&ck), &ik, [0, 0xF1, 0x10], [3; 6]));
    });
}
