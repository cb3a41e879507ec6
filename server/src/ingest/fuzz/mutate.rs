//! Good inputs changed into bad ones, the same for the same seed. Not random bytes alone: those
//! never get past the first check.

/// The longest input, in bytes.
const MAX_BYTES: usize = 4_096;

/// What decoders look for, and what they trip over.
const TOKENS: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\",
    b"\\\"",
    b",",
    b":",
    b"\n",
    b"\r\n",
    b" ",
    b"\t",
    b"-",
    b"null",
    b"true",
    b"1e999",
    b"-1",
    b"9223372036854775808",
    b"0",
    b"\\u0000",
    b"\\ud800",
    b"\\x16",
    b"%00",
    b"%",
    b"\0",
    b"\xff",
    b"\xc3\xa9",
    b"\xe2\x80\xae",
    b"\x1f\x8b\x08",
    b"{\"a\":[{",
    b"}}]}",
    b"[\"",
    b"\"}",
    b"#Fields: ",
    b"<34>1 ",
    b"=",
    b"?",
    b"&",
    b";",
    b"\x0a\x80",
    b"\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
    b"sid=1&",
    b"Cookie",
    b"99/Foo/0000",
];

/// Makes inputs.
pub(super) struct Mutator {
    state: u64,
    seeds: Vec<Vec<u8>>,
    input: Vec<u8>,
}

impl Mutator {
    pub(super) fn new(seed: u64, seeds: Vec<Vec<u8>>) -> Self {
        Self {
            state: seed,
            seeds,
            input: Vec::new(),
        }
    }

    /// The next input.
    pub(super) fn next(&mut self) -> &[u8] {
        let seed = self.below(self.seeds.len());
        self.input.clear();
        self.input.extend_from_slice(&self.seeds[seed]);
        for _ in 0..=self.below(6) {
            self.change();
            self.input.truncate(MAX_BYTES);
        }
        &self.input
    }

    /// SplitMix64.
    fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.random() % count.max(1) as u64).expect("it is below a usize")
    }

    /// A piece of the input, often a short one.
    fn piece(&mut self) -> std::ops::Range<usize> {
        let start = self.below(self.input.len() + 1);
        let longest = if self.below(2) == 0 {
            8
        } else {
            self.input.len()
        };
        let length = self.below(longest.min(self.input.len() - start) + 1);
        start..start + length
    }

    fn change(&mut self) {
        let piece = self.piece();
        match self.below(8) {
            0 => self.input.truncate(piece.start),
            1 => {
                self.input.drain(piece);
            }
            2 => {
                let token = TOKENS[self.below(TOKENS.len())];
                self.input.splice(piece, token.iter().copied());
            }
            3 => {
                let token = TOKENS[self.below(TOKENS.len())];
                self.input
                    .splice(piece.start..piece.start, token.iter().copied());
            }
            4 => {
                let byte = self.random().to_le_bytes()[0];
                if let Some(place) = self.input.get_mut(piece.start) {
                    *place = byte;
                }
            }
            5 => {
                let bit = self.below(8);
                if let Some(place) = self.input.get_mut(piece.start) {
                    *place ^= 1 << bit;
                }
            }
            6 => {
                let most = MAX_BYTES / piece.len().max(1);
                let times = 1 + self.below(most.min(64));
                let copy = self.input[piece.clone()].repeat(times);
                self.input.splice(piece.end..piece.end, copy);
            }
            _ => {
                let other = self.below(self.seeds.len());
                let from = self.below(self.seeds[other].len() + 1);
                let other = self.seeds[other][from..].to_vec();
                self.input.splice(piece, other);
            }
        }
    }
}
