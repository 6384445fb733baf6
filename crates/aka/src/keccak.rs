//! Keccak-f\[1600\] (FIPS 202, 3), as TUAK uses it: a permutation of 200 bytes.

/// The state in bytes: lane (x, y) starts at byte 8 (x + 5 y), little endian.
pub(crate) type State = [u8; 200];

const ROUNDS: [u64; 24] = [
    0x0000_0000_0000_0001,
    0x0000_0000_0000_8082,
    0x8000_0000_0000_808A,
    0x8000_0000_8000_8000,
    0x0000_0000_0000_808B,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8009,
    0x0000_0000_0000_008A,
    0x0000_0000_0000_0088,
    0x0000_0000_8000_8009,
    0x0000_0000_8000_000A,
    0x0000_0000_8000_808B,
    0x8000_0000_0000_008B,
    0x8000_0000_0000_8089,
    0x8000_0000_0000_8003,
    0x8000_0000_0000_8002,
    0x8000_0000_0000_0080,
    0x0000_0000_0000_800A,
    0x8000_0000_8000_000A,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8080,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8008,
];

/// Applies the permutation once.
pub(crate) fn permute(state: &mut State) {
    let mut rows = [[0_u64; 5]; 5];
    let (lanes, _) = state.as_chunks::<8>();
    for (lane, bytes) in rows.as_flattened_mut().iter_mut().zip(lanes) {
        *lane = u64::from_le_bytes(*bytes);
    }
    for constant in ROUNDS {
        rows = round(rows, constant);
    }
    let (lanes, _) = state.as_chunks_mut::<8>();
    for (bytes, lane) in lanes.iter_mut().zip(rows.as_flattened()) {
        *bytes = lane.to_le_bytes();
    }
}

/// One round: theta, rho and pi, chi, iota. `rows[y][x]` is lane (x, y).
fn round(rows: [[u64; 5]; 5], constant: u64) -> [[u64; 5]; 5] {
    let [r0, r1, r2, r3, r4] = theta(rows);
    let [a00, a10, a20, a30, a40] = r0;
    let [a01, a11, a21, a31, a41] = r1;
    let [a02, a12, a22, a32, a42] = r2;
    let [a03, a13, a23, a33, a43] = r3;
    let [a04, a14, a24, a34, a44] = r4;
    // rho turns lane (x, y) by its offset, pi moves it to (y, 2x + 3y).
    let moved = [
        [a00, a11.rotate_left(44), a22.rotate_left(43), a33.rotate_left(21), a44.rotate_left(14)],
        [
            a30.rotate_left(28),
            a41.rotate_left(20),
            a02.rotate_left(3),
            a13.rotate_left(45),
            a24.rotate_left(61),
        ],
        [
            a10.rotate_left(1),
            a21.rotate_left(6),
            a32.rotate_left(25),
            a43.rotate_left(8),
            a04.rotate_left(18),
        ],
        [
            a40.rotate_left(27),
            a01.rotate_left(36),
            a12.rotate_left(10),
            a23.rotate_left(15),
            a34.rotate_left(56),
        ],
        [
            a20.rotate_left(62),
            a31.rotate_left(55),
            a42.rotate_left(39),
            a03.rotate_left(41),
            a14.rotate_left(2),
        ],
    ];
    let [[first, rest @ ..], others @ ..] = moved.map(chi);
    let [s0, s1, s2, s3] = rest;
    let [t1, t2, t3, t4] = others;
    [[first ^ constant, s0, s1, s2, s3], t1, t2, t3, t4]
}

fn theta(rows: [[u64; 5]; 5]) -> [[u64; 5]; 5] {
    let parity = rows.iter().fold([0; 5], |sum, row| xor(sum, *row));
    let [c0, c1, c2, c3, c4] = parity;
    let effect = [
        c4 ^ c1.rotate_left(1),
        c0 ^ c2.rotate_left(1),
        c1 ^ c3.rotate_left(1),
        c2 ^ c4.rotate_left(1),
        c3 ^ c0.rotate_left(1),
    ];
    rows.map(|row| xor(row, effect))
}

fn chi([a, b, c, d, e]: [u64; 5]) -> [u64; 5] {
    [a ^ (!b & c), b ^ (!c & d), c ^ (!d & e), d ^ (!e & a), e ^ (!a & b)]
}

fn xor([a, b, c, d, e]: [u64; 5], [f, g, h, i, j]: [u64; 5]) -> [u64; 5] {
    [a ^ f, b ^ g, c ^ h, d ^ i, e ^ j]
}
