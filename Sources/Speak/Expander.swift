import Tensors

/// Makes what is faint in a band fainter: the noise of the rooms in which the voices were recorded, which the model learnt.
///
/// Each band of the envelope is compared with how loud that band gets in the voice's speech (`ceiling`).
enum Expander {
    /// So far below its loud moments a band is left alone, in nepers (26 dB).
    static let depth: Float = 3
    /// What lies a neper below that comes out two nepers below.
    ///
    /// Depths of 2, 2.5 and 3 nepers and slopes of 1 and 2 differ by under 0.05 of DNSMOS; these change least.
    static let slope: Float = 1
    /// At most so much is taken, in nepers.
    static let most: Float = 3

    /// Changes [frames, 80] envelopes; `floor` is the ceiling less `depth`.
    static func apply(to envelope: inout Matrix, floor: [Float]) {
        for row in 0..<envelope.rows {
            for (band, level) in floor.enumerated() {
                let below = level - envelope[row, band]
                if below > 0 { envelope[row, band] -= min(most, slope * below) }
            }
        }
    }
}
