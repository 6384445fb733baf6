//! The constants of COMP128: the five compression tables of version 1, and the two substitution
//! tables of versions 2 and 3, in hexadecimal.

/// Level 0 of version 1: 8 bits. Entries 256 to 511 repeat these with each pair swapped.
pub(super) const LEVEL_0: [u8; 256] = from_hex(
    "66b1baa2029c704b3719080cfbc1f6bc6dd597352a4fbf73e9f2a4dfd1946ca1\
     fc25f42f40d306edb9a08b714c8a3b46431a0d9d3fb3dd1ed624a645987ccf74\
     f7c229544701310e5f23a915604ed7e1b6f31c5cc976044af880110b9284f530\
     955a782757e66ae8af137ebeca8d89b0fa1b6528dbe33a1433b262d88c162079\
     3d67cb481d6e55d4b4cc96b70f42acc438c59e00642d990790dea3a73c87d2e7\
     aea526f9e022dce5d9d0f144cebd7dffef36a8597b7a499175ea8f6381c8c052\
     68aa88eb5d51cdadec5e69342ee4c60539fe619b8e85c7abbb3241b57f6b93e2\
     b8da83214d561f2c583eee12182b9a17509f866f0972035b1082530ac3f0fd77",
);

/// Level 1 of version 1: 7 bits.
pub(super) const LEVEL_1: [u8; 256] = from_hex(
    "130b50722b01455e27127f756103552b1b7c46532f473f0a2f594f040e3b0b05\
     236b67441556245b557e20326d5e7806354f1c2d635f292258445d376e7d6914\
     5a504c60173c594079380e4a6508134e4c42682e6f32200327003a195c161233\
     39417774166d07563b5d3e6e4e634d430c71576266055821263817084b2d0d4b\
     5f3f1c317b7814702c1e0f626a02671d526b2a7c181e29106c64752849280772\
     527324700c6664545c3048610936374a717b111a353a0409457a15762a3c1b49\
     767d220f417354403e514601186f79536851317f30691f0a065b57251036747e\
     1f260d00486a4d3d1a432e1d60253d3465112c6c473442392133195a02777a23",
);

/// Level 2 of version 1: 6 bits.
pub(super) const LEVEL_2: [u8; 128] = from_hex(
    "34322c061531293b27331920332f342b250428223d0c1c043a17080f0c160912\
     370a212332012b03390d3e0e072a2c3b3e391b06081f1a3629162d1427031038\
     3002151c242a3c212212000b180a113d1d0e2d1a372e0b11362e09181e3c2000\
     1426021e3a230110382817300d13131b1f352f263f0f3105253519243f1d0507",
);

/// Level 3 of version 1: 5 bits.
pub(super) const LEVEL_3: [u8; 64] = from_hex(
    "01051d0619011217111300091819061f1c14181e041b030d0f100e1204030809\
     14000c1a15081c021d020f070b160e0a11150c1e1a1b101f0b070d170a051613",
);

/// Level 4 of version 1: 4 bits.
pub(super) const LEVEL_4: [u8; 32] =
    from_hex("0f0c0a04010e0b0705000e0701020d080a03040906000302050608090b0d0f0c");

/// Outer substitution of versions 2 and 3.
pub(super) const OUTER: [u8; 256] = from_hex(
    "c5eb3c9762600364f8762a75acd3b5cb3d7e9c5795e03784ba3feeff55539821\
     a0b8d2db9f0bb4c282d49305d75c1b2e71bb3419b94fdd30461f650fc3c932de\
     89e9e56a7ab7b2b190cfeab625fee3e736d18541ca45eddcbd927844157d261e\
     029b35c4aeb033f6a74c6e145279677038ad31d9fc0072e47b0c5da1fde8f0af\
     4380169e59124d6dbe113e0499a33b918a074acd0aa2502d686f96d69a1cbfa9\
     d558c1c6c8f527a47c544e01bcaa1756e28d2006837fc728871039475be1a8f2\
     ce61a62c0e5aecefe6f4df6c667794fb1dd80809f9d018695e22405f734886cc\
     2bf7f3da2f3a496bf1b37442248f51fa8b130d8e8c81c063ab9d88294b23a51a",
);

/// Inner substitution of versions 2 and 3.
pub(super) const INNER: [u8; 256] = from_hex(
    "aa2a5f8d6d1e47591a93e7cdefd47c81d84f0fb9990efba200f1acc52b0ac2eb\
     0614482d8f68a177298826bd87195d12e0abfcc33f133aa5173785fed690dcb2\
     9c346ee161b78c273558dba710c63ede4c8baf5e338673164301f9d90305e88a\
     1f3874a34680ea84e5b8f40d2249e99ab383d7ec8edf1b39f66cd308fd5542f5\
     c14ebe041107967f98d525ba02f32ea944653caed09eb045eebf5a53a67d4d3b\
     155c3197a8630932927175e441e6285236ede3661c246b182c7ecec93d72a4cf\
     b51d5b40ddff309bc06fb4d2b6f7cb94d162ad0b4b7bfa76202ff0ca4ab16450\
     c421f8569d89788254cc7a51f2bcc895e2daa0bb6a2357696091c79f0c796770",
);

/// Reads a table from two hexadecimal digits per entry.
const fn from_hex<const N: usize>(digits: &str) -> [u8; N] {
    assert!(digits.len() == 2 * N, "two digits per entry");
    let mut table = [0; N];
    let (mut pairs, _) = digits.as_bytes().as_chunks::<2>();
    let mut rest = table.as_mut_slice();
    while let ([[high, low], after @ ..], [entry, entries @ ..]) = (pairs, rest) {
        *entry = digit(*high) << 4 | digit(*low);
        pairs = after;
        rest = entries;
    }
    table
}

const fn digit(digit: u8) -> u8 {
    assert!(digit.is_ascii_hexdigit(), "a hexadecimal digit");
    if digit.is_ascii_digit() { digit - b'0' } else { digit - b'a' + 10 }
}
