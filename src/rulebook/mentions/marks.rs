//! A set of numbers that says no quickly.

/// Says of most numbers that are not in it that they are not; one bit stands for many. `BITS` is the logarithm of how many
/// bits there are, at least 6: few enough to stay near the processor, enough that few are set.
pub struct Marks<const BITS: u32>(Vec<u64>);

impl<const BITS: u32> Default for Marks<BITS> {
    fn default() -> Self {
        Self(vec![0; 1 << (BITS - 6)])
    }
}

impl<const BITS: u32> Marks<BITS> {
    /// Adds a number.
    pub fn set(&mut self, number: u64) {
        let at = Self::place(number);
        self.0[at / 64] |= 1 << (at % 64);
    }

    /// Whether a number may be in it.
    pub fn may_have(&self, number: u64) -> bool {
        let at = Self::place(number);
        self.0[at / 64] >> (at % 64) & 1 == 1
    }

    /// The bit of a number.
    fn place(number: u64) -> usize {
        (number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - BITS)) as usize
    }
}
